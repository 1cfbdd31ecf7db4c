//! What every interaction works with: the sides of the database, the clock, the keys, and the
//! rules as they are set.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::api::file_turn::FileTurns;
use crate::api::register::Register;
use crate::api::search::page::PageSeal;
use crate::api::search::searchable::Searchables;
use crate::clock::SharedClock;
use crate::disclosure::Door;
use crate::domain::access::HistoryRule;
use crate::domain::alert_report::ReportBudgets;
use crate::domain::client::UnregisteredClients;
use crate::domain::shrinkage::ShrinkageRule;
use crate::fhir::definitions::Definitions;
use crate::identity::{TokenService, Verifier};
use crate::intake::matching::Matching;
use crate::key_sets::{FollowedKeys, KeySets};
use crate::mesh::Inbox;
use crate::messages::reading_rules::ReadingRules;
use crate::metrics::Metrics;
use crate::notifier::alarm::Alarm;
use crate::notifier::sending::Notifier;
use crate::sealing::sealer::Sealer;
use crate::security_log::SecurityLog;
use crate::settings::BrowserOrigins;
use crate::store::Store;

/// The service, shared by all threads that answer.
pub struct Service {
    /// The query side.
    pub query: Store,
    /// The intake side.
    pub intake: Store,
    /// The side that looks after the plans of every authority.
    pub upkeep: Store,
    /// What uploads are matched against.
    pub matching: Arc<Matching>,
    /// What sends what is owed to local authorities, and its side of the database.
    pub notifier: Arc<Notifier>,
    /// How many notifiers work beside the server.
    pub notifiers: u16,
    /// Says when what is owed becomes too old.
    pub alarm: Alarm,
    /// What is counted where requests are answered.
    pub metrics: Metrics,
    /// Where refusals are put on record.
    pub security_log: Arc<SecurityLog>,
    /// The time.
    pub clock: SharedClock,
    /// The outside issuer, who may say who a caller is.
    pub verifier: Verifier,
    /// What becomes of its clients that are not on the register.
    pub unregistered_clients: UnregisteredClients,
    /// The issuer's keys, where they are followed at a URL.
    pub followed_keys: Option<Arc<FollowedKeys>>,
    /// Public keys that are had from URLs.
    pub key_sets: Arc<KeySets>,
    /// Our own token service, where there is one.
    pub tokens: Option<TokenService>,
    /// The organisations that may look, and the clients that may ask.
    pub register: Register,
    /// Seals page links.
    pub seal: PageSeal,
    /// The one door out.
    pub door: Door,
    /// What the access history shows.
    pub history: HistoryRule,
    /// The base URL as callers know it, without a slash at its end.
    pub base: String,
    /// What can be searched.
    pub searchables: Searchables,
    /// The most matches on a page.
    pub page_size_max: usize,
    /// The longest upload, in bytes.
    pub upload_bytes_max: usize,
    /// How many files are read at once.
    pub file_turns: FileTurns,
    /// The most records of an upload.
    pub upload_records_max: usize,
    /// How many alerts may be reported within an hour.
    pub reports: ReportBudgets,
    /// When an upload is held.
    pub shrinkage: ShrinkageRule,
    /// Our MESH inbox, where there is one.
    pub inbox: Option<Inbox>,
    /// What seals the access history, where this process has the keys.
    pub sealer: Option<Arc<Sealer>>,
    /// What the service publishes of itself.
    pub definitions: Definitions,
    /// The capability statement.
    pub capability_statement: Value,
    /// What can be asked, as an OpenAPI document.
    pub openapi: Value,
    /// The origins whose pages may ask from a browser.
    pub browser_origins: BrowserOrigins,
}

impl Service {
    /// What an upload that comes at this moment is read by.
    #[must_use]
    pub fn reading_rules(&self, now: DateTime<Utc>) -> ReadingRules {
        ReadingRules {
            windows: self.door.rules.windows,
            now,
            records_max: self.upload_records_max,
        }
    }
}
