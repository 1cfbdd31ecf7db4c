//! A search of what a local authority is told: by moment, by whether it was received, and after a
//! place in the order of arrival (<https://hl7.org/fhir/R4/communication.html#search>).

use chrono::{DateTime, Utc};

use crate::api::search::SearchRefusal;
use crate::api::search::parameters::{PARAMETERS_MAX, Parameter, relative, unescaped};
use crate::api::search::searchable::Handling;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::notification::Place;
use crate::domain::ods_code::OdsCode;
use crate::fhir::date_time::stretch;
use crate::fhir::terminology::ODS_CODE;
use crate::store::notifications::Sought;

/// After which place a page begins, in the service's own links.
pub const AFTER: &str = "_after";

/// The name of every parameter of a search of notifications.
pub const NAMES: [&str; 8] = [
    "recipient",
    "recipient:identifier",
    "sent",
    "status",
    "_count",
    AFTER,
    "_format",
    "_pretty",
];

/// A search that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationSearch {
    recipients: Vec<Recipient>,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    delivered: Option<bool>,
    /// After which place the page begins.
    pub after: Place,
    /// The most notifications of a page, where the caller said.
    pub count: Option<usize>,
    /// The parameters that were used, but for the place.
    pub used: Vec<Parameter>,
}

/// An authority, as a caller names it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Recipient {
    /// By what may be a reference.
    Reference(String),
    /// By an identifier.
    Identifier(String),
}

impl NotificationSearch {
    /// Reads a search.
    ///
    /// # Errors
    /// [`SearchRefusal`] that names the parameter at fault.
    pub fn read(parameters: &[Parameter], handling: Handling) -> Result<Self, SearchRefusal> {
        if parameters.len() > PARAMETERS_MAX {
            return Err(SearchRefusal::TooLong);
        }
        let mut search = Self {
            recipients: Vec::new(),
            from: None,
            until: None,
            delivered: None,
            after: Place::FIRST,
            count: None,
            used: Vec::new(),
        };
        for parameter in parameters {
            search.take(parameter, handling)?;
        }
        Ok(search)
    }

    fn take(&mut self, parameter: &Parameter, handling: Handling) -> Result<(), SearchRefusal> {
        match (parameter.name(), parameter.rest()) {
            ("recipient", "" | ":Organization") => {
                let values = parameter.alternatives().into_iter();
                let named = values.map(|value| Recipient::Reference(unescaped(&value)));
                self.recipients.extend(named);
            }
            ("recipient", ":identifier" | ".identifier" | ":Organization.identifier") => {
                let values = parameter.alternatives().into_iter();
                let named = values.map(|value| Recipient::Identifier(unescaped(&value)));
                self.recipients.extend(named);
            }
            ("sent", "") => self.narrow(parameter)?,
            ("status", "") => self.delivered = Some(delivered(parameter)?),
            ("_count", "") => self.count = Some(number(parameter)?),
            (AFTER, "") => {
                self.after = Place::parse(&parameter.value).ok_or_else(|| {
                    wrong(
                        parameter,
                        "a place is taken from one of the service's links",
                    )
                })?;
                return Ok(());
            }
            ("recipient" | "sent" | "status", _) => {
                return Err(SearchRefusal::Modifier {
                    parameter: parameter.written.clone(),
                });
            }
            ("_format" | "_pretty", "") => return Ok(()),
            _ if handling == Handling::Strict => {
                return Err(SearchRefusal::Unsupported {
                    parameter: parameter.written.clone(),
                });
            }
            _ => return Ok(()),
        }
        self.used.push(parameter.clone());
        Ok(())
    }

    /// Narrows the window by one comparison. A notification was sent at one moment, so that the
    /// prefixes that tell overlaps apart come to the same.
    fn narrow(&mut self, parameter: &Parameter) -> Result<(), SearchRefusal> {
        let expected = "a date, such as ge2026-11-22, with a prefix other than ne, and one of them";
        let refused = || wrong(parameter, expected);
        let digits = parameter.value.find(|sign: char| sign.is_ascii_digit());
        let (prefix, date) = parameter.value.split_at(digits.ok_or_else(refused)?);
        let (first, after) = stretch(date).ok_or_else(refused)?;
        let (from, until) = match prefix {
            "" | "eq" | "ap" => (Some(first), Some(after)),
            "ge" => (Some(first), None),
            "gt" | "sa" => (Some(after), None),
            "le" => (None, Some(after)),
            "lt" | "eb" => (None, Some(first)),
            _ => return Err(refused()),
        };
        self.from = self.from.max(from);
        self.until = match (self.until, until) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Ok(())
    }

    /// Whether it asks for what any other authority is told.
    #[must_use]
    pub fn names_another(&self, own: &LocalAuthority, base: &str) -> bool {
        self.recipients.iter().any(|named| match named {
            Recipient::Reference(reference) => {
                let reference = relative(reference, base);
                let id = reference.strip_prefix("Organization/").unwrap_or(reference);
                id != own.id.to_string()
            }
            Recipient::Identifier(identifier) => match identifier.split_once('|') {
                None => identifier != own.code.as_str(),
                Some((system, code)) => system != ODS_CODE || code != own.code.as_str(),
            },
        })
    }

    /// What is sought among an authority's own.
    #[must_use]
    pub fn sought(&self, authority: OdsCode) -> Sought {
        Sought {
            authority,
            from: self.from,
            until: self.until,
            delivered: self.delivered,
            after: self.after,
        }
    }
}

fn delivered(parameter: &Parameter) -> Result<bool, SearchRefusal> {
    match parameter.value.as_str() {
        "completed" | "http://hl7.org/fhir/event-status|completed" => Ok(true),
        "in-progress" | "http://hl7.org/fhir/event-status|in-progress" => Ok(false),
        _ => Err(wrong(
            parameter,
            "completed (received) or in-progress (not received yet)",
        )),
    }
}

fn number(parameter: &Parameter) -> Result<usize, SearchRefusal> {
    let digits = parameter.value.bytes().all(|byte| byte.is_ascii_digit());
    let number = parameter.value.parse().ok().filter(|_| digits);
    number.ok_or_else(|| wrong(parameter, "a whole number from 0"))
}

fn wrong(parameter: &Parameter, expected: &'static str) -> SearchRefusal {
    SearchRefusal::Value {
        parameter: parameter.written.clone(),
        expected,
    }
}

#[cfg(test)]
#[path = "notification_search_rules.rs"]
mod rules;
