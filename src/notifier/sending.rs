//! The worker: takes what is due, sends it, notes what became of it; any number of them, in any
//! number of processes, side by side.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tracing::{error, info, warn};
use uuid::Uuid;

use crate::clock::SharedClock;
use crate::domain::channel::RestHook;
use crate::domain::delivery::DeliveryRule;
use crate::domain::notification::Notification;
use crate::domain::subscription::Subscription;
use crate::fhir::json::to_json;
use crate::fhir::subscription_notification::{Occasion, subscription_notification};
use crate::instruments::Counts;
use crate::notifier::rest_hook::{Failure, RestHooks};
use crate::notifier::windows::Mailboxes;
use crate::store::outbox::{self, AfterFailure, Attempt};
use crate::store::{Store, StoreError, identifiers, subscriptions};

/// How long a worker that found nothing to do waits before it looks again.
const PAUSE: Duration = Duration::from_millis(500);
/// The same after the database gave no answer.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(5);

/// What came of an attempt at telling an authority.
pub(super) const DELIVERED: &str = "delivered";
pub(super) const FAILED: &str = "failed";
pub(super) const GIVEN_UP: &str = "given-up";

/// What a worker works with.
#[derive(Clone)]
pub struct Notifier {
    /// The notifier's side of the database.
    pub store: Store,
    /// The time.
    pub clock: SharedClock,
    /// How often and how long to try.
    pub rule: DeliveryRule,
    /// The service's base URL, under which what is sent can be read.
    pub base: String,
    /// The way to registered endpoints.
    pub hooks: RestHooks,
    /// The way to mailboxes, where there is one.
    pub mailboxes: Option<Arc<dyn Mailboxes>>,
    /// Attempts at telling an authority since the process began, by what came of them.
    pub told: Arc<Counts>,
}

/// Whether there was anything to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// Something was sent, or tried.
    Something,
    /// Nothing was due.
    Nothing,
}

/// Works until it is told to stop, and then ends what it has begun.
pub async fn run(notifier: Arc<Notifier>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let pause = match notifier.work().await {
            Ok(Worked::Something) => continue,
            Ok(Worked::Nothing) => PAUSE,
            Err(cause) => {
                error!(cause = %cause, "What is owed to local authorities could not be sent");
                PAUSE_AFTER_ERROR
            }
        };
        // Whoever could tell it to stop is gone: that stops it too.
        if let Ok(Err(_)) = tokio::time::timeout(pause, stop.changed()).await {
            return;
        }
    }
}

impl Notifier {
    /// Does the next piece of work there is: a handshake, a notification, a heartbeat, a window.
    ///
    /// # Errors
    /// [`StoreError`] when the database gives no answer that can be trusted; what was taken is then
    /// taken again, by this worker or another, once its lease is over.
    pub async fn work(&self) -> Result<Worked, StoreError> {
        let now = self.clock.now();
        let due = self
            .store
            .run(move |postgres| subscriptions::due(postgres, now))
            .await?;
        for (subscription, hook) in due {
            if self.serve(subscription, &hook).await? == Worked::Something {
                return Ok(Worked::Something);
            }
        }
        self.send_window().await
    }

    async fn serve(
        &self,
        subscription: Subscription,
        hook: &RestHook,
    ) -> Result<Worked, StoreError> {
        let (id, now) = (subscription.id, self.clock.now());
        let leased_until = self.leased_until(now);
        // Nothing of a child is sent to an endpoint that has not answered the handshake.
        if subscription.sent_at.is_some() {
            let take = move |postgres: &mut _| {
                outbox::take_for_subscription(postgres, id, now, leased_until)
            };
            if let Some(attempt) = self.store.run(take).await? {
                self.send_event(&subscription, hook, attempt).await?;
                return Ok(Worked::Something);
            }
        }
        let take = move |postgres: &mut _| subscriptions::take(postgres, id, now, leased_until);
        if !self.store.run(take).await? {
            return Ok(Worked::Nothing);
        }
        let occasion = match subscription.sent_at {
            None => Occasion::Handshake,
            Some(_) => Occasion::Heartbeat,
        };
        match self.post(&subscription, hook, occasion).await {
            Ok(()) => self.served(id).await?,
            Err(failure) => self.not_served(&subscription, failure).await?,
        }
        Ok(Worked::Something)
    }

    async fn send_event(
        &self,
        subscription: &Subscription,
        hook: &RestHook,
        attempt: Attempt,
    ) -> Result<(), StoreError> {
        let taken = self
            .store
            .run(move |postgres| outbox::taken(postgres, attempt))
            .await;
        let told = match taken {
            Ok(told) => told,
            // One row that breaks a rule must not keep all behind it from being sent.
            Err(StoreError::Row(what)) => {
                error!(notification.id = %attempt.id, what, "A notification cannot be read");
                return self.not_delivered(attempt, Failure("unreadable")).await;
            }
            Err(error) => return Err(error),
        };
        match self.post(subscription, hook, Occasion::Event(&told)).await {
            Ok(()) => self.delivered(subscription, &told).await,
            Err(failure) => {
                self.not_delivered(attempt, failure).await?;
                self.not_served(subscription, failure).await
            }
        }
    }

    async fn post(
        &self,
        subscription: &Subscription,
        hook: &RestHook,
        occasion: Occasion<'_>,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let mut made = subscription.clone();
        if let Occasion::Event(Notification {
            event_number: Some(number),
            ..
        }) = occasion
        {
            made.events = made.events.max(*number);
        }
        let sent = (identifiers::id_of(now), now);
        let bundle = subscription_notification(&made, occasion, &self.base, sent);
        let body = to_json(&bundle).map_err(|_unwritable| Failure("unwritable"))?;
        self.hooks.post(hook, body).await
    }

    async fn delivered(
        &self,
        subscription: &Subscription,
        told: &Notification,
    ) -> Result<(), StoreError> {
        let (attempt, now) = (Attempt::of(told), self.clock.now());
        self.store
            .run(move |postgres| outbox::delivered(postgres, attempt, now))
            .await?;
        info!(notification.id = %told.id, attempts = told.attempts, "Delivered a notification");
        self.told.one(DELIVERED);
        self.served(subscription.id).await
    }

    async fn not_delivered(
        &self,
        attempt: Attempt,
        Failure(code): Failure,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let after = if self.rule.gives_up(attempt.number, attempt.queued_at, now) {
            error!(
                notification.id = %attempt.id, attempts = attempt.number, code,
                "Gave a notification up"
            );
            self.told.one(GIVEN_UP);
            AfterFailure::GivenUp(now)
        } else {
            self.told.one(FAILED);
            let chance = self.chance(now);
            AfterFailure::Again(self.rule.next_attempt_at(attempt.number, now, chance))
        };
        self.store
            .run(move |postgres| outbox::failed(postgres, attempt, after, code))
            .await
    }

    async fn served(&self, id: Uuid) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.store
            .run(move |postgres| subscriptions::served(postgres, id, now))
            .await
    }

    async fn not_served(
        &self,
        subscription: &Subscription,
        Failure(code): Failure,
    ) -> Result<(), StoreError> {
        let (id, now) = (subscription.id, self.clock.now());
        let attempts = subscription.attempts.saturating_add(1);
        warn!(subscription.id = %id, attempts, code, "An endpoint did not take what was sent");
        let again_at = self.rule.next_attempt_at(attempts, now, self.chance(now));
        self.store
            .run(move |postgres| subscriptions::not_served(postgres, id, (now, again_at), code))
            .await
    }

    /// Until when what is taken now is this worker's alone.
    pub(super) fn leased_until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.checked_add_signed(self.rule.lease).unwrap_or(now)
    }

    /// A byte of chance, of which every new id has some.
    pub(super) fn chance(&self, now: DateTime<Utc>) -> u8 {
        identifiers::id_of(now)
            .as_bytes()
            .last()
            .copied()
            .unwrap_or_default()
    }
}
