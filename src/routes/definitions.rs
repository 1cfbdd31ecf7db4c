//! The lines of the route table for what the service publishes of itself: used by whoever wants to
//! check what it answers.

use actix_web::http::Method;

use crate::routes::{Interaction, Route};

/// The path of each kind of definition, with what follows it.
macro_rules! definitions {
    ($rest:literal) => {
        [
            concat!("/FHIR/R4/CapabilityStatement", $rest),
            concat!("/FHIR/R4/CodeSystem", $rest),
            concat!("/FHIR/R4/OperationDefinition", $rest),
            concat!("/FHIR/R4/SearchParameter", $rest),
            concat!("/FHIR/R4/StructureDefinition", $rest),
            concat!("/FHIR/R4/ValueSet", $rest),
        ]
    };
}

/// The lines.
pub fn lines() -> impl Iterator<Item = Route> {
    use Interaction::{ReadDefinition, SearchDefinitions};
    let lines = [
        (Method::GET, definitions!(""), SearchDefinitions),
        (Method::POST, definitions!("/_search"), SearchDefinitions),
        (Method::GET, definitions!("/{id}"), ReadDefinition),
    ];
    lines.into_iter().flat_map(|(method, paths, interaction)| {
        paths.map(|path| Route {
            method: method.clone(),
            path,
            interaction,
        })
    })
}
