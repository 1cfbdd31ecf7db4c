//! The one search without a child: a local authority's system asks, as EpisodesOfCare, for the
//! plans that are held for it, and for no other authority's.
//!
//! `EpisodeOfCare?organization:identifier=https://fhir.nhs.uk/Id/ods-organization-code|[its code]`

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::answer::Answer;
use crate::api::asking::Stated;
use crate::api::caller::refuse;
use crate::api::error::Refusal;
use crate::api::prefer;
use crate::api::reading_back::{Rest, count, next_link, reading, rest, unknown};
use crate::api::search::SearchRefusal;
use crate::api::search::answering::{PAGE, self_link};
use crate::api::search::parameters::{Parameter, split_unescaped, unescaped};
use crate::api::search::request::SearchRequest;
use crate::api::search::result_shape::NAMES;
use crate::api::search::searchable::Handling;
use crate::api::search_episodes_of_care::EPISODES_OF_CARE;
use crate::api::service::Service;
use crate::disclosure::read_back::{HeldPlans, HeldRange, held_plans};
use crate::domain::caller::{Caller, CallerRefusal};
use crate::domain::held_plan::HeldPlan;
use crate::domain::reading::ReadBack;
use crate::fhir::Resource;
use crate::fhir::bundle::{SearchMode, Searchset};
use crate::fhir::episode_of_care::held_episode_of_care;
use crate::fhir::terminology::ODS_CODE;
use crate::store::held_plans::HeldPlace;

/// The name by which it is asked for.
const PATH: &str = "EpisodeOfCare";

/// The ways to name the authority.
const NAMING: [&str; 3] = [
    "organization:identifier",
    "organization.identifier",
    "organization:Organization.identifier",
];

/// What such a search takes beside the authority; the form of the answer is read elsewhere.
const TAKEN: [&str; 5] = ["_count", PAGE, "_total", "_format", "_pretty"];

/// Answers an authority's search for what is held for it.
///
/// # Errors
/// [`Refusal`] when it asks about a child, for what is another's, or cannot be answered.
pub async fn over_http(
    caller: Caller,
    stated: Stated,
    service: &Service,
    (request, payload): (&HttpRequest, Payload),
) -> Result<HttpResponse, Refusal> {
    let (search, form) = SearchRequest::over_http(request, payload).await?;
    let parameters = &search.parameters;
    let named = parameters.iter().filter(|one| is_naming(one));
    let codes: Vec<Option<String>> = named.map(ods_code).collect();
    let goes_on = search.page_link().is_some();
    let asks_of_a_child = search.compartment.is_some() || EPISODES_OF_CARE.name_a_child(parameters);
    if asks_of_a_child || codes.is_empty() && !goes_on {
        return Err(refuse(request, service, caller, CallerRefusal::Unattended).await);
    }
    let own = caller.organisation.as_str();
    if codes.iter().any(|code| code.as_deref() != Some(own)) {
        return Err(refuse(request, service, caller, CallerRefusal::AnotherAuthority).await);
    }
    let used = used(parameters, stated.handling.unwrap_or(Handling::Lenient))?;
    let (after, most) = match rest(service, &caller, parameters, PATH)? {
        Some(rest) => {
            let (local_id, id) = rest.after;
            (HeldPlace { local_id, id }, rest.count)
        }
        None => (
            HeldPlace::first(),
            count(parameters, service.page_size_max)?,
        ),
    };
    let keep = |kept: &mut Vec<HeldPlan>, held| kept.push(held);
    let read = held_plans(
        &service.intake,
        reading(request, service, &caller, ReadBack::HeldPlans),
        HeldRange { after, most },
        (Vec::new, keep),
    );
    let Some(read) = read.await? else {
        return Err(unknown(request, service, caller).await);
    };
    let page = page(
        service,
        read,
        (&caller, most),
        self_link(service, PATH, &used),
    );
    Ok(prefer::with_applied(page.response(form)?, stated.handling))
}

fn page(
    service: &Service,
    read: HeldPlans<Vec<HeldPlan>>,
    (caller, count): (&Caller, usize),
    self_link: String,
) -> Answer {
    let now = service.clock.now();
    let next = read.last.and_then(|last| {
        let rest = Rest {
            path: PATH.to_owned(),
            authority: caller.organisation.as_str().to_owned(),
            after: (last.local_id, last.id),
            asked: Vec::new(),
            count,
            until: service.seal.until(now),
        };
        next_link(service, &rest)
    });
    let episodes = read.told.iter().map(|held| {
        let episode = Box::new(held_episode_of_care(held, now));
        (SearchMode::Match, Resource::EpisodeOfCare(episode))
    });
    let searchset = Searchset {
        self_link,
        next,
        total: read.total,
        entries: episodes.collect(),
    };
    Answer::made(Resource::Bundle(Box::new(searchset.bundle(&service.base))))
}

fn is_naming(parameter: &Parameter) -> bool {
    NAMING.contains(&parameter.written.as_str())
}

/// The ODS code that a parameter names; none where it names something else, or several.
fn ods_code(parameter: &Parameter) -> Option<String> {
    let alternatives = parameter.alternatives();
    let [value] = alternatives.as_slice() else {
        return None;
    };
    match split_unescaped(value, '|').as_slice() {
        [code] => Some(unescaped(code)),
        [system, code] if unescaped(system) == ODS_CODE => Some(unescaped(code)),
        _ => None,
    }
}

/// The parameters that are used. What would narrow a search about a child is refused, because an
/// answer that left it out would tell more than was asked for.
fn used(parameters: &[Parameter], handling: Handling) -> Result<Vec<Parameter>, SearchRefusal> {
    let mut used = Vec::new();
    for parameter in parameters {
        let name = parameter.name();
        let is_known =
            EPISODES_OF_CARE.parameter(name).is_some() || NAMES.contains(&name) || name == "_has";
        match (is_naming(parameter), TAKEN.contains(&name)) {
            (true, _) => used.push(parameter.clone()),
            (false, true) if matches!(name, "_count" | PAGE | "_total") => {
                used.push(parameter.clone());
            }
            (false, true) => {}
            (false, false) if is_known || handling == Handling::Strict => {
                return Err(SearchRefusal::Unsupported {
                    parameter: parameter.written.clone(),
                });
            }
            (false, false) => {}
        }
    }
    Ok(used)
}
