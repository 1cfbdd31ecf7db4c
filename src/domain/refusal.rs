//! Refusals: how many of them are kept one by one, and how many are only counted, so that nobody
//! can fill the security log by being refused.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::domain::ods_code::OdsCode;

/// The time for which refusals are counted together.
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// How many refusals are kept one by one in a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptRefusals {
    /// Of all who proved nothing together.
    pub strangers: u32,
    /// Of each client that was proven.
    pub client: u32,
}

/// Refusals that were not kept one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedRefusals {
    /// The end of the minute, or when they were asked for.
    pub at: DateTime<Utc>,
    /// The client, where one was proven.
    pub client_id: Option<String>,
    /// Its organisation.
    pub organisation: Option<OdsCode>,
    /// Why.
    pub reason: &'static str,
    /// How many.
    pub times: u32,
}

/// A line of the security log, as the operator is told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRefusal {
    /// When.
    pub at: DateTime<Utc>,
    /// The request; none where several are counted.
    pub request_id: Option<Uuid>,
    /// Method and route, or what else was asked.
    pub route: String,
    /// Why.
    pub reason: String,
    /// The client, where one was proven.
    pub client_id: Option<String>,
    /// The organisation.
    pub organisation: Option<String>,
    /// The person.
    pub practitioner_id: Option<String>,
    /// The address that it came from, where it is known.
    pub address: Option<String>,
    /// How often.
    pub times: i32,
}

/// Refusals of one reason to one client of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalTally {
    /// Why.
    pub reason: String,
    /// The client, where one was proven.
    pub client_id: Option<String>,
    /// The organisation.
    pub organisation: Option<String>,
    /// How often.
    pub times: i64,
    /// The first.
    pub first: DateTime<Utc>,
    /// The last.
    pub last: DateTime<Utc>,
}

/// Which refusals are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalsAsked {
    /// From this moment on.
    pub since: DateTime<Utc>,
    /// Before this moment.
    pub until: DateTime<Utc>,
    /// Of this reason only.
    pub reason: Option<String>,
    /// Of this client only.
    pub client_id: Option<String>,
    /// Of this organisation only.
    pub organisation: Option<String>,
}

/// What was refused in the present minute, and what is still to be counted of earlier ones.
#[derive(Debug)]
pub struct RefusalCounts {
    kept: KeptRefusals,
    /// None for all who proved nothing.
    minutes: HashMap<Option<String>, Minute>,
    over: Vec<CountedRefusals>,
}

#[derive(Debug)]
struct Minute {
    began: DateTime<Utc>,
    kept: u32,
    left_out: BTreeMap<(&'static str, Option<OdsCode>), u32>,
}

impl RefusalCounts {
    /// Counts from nothing.
    #[must_use]
    pub fn of(kept: KeptRefusals) -> Self {
        Self {
            kept,
            minutes: HashMap::new(),
            over: Vec::new(),
        }
    }

    /// Whether a refusal is kept for itself; else it is counted.
    pub fn keeps(
        &mut self,
        (client_id, organisation): (Option<&str>, Option<&OdsCode>),
        reason: &'static str,
        at: DateTime<Utc>,
    ) -> bool {
        let most = match client_id {
            Some(_) => self.kept.client,
            None => self.kept.strangers,
        };
        let client_id = client_id.map(str::to_owned);
        if self
            .minutes
            .get(&client_id)
            .is_some_and(|one| one.is_over(at))
        {
            self.close(&client_id, at);
        }
        let minute = self.minutes.entry(client_id).or_insert_with(|| Minute {
            began: at,
            kept: 0,
            left_out: BTreeMap::new(),
        });
        if minute.kept < most {
            minute.kept += 1;
            return true;
        }
        let times = minute
            .left_out
            .entry((reason, organisation.cloned()))
            .or_default();
        *times = times.saturating_add(1);
        false
    }

    /// Takes what is counted of minutes that are over, or of all.
    pub fn take(&mut self, now: DateTime<Utc>, of_all: bool) -> Vec<CountedRefusals> {
        let over: Vec<Option<String>> = self
            .minutes
            .iter()
            .filter(|(_, minute)| of_all || minute.is_over(now))
            .map(|(client_id, _)| client_id.clone())
            .collect();
        for client_id in over {
            self.close(&client_id, now);
        }
        std::mem::take(&mut self.over)
    }

    fn close(&mut self, client_id: &Option<String>, now: DateTime<Utc>) {
        let Some(minute) = self.minutes.remove(client_id) else {
            return;
        };
        let at = (minute.began + MINUTE).min(now);
        let counted = minute.left_out.into_iter();
        self.over.extend(
            counted.map(|((reason, organisation), times)| CountedRefusals {
                at,
                client_id: client_id.clone(),
                organisation,
                reason,
                times,
            }),
        );
    }
}

impl Minute {
    /// A clock that was set back ends it too.
    fn is_over(&self, now: DateTime<Utc>) -> bool {
        now < self.began || now.signed_duration_since(self.began) >= MINUTE
    }
}

#[cfg(test)]
#[path = "refusal_rules.rs"]
mod rules;
