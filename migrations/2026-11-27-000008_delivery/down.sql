revoke select on accesses, notifications, authorities, uploads from cpis_notifier;
revoke select (nhs_number, id) on children from cpis_notifier;
revoke update (delivered_at, attempts) on notifications from cpis_notifier;

drop table subscriptions;
drop table channel_changes;
drop table authority_channels;

drop index notifications_by_moment;
drop index notifications_by_arrival;
drop index notifications_given_up;
drop index notifications_owed;
alter table notifications
    drop constraint an_error_is_a_code,
    drop constraint a_notification_is_not_given_up_once_delivered;
alter table notifications
    rename constraint a_notification_is_delivered_after_it_is_queued
    to a_notification_is_sent_after_it_is_queued;
alter table notifications rename column delivered_at to sent_at;
alter table notifications
    drop column event_number,
    drop column last_error,
    drop column failed_at,
    drop column next_attempt_at,
    drop column transaction_id,
    drop column upload_id,
    drop column local_id;
create index notifications_owed on notifications (authority_id, queued_at) where sent_at is null;


-- A role that another database of the cluster still uses stays.
do $$
begin
    drop role cpis_notifier;
exception when dependent_objects_still_exist then null;
end
$$;
