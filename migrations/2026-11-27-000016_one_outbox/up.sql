-- Whatever an authority is notified of goes out by one outbox: that somebody looked, that a child's
-- NHS number was replaced or is nobody's (REPC_MT000005GB01), that a plan ended because the child
-- turned eighteen, and that a plan ends on another day because a date of birth was corrected. What a
-- notification says stands as it was when it was queued, so that nothing else is read to tell it.
alter table notifications
    add column kind text not null default 'access',
    add column replacement bigint,
    add column plan_id uuid,
    add column plan_kind text,
    add column plan_start date,
    add column plan_end date,
    alter column access_id drop not null,
    alter column accessed_at drop not null,
    add constraint a_notification_is_of_one_of_four_kinds
        check (kind in ('access', 'number', 'eighteen', 'birth-date')),
    add constraint a_notification_of_an_access_names_it check (
        (kind = 'access') = (access_id is not null)
        and (access_id is null) = (accessed_at is null)),
    add constraint only_a_number_is_replaced check (
        replacement is null or (kind = 'number' and is_nhs_number(replacement))),
    add constraint a_notification_of_an_end_names_the_plan check (
        (kind in ('eighteen', 'birth-date')) = (plan_id is not null)
        and num_nulls(plan_id, plan_kind, plan_start, plan_end) in (0, 4)),
    add constraint an_end_is_of_a_child_protection_plan_or_of_being_looked_after
        check (plan_kind in ('CPP', 'CLA'));

-- However often and in however many processes it is looked for, an end is told once.
create unique index an_end_at_eighteen_is_told_once
    on notifications (nhs_number, plan_id, plan_end) where kind = 'eighteen';

insert into notifications (nhs_number, id, authority_id, queued_at, delivered_at, attempts, local_id,
    upload_id, kind, replacement)
    select nhs_number, id, authority_id, noticed_at, sent_at, attempts, local_id, upload_id,
    'number', replacement from number_notices;
drop table number_notices;

grant insert on notifications to cpis_intake;
grant select (nhs_number, kind, plan_id, plan_end, queued_at) on notifications to cpis_intake;
