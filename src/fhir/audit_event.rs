//! An access as an `AuditEvent`: who looked at a child's plans, when, and in which care setting
//! (<https://hl7.org/fhir/R4/auditevent.html>).
//!
//! Its shape is IHE's PatientQuery or PatientRead (<https://profiles.ihe.net/ITI/BALP/>), with
//! NHS England's identifier systems. Neither the child's other requests nor what was found is told.

mod entity;
pub mod told;

use fhirbolt::model::r4::resources::{
    AuditEvent, AuditEventAgent, AuditEventAgentNetwork, AuditEventEntity, AuditEventSource,
};
use fhirbolt::model::r4::types::{Coding, Reference};

use crate::domain::access::{Access, Interaction};
use crate::domain::caller::Viewer;
use crate::domain::plan::Child;
use crate::fhir::audit_event::entity::{child_entity, request_entity, request_id_entity};
use crate::fhir::elements::{
    coding, concept, identifier, instant, logical_reference, meta, reference, text,
};
use crate::fhir::practitioner_role::job_role;
use crate::fhir::profiles;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::{
    APPLICATION_SERVER, CLIENT, DESTINATION, INTERACTION, NETWORK_URI, ODS_CODE, OUTCOME_SUCCESS,
    RECIPIENT, REST, RESTRICTED, SDS_ROLE_PROFILE, SOURCE, TREATMENT, Term, URI, care_setting,
};

/// The access as an audit event, recorded by the server at this base URL.
#[must_use]
pub fn audit_event(access: &Access, child: &Child, server: &str) -> AuditEvent {
    let entity = vec![
        child_entity(child),
        request_entity(access),
        request_id_entity(access),
    ];
    event(
        (access, server),
        profiles::access(access.interaction),
        entity,
    )
}

fn event(
    (access, server): (&Access, &str),
    profiles: &[&str],
    entity: Vec<AuditEventEntity>,
) -> AuditEvent {
    AuditEvent {
        id: Some(access.id.to_string().into()),
        meta: Some(meta(profiles, "1", access.at, &[RESTRICTED])),
        r#type: Box::new(coding(REST)),
        subtype: vec![
            interaction(access.interaction),
            coding(care_setting(access.viewer.care_setting)),
        ],
        action: Some(action(access.interaction).into()),
        recorded: instant(access.at).into(),
        outcome: Some(OUTCOME_SUCCESS.into()),
        purpose_of_event: vec![concept(TREATMENT)],
        agent: agents(access, server),
        source: AuditEventSource {
            observer: Box::new(server_reference(server)),
            r#type: vec![coding(APPLICATION_SERVER)],
            ..Default::default()
        },
        entity,
        ..Default::default()
    }
}

/// `AuditEvent.action`: a search and an operation are executed, a resource, one of its versions or
/// its history is read.
#[must_use]
pub fn action(interaction: Interaction) -> &'static str {
    match interaction {
        Interaction::Search | Interaction::Operation => "E",
        Interaction::Read
        | Interaction::VersionRead
        | Interaction::InstanceHistory
        | Interaction::TypeHistory => "R",
    }
}

fn interaction(interaction: Interaction) -> Coding {
    Coding {
        system: Some(INTERACTION.into()),
        code: Some(interaction.code().into()),
        display: Some(interaction.code().into()),
        ..Default::default()
    }
}

/// The person is the one requestor; the organisation and both ends of the wire stand beside.
fn agents(access: &Access, server: &str) -> Vec<AuditEventAgent> {
    // A query flows from client to server, what is read from server to client.
    let (client_role, server_role) = match action(access.interaction) {
        "E" => (SOURCE, DESTINATION),
        _ => (DESTINATION, SOURCE),
    };
    vec![
        person(access),
        organisation(&access.viewer),
        client(&access.viewer.client_id, client_role),
        recorder(server, server_role),
    ]
}

fn person(access: &Access) -> AuditEventAgent {
    let practitioner = &access.viewer.practitioner;
    let who = logical_reference(
        ResourceKind::PractitionerRole.name(),
        identifier(SDS_ROLE_PROFILE, &practitioner.role_profile_id),
        &practitioner.name,
    );
    AuditEventAgent {
        r#type: Some(Box::new(concept(RECIPIENT))),
        role: vec![job_role(access)],
        alt_id: text(&practitioner.user_id),
        name: text(&practitioner.name),
        requestor: true.into(),
        ..agent(Reference {
            reference: reference(ResourceKind::PractitionerRole, access.id).reference,
            ..who
        })
    }
}

fn organisation(viewer: &Viewer) -> AuditEventAgent {
    agent(logical_reference(
        ResourceKind::Organization.name(),
        identifier(ODS_CODE, viewer.organisation.as_str()),
        &viewer.organisation_name,
    ))
}

/// BALP wants an address; behind a gateway none is known, so the registered software's id stands.
fn client(client_id: &str, role: Term) -> AuditEventAgent {
    AuditEventAgent {
        r#type: Some(Box::new(concept(role))),
        network: Some(AuditEventAgentNetwork {
            address: text(client_id),
            ..Default::default()
        }),
        ..agent(logical_reference(
            "Device",
            identifier(CLIENT, client_id),
            client_id,
        ))
    }
}

fn recorder(server: &str, role: Term) -> AuditEventAgent {
    AuditEventAgent {
        r#type: Some(Box::new(concept(role))),
        network: Some(AuditEventAgentNetwork {
            address: text(server),
            r#type: Some(NETWORK_URI.into()),
            ..Default::default()
        }),
        ..agent(server_reference(server))
    }
}

fn agent(who: Reference) -> AuditEventAgent {
    AuditEventAgent {
        who: Some(Box::new(who)),
        requestor: false.into(),
        ..Default::default()
    }
}

fn server_reference(server: &str) -> Reference {
    logical_reference("Device", identifier(URI, server), server)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::audit_event;
    use crate::domain::access::Interaction;
    use crate::domain::care_setting::CareSetting;
    use crate::fhir::samples::{SERVER, access, child};

    #[test]
    fn an_access_has_one_requestor_and_it_is_the_person() {
        for interaction in Interaction::ALL {
            let access = access(interaction, CareSetting::Unscheduled);
            let event = audit_event(&access, &child(), SERVER);
            let asking: Vec<Option<bool>> = event
                .agent
                .iter()
                .map(|agent| agent.requestor.value)
                .collect();
            assert_eq!(asking, [Some(true), Some(false), Some(false), Some(false)]);
        }
    }

    #[test]
    fn a_query_is_kept_exactly_as_it_was_written() {
        let access = access(Interaction::Search, CareSetting::Scheduled);
        let event = audit_event(&access, &child(), SERVER);
        let query = event.entity.iter().find_map(|entity| entity.query.clone());
        let asked = STANDARD.decode(query.unwrap().value.unwrap()).unwrap();
        assert_eq!(asked, access.asked.as_bytes());
    }

    #[test]
    fn a_version_read_is_named_with_its_version_and_a_history_of_a_kind_without_its_child() {
        let named = |interaction| {
            let access = access(interaction, CareSetting::Scheduled);
            let entity = audit_event(&access, &child(), SERVER).entity.remove(1);
            let what = entity.what.unwrap();
            let text = |text: Option<String>| text.unwrap_or_default();
            text(what.reference.map(|uri| uri.value.unwrap()))
                + &text(what.display.map(|words| words.value.unwrap()))
        };
        assert!(named(Interaction::VersionRead).ends_with("/_history/1-1"));
        assert!(!named(Interaction::InstanceHistory).contains("_history"));
        assert_eq!(named(Interaction::TypeHistory), "Flag/_history");
    }

    #[test]
    fn no_entity_has_both_a_name_and_a_query() {
        let access = access(Interaction::Search, CareSetting::Scheduled);
        let event = audit_event(&access, &child(), SERVER);
        assert!(event.entity.iter().all(|entity| entity.name.is_none()));
    }

    #[test]
    fn the_resource_read_is_named_without_what_followed_its_id() {
        let mut access = access(Interaction::Read, CareSetting::Scheduled);
        access.asked.push_str("?_format=json");
        let event = audit_event(&access, &child(), SERVER);
        let what = event.entity.into_iter().nth(1).unwrap().what.unwrap();
        assert!(
            access
                .asked
                .starts_with(&what.reference.unwrap().value.unwrap())
        );
    }
}
