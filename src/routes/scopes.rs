//! Which SMART permissions each interaction needs, where a token's scopes narrow what its role
//! allows (<https://hl7.org/fhir/smart-app-launch/STU2/scopes-and-launch-context.html>).

use crate::domain::scope::Permission::{self, Create, Delete, Read, Search, Update};
use crate::fhir::resource_kind::ResourceKind;
use crate::routes::Interaction;
use crate::routes::audit::OfAudit;
use crate::routes::notifications::OfNotified;
use crate::routes::read_back::AuthorityOperation;

/// A kind of resource, and what is done with it.
pub type Needed = (&'static str, Permission);

/// What an interaction needs. The child's one flag is a Flag.
#[must_use]
pub fn of(interaction: Interaction) -> Vec<Needed> {
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
        Interaction::OfAudit(OfAudit::AccessProof) => vec![("AuditEvent", Read)],
        // Each request of a batch is asked for itself; what else there is tells nothing of a child.
        Interaction::Batch
        | Interaction::ReadDefinition
        | Interaction::SearchDefinitions
        | Interaction::Validate(_)
        | Interaction::ReadAcknowledgement
        | Interaction::Capabilities
        | Interaction::OpenApi
        | Interaction::OfTokens(_)
        | Interaction::OfAudit(OfAudit::Checkpoint | OfAudit::Consistency)
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
