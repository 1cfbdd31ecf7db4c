//! The lines of the route table for the versions of resources: every kind that can be read has
//! them, and a child's plans have a history of their kind.

use actix_web::http::Method;

use crate::api::history_type::history_type;
use crate::api::search_episodes_of_care::EPISODES_OF_CARE;
use crate::api::search_flags::FLAGS;
use crate::routes::{Interaction, Route, no_such_path};

/// The lines of a kind of resource.
macro_rules! of_kind {
    ($kind:literal) => {
        [
            (
                concat!("/FHIR/R4/", $kind, "/{id}/_history"),
                Interaction::InstanceHistory($kind),
            ),
            (
                concat!("/FHIR/R4/", $kind, "/{id}/_history/{version}"),
                Interaction::VersionRead($kind),
            ),
        ]
    };
}

/// The lines. They stand before those of reads, whose id would else be `_history`.
pub fn lines() -> impl Iterator<Item = Route> {
    let of_type = [
        ("/FHIR/R4/Flag/_history", Interaction::TypeHistory("Flag")),
        (
            "/FHIR/R4/EpisodeOfCare/_history",
            Interaction::TypeHistory("EpisodeOfCare"),
        ),
    ];
    let of_resources = [
        of_kind!("Flag"),
        of_kind!("EpisodeOfCare"),
        of_kind!("AuditEvent"),
        of_kind!("Patient"),
        of_kind!("Organization"),
        of_kind!("PractitionerRole"),
    ];
    of_type
        .into_iter()
        .chain(of_resources.into_iter().flatten())
        .map(|(path, interaction)| Route {
            method: Method::GET,
            path,
            interaction,
        })
}

/// The handler of the history of a child's resources of a kind.
pub fn type_history(kind: &str, line: actix_web::Route) -> actix_web::Route {
    match kind {
        "Flag" => line.to(|asked, of| history_type(&FLAGS, asked, of)),
        "EpisodeOfCare" => line.to(|asked, of| history_type(&EPISODES_OF_CARE, asked, of)),
        _ => line.to(no_such_path),
    }
}
