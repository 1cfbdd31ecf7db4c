-- How many records of a file were compared with the demographics service, and how many agreed.
-- Neither is known of a file that came while none was asked.
alter table uploads add column compared integer, add column matched integer;
alter table uploads add constraint an_upload_matches_no_more_than_it_compares
    check ((compared is null) = (matched is null)
        and matched between 0 and compared and compared <= records);

-- Whose record agreed, and when, so that the same record again is not traced again. Of the name
-- there is only a digest, made with a key that is not in the database.
create table matchings (
    nhs_number bigint not null,
    authority_id uuid not null references authorities (id),
    digest bytea not null,
    matched_at timestamptz not null,
    primary key (nhs_number, authority_id),
    constraint a_matching_is_of_an_nhs_number check (is_nhs_number(nhs_number)),
    constraint a_matching_has_a_digest_of_32_bytes check (length(digest) = 32)
);

-- What became of a child's number: another replaced it, under which the plans now stand; or none
-- did, and the plans are hidden from everyone. traced_at is when that was last asked.
alter table children
    add column traced_at timestamptz,
    add column inactive_since timestamptz,
    add column replaced_by bigint;
alter table children
    add constraint a_number_is_not_replaced_by_itself check (replaced_by <> nhs_number),
    add constraint a_number_is_replaced_or_inactive
        check (replaced_by is null or inactive_since is null);
create index children_by_replacement on children (replaced_by) where replaced_by is not null;

-- What is owed to an authority whose child's number changed (REPC_MT000005GB01). A number that no
-- other replaced has no replacement here either: nothing leads from the old identity to a new.
create table number_notices (
    nhs_number bigint not null,
    id uuid not null,
    authority_id uuid not null references authorities (id),
    local_id text not null,
    upload_id uuid not null references uploads (id),
    replacement bigint,
    noticed_at timestamptz not null,
    sent_at timestamptz,
    attempts integer not null default 0,
    primary key (nhs_number, id),
    constraint a_notice_is_of_an_nhs_number check (is_nhs_number(nhs_number)),
    constraint a_replacement_is_an_nhs_number check (is_nhs_number(replacement)),
    constraint a_notice_is_sent_after_it_is_noticed check (sent_at >= noticed_at),
    constraint attempts_at_a_notice_count_from_zero check (attempts >= 0)
);
create index number_notices_owed on number_notices (authority_id, noticed_at)
    where sent_at is null;

grant select, insert, update, delete on matchings to cpis_intake;
grant select, insert on number_notices to cpis_intake;
-- Earlier versions go with their plan to the number that replaced the child's; nothing else of them
-- ever changes.
grant update (nhs_number) on plan_versions to cpis_intake;
