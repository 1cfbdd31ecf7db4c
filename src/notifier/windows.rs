//! What a mailbox is told: everything owed, window by window, and an explicit nothing for a quiet
//! one, so that silence is never mistaken for calm.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{error, info, warn};
use uuid::Uuid;

use crate::domain::channel::Mailbox;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::notification::Notification;
use crate::notifier::rest_hook::Failure;
use crate::notifier::sending::{DELIVERED, FAILED, GIVEN_UP, Notifier, Worked};
use crate::store::channels::{self, DueMailbox};
use crate::store::outbox::{self, Attempt};
use crate::store::{StoreError, authorities};

/// The most notifications of one window; what is over comes in the next, at once.
const WINDOW_LENGTH_MAX: i64 = 500;

/// How long a window waits for what happened in it to arrive: a long transaction, such as an
/// upload, holds it back.
const ARRIVAL: TimeDelta = TimeDelta::seconds(10);

/// What an authority is told of one window.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The authority.
    pub authority: LocalAuthority,
    /// Its mailbox.
    pub mailbox: Mailbox,
    /// When the window begins: where the last one ended.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub until: DateTime<Utc>,
    /// What was notified in it, in order of arrival; none where nothing was.
    pub notifications: Vec<Notification>,
}

/// A transport that is told window by window. It is called off the async threads.
pub trait Mailboxes: Send + Sync {
    /// Sends a window, and gives the id by which it may yet come back, once the transport has taken
    /// it. It may be sent again: each notification in it keeps its id.
    ///
    /// # Errors
    /// [`Failure`] with a code, where the transport has not taken it for sure.
    fn send(&self, window: &Window) -> Result<Uuid, Failure>;
}

impl Notifier {
    /// Sends the next window that is over, where there is a transport and a mailbox to be told.
    ///
    /// # Errors
    /// [`StoreError`] when the database gives no answer that can be trusted.
    pub(super) async fn send_window(&self) -> Result<Worked, StoreError> {
        let Some(mailboxes) = self.mailboxes.clone() else {
            return Ok(Worked::Nothing);
        };
        let now = self.clock.now();
        let (lease, length) = (self.leased_until(now), self.rule.window);
        let take = move |postgres: &mut _| channels::take_mailbox(postgres, (now, lease), length);
        let Some(due) = self.store.run(take).await? else {
            return Ok(Worked::Nothing);
        };
        let (attempts, authority) = (due.attempts, due.authority);
        let Some(window) = self.window(due, now).await? else {
            self.wait_for_arrival(authority, now).await?;
            return Ok(Worked::Something);
        };
        let (sent, window) = post(mailboxes, window).await;
        match sent {
            Ok(id) => self.window_sent(window, (id, now)).await?,
            Err(failure) => self.window_failed(window, (attempts, failure)).await?,
        }
        info!(authority.id = %authority, "Sent a window, or tried to");
        Ok(Worked::Something)
    }

    /// The window that is over; none where it would be told as quiet and is not.
    async fn window(
        &self,
        due: DueMailbox,
        now: DateTime<Utc>,
    ) -> Result<Option<Window>, StoreError> {
        let id: Uuid = due.authority;
        let (authority, notifications, awaits) = self
            .store
            .run(move |postgres| {
                let authority = authorities::read(postgres, id)?;
                let authority = authority.ok_or(StoreError::Row("authority"))?;
                // Asked first: what arrives in between is told, though it was awaited.
                let awaits = outbox::is_awaited(postgres, id, now)?;
                let owed = outbox::owed(postgres, id, now, WINDOW_LENGTH_MAX)?;
                Ok((authority, owed, awaits))
            })
            .await?;
        if awaits && notifications.is_empty() {
            return Ok(None);
        }
        Ok(Some(Window {
            authority,
            mailbox: due.mailbox,
            from: due.told_until,
            until: now,
            notifications,
        }))
    }

    async fn wait_for_arrival(
        &self,
        authority: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let again_at = now.checked_add_signed(ARRIVAL).unwrap_or(now);
        self.store
            .run(move |postgres| channels::again_at(postgres, authority, again_at))
            .await
    }

    async fn window_sent(
        &self,
        window: Window,
        sent: (Uuid, DateTime<Utc>),
    ) -> Result<(), StoreError> {
        let is_full = i64::try_from(window.notifications.len()) == Ok(WINDOW_LENGTH_MAX);
        let delivered = window.notifications.len();
        self.store
            .transaction(move |postgres| {
                for notification in &window.notifications {
                    outbox::delivered_in_window(postgres, Attempt::of(notification), sent)?;
                }
                // A window that was cut goes on where it began, and is over already.
                let until = if is_full { window.from } else { window.until };
                channels::told_until(postgres, window.authority.id, until)
            })
            .await?;
        self.count(DELIVERED, delivered);
        Ok(())
    }

    fn count(&self, outcome: &'static str, notifications: usize) {
        let times = u64::try_from(notifications).unwrap_or(u64::MAX);
        self.told.add(outcome, times);
    }

    async fn window_failed(
        &self,
        window: Window,
        (attempts, Failure(code)): (i32, Failure),
    ) -> Result<(), StoreError> {
        let authority = window.authority.id;
        warn!(authority.id = %authority, code, "A mailbox did not take a window");
        let now = self.clock.now();
        let rule = self.rule;
        let again_at = rule.next_attempt_at(attempts, now, self.chance(now));
        let gives_up = move |told: &Notification| {
            let attempts = told.attempts.saturating_add(1);
            rule.gives_up(attempts, told.queued_at, now).then_some(now)
        };
        let given_up = window.notifications.iter().filter_map(gives_up).count();
        if given_up > 0 {
            error!(authority.id = %authority, given_up, code, "Gave notifications up");
            self.count(GIVEN_UP, given_up);
        }
        let failed = window.notifications.len().saturating_sub(given_up);
        self.count(FAILED, failed);
        self.store
            .transaction(move |postgres| {
                for told in &window.notifications {
                    outbox::window_failed(postgres, told, gives_up(told), code)?;
                }
                channels::again_at(postgres, window.authority.id, again_at)
            })
            .await
    }
}

async fn post(mailboxes: Arc<dyn Mailboxes>, window: Window) -> (Result<Uuid, Failure>, Window) {
    let held = window.clone();
    let sent = tokio::task::spawn_blocking(move || mailboxes.send(&held)).await;
    (sent.unwrap_or(Err(Failure("cut-short"))), window)
}
