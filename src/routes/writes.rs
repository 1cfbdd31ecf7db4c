//! The lines of the route table for an authority's own plans, one by one: used by its systems.

use actix_web::http::Method;

use crate::routes::{Interaction, Route};

/// The lines.
pub fn lines() -> impl Iterator<Item = Route> {
    use Interaction::{ConditionalDelete, ConditionalUpdate, Create, Delete, Update};
    let lines = [
        (
            Method::POST,
            "/FHIR/R4/EpisodeOfCare",
            Create("EpisodeOfCare"),
        ),
        (
            Method::PUT,
            "/FHIR/R4/EpisodeOfCare",
            ConditionalUpdate("EpisodeOfCare"),
        ),
        (
            Method::DELETE,
            "/FHIR/R4/EpisodeOfCare",
            ConditionalDelete("EpisodeOfCare"),
        ),
        (
            Method::PUT,
            "/FHIR/R4/EpisodeOfCare/{id}",
            Update("EpisodeOfCare"),
        ),
        (
            Method::DELETE,
            "/FHIR/R4/EpisodeOfCare/{id}",
            Delete("EpisodeOfCare"),
        ),
    ];
    lines.into_iter().map(|(method, path, interaction)| Route {
        method,
        path,
        interaction,
    })
}
