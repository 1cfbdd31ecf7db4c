-- Who proved nothing has no client and no organisation. Where there are more refusals than are kept
-- one by one, a row counts those of one reason within a minute; it names no request and no person.
alter table security_log
    alter column request_id drop not null,
    alter column client_id drop not null,
    alter column organisation_code drop not null,
    add column times integer not null default 1,
    add constraint a_refusal_is_counted_at_least_once check (times > 0),
    add constraint a_refusal_of_one_request_counts_once check (times = 1 or request_id is null),
    add constraint a_count_of_refusals_names_no_person
        check (request_id is not null or practitioner_id is null);
