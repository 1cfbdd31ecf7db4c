//! Writes how an authority's file differs from what is held for it, as CSV (`docs/reconciling.md`).

use chrono::NaiveDate;

use crate::domain::comparison::Compared;
use crate::domain::record_field::RecordField;
use crate::domain::upload::PlanRecord;
use crate::messages::csv_cells::push_line;

/// The columns.
pub const COLUMNS: [&str; 16] = [
    "result",
    "fields",
    "record",
    "plan_kind",
    "local_id",
    "start_date",
    "held_state",
    "held_nhs_number",
    "sent_nhs_number",
    "held_birth_date",
    "sent_birth_date",
    "held_end_date",
    "sent_end_date",
    "held_delete_date",
    "sent_delete_date",
    "reason",
];

/// What one line says.
#[derive(Default)]
struct Line<'a> {
    result: &'static str,
    fields: Vec<RecordField>,
    number: Option<u64>,
    state: &'static str,
    held: Option<&'a PlanRecord>,
    sent: Option<&'a PlanRecord>,
    reason: &'a str,
}

/// Writes a comparison.
#[must_use]
pub fn write(lines: &[Compared]) -> Vec<u8> {
    let mut text = String::new();
    push_line(&mut text, &COLUMNS);
    for compared in lines {
        push(&mut text, &line(compared));
    }
    text.into_bytes()
}

fn line(compared: &Compared) -> Line<'_> {
    match compared {
        Compared::Same(number, standing) => Line {
            result: "same",
            number: Some(*number),
            state: standing.state.code(),
            held: Some(&standing.record),
            sent: Some(&standing.record),
            ..Line::default()
        },
        Compared::Differs(number, standing, sent, fields) => Line {
            result: "differs",
            fields: fields.clone(),
            number: Some(*number),
            state: standing.state.code(),
            held: Some(&standing.record),
            sent: Some(sent),
            ..Line::default()
        },
        Compared::HeldOnly(standing) => Line {
            result: "held-only",
            state: standing.state.code(),
            held: Some(&standing.record),
            ..Line::default()
        },
        Compared::FileOnly(number, sent) => Line {
            result: "file-only",
            number: Some(*number),
            sent: Some(sent),
            ..Line::default()
        },
        Compared::Refused(number, refusal) => Line {
            result: "refused",
            fields: refusal.field.into_iter().collect(),
            number: Some(*number),
            reason: &refusal.reason,
            ..Line::default()
        },
    }
}

fn push(text: &mut String, line: &Line<'_>) {
    let fields: Vec<&str> = line.fields.iter().map(|field| field.name()).collect();
    let either = line.held.or(line.sent);
    let of = |record: Option<&PlanRecord>, value: fn(&PlanRecord) -> String| {
        record.map(value).unwrap_or_default()
    };
    let cells = [
        line.result.to_owned(),
        fields.join(" "),
        line.number.map(|one| one.to_string()).unwrap_or_default(),
        of(either, |record| record.kind.code().to_owned()),
        of(either, |record| record.local_id.clone()),
        of(either, |record| record.start.to_string()),
        line.state.to_owned(),
        of(line.held, |record| record.nhs_number.reveal()),
        of(line.sent, |record| record.nhs_number.reveal()),
        of(line.held, |record| record.birth_date.to_string()),
        of(line.sent, |record| record.birth_date.to_string()),
        of(line.held, |record| day(record.sent_end)),
        of(line.sent, |record| day(record.sent_end)),
        of(line.held, |record| day(record.deleted_on)),
        of(line.sent, |record| day(record.deleted_on)),
        line.reason.to_owned(),
    ];
    push_line(text, &cells.each_ref().map(String::as_str));
}

fn day(day: Option<NaiveDate>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}
