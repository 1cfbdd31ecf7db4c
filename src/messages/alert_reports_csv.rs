//! Writes what viewers reported, for an authority concerned, as CSV (`docs/reconciling.md`).

use chrono::SecondsFormat;

use crate::domain::alert_report::ConcernedReport;
use crate::messages::csv_cells::push_line;

/// The columns.
pub const COLUMNS: [&str; 15] = [
    "report",
    "reported_at",
    "kind",
    "nhs_number",
    "local_ids",
    "plan",
    "reporter_name",
    "reporter_id",
    "role_name",
    "organisation_code",
    "organisation_name",
    "text",
    "state",
    "closed_at",
    "closing_text",
];

/// Writes reports.
#[must_use]
pub fn write(reports: &[ConcernedReport]) -> Vec<u8> {
    let mut text = String::new();
    push_line(&mut text, &COLUMNS);
    for report in reports {
        let closing = report.closing.as_ref();
        let plan = report.plan.map(|plan| plan.to_string());
        let closed_at =
            closing.map(|closing| closing.at.to_rfc3339_opts(SecondsFormat::Millis, true));
        let [name, user_id, role, code, organisation] = &report.reporter;
        push_line(
            &mut text,
            &[
                &report.id.to_string(),
                &report.at.to_rfc3339_opts(SecondsFormat::Millis, true),
                report.fault.code(),
                &report.nhs_number.reveal(),
                // An identifier has no spaces in it.
                &report.local_ids.join(" "),
                &plan.unwrap_or_default(),
                name,
                user_id,
                role,
                code,
                organisation,
                report.words.reveal(),
                closing.map_or("open", |closing| closing.outcome.code()),
                &closed_at.unwrap_or_default(),
                closing.map_or("", |closing| closing.words.reveal()),
            ],
        );
    }
    text.into_bytes()
}
