//! A notification as a `Communication` (<https://hl7.org/fhir/R4/communication.html>): what
//! REPC_MT000004GB01 and REPC_MT000005GB01 tell, in FHIR, and of ends of plans what neither can.

mod access;
mod change;

use fhirbolt::model::r4::Resource;
use fhirbolt::model::r4::resources::{
    Communication, CommunicationPayload, CommunicationPayloadContent,
};
use fhirbolt::model::r4::types::{CodeableConcept, Reference};

use crate::domain::notification::{Delivery, Notification, Told};
use crate::fhir::elements::{
    concept, identifier, instant, logical_reference, meta, reference, text,
    without_control_characters,
};
use crate::fhir::plan_elements::authority_reference;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::{
    NHS_NUMBER, NOTIFICATION, RESTRICTED, Term, UPLOAD, URI, local_child, upload_sequence,
};

/// What one notification says and another does not.
struct Said {
    profiles: &'static [&'static str],
    topic: Term,
    priority: &'static str,
    contained: Vec<Resource>,
    /// What it is about, before the child and the upload.
    about: Vec<Reference>,
    /// The same for a person, by London's clocks. It names the child as the authority does.
    sentence: String,
}

/// The notification as this server sends it.
#[must_use]
pub fn communication(notification: &Notification, server: &str) -> Communication {
    let said = match &notification.told {
        Told::Access(access) => access::said(notification, access),
        Told::InactiveNumber { replacement } => change::inactive_number(notification, *replacement),
        Told::PlanEnd(plan) => change::plan_end(notification, *plan),
    };
    let (status, version, received) = match notification.delivery {
        Delivery::Owed => ("in-progress", "1", None),
        Delivery::GivenUp(at) => ("stopped", "2", Some(at)),
        Delivery::Delivered(at) => ("completed", "3", Some(at)),
    };
    let updated_at = received.unwrap_or(notification.queued_at);
    Communication {
        id: Some(notification.id.to_string().into()),
        meta: Some(meta(said.profiles, version, updated_at, &[RESTRICTED])),
        contained: said.contained,
        identifier: vec![identifier(URI, &format!("urn:uuid:{}", notification.id))],
        status: status.into(),
        category: vec![concept(NOTIFICATION)],
        priority: Some(said.priority.into()),
        subject: Some(Box::new(subject(notification))),
        topic: Some(Box::new(CodeableConcept {
            text: text(said.topic.display),
            ..concept(said.topic)
        })),
        about: said.about.into_iter().chain(about(notification)).collect(),
        sent: Some(instant(notification.queued_at).into()),
        received: match notification.delivery {
            Delivery::Delivered(at) => Some(instant(at).into()),
            Delivery::Owed | Delivery::GivenUp(_) => None,
        },
        recipient: vec![authority_reference(&notification.authority)],
        sender: Some(Box::new(logical_reference(
            "Device",
            identifier(URI, server),
            server,
        ))),
        payload: vec![CommunicationPayload {
            content: CommunicationPayloadContent::String(
                without_control_characters(&said.sentence).into(),
            ),
            ..Default::default()
        }],
        ..Default::default()
    }
}

/// The child by NHS number, and by id where one is known.
fn subject(notification: &Notification) -> Reference {
    let nhs_number = identifier(NHS_NUMBER, &notification.nhs_number.reveal());
    Reference {
        r#type: Some(ResourceKind::Patient.name().into()),
        identifier: Some(Box::new(nhs_number)),
        reference: notification
            .child
            .and_then(|child| reference(ResourceKind::Patient, child).reference),
        ..Default::default()
    }
}

/// The child as the authority knows it, and the upload that told the plan, which need not be a file
/// with a number.
fn about(notification: &Notification) -> Vec<Reference> {
    let authority = &notification.authority.code;
    let own_child = Reference {
        r#type: Some(ResourceKind::Patient.name().into()),
        identifier: Some(Box::new(identifier(
            &local_child(authority),
            &notification.local_id,
        ))),
        ..Default::default()
    };
    let file = notification.upload_sequence.map(|sequence| {
        let sequence = sequence.to_string();
        logical_reference(
            "DocumentReference",
            identifier(&upload_sequence(authority), &sequence),
            &format!("File {sequence}"),
        )
    });
    let upload = logical_reference(
        "DocumentReference",
        identifier(UPLOAD, &notification.upload.to_string()),
        "The upload, by the id of its acknowledgement",
    );
    let mut about = vec![own_child];
    about.extend(file);
    about.push(upload);
    about
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use serde_json::Value;

    use super::communication;
    use crate::domain::access::Interaction;
    use crate::domain::care_setting::CareSetting;
    use crate::domain::notification::Delivery;
    use crate::fhir::json::to_value;
    use crate::fhir::samples::{SERVER, access, moment, notification};

    #[test]
    fn a_notification_says_viewer_role_organisation_time_child_and_file() {
        let told = notification();
        let said = to_value(&communication(&told, SERVER)).unwrap();
        let at = |path: &str| said.pointer(path).and_then(Value::as_str);
        let access = access(Interaction::Search, CareSetting::Unscheduled);
        let viewer = &access.viewer;
        assert_eq!(at("/contained/0/identifier/0/value"), Some("555000000201"));
        assert_eq!(
            at("/contained/0/practitioner/identifier/value"),
            Some(viewer.practitioner.user_id.as_str())
        );
        assert_eq!(at("/contained/0/code/0/coding/0/code"), Some("R8000"));
        assert_eq!(
            at("/contained/0/organization/identifier/value"),
            Some(viewer.organisation.as_str())
        );
        assert_eq!(at("/subject/identifier/value"), Some("9990000026"));
        assert_eq!(at("/about/2/identifier/value"), Some("NS-4711"));
        assert_eq!(at("/about/3/identifier/value"), Some("12"));
        assert_eq!(at("/sent"), Some("2026-11-22T21:04:05.678Z"));
        assert_eq!(at("/recipient/0/identifier/value"), Some("E90001"));
        assert_eq!(at("/status"), Some("in-progress"));
    }

    #[test]
    fn a_notification_to_be_told_under_a_number_without_a_patient_names_the_number_alone() {
        let mut told = notification();
        told.child = None;
        let said = to_value(&communication(&told, SERVER)).unwrap();
        assert!(said.pointer("/subject/identifier").is_some());
        assert!(said.pointer("/subject/reference").is_none());
    }

    #[test]
    fn a_delivered_notification_is_completed_and_says_when() {
        let mut told = notification();
        told.delivery = Delivery::Delivered(moment("2026-11-22T21:05:00Z"));
        let said = to_value(&communication(&told, SERVER)).unwrap();
        assert_eq!(
            said.get("status").and_then(Value::as_str),
            Some("completed")
        );
        assert!(said.get("received").is_some());
    }
}
