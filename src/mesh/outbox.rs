//! What authorities' mailboxes are told, window by window: who looked at the plans of their
//! children (REPC_MT000004GB01), which of their children's NHS numbers are in use no longer
//! (REPC_MT000005GB01), and, in FHIR because HL7 v3 has no message for it, which plans end.
//!
//! A window's id is made of what is in it, and a message's of what it says. The same again has the
//! same ids, by which MESH knows it and it is not sent twice; a window that has grown in between
//! has another, and whoever gets both knows what is in both by its own id. A message that comes
//! back gives back what it told, and nothing of the window's other messages.

use std::sync::Arc;

use openssl::sha::Sha256;
use uuid::{Builder, Uuid};

use super::error::MeshError;
use super::letter::{Letter, LocalId, WorkflowId};
use super::mailbox::Mailbox;
use crate::domain::access::Access;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::notification::{Notification, Part, Told};
use crate::fhir::json::to_json;
use crate::fhir::notification_bundle::notification_bundle;
use crate::messages::hl7v3::NotificationHead;
use crate::messages::hl7v3::access_to_service_notification::{self, NotifiedAccess};
use crate::messages::hl7v3::inactive_nhs_number_notification::{self, InactiveNhsNumber};
use crate::notifier::rest_hook::Failure;
use crate::notifier::windows::{Mailboxes, Window};

/// The media type of a notification in HL7 v3.
const XML: &str = "application/xml; charset=utf-8";
/// The media type of one in FHIR.
const FHIR: &str = "application/fhir+json";

/// What a message of accesses is called.
const ACCESSES: &str = "access-to-service-notification";

/// The workflows of what goes out.
#[derive(Debug, Clone)]
pub struct NotificationWorkflows {
    /// Of notifications of accesses.
    pub accesses: WorkflowId,
    /// Of those of NHS numbers that are in use no longer.
    pub numbers: WorkflowId,
    /// Of those of plans that end.
    pub plan_ends: WorkflowId,
}

/// The way to authorities' mailboxes.
pub struct Outbox {
    mailbox: Arc<Mailbox>,
    workflows: NotificationWorkflows,
    /// The service's base URL.
    base: String,
}

/// A message to an authority: what it is, and what its id is made of.
struct Message<'a> {
    kind: &'static str,
    /// Which part of its window it tells: by that and the window it is known in MESH.
    part: Part,
    workflow: &'a WorkflowId,
    media_type: &'static str,
    extension: &'static str,
    id: Uuid,
    bytes: Vec<u8>,
}

impl Outbox {
    /// A way out of our mailbox, for a service of this base URL.
    #[must_use]
    pub fn of(mailbox: Arc<Mailbox>, workflows: NotificationWorkflows, base: String) -> Self {
        Self {
            mailbox,
            workflows,
            base,
        }
    }

    fn post(&self, window: &Window, message: &Message<'_>) -> Result<(), Failure> {
        let sent = self.mailbox.send(Letter {
            to: &window.mailbox,
            workflow: message.workflow,
            local_id: &LocalId::of_notifications(window_id(window), message.part),
            file_name: &format!("{}-{}.{}", message.kind, message.id, message.extension),
            media_type: message.media_type,
            bytes: &message.bytes,
        });
        sent.map(drop).map_err(|fault| failure(&fault))
    }
}

impl NotificationWorkflows {
    /// Who looked. It is sent of every window: nobody looked, where it is empty.
    fn of_accesses(&self, window: &Window) -> Message<'_> {
        let id = window_id(window);
        let each = window.notifications.iter().filter_map(notified);
        let accesses: Vec<NotifiedAccess> = each.collect();
        Message {
            kind: ACCESSES,
            part: Part::Accesses,
            workflow: &self.accesses,
            media_type: XML,
            extension: "xml",
            id,
            bytes: access_to_service_notification::write(&head(window, id), &accesses),
        }
    }

    /// Which numbers are in use no longer; nothing where all are.
    fn of_numbers(&self, window: &Window) -> Option<Message<'_>> {
        const KIND: &str = "inactive-nhs-number-notification";
        let each = || window.notifications.iter().filter_map(inactive);
        let id = message_id(KIND, window, each().map(|(told, _)| told));
        let numbers: Vec<InactiveNhsNumber> = each().map(|(_, number)| number).collect();
        let (first, others) = numbers.split_first()?;
        Some(Message {
            kind: KIND,
            part: Part::Numbers,
            workflow: &self.numbers,
            media_type: XML,
            extension: "xml",
            id,
            bytes: inactive_nhs_number_notification::write(&head(window, id), first, others),
        })
    }

    /// Which plans end; nothing where none does.
    fn of_plan_ends(&self, window: &Window, base: &str) -> Result<Option<Message<'_>>, Failure> {
        const KIND: &str = "plan-end-notification";
        let each = || {
            let all = window.notifications.iter();
            all.filter(|told| matches!(told.told, Told::PlanEnd(_)))
        };
        if each().next().is_none() {
            return Ok(None);
        }
        let id = message_id(KIND, window, each());
        let bundle = notification_bundle(each(), base, (id, window.until));
        Ok(Some(Message {
            kind: KIND,
            part: Part::PlanEnds,
            workflow: &self.plan_ends,
            media_type: FHIR,
            extension: "json",
            id,
            bytes: to_json(&bundle).map_err(|_unwritable| Failure("unwritable"))?,
        }))
    }
}

impl Mailboxes for Outbox {
    fn send(&self, window: &Window) -> Result<Uuid, Failure> {
        let first = self.workflows.of_accesses(window);
        let others = [
            self.workflows.of_numbers(window),
            self.workflows.of_plan_ends(window, &self.base)?,
        ];
        let mut messages = std::iter::once(first).chain(others.into_iter().flatten());
        messages.try_for_each(|message| self.post(window, &message))?;
        Ok(window_id(window))
    }
}

fn head(window: &Window, id: Uuid) -> NotificationHead {
    NotificationHead {
        id,
        at: window.until,
        authority: window.authority.code.clone(),
        authority_name: window.authority.name.clone(),
    }
}

/// The id of a window, which is that of its message of accesses: of whom it is for, in which
/// mailbox, where it begins, and what is in it. What one mailbox has, another that was registered
/// since has not.
fn window_id(window: &Window) -> Uuid {
    message_id(ACCESSES, window, window.notifications.iter())
}

/// The id of a message of a window that tells this.
fn message_id<'a>(
    kind: &str,
    window: &Window,
    told: impl Iterator<Item = &'a Notification>,
) -> Uuid {
    let mut digest = Sha256::new();
    digest.update(kind.as_bytes());
    digest.update(window.authority.id.as_bytes());
    digest.update(window.mailbox.as_str().as_bytes());
    digest.update(&window.from.timestamp_micros().to_be_bytes());
    for notification in told {
        digest.update(notification.id.as_bytes());
    }
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = digest.finish();
    Builder::from_custom_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]).into_uuid()
}

fn notified(notification: &Notification) -> Option<NotifiedAccess> {
    let Told::Access(access) = &notification.told else {
        return None;
    };
    let Access { id, at, viewer, .. } = access.as_ref();
    Some(NotifiedAccess {
        id: *id,
        at: *at,
        practitioner: viewer.practitioner.clone(),
        organisation: viewer.organisation.clone(),
        organisation_name: viewer.organisation_name.clone(),
        nhs_number: notification.nhs_number,
        local_id: notification.local_id.clone(),
        upload_sequence: notification.upload_sequence,
    })
}

fn inactive(notification: &Notification) -> Option<(&Notification, InactiveNhsNumber)> {
    let Told::InactiveNumber { replacement } = notification.told else {
        return None;
    };
    let number = InactiveNhsNumber {
        nhs_number: notification.nhs_number,
        local_id: notification.local_id.clone(),
        replaced_by: replacement.into_iter().collect::<Vec<NhsNumber>>(),
        upload_sequence: notification.upload_sequence,
    };
    Some((notification, number))
}

/// What is noted beside a notification that MESH has not taken.
fn failure(fault: &MeshError) -> Failure {
    Failure(match fault {
        MeshError::Unreachable(_) => "mesh-unreachable",
        MeshError::Refused { status: 417, .. } => "mailbox-unknown-to-mesh",
        MeshError::Refused { .. } => "mesh-refused",
        MeshError::Unexpected(_) | MeshError::Torn => "mesh-not-understood",
        MeshError::TooLong(_) => "too-long-for-mesh",
        MeshError::Unsigned => "mesh-unsigned",
        MeshError::CutShort => "cut-short",
    })
}

#[cfg(test)]
#[path = "outbox_rules.rs"]
mod rules;
