//! The settings of public keys that are had from URLs.

use std::time::Duration;

use chrono::TimeDelta;

use super::SettingsError;
use super::reading::Stated;
use crate::domain::channel::Endpoint;
use crate::key_sets::KeySetRules;
use crate::outside::Reach;

/// How public keys are had from URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySetSettings {
    /// The URL of the issuer's public keys, in the place of their file.
    pub token_keys_url: Option<Endpoint>,
    /// Seconds after which a URL is asked again, 30 to 86,400.
    pub key_sets_refresh_seconds: u32,
    /// Hours for which the last good set is trusted where no newer can be had, 1 to 168.
    pub key_sets_hours_max: u16,
    /// The longest that a URL may take to answer, in seconds, 1 to 30.
    pub key_sets_timeout_seconds: u8,
    /// Whether addresses of private networks are spoken to.
    pub key_sets_reach_private: bool,
}

/// Issuers publish a new key hours before they sign with it, and take an old one back days after.
impl Default for KeySetSettings {
    fn default() -> Self {
        Self {
            token_keys_url: None,
            key_sets_refresh_seconds: 300,
            key_sets_hours_max: 24,
            key_sets_timeout_seconds: 5,
            key_sets_reach_private: false,
        }
    }
}

const URL: &str = "an https URL, or an http URL on loopback, of at most 500 characters";

impl KeySetSettings {
    /// Takes them, the default where one is not stated.
    pub(super) fn taken(stated: &mut Stated, default: Self) -> Result<Self, SettingsError> {
        Ok(Self {
            token_keys_url: stated.text("token_keys_url", default.token_keys_url, URL, |text| {
                Endpoint::parse(text).ok().map(Some)
            })?,
            key_sets_refresh_seconds: stated.whole(
                "key_sets_refresh_seconds",
                default.key_sets_refresh_seconds,
                30..=86_400,
            )?,
            key_sets_hours_max: stated.whole(
                "key_sets_hours_max",
                default.key_sets_hours_max,
                1..=168,
            )?,
            key_sets_timeout_seconds: stated.whole(
                "key_sets_timeout_seconds",
                default.key_sets_timeout_seconds,
                1..=30,
            )?,
            key_sets_reach_private: stated
                .truth("key_sets_reach_private", default.key_sets_reach_private)?,
        })
    }

    /// As rules; this machine itself is spoken to only where notifiers do so too.
    #[must_use]
    pub fn rules(&self, reach_loopback: bool) -> KeySetRules {
        KeySetRules {
            reach: Reach {
                loopback: reach_loopback,
                private: self.key_sets_reach_private,
            },
            timeout: Duration::from_secs(self.key_sets_timeout_seconds.into()),
            refresh: TimeDelta::seconds(self.key_sets_refresh_seconds.into()),
            age_max: TimeDelta::hours(self.key_sets_hours_max.into()),
        }
    }

    /// Each by name with its default, for the page that documents them.
    #[cfg(test)]
    pub(super) fn documented(self) -> Vec<(&'static str, String)> {
        let Self {
            token_keys_url: None,
            key_sets_refresh_seconds,
            key_sets_hours_max,
            key_sets_timeout_seconds,
            key_sets_reach_private,
        } = self
        else {
            unreachable!("this has no default")
        };
        vec![
            ("token_keys_url", String::new()),
            (
                "key_sets_refresh_seconds",
                key_sets_refresh_seconds.to_string(),
            ),
            ("key_sets_hours_max", key_sets_hours_max.to_string()),
            (
                "key_sets_timeout_seconds",
                key_sets_timeout_seconds.to_string(),
            ),
            ("key_sets_reach_private", key_sets_reach_private.to_string()),
        ]
    }
}
