delete from security_log
    where request_id is null or client_id is null or organisation_code is null;
alter table security_log
    drop constraint a_refusal_is_counted_at_least_once,
    drop constraint a_refusal_of_one_request_counts_once,
    drop constraint a_count_of_refusals_names_no_person,
    drop column times,
    alter column request_id set not null,
    alter column client_id set not null,
    alter column organisation_code set not null;
