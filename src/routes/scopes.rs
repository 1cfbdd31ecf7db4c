//! Which SMART permissions each interaction needs, where a token's scopes narrow what its role
//! allows (<https://hl7.org/fhir/smart-app-launch/STU2/scopes-and-launch-context.html>).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::scope::Permission::{self, Create, Delete, Read, Search, Update};
use crate::fhir::resource_kind::ResourceKind;
use crate::routes::notifications::OfNotified;
use crate::routes::read_back::AuthorityOperation;
use crate::routes::{Interaction, routes};

/// A kind of resource, and what is done with it.
pub type Needed = (&'static str, Permission);

static NEEDED: LazyLock<HashMap<(String, &'static str), Vec<Needed>>> = LazyLock::new(|| {
    let needed = routes().into_iter().map(|route| {
        let needed = of(route.interaction);
        ((route.method.to_string(), route.path), needed)
    });
    needed.collect()
});

/// What a request to a path of the table needs; none where there is no such line.
pub fn needed(method: &str, path: &str) -> Option<&'static [Needed]> {
    let method = if method == "HEAD" { "GET" } else { method };
    // The key's path is static, and a request's is not: they are compared, not looked up together.
    let found = NEEDED.get_key_value(&(method.to_owned(), known(path)?));
    found.map(|(_, needed)| needed.as_slice())
}

fn known(path: &str) -> Option<&'static str> {
    static PATHS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
        routes()
            .iter()
            .map(|route| (route.path, route.path))
            .collect()
    });
    PATHS.get(path).copied()
}

/// The child's one flag is a Flag.
#[must_use]
pub fn kind_at(path: &str) -> &str {
    match path {
        "PatientFlag" => "Flag",
        kind => kind,
    }
}

fn of(interaction: Interaction) -> Vec<Needed> {
    match interaction {
        Interaction::Search("PatientFlag") => vec![("Flag", Search)],
        Interaction::Search(kind) | Interaction::TypeHistory(kind) => vec![(kind, Search)],
        Interaction::Read(kind)
        | Interaction::VersionRead(kind)
        | Interaction::InstanceHistory(kind) => vec![(kind, Read)],
        Interaction::Create(kind) => vec![(kind, Create)],
        Interaction::Update(kind) => vec![(kind, Update)],
        // Where it finds none, it makes one.
        Interaction::ConditionalUpdate(kind) => vec![(kind, Update), (kind, Create)],
        Interaction::Delete(kind) | Interaction::ConditionalDelete(kind) => vec![(kind, Delete)],
        Interaction::Everything | Interaction::EverythingOfAll => {
            let kinds = ResourceKind::ALL.into_iter();
            kinds.map(|kind| (kind.name(), Read)).collect()
        }
        // A file tells new plans, changes and withdrawals.
        Interaction::UploadPlans => [Create, Update, Delete]
            .map(|one| ("EpisodeOfCare", one))
            .into(),
        Interaction::OfNotified(interaction) => vec![of_notified(interaction)],
        Interaction::OfAuthority(operation) => of_authority(operation),
        // Each request of a batch is asked for itself; what else there is tells nothing of a child.
        Interaction::Batch
        | Interaction::ReadDefinition
        | Interaction::SearchDefinitions
        | Interaction::Validate(_)
        | Interaction::ReadAcknowledgement
        | Interaction::Capabilities
        | Interaction::OpenApi
        | Interaction::OfTokens(_)
        | Interaction::Health => Vec::new(),
    }
}

fn of_notified(interaction: OfNotified) -> Needed {
    match interaction {
        OfNotified::SearchCommunications => ("Communication", Search),
        OfNotified::ReadCommunication => ("Communication", Read),
        OfNotified::Acknowledge => ("Communication", Update),
        OfNotified::SearchSubscriptions => ("Subscription", Search),
        OfNotified::CreateSubscription => ("Subscription", Create),
        OfNotified::ReadSubscription | OfNotified::SubscriptionStatus => ("Subscription", Read),
        OfNotified::DeleteSubscription => ("Subscription", Delete),
    }
}

fn of_authority(operation: AuthorityOperation) -> Vec<Needed> {
    match operation {
        AuthorityOperation::HeldPlans | AuthorityOperation::ComparePlans => {
            vec![("EpisodeOfCare", Search)]
        }
        AuthorityOperation::Accesses => vec![("AuditEvent", Search)],
        AuthorityOperation::ReportAlert
        | AuthorityOperation::AlertReports
        | AuthorityOperation::CloseAlertReport => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Permission, needed};

    #[test]
    fn a_request_needs_what_its_line_of_the_table_does() {
        let flags: Option<&[_]> = Some(&[("Flag", Permission::Search)]);
        assert_eq!(needed("GET", "/FHIR/R4/Flag"), flags);
        assert_eq!(needed("HEAD", "/FHIR/R4/Flag"), flags);
        assert_eq!(needed("POST", "/FHIR/R4/PatientFlag/_search"), flags);
        assert_eq!(needed("DELETE", "/FHIR/R4/Flag"), None);
        assert_eq!(needed("GET", "/FHIR/R4/Flags"), None);
        let nothing: Option<&[_]> = Some(&[]);
        assert_eq!(needed("POST", "/FHIR/R4"), nothing);
    }
}
