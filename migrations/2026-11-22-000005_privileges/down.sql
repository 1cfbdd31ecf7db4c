revoke all on authorities, organisations, organisation_care_settings, children, plans, accesses,
    security_log, tellings, notifications, uploads, upload_records, plan_versions
    from cpis_query, cpis_intake;
revoke all on function plan_access_months from cpis_query;
