//! The lines of the route table for our own token service: OAuth's and SMART's, and no interactions
//! of FHIR's.

use actix_web::http::Method;

use crate::api::issue_token::TOKEN_PATH;
use crate::api::issue_token::issue_token;
use crate::api::read_token_keys::{KEYS_PATH, read_token_keys};
use crate::api::smart_configuration::smart_configuration;
use crate::routes::{Interaction, Route};

/// What is asked of the token service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfTokens {
    /// A token.
    Issue,
    /// The keys that tokens are verified with.
    Keys,
    /// Where tokens are had, and how.
    Configuration,
}

/// The lines.
pub fn lines() -> impl Iterator<Item = Route> {
    let lines = [
        (Method::POST, TOKEN_PATH, OfTokens::Issue),
        (Method::GET, KEYS_PATH, OfTokens::Keys),
        (
            Method::GET,
            "/.well-known/smart-configuration",
            OfTokens::Configuration,
        ),
        (
            Method::GET,
            "/FHIR/R4/.well-known/smart-configuration",
            OfTokens::Configuration,
        ),
    ];
    lines.into_iter().map(|(method, path, asked)| Route {
        method,
        path,
        interaction: Interaction::OfTokens(asked),
    })
}

/// The handler of a line.
pub fn handler(asked: OfTokens, line: actix_web::Route) -> actix_web::Route {
    match asked {
        OfTokens::Issue => line.to(issue_token),
        OfTokens::Keys => line.to(read_token_keys),
        OfTokens::Configuration => line.to(smart_configuration),
    }
}
