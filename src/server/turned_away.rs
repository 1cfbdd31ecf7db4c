//! Connections that are turned away before a request could be read: counted by why, and told now
//! and then, so that nobody fills the log or the record by knocking.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use openssl::ssl::{Error, SslRef};
use openssl::x509::X509VerifyResult;
use tracing::{error, warn};

use crate::api::service::Service;
use crate::domain::refusal::CountedRefusals;
use crate::server::doorway::Doorway;

/// How often they are told.
const TOLD_AGAIN: Duration = Duration::from_secs(30);

/// Why a connection is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnedAway {
    /// There is no place for it, in all, from its address or by its certificate.
    Full,
    /// Its handshake took too long.
    Late,
    /// It showed no certificate, where one must be shown.
    NoCertificate,
    /// Its certificate is not trusted, revoked or has run out.
    BadCertificate,
    /// It spoke no TLS that we speak.
    NoTls,
}

impl TurnedAway {
    const ALL: [Self; 5] = [
        Self::Full,
        Self::Late,
        Self::NoCertificate,
        Self::BadCertificate,
        Self::NoTls,
    ];

    /// Its name in the security log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Full => "connection-no-place",
            Self::Late => "handshake-late",
            Self::NoCertificate => "handshake-no-certificate",
            Self::BadCertificate => "handshake-bad-certificate",
            Self::NoTls => "handshake-failed",
        }
    }

    /// Why a handshake failed.
    #[must_use]
    pub fn of_handshake(ssl: &SslRef, cause: &Error) -> Self {
        let reasons = cause.ssl_error().into_iter();
        let mut reasons = reasons
            .flat_map(|stack| stack.errors())
            .map(|one| one.reason());
        if reasons.any(|reason| reason == Some("peer did not return a certificate")) {
            return Self::NoCertificate;
        }
        match ssl.verify_result() {
            X509VerifyResult::OK => Self::NoTls,
            _ => Self::BadCertificate,
        }
    }
}

/// How many were turned away that nobody was told of yet.
#[derive(Debug, Default)]
pub struct Knocks([AtomicU32; TurnedAway::ALL.len()]);

impl Knocks {
    /// Counts one.
    pub fn count(&self, why: TurnedAway) {
        let counts = TurnedAway::ALL.into_iter().zip(&self.0);
        for (_, count) in counts.filter(|(one, _)| *one == why) {
            let more = |held: u32| held.checked_add(1);
            // One that is full stays full.
            let _full = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        }
    }

    /// Takes what was counted, as refusals of nobody that is known.
    #[must_use]
    pub fn take(&self, at: DateTime<Utc>) -> Vec<CountedRefusals> {
        let counts = TurnedAway::ALL.into_iter().zip(&self.0);
        counts
            .map(|(why, count)| (why, count.swap(0, Ordering::Relaxed)))
            .filter(|(_, times)| *times > 0)
            .map(|(why, times)| CountedRefusals {
                at,
                client_id: None,
                organisation: None,
                reason: why.code(),
                times,
            })
            .collect()
    }
}

/// Tells who was turned away, for ever.
pub async fn tell_for_ever(doorway: Arc<Doorway>, service: Data<Service>) {
    loop {
        tokio::time::sleep(TOLD_AGAIN).await;
        tell_of_knocks(&doorway, &service).await;
    }
}

/// Tells who was turned away since it was told last: a line of the log and a row of the record for
/// each reason, however many they were.
pub async fn tell_of_knocks(doorway: &Doorway, service: &Service) {
    let knocks = doorway.knocks.take(service.clock.now());
    for one in &knocks {
        warn!(
            reason = one.reason,
            times = one.times,
            "Connections were turned away"
        );
    }
    if let Err(cause) = service.security_log.put_counted(knocks).await {
        error!(cause = %cause, "Connections turned away could not be put on record");
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::{Knocks, TurnedAway};

    #[test]
    fn each_is_counted_by_why_and_told_once() {
        let knocks = Knocks::default();
        for why in TurnedAway::ALL {
            knocks.count(why);
        }
        knocks.count(TurnedAway::Late);
        let told = knocks.take(DateTime::UNIX_EPOCH);
        let told: Vec<_> = told.iter().map(|one| (one.reason, one.times)).collect();
        assert_eq!(
            told,
            [
                ("connection-no-place", 1),
                ("handshake-late", 2),
                ("handshake-no-certificate", 1),
                ("handshake-bad-certificate", 1),
                ("handshake-failed", 1),
            ]
        );
        assert!(knocks.take(DateTime::UNIX_EPOCH).is_empty());
    }
}
