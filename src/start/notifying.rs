//! What sends what is owed to local authorities, as it is set.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::{StartError, store};
use crate::clock::SharedClock;
use crate::domain::delivery::DeliveryRule;
use crate::mesh::Outbox;
use crate::notifier::rest_hook::RestHooks;
use crate::notifier::sending::Notifier;
use crate::notifier::windows::Mailboxes;
use crate::outside::Reach;
use crate::settings::Settings;
use crate::store::Side;

/// How much longer than an attempt can take a worker holds what it sends.
const LEASE_SPARE: TimeDelta = TimeDelta::seconds(10);

/// What sends what is owed to local authorities.
///
/// # Errors
/// [`StartError`] when no database is set.
pub fn notifier(
    settings: &Settings,
    clock: SharedClock,
    outbox: Option<Outbox>,
) -> Result<Notifier, StartError> {
    let sending = &settings.sending;
    let seconds = |seconds: u16| TimeDelta::seconds(i64::from(seconds));
    let timeout = Duration::from_secs(u64::from(sending.notifier_timeout_seconds));
    let reach = Reach {
        loopback: sending.notifier_reaches_loopback,
        ..Reach::PUBLIC
    };
    let deadline = Duration::from_millis(settings.request_deadline_ms);
    let url = settings.notifier_database_url()?;
    let connections = (settings.notifier_connections, deadline);
    Ok(Notifier {
        store: store(settings, url, connections, Side::Notifier),
        clock,
        rule: DeliveryRule {
            attempts_max: i32::from(sending.notifier_attempts_max),
            age_max: TimeDelta::hours(i64::from(sending.notifier_age_hours_max)),
            wait_first: seconds(sending.notifier_wait_seconds_first),
            wait_max: TimeDelta::seconds(i64::from(sending.notifier_wait_seconds_max)),
            // Longer than an attempt can take, its two notes in the database included.
            lease: seconds(sending.notifier_timeout_seconds)
                + TimeDelta::milliseconds(i64::try_from(settings.request_deadline_ms).unwrap_or(0))
                + LEASE_SPARE,
            alarm_age: TimeDelta::minutes(i64::from(sending.notifier_alarm_minutes)),
            window: TimeDelta::minutes(i64::from(sending.notification_window_minutes)),
        },
        base: settings.public_url.as_str().to_owned(),
        hooks: RestHooks {
            secrets: sending.notifier_secrets_folder.clone(),
            reach,
            timeout,
        },
        mailboxes: outbox.map(|outbox| -> Arc<dyn Mailboxes> { Arc::new(outbox) }),
        told: Arc::default(),
    })
}
