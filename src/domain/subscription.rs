//! What a local authority's own system asked to be sent to its registered endpoint.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::channel::Endpoint;

/// How far apart heartbeats may be, in seconds.
pub const HEARTBEAT_SECONDS: std::ops::RangeInclusive<u32> = 10..=86_400;

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: Uuid,
    /// Its authority.
    pub authority: Uuid,
    /// Whether it is served.
    pub status: SubscriptionStatus,
    /// Where it is sent to.
    pub endpoint: Endpoint,
    /// How much is sent.
    pub content: Content,
    /// After how many quiet seconds a heartbeat is sent; none where none is wanted.
    pub heartbeat_seconds: Option<u32>,
    /// Why it was asked for, as its system wrote it.
    pub reason: String,
    /// How often it has changed, from 1.
    pub version: i32,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// How many events there were since it was made.
    pub events: i64,
    /// When its endpoint last took what was sent; none where it has not answered the handshake yet.
    pub sent_at: Option<DateTime<Utc>>,
    /// How many attempts in a row have failed.
    pub attempts: i32,
    /// Why the last one failed, as a code.
    pub error: Option<String>,
}

/// Whether a subscription is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionStatus {
    /// Its endpoint has not answered the handshake yet.
    Requested,
    /// It is served.
    Active,
    /// Its endpoint does not take what is sent; it is tried again and again.
    Error,
    /// It was taken away.
    Off,
}

impl SubscriptionStatus {
    /// FHIR's code for it, which the database uses too.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Active => "active",
            Self::Error => "error",
            Self::Off => "off",
        }
    }

    /// Reads a status by its code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Requested, Self::Active, Self::Error, Self::Off]
            .into_iter()
            .find(|status| status.code() == code)
    }
}

/// How much of a notification is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// The notification itself.
    FullResource,
    /// Its id, by which it can be read.
    IdOnly,
    /// That there is one.
    Empty,
}

impl Content {
    /// The Backport guide's code for it, which the database uses too.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::FullResource => "full-resource",
            Self::IdOnly => "id-only",
            Self::Empty => "empty",
        }
    }

    /// Reads a content by its code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::FullResource, Self::IdOnly, Self::Empty]
            .into_iter()
            .find(|content| content.code() == code)
    }
}
