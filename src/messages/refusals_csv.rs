//! Refusals as CSV, for the operator: nothing of any child.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::domain::refusal::{LoggedRefusal, RefusalTally};
use crate::messages::csv_cells::push_line;

/// Writes refusals, a line each under a line of names.
#[must_use]
pub fn write(refusals: &[LoggedRefusal]) -> String {
    let mut text = String::new();
    push_line(
        &mut text,
        &[
            "at",
            "request_id",
            "route",
            "reason",
            "client",
            "organisation",
            "person",
            "address",
            "times",
        ],
    );
    for one in refusals {
        let cells = [
            moment(one.at),
            one.request_id.map(|id| id.to_string()).unwrap_or_default(),
            one.route.clone(),
            one.reason.clone(),
            one.client_id.clone().unwrap_or_default(),
            one.organisation.clone().unwrap_or_default(),
            one.practitioner_id.clone().unwrap_or_default(),
            one.address.clone().unwrap_or_default(),
            one.times.to_string(),
        ];
        push_line(&mut text, &cells.each_ref().map(String::as_str));
    }
    text
}

/// Writes tallies of them.
#[must_use]
pub fn write_tallies(tallies: &[RefusalTally]) -> String {
    let mut text = String::new();
    push_line(
        &mut text,
        &["times", "reason", "client", "organisation", "first", "last"],
    );
    for one in tallies {
        let cells = [
            one.times.to_string(),
            one.reason.clone(),
            one.client_id.clone().unwrap_or_default(),
            one.organisation.clone().unwrap_or_default(),
            moment(one.first),
            moment(one.last),
        ];
        push_line(&mut text, &cells.each_ref().map(String::as_str));
    }
    text
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
