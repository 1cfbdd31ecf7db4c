//! `GET [base]/Subscription?…` and `POST [base]/Subscription/_search`: what the caller's own
//! authority is sent (<https://hl7.org/fhir/R4/http.html#search>).

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::api::answer::Answer;
use crate::api::error::Refusal;
use crate::api::notified::Notified;
use crate::api::prefer;
use crate::api::search::SearchRefusal;
use crate::api::search::answering::self_link;
use crate::api::search::parameters::{PARAMETERS_MAX, Parameter};
use crate::api::search::request::SearchRequest;
use crate::api::search::searchable::Handling;
use crate::api::service::Service;
use crate::domain::subscription::{Subscription, SubscriptionStatus};
use crate::fhir::Resource;
use crate::fhir::bundle::{SearchMode, Searchset};
use crate::fhir::subscription::subscription;
use crate::store::subscriptions;

/// The name of every parameter of the search.
pub const NAMES: [&str; 3] = ["status", "_format", "_pretty"];

/// Answers a search for Subscriptions.
///
/// # Errors
/// [`Refusal`] when the search cannot be run or answered.
pub async fn search_subscriptions(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let notified = Notified::of(&request, &service).await?;
    let stated = prefer::handling(request.headers())?;
    let handling = stated.unwrap_or(Handling::Lenient);
    let (asked, form) = SearchRequest::over_http(&request, payload).await?;
    let used = used(&asked.parameters, handling)?;
    let authority = notified.authority.id;
    let own = notified
        .store(&service)
        .transaction(move |postgres| subscriptions::of_authority(postgres, authority))
        .await?
        .filter(|own| used.iter().all(|parameter| is_of(own, parameter)));
    let told = own.iter().map(|own| {
        let told = Resource::Subscription(Box::new(subscription(own)));
        (SearchMode::Match, told)
    });
    let searchset = Searchset {
        self_link: self_link(&service, "Subscription", &used),
        next: None,
        total: u32::from(own.is_some()),
        entries: told.collect(),
    };
    let bundle = Resource::Bundle(Box::new(searchset.bundle(&service.base)));
    Ok(prefer::with_applied(
        Answer::made(bundle).response(form)?,
        stated,
    ))
}

fn used(parameters: &[Parameter], handling: Handling) -> Result<Vec<Parameter>, SearchRefusal> {
    if parameters.len() > PARAMETERS_MAX {
        return Err(SearchRefusal::TooLong);
    }
    let mut used = Vec::new();
    for parameter in parameters {
        let written = parameter.written.clone();
        match (parameter.name(), parameter.rest()) {
            ("status", "") => {
                let known = |code: &String| SubscriptionStatus::parse(code).is_some();
                if !parameter.alternatives().iter().all(known) {
                    return Err(SearchRefusal::Value {
                        parameter: written,
                        expected: "requested, active, error or off",
                    });
                }
                used.push(parameter.clone());
            }
            ("status", _) => return Err(SearchRefusal::Modifier { parameter: written }),
            ("_format" | "_pretty", "") => {}
            _ if handling == Handling::Strict => {
                return Err(SearchRefusal::Unsupported { parameter: written });
            }
            _ => {}
        }
    }
    Ok(used)
}

fn is_of(own: &Subscription, status: &Parameter) -> bool {
    let mut alternatives = status.alternatives().into_iter();
    alternatives.any(|code| SubscriptionStatus::parse(&code) == Some(own.status))
}
