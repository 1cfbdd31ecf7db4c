drop index alert_reports_by_moment;
revoke select (reported_at, practitioner_id, organisation_code, client_id) on alert_reports
    from cpis_query;
