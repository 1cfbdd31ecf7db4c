//! The lines of the route table for NHS England's own views of plans: the drafts of a CP-IS FHIR
//! API and of a Patient Flags API.

use actix_web::http::Method;

use crate::api::search::view::PATIENT_FLAG;
use crate::routes::{Interaction, Route};

/// The lines.
pub fn lines() -> impl Iterator<Item = Route> {
    use Interaction::{Read, Search};
    let lines = [
        (Method::GET, "/FHIR/R4/CareTeam", Search("CareTeam")),
        (
            Method::POST,
            "/FHIR/R4/CareTeam/_search",
            Search("CareTeam"),
        ),
        (Method::GET, "/FHIR/R4/CareTeam/{id}", Read("CareTeam")),
        (
            Method::GET,
            "/FHIR/R4/Patient/{id}/CareTeam",
            Search("CareTeam"),
        ),
        (
            Method::POST,
            "/FHIR/R4/Patient/{id}/CareTeam/_search",
            Search("CareTeam"),
        ),
        (Method::GET, "/FHIR/R4/CarePlan", Search("CarePlan")),
        (
            Method::POST,
            "/FHIR/R4/CarePlan/_search",
            Search("CarePlan"),
        ),
        (Method::GET, "/FHIR/R4/CarePlan/{id}", Read("CarePlan")),
        (
            Method::GET,
            "/FHIR/R4/Patient/{id}/CarePlan",
            Search("CarePlan"),
        ),
        (
            Method::POST,
            "/FHIR/R4/Patient/{id}/CarePlan/_search",
            Search("CarePlan"),
        ),
        (Method::GET, "/FHIR/R4/PatientFlag", Search(PATIENT_FLAG)),
        (
            Method::POST,
            "/FHIR/R4/PatientFlag/_search",
            Search(PATIENT_FLAG),
        ),
    ];
    lines.into_iter().map(|(method, path, interaction)| Route {
        method,
        path,
        interaction,
    })
}
