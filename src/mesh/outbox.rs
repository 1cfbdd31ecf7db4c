//! What authorities' mailboxes are told: who looked at the plans of their children
//! (REPC_MT000004GB01), window by window.
//!
//! A message's id is made of what it says. The same window again has the same id, by which MESH
//! knows it and it is not sent twice; a window that has grown in between has another, and whoever
//! gets both knows what is in both by its own id.

use std::sync::Arc;

use openssl::sha::Sha256;
use uuid::{Builder, Uuid};

use super::error::MeshError;
use super::letter::{Letter, LocalId, WorkflowId};
use super::mailbox::Mailbox;
use crate::domain::notification::Notification;
use crate::messages::hl7v3::NotificationHead;
use crate::messages::hl7v3::access_to_service_notification::{self, NotifiedAccess};
use crate::notifier::rest_hook::Failure;
use crate::notifier::windows::{Mailboxes, Window};

/// The media type of every notification.
const MEDIA_TYPE: &str = "application/xml; charset=utf-8";

/// The way to authorities' mailboxes.
pub struct Outbox {
    mailbox: Arc<Mailbox>,
    workflow: WorkflowId,
}

impl Outbox {
    /// A way out of our mailbox, for messages of this workflow.
    #[must_use]
    pub fn of(mailbox: Arc<Mailbox>, workflow: WorkflowId) -> Self {
        Self { mailbox, workflow }
    }
}

impl Mailboxes for Outbox {
    fn send(&self, window: &Window) -> Result<Uuid, Failure> {
        let id = message_id(window);
        let head = NotificationHead {
            id,
            at: window.until,
            authority: window.authority.code.clone(),
            authority_name: window.authority.name.clone(),
        };
        let accesses: Vec<NotifiedAccess> = window.notifications.iter().map(notified).collect();
        let message = access_to_service_notification::write(&head, &accesses);
        let sent = self.mailbox.send(Letter {
            to: &window.mailbox,
            workflow: &self.workflow,
            local_id: &LocalId::of_notifications(id),
            file_name: &format!("access-to-service-notification-{id}.xml"),
            media_type: MEDIA_TYPE,
            bytes: &message,
        });
        sent.map(|_taken| id).map_err(|fault| failure(&fault))
    }
}

/// The id of a window's message: of whom it is for, in which mailbox, where it begins, and what is
/// in it. What one mailbox has, another that was registered since has not.
fn message_id(window: &Window) -> Uuid {
    let mut digest = Sha256::new();
    digest.update(b"access-to-service-notification");
    digest.update(window.authority.id.as_bytes());
    digest.update(window.mailbox.as_str().as_bytes());
    digest.update(&window.from.timestamp_micros().to_be_bytes());
    for notification in &window.notifications {
        digest.update(notification.id.as_bytes());
    }
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = digest.finish();
    Builder::from_custom_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]).into_uuid()
}

fn notified(notification: &Notification) -> NotifiedAccess {
    let access = &notification.access;
    NotifiedAccess {
        id: access.id,
        at: access.at,
        practitioner: access.viewer.practitioner.clone(),
        organisation: access.viewer.organisation.clone(),
        organisation_name: access.viewer.organisation_name.clone(),
        nhs_number: access.nhs_number,
        local_id: notification.local_id.clone(),
        upload_sequence: notification.upload_sequence,
    }
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
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    use super::message_id;
    use crate::domain::channel::Mailbox;
    use crate::domain::local_authority::LocalAuthority;
    use crate::domain::ods_code::OdsCode;
    use crate::domain::phone_number::PhoneNumber;
    use crate::notifier::windows::Window;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn window() -> Window {
        Window {
            authority: LocalAuthority {
                id: Uuid::nil(),
                code: OdsCode::parse("E90001").unwrap(),
                name: "Northshire Council".into(),
                emergency_phone: PhoneNumber::parse("01632960001").unwrap(),
                office_phone: None,
                version: 1,
                updated_at: moment("2026-01-10T09:00:00Z"),
            },
            mailbox: Mailbox::parse("X26HC005").unwrap(),
            from: moment("2026-11-22T21:00:00Z"),
            until: moment("2026-11-22T21:15:00Z"),
            notifications: Vec::new(),
        }
    }

    #[test]
    fn the_same_window_sent_later_is_the_same_message_and_in_another_mailbox_it_is_another() {
        let later = Window {
            until: moment("2026-11-22T21:30:00Z"),
            ..window()
        };
        assert_eq!(message_id(&later), message_id(&window()));
        let next = Window {
            from: moment("2026-11-22T21:15:00Z"),
            ..window()
        };
        let elsewhere = Window {
            mailbox: Mailbox::parse("X26HC006").unwrap(),
            ..window()
        };
        for other in [next, elsewhere] {
            assert_ne!(message_id(&other), message_id(&window()));
        }
    }
}
