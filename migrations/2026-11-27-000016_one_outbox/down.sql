revoke select (nhs_number, kind, plan_id, plan_end, queued_at) on notifications from cpis_intake;
revoke insert on notifications from cpis_intake;

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
grant select, insert on number_notices to cpis_intake;

insert into number_notices (nhs_number, id, authority_id, local_id, upload_id, replacement,
    noticed_at, sent_at, attempts)
    select nhs_number, id, authority_id, local_id, upload_id, replacement, queued_at, delivered_at,
    attempts from notifications where kind = 'number';
-- There was no place for the other kinds.
delete from notifications where kind <> 'access';

drop index an_end_at_eighteen_is_told_once;
alter table notifications
    drop constraint an_end_is_of_a_child_protection_plan_or_of_being_looked_after,
    drop constraint a_notification_of_an_end_names_the_plan,
    drop constraint only_a_number_is_replaced,
    drop constraint a_notification_of_an_access_names_it,
    drop constraint a_notification_is_of_one_of_four_kinds,
    alter column accessed_at set not null,
    alter column access_id set not null,
    drop column plan_end,
    drop column plan_start,
    drop column plan_kind,
    drop column plan_id,
    drop column replacement,
    drop column kind;
