//! Public keys that may change: a set that stands for ever, or the last that was had from a URL,
//! for as long as it is trusted.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};

use super::keys::Jwks;

/// Keys, as they are held now.
#[derive(Debug, Default)]
pub struct HeldKeys {
    held: RwLock<Option<Held>>,
}

#[derive(Debug, Clone)]
struct Held {
    keys: Arc<Jwks>,
    /// None for ever.
    until: Option<DateTime<Utc>>,
}

impl HeldKeys {
    /// Keys that stand for as long as the process.
    #[must_use]
    pub fn fixed(keys: Jwks) -> Self {
        Self {
            held: RwLock::new(Some(Held {
                keys: Arc::new(keys),
                until: None,
            })),
        }
    }

    /// Holds a set from now on, and trusts it until then; whether it is another than before.
    pub fn hold(&self, keys: Jwks, until: DateTime<Utc>) -> bool {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = held.as_ref().is_none_or(|before| *before.keys != keys);
        *held = Some(Held {
            keys: Arc::new(keys),
            until: Some(until),
        });
        is_new
    }

    /// The keys; none where none was had, or none of late.
    #[must_use]
    pub fn current(&self, now: DateTime<Utc>) -> Option<Arc<Jwks>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let held = held.as_ref()?;
        let is_trusted = held.until.is_none_or(|until| now < until);
        is_trusted.then(|| Arc::clone(&held.keys))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use chrono::{DateTime, TimeDelta, Utc};
    use serde_json::json;

    use super::HeldKeys;
    use crate::identity::{Algorithm, Jwks, SigningKey};

    fn keys() -> Jwks {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        Jwks::from_json(&json!({ "keys": [key.jwk()] }).to_string()).unwrap()
    }

    #[test]
    fn a_set_is_trusted_until_its_time_is_over_and_a_fixed_one_for_ever() {
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let years = now + TimeDelta::days(10_000);
        assert!(HeldKeys::fixed(keys()).current(years).is_some());
        let held = HeldKeys::default();
        assert!(held.current(now).is_none());
        assert!(held.hold(keys(), now + TimeDelta::hours(1)));
        let later = now + TimeDelta::minutes(59);
        assert!(held.current(later).is_some());
        assert!(held.current(later + TimeDelta::minutes(1)).is_none());
        assert!(held.hold(keys(), years) && held.current(later).is_some());
    }
}
