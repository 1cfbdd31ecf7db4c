//! The settings of sending what is owed to local authorities.

use std::path::PathBuf;

use super::SettingsError;
use super::reading::Stated;

/// How notifications are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendingSettings {
    /// Workers that send notifications in this process, 0 to 64: with none, others must.
    pub notifier_workers: u16,
    /// Attempts after which a notification is given up, 1 to 10,000.
    pub notifier_attempts_max: u16,
    /// Hours after which a notification is given up at its next failed attempt, 1 to 8760: two
    /// weeks outlast every holiday.
    pub notifier_age_hours_max: u16,
    /// The wait after the first failed attempt, in seconds, 1 to 3600; each later one is twice as
    /// long.
    pub notifier_wait_seconds_first: u16,
    /// The longest wait between attempts, in seconds, 1 to 86,400: how long after it comes back a
    /// receiver is met at the latest.
    pub notifier_wait_seconds_max: u32,
    /// The longest that an endpoint may take to answer, in seconds, 1 to 300.
    pub notifier_timeout_seconds: u16,
    /// The age of the oldest notification owed above which the operator is alarmed, in minutes, 1
    /// to 10,080.
    pub notifier_alarm_minutes: u16,
    /// The window of which a mailbox is told, in minutes, 1 to 1440; a quiet one is told as such.
    pub notification_window_minutes: u16,
    /// The folder of the secrets that registered endpoints are opened with, a file each.
    pub notifier_secrets_folder: Option<PathBuf>,
    /// Whether endpoints on this machine are spoken to, over http too: for sandboxes and tests.
    pub notifier_reaches_loopback: bool,
}

impl Default for SendingSettings {
    fn default() -> Self {
        Self {
            notifier_workers: 2,
            // More than fit into the hours below: it is the age that decides.
            notifier_attempts_max: 3000,
            notifier_age_hours_max: 336,
            notifier_wait_seconds_first: 10,
            notifier_wait_seconds_max: 900,
            notifier_timeout_seconds: 20,
            notifier_alarm_minutes: 60,
            notification_window_minutes: 15,
            notifier_secrets_folder: None,
            notifier_reaches_loopback: false,
        }
    }
}

impl SendingSettings {
    /// Takes them, the default where one is not stated.
    pub(super) fn taken(stated: &mut Stated, default: Self) -> Result<Self, SettingsError> {
        Ok(Self {
            notifier_workers: stated.whole("notifier_workers", default.notifier_workers, 0..=64)?,
            notifier_attempts_max: stated.whole(
                "notifier_attempts_max",
                default.notifier_attempts_max,
                1..=10_000,
            )?,
            notifier_age_hours_max: stated.whole(
                "notifier_age_hours_max",
                default.notifier_age_hours_max,
                1..=8760,
            )?,
            notifier_wait_seconds_first: stated.whole(
                "notifier_wait_seconds_first",
                default.notifier_wait_seconds_first,
                1..=3600,
            )?,
            notifier_wait_seconds_max: stated.whole(
                "notifier_wait_seconds_max",
                default.notifier_wait_seconds_max,
                1..=86_400,
            )?,
            notifier_timeout_seconds: stated.whole(
                "notifier_timeout_seconds",
                default.notifier_timeout_seconds,
                1..=300,
            )?,
            notifier_alarm_minutes: stated.whole(
                "notifier_alarm_minutes",
                default.notifier_alarm_minutes,
                1..=10_080,
            )?,
            notification_window_minutes: stated.whole(
                "notification_window_minutes",
                default.notification_window_minutes,
                1..=1440,
            )?,
            notifier_secrets_folder: stated.path("notifier_secrets_folder")?,
            notifier_reaches_loopback: stated.truth(
                "notifier_reaches_loopback",
                default.notifier_reaches_loopback,
            )?,
        })
    }

    /// Each by name with its default, for the page that documents them.
    #[cfg(test)]
    pub(super) fn documented(&self) -> Vec<(&'static str, String)> {
        let Self {
            notifier_workers,
            notifier_attempts_max,
            notifier_age_hours_max,
            notifier_wait_seconds_first,
            notifier_wait_seconds_max,
            notifier_timeout_seconds,
            notifier_alarm_minutes,
            notification_window_minutes,
            notifier_secrets_folder: _,
            notifier_reaches_loopback,
        } = self;
        vec![
            ("notifier_workers", notifier_workers.to_string()),
            ("notifier_attempts_max", notifier_attempts_max.to_string()),
            ("notifier_age_hours_max", notifier_age_hours_max.to_string()),
            (
                "notifier_wait_seconds_first",
                notifier_wait_seconds_first.to_string(),
            ),
            (
                "notifier_wait_seconds_max",
                notifier_wait_seconds_max.to_string(),
            ),
            (
                "notifier_timeout_seconds",
                notifier_timeout_seconds.to_string(),
            ),
            ("notifier_alarm_minutes", notifier_alarm_minutes.to_string()),
            (
                "notification_window_minutes",
                notification_window_minutes.to_string(),
            ),
            ("notifier_secrets_folder", String::new()),
            (
                "notifier_reaches_loopback",
                notifier_reaches_loopback.to_string(),
            ),
        ]
    }
}
