-- Who reports alerts, and how often within an hour: a budget, as looks have theirs. The query side
-- may count by these columns, and reads nothing of the child or of what was said.
grant select (reported_at, practitioner_id, organisation_code, client_id) on alert_reports
    to cpis_query;
create index alert_reports_by_moment on alert_reports (reported_at);
