//! The kinds of resource the service answers with (<https://hl7.org/fhir/R4/resourcelist.html>).

use fhirbolt::model::r4::Resource;
use uuid::Uuid;

/// A kind of resource that has an id and can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// A plan, as a warning to display.
    Flag,
    /// A plan, as the period under an authority.
    EpisodeOfCare,
    /// A plan, as the team that answers for it.
    CareTeam,
    /// A plan, as a plan of care.
    CarePlan,
    /// An access.
    AuditEvent,
    /// A child, or the mother of an unborn child.
    Patient,
    /// A local authority.
    Organization,
    /// Who looked, in the role of one access.
    PractitionerRole,
}

impl ResourceKind {
    /// Every kind there is.
    pub const ALL: [Self; 8] = [
        Self::Flag,
        Self::EpisodeOfCare,
        Self::CareTeam,
        Self::CarePlan,
        Self::AuditEvent,
        Self::Patient,
        Self::Organization,
        Self::PractitionerRole,
    ];

    /// FHIR's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Flag => "Flag",
            Self::EpisodeOfCare => "EpisodeOfCare",
            Self::CareTeam => "CareTeam",
            Self::CarePlan => "CarePlan",
            Self::AuditEvent => "AuditEvent",
            Self::Patient => "Patient",
            Self::Organization => "Organization",
            Self::PractitionerRole => "PractitionerRole",
        }
    }

    /// Whether its versions can be asked for: those of a view are those of the plan's `Flag`.
    #[must_use]
    pub fn has_versions(self) -> bool {
        !matches!(self, Self::CareTeam | Self::CarePlan)
    }

    /// Reads a kind by its name, exactly as FHIR spells it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The resource that a request relative to the base URL is for: `Flag/<id>` and what follows.
    #[must_use]
    pub fn asked_for(request: &str) -> Option<(Self, Uuid)> {
        let path = request.split(['?', '#']).next()?;
        let mut segments = path.trim_start_matches('/').split('/');
        let kind = Self::parse(segments.next()?)?;
        let id = Uuid::parse_str(segments.next()?).ok()?;
        Some((kind, id))
    }

    /// A resource's kind and id, where it has both.
    #[must_use]
    pub fn and_id(resource: &Resource) -> Option<(Self, &str)> {
        let (kind, id) = match resource {
            Resource::Flag(flag) => (Self::Flag, &flag.id),
            Resource::EpisodeOfCare(episode) => (Self::EpisodeOfCare, &episode.id),
            Resource::CareTeam(team) => (Self::CareTeam, &team.id),
            Resource::CarePlan(plan) => (Self::CarePlan, &plan.id),
            Resource::AuditEvent(event) => (Self::AuditEvent, &event.id),
            Resource::Patient(patient) => (Self::Patient, &patient.id),
            Resource::Organization(organization) => (Self::Organization, &organization.id),
            Resource::PractitionerRole(role) => (Self::PractitionerRole, &role.id),
            _ => return None,
        };
        let id = id.as_ref()?.value.as_deref()?;
        Some((kind, id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use uuid::Uuid;

    use super::ResourceKind;

    #[test]
    fn a_kind_is_spelled_as_fhir_spells_it_and_no_other_way() {
        for kind in ResourceKind::ALL {
            assert_eq!(ResourceKind::parse(kind.name()), Some(kind));
        }
        for other in ["", "flag", "Flags", "Observation", "Flag "] {
            assert_eq!(ResourceKind::parse(other), None, "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn a_request_for_one_resource_names_it_whatever_follows(
            bits: u128, place in 0_usize..8, tail in "(/_history/1)?([?#].*)?"
        ) {
            let id = Uuid::from_u128(bits);
            for kind in ResourceKind::ALL.into_iter().skip(place).take(1) {
                let asked = format!("{}/{id}{tail}", kind.name());
                prop_assert_eq!(ResourceKind::asked_for(&asked), Some((kind, id)));
            }
        }

        #[test]
        fn a_search_names_no_resource(text in any::<String>()) {
            let search = format!("Flag?{text}");
            prop_assert!(ResourceKind::asked_for(&search).is_none());
            let _ = ResourceKind::asked_for(&text);
        }
    }
}
