//! The table of authorisation: who may ask each line of the route table, of what they are told, and
//! which SMART permissions narrow it. Printed in `docs/authorisation.md`; what is not in it nobody
//! may ask.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::authorisation::{Grant, Relation, Role};
use crate::routes::audit::OfAudit;
use crate::routes::notifications::OfNotified;
use crate::routes::read_back::AuthorityOperation;
use crate::routes::scopes::{self, Needed};
use crate::routes::tokens::OfTokens;
use crate::routes::{BASE_PATH, Interaction, Route, routes};

/// What is said of a line of the route table.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Who may ask, and of what they are told; the first whose role is the caller's counts.
    pub grants: &'static [Grant],
    /// Which SMART permissions a token must have that has any.
    pub needed: Vec<Needed>,
}

impl Rule {
    /// What is said of an interaction.
    #[must_use]
    pub fn of(interaction: Interaction) -> Self {
        Self {
            grants: grants(interaction),
            needed: scopes::of(interaction),
        }
    }

    /// Whether somebody may ask as this.
    #[must_use]
    pub fn grants_to(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }
}

/// What is said of a request, by its method and the path of its line; none where there is no such
/// line.
pub fn of_request(method: &str, path: &str) -> Option<&'static Rule> {
    static RULES: LazyLock<HashMap<&str, Vec<(String, Rule)>>> = LazyLock::new(|| {
        let mut rules: HashMap<&str, Vec<_>> = HashMap::new();
        for Route {
            method,
            path,
            interaction,
        } in routes()
        {
            let rule = (method.to_string(), Rule::of(interaction));
            rules.entry(path).or_default().push(rule);
        }
        rules
    });
    let method = if method == "HEAD" { "GET" } else { method };
    let mut of_path = RULES.get(path)?.iter();
    of_path.find(|(of, _)| of == method).map(|(_, rule)| rule)
}

/// What is said of a request within a batch, whose path is relative to the base; none where it is
/// no line of the table.
pub fn of_entry(method: &str, relative: &str) -> Option<&'static Rule> {
    static LINES: LazyLock<Vec<Route>> = LazyLock::new(routes);
    let asked = || relative.trim_matches('/').split('/');
    let fits = |path: &str| {
        let Some(path) = path.strip_prefix(BASE_PATH) else {
            return false;
        };
        let line = path.trim_matches('/').split('/');
        line.clone().count() == asked().count()
            && line
                .zip(asked())
                .all(|(of, segment)| of == segment || of.starts_with('{'))
    };
    let mut lines = LINES.iter();
    let line = lines.find(|line| line.method.as_str() == method && fits(line.path))?;
    of_request(method, line.path)
}

const fn grant(role: Role, relation: Relation) -> Grant {
    Grant { role, relation }
}

const VIEWER: &[Grant] = &[grant(Role::Viewer, Relation::ChildAsked)];
const REPORTER: &[Grant] = &[grant(Role::Viewer, Relation::ChildReported)];
/// A withdrawn plan is told to whoever withdrew it.
const VIEWER_OR_AUTHOR: &[Grant] = &[
    grant(Role::Viewer, Relation::ChildAsked),
    grant(Role::Uploader, Relation::OwnWithdrawnPlan),
];
/// An authority's system asks for what is held for it by the search that a viewer asks by.
const AUTHOR_OR_VIEWER: &[Grant] = &[
    grant(Role::Uploader, Relation::OwnPlans),
    grant(Role::Viewer, Relation::ChildAsked),
];
const BATCH: &[Grant] = &[
    grant(Role::Uploader, Relation::EachRequest),
    grant(Role::Viewer, Relation::EachRequest),
];
/// Nothing of any child, and for nobody else all the same.
const WHOEVER_HAS_A_ROLE: &[Grant] = &[
    grant(Role::Viewer, Relation::NoChild),
    grant(Role::Uploader, Relation::NoChild),
    grant(Role::Notified, Relation::NoChild),
];
const AUTHOR: &[Grant] = &[grant(Role::Uploader, Relation::OwnPlans)];
const SENDER: &[Grant] = &[grant(Role::Uploader, Relation::OwnFiles)];
const WATCHER: &[Grant] = &[grant(Role::Uploader, Relation::OwnAccesses)];
const ANSWERER: &[Grant] = &[grant(Role::Uploader, Relation::OwnReports)];
const NOTIFIED: &[Grant] = &[grant(Role::Notified, Relation::OwnNotifications)];
const CLIENT: &[Grant] = &[grant(Role::Client, Relation::OwnToken)];
const ANYBODY: &[Grant] = &[grant(Role::Anybody, Relation::NoChild)];

/// The table.
fn grants(interaction: Interaction) -> &'static [Grant] {
    use Interaction as Asked;
    match interaction {
        Asked::Search("Organization")
        | Asked::Read("Organization")
        | Asked::VersionRead("Organization")
        | Asked::InstanceHistory("Organization")
        | Asked::Validate(_) => WHOEVER_HAS_A_ROLE,
        Asked::Search("EpisodeOfCare") => AUTHOR_OR_VIEWER,
        Asked::Read("Flag" | "EpisodeOfCare" | "CareTeam" | "CarePlan")
        | Asked::VersionRead("Flag" | "EpisodeOfCare")
        | Asked::InstanceHistory("Flag" | "EpisodeOfCare") => VIEWER_OR_AUTHOR,
        Asked::Search(_)
        | Asked::Read(_)
        | Asked::VersionRead(_)
        | Asked::InstanceHistory(_)
        | Asked::TypeHistory(_)
        | Asked::Everything
        | Asked::EverythingOfAll => VIEWER,
        Asked::Batch => BATCH,
        Asked::Create(_)
        | Asked::Update(_)
        | Asked::ConditionalUpdate(_)
        | Asked::Delete(_)
        | Asked::ConditionalDelete(_)
        | Asked::UploadPlans => AUTHOR,
        Asked::ReadAcknowledgement => SENDER,
        Asked::OfAuthority(operation) => match operation {
            AuthorityOperation::HeldPlans | AuthorityOperation::ComparePlans => AUTHOR,
            AuthorityOperation::Accesses => WATCHER,
            AuthorityOperation::ReportAlert => REPORTER,
            AuthorityOperation::AlertReports | AuthorityOperation::CloseAlertReport => ANSWERER,
        },
        Asked::OfNotified(
            OfNotified::SearchCommunications
            | OfNotified::ReadCommunication
            | OfNotified::Acknowledge
            | OfNotified::SearchSubscriptions
            | OfNotified::CreateSubscription
            | OfNotified::ReadSubscription
            | OfNotified::DeleteSubscription
            | OfNotified::SubscriptionStatus,
        ) => NOTIFIED,
        Asked::OfTokens(OfTokens::Issue) => CLIENT,
        Asked::OfAudit(OfAudit::AccessProof) => VIEWER,
        Asked::OfTokens(OfTokens::Keys | OfTokens::Configuration)
        | Asked::OfAudit(OfAudit::Checkpoint | OfAudit::Consistency)
        | Asked::ReadDefinition
        | Asked::SearchDefinitions
        | Asked::Capabilities
        | Asked::OpenApi
        | Asked::Health => ANYBODY,
    }
}

#[cfg(test)]
mod page;

#[cfg(test)]
mod tests {
    use super::{Relation, Role, of_entry, of_request};
    use crate::domain::scope::Permission;
    use crate::routes::routes;

    #[test]
    fn a_request_needs_what_its_line_of_the_table_does() {
        let needed = |method, path| of_request(method, path).map(|rule| rule.needed.as_slice());
        let flags: Option<&[_]> = Some(&[("Flag", Permission::Search)]);
        assert_eq!(needed("GET", "/FHIR/R4/Flag"), flags);
        assert_eq!(needed("HEAD", "/FHIR/R4/Flag"), flags);
        assert_eq!(needed("POST", "/FHIR/R4/PatientFlag/_search"), flags);
        assert_eq!(needed("DELETE", "/FHIR/R4/Flag"), None);
        assert_eq!(needed("GET", "/FHIR/R4/Flags"), None);
        let nothing: Option<&[_]> = Some(&[]);
        assert_eq!(needed("POST", "/FHIR/R4"), nothing);
    }

    #[test]
    fn every_line_of_the_route_table_grants_something_to_somebody() {
        for route in routes() {
            let rule = of_request(route.method.as_str(), route.path);
            let grants = rule.map_or(0, |rule| rule.grants.len());
            assert!(grants > 0, "{} {}", route.method, route.path);
        }
    }

    #[test]
    fn whoever_is_told_of_a_child_or_of_an_authoritys_own_has_proven_to_be_somebody() {
        for route in routes() {
            let rule = super::Rule::of(route.interaction);
            for grant in rule.grants {
                let is_open = grant.role == Role::Anybody;
                let of_none = grant.relation == Relation::NoChild;
                assert!(of_none || !is_open, "{} {}", route.method, route.path);
            }
        }
    }

    #[test]
    fn a_request_of_a_batch_is_the_line_that_it_would_be_alone() {
        for (relative, path) in [
            ("Flag", "/FHIR/R4/Flag"),
            ("Flag/1", "/FHIR/R4/Flag/{id}"),
            ("Flag/_history", "/FHIR/R4/Flag/_history"),
            ("Flag/1/_history", "/FHIR/R4/Flag/{id}/_history"),
            (
                "/EpisodeOfCare/1/_history/2",
                "/FHIR/R4/EpisodeOfCare/{id}/_history/{version}",
            ),
            ("Patient/1/CareTeam", "/FHIR/R4/Patient/{id}/CareTeam"),
            ("Patient/1/$everything", "/FHIR/R4/Patient/{id}/$everything"),
        ] {
            let found = of_entry("GET", relative).map(|rule| (rule.grants, &rule.needed));
            let alone = of_request("GET", path).map(|rule| (rule.grants, &rule.needed));
            assert!(found.is_some() && found == alone, "{relative}");
        }
        for other in [
            "Flags",
            "Flag/1/2",
            "CareTeam/1/_history",
            "../Flag",
            "_ping",
        ] {
            assert!(of_entry("GET", other).is_none(), "{other}");
        }
        assert!(of_entry("PATCH", "Flag/1").is_none());
    }
}
