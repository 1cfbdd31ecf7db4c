drop table plan_versions;
drop table plans;
drop table upload_records;
drop table uploads;
drop table children;
drop function is_nhs_number;
