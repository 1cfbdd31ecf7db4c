drop table security_log;
drop function moment_of_uuid;
drop function uuid_of_moment;
drop table notifications;
drop table tellings;
drop function plan_access_months;
drop table accesses;
drop function refuse_changed_access;
