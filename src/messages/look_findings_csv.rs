//! Findings as CSV, for the operator: nothing of any child.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::domain::look_finding::KeptFinding;
use crate::messages::csv_cells::push_line;

const COLUMNS: [&str; 8] = [
    "id",
    "found_at",
    "kind",
    "holder",
    "key",
    "count",
    "closed_at",
    "outcome",
];

/// Writes findings, a line each under a line of names.
#[must_use]
pub fn write(findings: &[KeptFinding]) -> String {
    let mut text = String::new();
    push_line(&mut text, &COLUMNS);
    for kept in findings {
        let finding = &kept.finding;
        let (closed_at, outcome) = kept.closed.clone().unzip();
        let cells = [
            kept.id.to_string(),
            moment(finding.at),
            finding.kind.name().to_owned(),
            finding.holder.name().to_owned(),
            finding.key.clone(),
            finding.count.to_string(),
            closed_at.map(moment).unwrap_or_default(),
            outcome.unwrap_or_default(),
        ];
        push_line(&mut text, &cells.each_ref().map(String::as_str));
    }
    text
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
