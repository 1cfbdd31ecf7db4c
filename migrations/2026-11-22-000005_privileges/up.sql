-- The query side looks and records; the intake side takes in. Neither can change or remove an
-- access, and neither can make or drop anything.
grant select on authorities, organisations, organisation_care_settings, children, plans
    to cpis_query;
grant select, insert on accesses, security_log to cpis_query;
grant select, insert, update on tellings to cpis_query;
grant select, insert on notifications to cpis_query;

grant select on organisations, organisation_care_settings to cpis_intake;
grant select, insert, update on authorities, children, plans to cpis_intake;
grant select, insert on uploads, upload_records, plan_versions, security_log to cpis_intake;

revoke execute on function plan_access_months from public;
grant execute on function plan_access_months to cpis_query;
