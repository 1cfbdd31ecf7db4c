//! The lines of the route table for R4's own operations
//! (<https://hl7.org/fhir/R4/operations.html>).

use actix_web::http::Method;

use crate::routes::{Interaction, Route};

/// The line of a type whose resources are validated.
macro_rules! validate {
    ($kind:literal) => {
        (
            Method::POST,
            concat!("/FHIR/R4/", $kind, "/$validate"),
            Interaction::Validate($kind),
        )
    };
}

/// The lines. They stand before those of reads, whose id would else be an operation's name.
pub fn lines() -> impl Iterator<Item = Route> {
    use Interaction::{Everything, EverythingOfAll};
    let lines = [
        (Method::GET, "/FHIR/R4/Patient/{id}/$everything", Everything),
        (
            Method::POST,
            "/FHIR/R4/Patient/{id}/$everything",
            Everything,
        ),
        (Method::GET, "/FHIR/R4/Patient/$everything", EverythingOfAll),
        (
            Method::POST,
            "/FHIR/R4/Patient/$everything",
            EverythingOfAll,
        ),
        validate!("Flag"),
        validate!("EpisodeOfCare"),
        validate!("CareTeam"),
        validate!("CarePlan"),
        validate!("AuditEvent"),
        validate!("Patient"),
        validate!("Organization"),
        validate!("PractitionerRole"),
        validate!("OperationOutcome"),
        validate!("Bundle"),
    ];
    lines.into_iter().map(|(method, path, interaction)| Route {
        method,
        path,
        interaction,
    })
}
