-- Ten digits whose weighted sum divides by eleven, the check digit weighing one. In PL/pgSQL, which
-- is compiled once a session: a function in SQL is inlined into the check and simplified anew by
-- every statement, which took a quarter of the database's time for a disclosure.
create function is_nhs_number(number bigint) returns boolean
    language plpgsql immutable parallel safe as $$
begin
    return number between 0 and 9999999999
        and (number / 1000000000 % 10 * 10 + number / 100000000 % 10 * 9
            + number / 10000000 % 10 * 8 + number / 1000000 % 10 * 7
            + number / 100000 % 10 * 6 + number / 10000 % 10 * 5
            + number / 1000 % 10 * 4 + number / 100 % 10 * 3
            + number / 10 % 10 * 2 + number % 10) % 11 = 0;
end
$$;

-- The NHS number is the child key: plans, accesses and notifications each begin with it, and refer
-- across to nothing but their own child and the register, so that one key can distribute them.
create table children (
    nhs_number bigint not null,
    id uuid not null,
    birth_date date not null,
    updated_at timestamptz not null,
    primary key (nhs_number),
    constraint a_child_has_an_nhs_number check (is_nhs_number(nhs_number))
);
create index children_by_id on children (id);

create table uploads (
    id uuid not null,
    authority_id uuid not null references authorities (id),
    sequence bigint not null,
    digest bytea not null,
    created_at timestamptz not null,
    received_at timestamptz not null,
    client_id text not null,
    code text not null,
    records integer not null,
    refused integer not null,
    primary key (id),
    constraint an_authority_numbers_each_file_once unique (authority_id, sequence),
    constraint a_file_is_numbered_from_one check (sequence >= 1),
    constraint a_digest_is_a_sha_256 check (length(digest) = 32),
    constraint an_upload_has_an_official_code check (code ~ '^CPF0[1-6]$'),
    constraint an_upload_refuses_no_more_than_it_holds check (refused between 0 and records)
);

create table upload_records (
    upload_id uuid not null references uploads (id),
    number integer not null,
    code text not null,
    column_name text,
    echo text,
    reason text,
    primary key (upload_id, number),
    constraint a_record_is_numbered_from_one check (number >= 1),
    constraint a_record_has_an_official_code check (code ~ '^CPR0[1-7]$'),
    constraint a_refused_record_has_a_reason check ((code = 'CPR06') = (reason is null))
);

create table plans (
    nhs_number bigint not null references children (nhs_number),
    id uuid not null,
    version integer not null,
    authority_id uuid not null references authorities (id),
    kind text not null,
    local_id text not null,
    start_date date not null,
    sent_end_date date,
    effective_end_date date not null,
    end_is_computed boolean not null,
    deleted_on date,
    upload_id uuid not null references uploads (id),
    updated_at timestamptz not null,
    primary key (nhs_number, id),
    constraint an_authority_tells_a_plan_once
        unique (nhs_number, authority_id, local_id, kind, start_date),
    constraint a_plan_is_one_of_three_kinds check (kind in ('CPP', 'CLA', 'UCPP')),
    constraint a_plan_ends_after_it_starts check (effective_end_date >= start_date),
    constraint an_unborn_childs_plan_has_a_due_date
        check (kind <> 'UCPP' or sent_end_date is not null),
    constraint a_sent_end_stands_unless_computed
        check (end_is_computed or sent_end_date = effective_end_date),
    constraint a_plan_version_counts_from_one check (version >= 1)
);
create index plans_by_id on plans (id);
create index plans_by_authority on plans (authority_id, local_id);

-- Every earlier version, as it stood until the next was told.
create table plan_versions (
    nhs_number bigint not null,
    id uuid not null,
    version integer not null,
    authority_id uuid not null references authorities (id),
    kind text not null,
    local_id text not null,
    start_date date not null,
    sent_end_date date,
    effective_end_date date not null,
    end_is_computed boolean not null,
    deleted_on date,
    upload_id uuid not null references uploads (id),
    updated_at timestamptz not null,
    primary key (nhs_number, id, version)
);
