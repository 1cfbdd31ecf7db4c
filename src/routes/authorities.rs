//! The lines of the route table for local authorities themselves: used by whoever may look or is
//! told.

use actix_web::http::Method;

use crate::routes::{Interaction, Route};

/// The lines.
pub fn lines() -> impl Iterator<Item = Route> {
    use Interaction::{Read, Search};
    let kind = "Organization";
    let lines = [
        (Method::GET, "/FHIR/R4/Organization", Search(kind)),
        (Method::POST, "/FHIR/R4/Organization/_search", Search(kind)),
        (Method::GET, "/FHIR/R4/Organization/{id}", Read(kind)),
    ];
    lines.into_iter().map(|(method, path, interaction)| Route {
        method,
        path,
        interaction,
    })
}
