//! Our inbox: looked into again and again by one process at a time, each message answered and only
//! then taken out of it.
//!
//! A process may stop anywhere. What it had in hand is in the inbox still and is taken again: the
//! intake answers a file it has with its first acknowledgement, and MESH is asked whether the
//! acknowledgement was sent already, under the id it always has.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;
use tracing::{error, info, warn};
use uuid::Uuid;

use super::error::MeshError;
use super::fetching::Wanted;
use super::letter::{MessageId, WorkflowId};
use super::listing::Mark;
use super::mailbox::Mailbox;
use crate::api::service::Service;
use crate::domain::channel::{self, Channel};
use crate::domain::ods_code::OdsCode;
use crate::instruments::Counts;
use crate::store::{Postgres, StoreError, channels, identifiers, mesh_messages, mesh_watches};

/// How long a process that went silent keeps others from looking.
const WATCH: TimeDelta = TimeDelta::seconds(20);
/// How often a process that looks says that it still does.
const WATCH_RENEWAL: Duration = Duration::from_secs(5);
/// The most pages of one look. What is behind them is looked at when these are answered.
const PAGES_MAX: usize = 50;
/// How often MESH is told that the mailbox is in use: it wants to hear so once a day.
const VALIDATION: TimeDelta = TimeDelta::hours(12);

/// Our inbox.
pub struct Inbox {
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) workflows: Workflows,
    /// Messages whose end is known, by what became of them.
    pub finished: Counts,
    poll: Duration,
    watcher: Uuid,
}

/// The kinds of message of our inbox and of its answers.
#[derive(Debug, Clone)]
pub struct Workflows {
    /// Of uploads.
    pub upload: WorkflowId,
    /// Of their acknowledgements.
    pub acknowledgement: WorkflowId,
}

/// Why a look ended before its end. What was not looked at is looked at next time.
#[derive(Debug, Error)]
pub enum LookError {
    /// MESH did not do what was asked.
    #[error(transparent)]
    Mesh(#[from] MeshError),
    /// The database did not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process took over, because this one was silent too long.
    #[error("another process looks into the inbox now")]
    Relieved,
    /// A message is to be tried again before those behind it.
    #[error("a message could not be taken, and is tried again before those behind it")]
    Halted,
}

impl Inbox {
    /// An inbox that is looked into so often, from now on.
    #[must_use]
    pub fn of(
        mailbox: Arc<Mailbox>,
        workflows: Workflows,
        poll: Duration,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            mailbox,
            workflows,
            finished: Counts::default(),
            poll,
            watcher: identifiers::id_of(now),
        }
    }

    /// Messages that were sent out of our mailbox, by what came of it.
    #[must_use]
    pub fn sent(&self) -> Vec<(&'static str, u64)> {
        self.mailbox.sent.values()
    }

    /// When our certificate ends, where MESH is shown one.
    #[must_use]
    pub fn certificate_ends(&self) -> Option<DateTime<Utc>> {
        self.mailbox.certificate_ends
    }

    /// Looks into the inbox, for ever.
    pub async fn watch(&self, service: &Service) {
        let mut validated_at = None;
        loop {
            let now = service.clock.now();
            let is_due = |at| now.signed_duration_since(at) >= VALIDATION;
            if validated_at.is_none_or(is_due) {
                match self.ask(Mailbox::validate).await {
                    Ok(()) => validated_at = Some(now),
                    Err(cause) => error!(cause = %cause, "MESH does not let us into our mailbox"),
                }
            }
            match self.look(service).await {
                Ok(0) => {}
                Ok(taken) => info!(taken, "Took {taken} messages out of our MESH inbox"),
                Err(cause) => error!(cause = %cause, "A look into our MESH inbox was cut short"),
            }
            tokio::time::sleep(self.poll).await;
        }
    }

    /// Looks into the inbox once, unless another process does; how many messages were finished.
    ///
    /// # Errors
    /// [`LookError`] when the look ended before its end.
    pub async fn look(&self, service: &Service) -> Result<usize, LookError> {
        if !self.hold(service).await? {
            return Ok(0);
        }
        // Whoever loses the watch in the middle stops there, as a process does that ends.
        let taken = tokio::select! {
            taken = self.look_through(service) => taken,
            lost = self.hold_on(service) => Err(lost),
        };
        self.release(service).await?;
        taken
    }

    async fn look_through(&self, service: &Service) -> Result<usize, LookError> {
        let wanted = Arc::new(self.wanted(service).await?);
        let (mut from, mut taken) = (None::<Mark>, 0);
        for _page in 0..PAGES_MAX {
            let mark = from.take();
            let page = self.ask(move |mailbox| mailbox.list(mark.as_ref())).await?;
            let aside = self.put_aside(service, &page.messages).await?;
            for message in &page.messages {
                if aside.contains(message.as_str()) {
                    continue;
                }
                self.take(service, message, &wanted).await?;
                taken += 1;
            }
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        Ok(taken)
    }

    /// Asks MESH on a thread that may wait.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        asking: impl FnOnce(&Mailbox) -> Result<T, MeshError> + Send + 'static,
    ) -> Result<T, MeshError> {
        let mailbox = Arc::clone(&self.mailbox);
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || span.in_scope(|| asking(&mailbox)))
            .await
            .unwrap_or(Err(MeshError::CutShort))
    }

    async fn hold(&self, service: &Service) -> Result<bool, StoreError> {
        let (mailbox, watcher) = (self.mailbox.id().to_string(), self.watcher);
        let now = service.clock.now();
        let until = now.checked_add_signed(WATCH).unwrap_or(now);
        service
            .upkeep
            .run(move |postgres| mesh_watches::hold(postgres, &mailbox, watcher, (now, until)))
            .await
    }

    /// Holds the watch until it is lost.
    async fn hold_on(&self, service: &Service) -> LookError {
        loop {
            tokio::time::sleep(WATCH_RENEWAL).await;
            match self.hold(service).await {
                Ok(true) => {}
                Ok(false) => return LookError::Relieved,
                // The next renewal is early enough still; what the look does fails by itself.
                Err(cause) => warn!(cause = %cause, "The watch of our MESH inbox was not renewed"),
            }
        }
    }

    async fn release(&self, service: &Service) -> Result<(), StoreError> {
        let (mailbox, watcher) = (self.mailbox.id().to_string(), self.watcher);
        service
            .upkeep
            .run(move |postgres| mesh_watches::release(postgres, &mailbox, watcher))
            .await
    }

    /// Who may send what, as it is registered now; and what is no stranger's any more is let in.
    async fn wanted(&self, service: &Service) -> Result<Wanted, StoreError> {
        let senders = service
            .upkeep
            .transaction(|postgres| {
                let registered = senders(postgres)?;
                let mailboxes: Vec<_> = registered.keys().cloned().collect();
                let released = mesh_messages::release(postgres, &mailboxes)?;
                if released > 0 {
                    warn!(
                        released,
                        "A mailbox is registered now whose messages were put aside"
                    );
                }
                Ok(registered)
            })
            .await?;
        Ok(Wanted {
            senders,
            workflow: self.workflows.upload.clone(),
            bytes_max: service.upload_bytes_max,
        })
    }

    async fn put_aside(
        &self,
        service: &Service,
        messages: &[MessageId],
    ) -> Result<HashSet<String>, StoreError> {
        let ids: Vec<String> = messages.iter().map(ToString::to_string).collect();
        let aside = service
            .upkeep
            .run(move |postgres| mesh_messages::put_aside(postgres, &ids))
            .await?;
        Ok(aside.into_iter().collect())
    }
}

/// The authorities that have a mailbox, as it is registered.
fn senders(postgres: &mut Postgres) -> Result<HashMap<channel::Mailbox, OdsCode>, StoreError> {
    let registered = channels::all(postgres)?.into_iter();
    Ok(registered
        .filter_map(|(authority, channel)| match channel {
            Channel::Mesh(mailbox) => Some((mailbox, authority)),
            Channel::Pull | Channel::RestHook(_) => None,
        })
        .collect())
}
