//! Reads a Patient of the Personal Demographics Service, or the outcome it sends instead
//! (<https://github.com/NHSDigital/personal-demographics-service-api>, `specification`).

use std::cmp::Reverse;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use crate::domain::calendar::day_of;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::{Person, Trace};

const NHS_NUMBER_SYSTEM: &str = "https://fhir.nhs.uk/Id/nhs-number";
/// The one security label that says a record is not sensitive. Any other, and none, is taken for
/// sensitive: a label that is not understood must not disclose where a child is.
const UNRESTRICTED: &str = "U";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Patient {
    resource_type: String,
    id: String,
    #[serde(default)]
    identifier: Vec<Identifier>,
    #[serde(default)]
    meta: Meta,
    #[serde(default)]
    name: Vec<HumanName>,
    birth_date: Option<String>,
}

#[derive(Deserialize)]
struct Identifier {
    system: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize, Default)]
struct Meta {
    #[serde(default)]
    security: Vec<Coding>,
}

#[derive(Deserialize)]
struct Coding {
    code: Option<String>,
}

#[derive(Deserialize)]
struct HumanName {
    #[serde(rename = "use")]
    name_use: Option<String>,
    family: Option<String>,
    #[serde(default)]
    given: Vec<String>,
    #[serde(default)]
    period: Period,
}

#[derive(Deserialize, Default)]
struct Period {
    start: Option<String>,
    end: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OperationOutcome {
    resource_type: String,
    #[serde(default)]
    issue: Vec<Issue>,
}

#[derive(Deserialize)]
struct Issue {
    #[serde(default)]
    details: Details,
}

#[derive(Deserialize, Default)]
struct Details {
    #[serde(default)]
    coding: Vec<Coding>,
}

/// What an answer of status 200 says of the number asked for; nothing where it is no Patient, or
/// one that contradicts itself. A Patient with another number supersedes the one asked for.
pub fn trace_of(body: &[u8], asked: NhsNumber, now: DateTime<Utc>) -> Option<Trace> {
    let patient: Patient = serde_json::from_slice(body).ok()?;
    let nhs_number = NhsNumber::parse(&patient.id).ok()?;
    let is_named_so = patient
        .identifier
        .iter()
        .filter(|identifier| identifier.system.as_deref() == Some(NHS_NUMBER_SYSTEM))
        .all(|identifier| identifier.value.as_deref() == Some(&patient.id));
    if patient.resource_type != "Patient" || !is_named_so {
        return None;
    }
    let person = patient.person(nhs_number, day_of(now));
    Some(if nhs_number == asked {
        Trace::Found(person)
    } else {
        Trace::Superseded(person)
    })
}

/// What an answer of status 400 or 404 says of the number asked for; nothing where it says nothing
/// of it, as when the address is wrong: that must never read as "nobody".
pub fn trace_of_refusal(body: &[u8]) -> Option<Trace> {
    let outcome: OperationOutcome = serde_json::from_slice(body).ok()?;
    if outcome.resource_type != "OperationOutcome" {
        return None;
    }
    let mut codes = outcome
        .issue
        .iter()
        .flat_map(|issue| &issue.details.coding)
        .filter_map(|coding| coding.code.as_deref());
    codes.find_map(|code| match code {
        "RESOURCE_NOT_FOUND" | "INVALID_RESOURCE_ID" => Some(Trace::NotFound),
        "INVALIDATED_RESOURCE" => Some(Trace::Inactive),
        _ => None,
    })
}

impl Patient {
    fn person(self, nhs_number: NhsNumber, today: NaiveDate) -> Person {
        let labels = &self.meta.security;
        let sensitive = labels.is_empty()
            || labels
                .iter()
                .any(|label| label.code.as_deref() != Some(UNRESTRICTED));
        // A date of which the register knows only the year or the month agrees with none.
        let birth_date = self.birth_date.and_then(|date| date.parse().ok());
        let name = self
            .name
            .into_iter()
            .filter(|name| name.rank().is_some())
            .max_by_key(|name| (name.stands_on(today), Reverse(name.rank()), name.since()));
        let (family_name, given_names) = name.map_or_else(Default::default, |name| {
            (name.family.unwrap_or_default(), name.given)
        });
        Person {
            nhs_number,
            family_name,
            given_names,
            birth_date,
            sensitive,
        }
    }
}

impl HumanName {
    /// Which of several names counts: the usual one, else the official. Others never do.
    fn rank(&self) -> Option<u8> {
        match self.name_use.as_deref() {
            Some("usual") => Some(0),
            Some("official") => Some(1),
            _ => None,
        }
    }

    /// Whether the name's period has begun and not ended. A person always has a usual name: where
    /// none stands, the latest is taken.
    fn stands_on(&self, today: NaiveDate) -> bool {
        let (start, end) = (
            day(self.period.start.as_deref()),
            day(self.period.end.as_deref()),
        );
        start.is_none_or(|start| start <= today) && end.is_none_or(|end| today <= end)
    }

    fn since(&self) -> Option<NaiveDate> {
        day(self.period.start.as_deref())
    }
}

/// The day of a FHIR dateTime, in the time it is written in.
fn day(date_time: Option<&str>) -> Option<NaiveDate> {
    date_time?.get(..10)?.parse().ok()
}

#[cfg(test)]
#[path = "patient_rules.rs"]
mod rules;
