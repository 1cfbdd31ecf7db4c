//! The route table: every method, path and interaction there is.

pub mod audit;
pub mod authorisation;
mod authorities;
mod compartments;
mod definitions;
pub mod notifications;
mod operations;
pub mod read_back;
pub mod scopes;
pub mod tokens;
mod versions;
mod views;
mod writes;

use actix_web::http::Method;
use actix_web::{guard, web};

use crate::api::batch::batch;
use crate::api::create_episode_of_care::create_episode_of_care;
use crate::api::delete_episode_of_care::delete_episode_of_care;
use crate::api::error::Refusal;
use crate::api::everything::{everything, everything_of_all};
use crate::api::health::{ping, status};
use crate::api::history_instance::history_instance;
use crate::api::metadata::metadata;
use crate::api::openapi::openapi;
use crate::api::read_acknowledgement::read_acknowledgement;
use crate::api::read_audit_event::read_audit_event;
use crate::api::read_care_plan::read_care_plan;
use crate::api::read_care_team::read_care_team;
use crate::api::read_definition::read_definition;
use crate::api::read_episode_of_care::read_episode_of_care;
use crate::api::read_flag::read_flag;
use crate::api::read_organization::read_organization;
use crate::api::read_patient::read_patient;
use crate::api::read_practitioner_role::read_practitioner_role;
use crate::api::search_audit_events::search_audit_events;
use crate::api::search_care_plans::search_care_plans;
use crate::api::search_care_teams::search_care_teams;
use crate::api::search_definitions::search_definitions;
use crate::api::search_episodes_of_care::search_episodes_of_care;
use crate::api::search_flags::search_flags;
use crate::api::search_organizations::search_organizations;
use crate::api::search_patient_flags::search_patient_flags;
use crate::api::search_patients::search_patients;
use crate::api::update_episode_of_care::update_episode_of_care;
use crate::api::upload_plans::upload_plans;
use crate::api::validate::validate;
use crate::api::vread::vread;
use crate::fhir::resource_kind::ResourceKind;
use crate::routes::audit::OfAudit;
use crate::routes::notifications::OfNotified;
use crate::routes::read_back::AuthorityOperation;
use crate::routes::tokens::OfTokens;

/// Where the service's FHIR interface is mounted.
pub const BASE_PATH: &str = "/FHIR/R4";

/// What a route does, in FHIR's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interaction {
    /// `search-type`, also in a compartment.
    Search(&'static str),
    /// `read`.
    Read(&'static str),
    /// `vread`.
    VersionRead(&'static str),
    /// `history-instance`.
    InstanceHistory(&'static str),
    /// `history-type`.
    TypeHistory(&'static str),
    /// `read` of what the service publishes of itself.
    ReadDefinition,
    /// `search-type` of what the service publishes of itself.
    SearchDefinitions,
    /// `create`, also conditional.
    Create(&'static str),
    /// `update`.
    Update(&'static str),
    /// `update` of what criteria find.
    ConditionalUpdate(&'static str),
    /// `delete`.
    Delete(&'static str),
    /// `delete` of what criteria find.
    ConditionalDelete(&'static str),
    /// `batch` and `transaction`, of the whole system.
    Batch,
    /// The operation `everything`, of one child.
    Everything,
    /// The same of no child, which is always refused.
    EverythingOfAll,
    /// The operation `validate`, of a type of resource.
    Validate(&'static str),
    /// The operation `upload-plans`.
    UploadPlans,
    /// The operation `acknowledgement`.
    ReadAcknowledgement,
    /// What a local authority's system does about what its authority is told.
    OfNotified(OfNotified),
    /// An operation of a local authority's own system, or for it.
    OfAuthority(AuthorityOperation),
    /// `capabilities`.
    Capabilities,
    /// What can be asked, for those who read OpenAPI; no interaction of FHIR's.
    OpenApi,
    /// What is asked of our own token service; no interaction of FHIR's.
    OfTokens(OfTokens),
    /// What is asked of the sealed access history; no interaction of FHIR's.
    OfAudit(OfAudit),
    /// No interaction of FHIR's: for the operator.
    Health,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, from the root of the server.
    pub path: &'static str,
    /// What it does.
    pub interaction: Interaction,
}

/// Every method, path and interaction there is.
static TABLE: &[(Method, &str, Interaction)] = &[
    // Used by whoever wants to know what this is.
    (Method::GET, "/FHIR/R4/metadata", Interaction::Capabilities),
    (Method::GET, "/openapi.json", Interaction::OpenApi),
    // Used by electronic patient records and integration engines, about one child.
    (Method::GET, "/FHIR/R4/Flag", Interaction::Search("Flag")),
    (
        Method::POST,
        "/FHIR/R4/Flag/_search",
        Interaction::Search("Flag"),
    ),
    (Method::GET, "/FHIR/R4/Flag/{id}", Interaction::Read("Flag")),
    (
        Method::GET,
        "/FHIR/R4/EpisodeOfCare",
        Interaction::Search("EpisodeOfCare"),
    ),
    (
        Method::POST,
        "/FHIR/R4/EpisodeOfCare/_search",
        Interaction::Search("EpisodeOfCare"),
    ),
    (
        Method::GET,
        "/FHIR/R4/EpisodeOfCare/{id}",
        Interaction::Read("EpisodeOfCare"),
    ),
    (
        Method::GET,
        "/FHIR/R4/AuditEvent",
        Interaction::Search("AuditEvent"),
    ),
    (
        Method::POST,
        "/FHIR/R4/AuditEvent/_search",
        Interaction::Search("AuditEvent"),
    ),
    (
        Method::GET,
        "/FHIR/R4/AuditEvent/{id}",
        Interaction::Read("AuditEvent"),
    ),
    (
        Method::GET,
        "/FHIR/R4/Patient",
        Interaction::Search("Patient"),
    ),
    (
        Method::POST,
        "/FHIR/R4/Patient/_search",
        Interaction::Search("Patient"),
    ),
    (
        Method::GET,
        "/FHIR/R4/Patient/{id}",
        Interaction::Read("Patient"),
    ),
    (
        Method::GET,
        "/FHIR/R4/PractitionerRole/{id}",
        Interaction::Read("PractitionerRole"),
    ),
    (Method::POST, "/FHIR/R4", Interaction::Batch),
    (Method::POST, "/FHIR/R4/", Interaction::Batch),
    // Used by load balancers and operators.
    (Method::GET, "/_ping", Interaction::Health),
    (Method::GET, "/_status", Interaction::Health),
];

/// Every route there is.
#[must_use]
pub fn routes() -> Vec<Route> {
    let lines = TABLE.iter().map(|(method, path, interaction)| Route {
        method: method.clone(),
        path,
        interaction: *interaction,
    });
    versions::lines()
        .chain(operations::lines())
        .chain(lines)
        .chain(authorities::lines())
        .chain(notifications::lines())
        .chain(read_back::lines())
        .chain(compartments::lines())
        .chain(views::lines())
        .chain(writes::lines())
        .chain(definitions::lines())
        .chain(tokens::lines())
        .chain(audit::lines())
        .collect()
}

/// The handler of a line of the table. Whoever may get may also ask for the headers alone, with the
/// same access on record (<https://hl7.org/fhir/R4/http.html#head>).
#[must_use]
pub fn handler(route: &Route) -> actix_web::Route {
    let line = match route.method {
        Method::GET => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
        _ => web::method(route.method.clone()),
    };
    match route.interaction {
        Interaction::Search("Flag") => line.to(search_flags),
        Interaction::Search("EpisodeOfCare") => line.to(search_episodes_of_care),
        Interaction::Search("CareTeam") => line.to(search_care_teams),
        Interaction::Search("CarePlan") => line.to(search_care_plans),
        Interaction::Search("PatientFlag") => line.to(search_patient_flags),
        Interaction::Search("AuditEvent") => line.to(search_audit_events),
        Interaction::Search("Patient") => line.to(search_patients),
        Interaction::Search("Organization") => line.to(search_organizations),
        Interaction::Read("Flag") => line.to(read_flag),
        Interaction::Read("EpisodeOfCare") => line.to(read_episode_of_care),
        Interaction::Read("CareTeam") => line.to(read_care_team),
        Interaction::Read("CarePlan") => line.to(read_care_plan),
        Interaction::Read("AuditEvent") => line.to(read_audit_event),
        Interaction::Read("Patient") => line.to(read_patient),
        Interaction::Read("Organization") => line.to(read_organization),
        Interaction::Read("PractitionerRole") => line.to(read_practitioner_role),
        Interaction::TypeHistory(kind) => versions::type_history(kind, line),
        Interaction::VersionRead(kind) => match ResourceKind::parse(kind) {
            Some(kind) => line.to(move |asked, of| vread(kind, asked, of)),
            None => line.to(no_such_path),
        },
        Interaction::InstanceHistory(kind) => match ResourceKind::parse(kind) {
            Some(kind) => line.to(move |asked, of| history_instance(kind, asked, of)),
            None => line.to(no_such_path),
        },
        Interaction::ReadDefinition => line.to(read_definition),
        Interaction::SearchDefinitions => line.to(search_definitions),
        // The one kind of resource that is written.
        Interaction::Create(_) => line.to(create_episode_of_care),
        Interaction::Update(_) | Interaction::ConditionalUpdate(_) => {
            line.to(update_episode_of_care)
        }
        Interaction::Delete(_) | Interaction::ConditionalDelete(_) => {
            line.to(delete_episode_of_care)
        }
        Interaction::Batch => line.to(batch),
        Interaction::Everything => line.to(everything),
        Interaction::EverythingOfAll => line.to(everything_of_all),
        Interaction::Validate(kind) => {
            line.to(move |asked, sent, of| validate(kind, asked, sent, of))
        }
        Interaction::UploadPlans => line.to(upload_plans),
        Interaction::ReadAcknowledgement => line.to(read_acknowledgement),
        Interaction::OfNotified(interaction) => notifications::handler(interaction, line),
        Interaction::OfAuthority(operation) => read_back::handler(operation, line),
        Interaction::Capabilities => line.to(metadata),
        Interaction::OpenApi => line.to(openapi),
        Interaction::OfTokens(asked) => tokens::handler(asked, line),
        Interaction::OfAudit(asked) => audit::handler(asked, line),
        Interaction::Health => health(route.path, line),
        // A line nobody has written a handler for is no route; the test of the table finds it.
        Interaction::Search(_) | Interaction::Read(_) => line.to(no_such_path),
    }
}

fn health(path: &str, line: actix_web::Route) -> actix_web::Route {
    match path {
        "/_ping" => line.to(ping),
        _ => line.to(status),
    }
}

/// Answers whatever has no route.
///
/// # Errors
/// Always: [`Refusal::NoSuchPath`].
pub async fn no_such_path() -> Result<String, Refusal> {
    Err(Refusal::NoSuchPath)
}
