-- Which window each notification went to a mailbox in, for as long as the mailbox may yet give it
-- back: what MESH took and nobody collected was not delivered.
alter table notifications add column window_id uuid;
create index notifications_by_window on notifications (window_id) where window_id is not null;
grant update (window_id) on notifications to cpis_notifier;
