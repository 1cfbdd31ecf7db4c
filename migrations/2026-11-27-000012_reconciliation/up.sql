-- What local authorities read back of what is theirs. Rows are added and never changed.
create table authority_readings (
    id uuid not null,
    read_at timestamptz not null,
    request_id uuid not null,
    client_id text not null,
    authority_id uuid not null references authorities (id),
    what text not null,
    rows_told bigint not null,
    primary key (id),
    constraint a_reading_is_of_something_of_the_authoritys
        check (what in ('held-plans', 'compare', 'accesses', 'alert-reports')),
    constraint a_reading_tells_no_fewer_than_no_rows check (rows_told >= 0)
);
create index authority_readings_by_authority on authority_readings (authority_id, read_at);

-- What viewers say of a child's plans: one is missing, or one is wrong. The words are the viewer's
-- own, for the authority to read, and are never logged.
create table alert_reports (
    nhs_number bigint not null,
    id uuid not null,
    kind text not null,
    plan_id uuid,
    named_authority text,
    words text not null,
    reported_at timestamptz not null,
    request_id uuid not null,
    client_id text not null,
    organisation_code text not null,
    organisation_name text not null,
    practitioner_id text not null,
    practitioner_name text not null,
    role_profile_id text not null,
    job_role_code text not null,
    job_role_name text not null,
    primary key (nhs_number, id),
    constraint a_report_is_about_an_nhs_number check (is_nhs_number(nhs_number)),
    constraint a_report_says_missing_or_wrong check (kind in ('missing', 'wrong')),
    constraint a_report_has_a_few_words check (length(words) <= 500),
    constraint a_report_names_a_person check (practitioner_id <> '' and practitioner_name <> '')
);

-- Whom each report concerns, and what came of it there. A report without a row here is the
-- operator's: nobody is known to be concerned.
create table alert_report_recipients (
    nhs_number bigint not null,
    report_id uuid not null,
    authority_id uuid not null references authorities (id),
    closed_at timestamptz,
    closed_by text,
    outcome text,
    closing_words text,
    primary key (nhs_number, report_id, authority_id),
    foreign key (nhs_number, report_id) references alert_reports (nhs_number, id),
    constraint an_outcome_is_one_of_three check (outcome in ('corrected', 'not-wrong', 'not-ours')),
    constraint a_closed_report_says_when_by_whom_and_how check (
        (closed_at is null) = (closed_by is null) and (closed_at is null) = (outcome is null)
        and (closed_at is null) = (closing_words is null)),
    constraint a_closing_has_a_few_words check (length(closing_words) <= 500)
);
create index alert_report_recipients_by_authority
    on alert_report_recipients (authority_id, report_id);

grant insert on authority_readings to cpis_query, cpis_intake;
grant insert on alert_reports, alert_report_recipients to cpis_query;
grant select on alert_reports, alert_report_recipients to cpis_intake;
grant update (closed_at, closed_by, outcome, closing_words) on alert_report_recipients
    to cpis_intake;
