//! The lines of the route table for what belongs to a child
//! (<https://hl7.org/fhir/R4/http.html#vsearch>): used by electronic patient records.

use actix_web::http::Method;

use crate::routes::{Interaction, Route};

/// The lines of a kind of resource.
macro_rules! of_kind {
    ($kind:literal) => {
        [
            (
                Method::GET,
                concat!("/FHIR/R4/Patient/{id}/", $kind),
                Interaction::Search($kind),
            ),
            (
                Method::POST,
                concat!("/FHIR/R4/Patient/{id}/", $kind, "/_search"),
                Interaction::Search($kind),
            ),
        ]
    };
}

/// The lines.
pub fn lines() -> impl Iterator<Item = Route> {
    let kinds = [
        of_kind!("Flag"),
        of_kind!("EpisodeOfCare"),
        of_kind!("AuditEvent"),
    ];
    kinds
        .into_iter()
        .flatten()
        .map(|(method, path, interaction)| Route {
            method,
            path,
            interaction,
        })
}
