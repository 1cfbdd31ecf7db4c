//! Writes the plans that are held for an authority as CSV (`docs/reconciling.md`): the columns of
//! an upload without the names, which are never kept, and what has become of each plan.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use crate::domain::held_plan::HeldPlan;
use crate::domain::plan::Windows;
use crate::domain::record_field::RecordField;
use crate::messages::csv_cells::push_line;

/// The columns.
pub const COLUMNS: [&str; 15] = [
    RecordField::PlanKind.name(),
    RecordField::NhsNumber.name(),
    RecordField::LocalId.name(),
    RecordField::Authority.name(),
    RecordField::BirthDate.name(),
    RecordField::StartDate.name(),
    RecordField::EndDate.name(),
    RecordField::DeleteDate.name(),
    "version",
    "effective_end",
    "end_is_computed",
    "visible_until",
    "told_at",
    "file_sequence",
    "state",
];

/// A file of held plans while it is written.
#[derive(Debug)]
pub struct HeldPlansCsv {
    text: String,
}

impl Default for HeldPlansCsv {
    fn default() -> Self {
        let mut text = String::new();
        push_line(&mut text, &COLUMNS);
        Self { text }
    }
}

impl HeldPlansCsv {
    /// Adds a plan as it stands at a moment.
    pub fn push(&mut self, held: &HeldPlan, windows: Windows, now: DateTime<Utc>) {
        let plan = &held.plan;
        push_line(
            &mut self.text,
            &[
                plan.kind.code(),
                &plan.child.nhs_number.reveal(),
                &plan.local_id,
                plan.authority.code.as_str(),
                &plan.child.birth_date.to_string(),
                &plan.start.to_string(),
                &day(held.sent_end),
                &day(held.deleted_on),
                &plan.version.to_string(),
                &plan.end.day.to_string(),
                &plan.end.computed.to_string(),
                &day(held.visible_until(windows)),
                &plan.updated_at.to_rfc3339_opts(SecondsFormat::Millis, true),
                &held
                    .sequence
                    .map(|number| number.to_string())
                    .unwrap_or_default(),
                held.state(now).code(),
            ],
        );
    }

    /// The file.
    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

fn day(day: Option<NaiveDate>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}
