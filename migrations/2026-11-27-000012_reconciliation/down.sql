drop table alert_report_recipients;
drop table alert_reports;
drop table authority_readings;
