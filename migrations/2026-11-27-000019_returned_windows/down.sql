drop index notifications_by_window;
alter table notifications drop column window_id;
