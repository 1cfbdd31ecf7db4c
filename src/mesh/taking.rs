//! One message of our inbox, from its download to its end.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::{error, warn};

use super::downloading::Report;
use super::error::MeshError;
use super::fetching::{Fetched, Wanted, fetch};
use super::inbox::{Inbox, LookError};
use super::letter::{LocalId, MessageId};
use crate::api::service::Service;
use crate::notifier::give_back;
use crate::store::StoreError;
use crate::store::mesh_messages::{self, FinishedMessage, MessageOutcome};

/// How often a message is tried that fails through a fault of its own, before it is put aside.
const ATTEMPTS_MAX: i32 = 5;

impl Inbox {
    /// Takes a message: answers it, and then takes it out of the inbox, or puts it aside.
    ///
    /// # Errors
    /// [`LookError`] when it is to be tried again before those behind it: files of an authority are
    /// taken in one after another.
    pub(super) async fn take(
        &self,
        service: &Service,
        message: &MessageId,
        wanted: &Arc<Wanted>,
    ) -> Result<(), LookError> {
        let now = service.clock.now();
        let id = message.to_string();
        let attempts = service
            .upkeep
            .run(move |postgres| mesh_messages::begin(postgres, &id, now))
            .await?;
        match self.end_of(service, message, wanted, now).await {
            Ok(finished) => Ok(self.finish(service, finished).await?),
            Err(LookError::Mesh(fault)) if fault.is_of_the_message() => {
                let outcome = match fault {
                    MeshError::Refused {
                        status: 404 | 410, ..
                    } => MessageOutcome::Gone,
                    _ if attempts >= ATTEMPTS_MAX => MessageOutcome::Undeliverable,
                    _ => {
                        warn!(mesh.message = %message, cause = %fault, attempts, "A try failed");
                        return Err(LookError::Halted);
                    }
                };
                let outcome_code = outcome.code();
                error!(mesh.message = %message, cause = %fault, outcome_code, "Gave up");
                let finished = finished(message, outcome);
                Ok(self.finish(service, finished).await?)
            }
            Err(cause) => {
                let id = message.to_string();
                let taken_back = service
                    .upkeep
                    .run(move |postgres| mesh_messages::take_back(postgres, &id))
                    .await;
                drop(taken_back);
                Err(cause)
            }
        }
    }

    async fn finish(&self, service: &Service, finished: FinishedMessage) -> Result<(), StoreError> {
        let outcome = finished.outcome.code();
        service
            .upkeep
            .run(move |postgres| mesh_messages::finish(postgres, &finished))
            .await?;
        self.finished.one(outcome);
        Ok(())
    }

    /// Follows a message to its end.
    async fn end_of(
        &self,
        service: &Service,
        message: &MessageId,
        wanted: &Arc<Wanted>,
        now: DateTime<Utc>,
    ) -> Result<FinishedMessage, LookError> {
        let (fetched_message, wants) = (message.clone(), Arc::clone(wanted));
        let (origin, fetched) = self
            .ask(move |mailbox| fetch(mailbox, &fetched_message, &wants))
            .await?;
        let mut end = match fetched {
            Fetched::PutAside(outcome) => {
                warn!(mesh.message = %message, outcome = outcome.code(), "Put a message aside");
                finished(message, outcome)
            }
            Fetched::Report(report) => {
                let given_up = given_back(service, &report, now).await?;
                let code = report.code;
                error!(
                    mesh.message = %message, code, given_up,
                    "MESH reports that a message did not arrive"
                );
                self.acknowledge(message).await?;
                FinishedMessage {
                    detail: Some(code),
                    ..finished(message, MessageOutcome::Reported)
                }
            }
            Fetched::File(file) => {
                let code = self.answer(service, message, file, now).await?;
                self.acknowledge(message).await?;
                FinishedMessage {
                    detail: Some(code.code().to_owned()),
                    ..finished(message, MessageOutcome::Acknowledged)
                }
            }
        };
        end.sender = origin.from.map(|sender| sender.to_string());
        end.workflow = origin.workflow.map(|workflow| workflow.as_str().to_owned());
        Ok(end)
    }

    async fn acknowledge(&self, message: &MessageId) -> Result<(), MeshError> {
        let message = message.clone();
        self.ask(move |mailbox| mailbox.acknowledge(&message)).await
    }
}

/// Gives up the notifications of a message that MESH gives back, and none of those that the other
/// messages of its window told; how many there were.
async fn given_back(
    service: &Service,
    report: &Report,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let told = report.local_id.as_ref().and_then(LocalId::notifications);
    match told {
        Some(told) => give_back(&service.notifier.store, told, now).await,
        None => Ok(0),
    }
}

fn finished(message: &MessageId, outcome: MessageOutcome) -> FinishedMessage {
    FinishedMessage {
        id: message.to_string(),
        sender: None,
        workflow: None,
        outcome,
        detail: None,
    }
}
