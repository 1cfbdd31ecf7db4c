//! When a token holds: from its claims, by the time that is passed in, never by the system's clock.
//!
//! <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4>

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::AHEAD_MAX;
use super::claim_values::{optional_time, required_time};
use super::error::TokenError;

/// The times that a token claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    issued_at: DateTime<Utc>,
    valid_from: Option<DateTime<Utc>>,
    expires_at: DateTime<Utc>,
}

impl Lifetime {
    /// Reads `iat`, `nbf` and `exp`, and refuses a span that no token may have.
    pub fn claimed(claims: &Map<String, Value>, longest: TimeDelta) -> Result<Self, TokenError> {
        let issued_at = required_time(claims, "iat")?;
        let valid_from = optional_time(claims, "nbf")?;
        let expires_at = required_time(claims, "exp")?;
        let span = expires_at.signed_duration_since(issued_at);
        if span <= TimeDelta::zero() || span > longest {
            return Err(TokenError::LifetimeRefused);
        }
        Ok(Self {
            issued_at,
            valid_from,
            expires_at,
        })
    }

    /// When the token stops to hold.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// Refuses a token that does not hold at `now`.
    pub fn current_at(&self, now: DateTime<Utc>, leeway_seconds: u32) -> Result<(), TokenError> {
        let leeway = TimeDelta::seconds(leeway_seconds.into());
        if now.signed_duration_since(self.expires_at) >= leeway {
            return Err(TokenError::Expired);
        }
        if self
            .valid_from
            .is_some_and(|from| from.signed_duration_since(now) > leeway)
        {
            return Err(TokenError::NotYetValid);
        }
        if self.issued_at.signed_duration_since(now) > AHEAD_MAX {
            return Err(TokenError::IssuedInFuture);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use serde_json::{Value, json};

    use super::{DateTime, Lifetime, TimeDelta, TokenError};

    const ISSUED: i64 = 1_700_000_000;

    fn lifetime(claims: &Value) -> Result<Lifetime, TokenError> {
        Lifetime::claimed(claims.as_object().unwrap(), TimeDelta::hours(1))
    }

    fn at(offset_ms: i64) -> Result<(), TokenError> {
        let claims = json!({"iat": ISSUED, "nbf": ISSUED, "exp": ISSUED + 300});
        let now = DateTime::from_timestamp(ISSUED, 0).unwrap() + TimeDelta::milliseconds(offset_ms);
        lifetime(&claims).unwrap().current_at(now, 10)
    }

    #[test]
    fn a_token_holds_from_its_beginning_to_its_end_give_or_take_the_leeway() {
        assert_eq!(at(-10_001), Err(TokenError::NotYetValid));
        assert_eq!(at(-10_000), Ok(()));
        assert_eq!(at(0), Ok(()));
        assert_eq!(at(309_999), Ok(()));
        assert_eq!(at(310_000), Err(TokenError::Expired));
    }

    #[test]
    fn a_token_issued_more_than_a_minute_ahead_is_refused() {
        let token = lifetime(&json!({"iat": ISSUED, "exp": ISSUED + 300})).unwrap();
        let now = |behind: i64| DateTime::from_timestamp(ISSUED - behind, 0).unwrap();
        assert_eq!(token.current_at(now(60), 10), Ok(()));
        assert_eq!(
            token.current_at(now(61), 10),
            Err(TokenError::IssuedInFuture)
        );
    }

    #[test]
    fn a_token_lives_for_an_hour_at_most() {
        let of = |seconds: i64| lifetime(&json!({"iat": ISSUED, "exp": ISSUED + seconds}));
        assert!(of(3600).is_ok());
        for seconds in [3601, 0, -1] {
            assert_eq!(of(seconds), Err(TokenError::LifetimeRefused));
        }
    }

    #[test]
    fn without_leeway_a_token_ends_at_its_end() {
        let token = lifetime(&json!({"iat": ISSUED, "exp": ISSUED + 300})).unwrap();
        let end = DateTime::from_timestamp(ISSUED + 300, 0).unwrap();
        assert_eq!(token.current_at(end, 0), Err(TokenError::Expired));
        assert_eq!(
            token.current_at(end - TimeDelta::milliseconds(1), 0),
            Ok(())
        );
    }
}
