//! One request of a batch: whatever of a child's record can be asked for alone by GET, asked for in
//! its place (<https://hl7.org/fhir/R4/http.html#transaction>).

use crate::api::answer::Answer;
use crate::api::asking::Asking;
use crate::api::error::Refusal;
use crate::api::history::versions::Reader;
use crate::api::history_instance;
use crate::api::history_type;
use crate::api::part;
use crate::api::reading;
use crate::api::search::SearchRefusal;
use crate::api::search::parameters::{SEARCH_BYTES_MAX, read, relative};
use crate::api::search::request::SearchRequest;
use crate::api::search::run::run;
use crate::api::search::searchable::{About, Searchable};
use crate::api::search::view::View;
use crate::api::service::Service;
use crate::api::vread;
use crate::domain::authorisation::Role;
use crate::fhir::batch::BatchEntry;
use crate::fhir::resource_kind::ResourceKind;
use crate::routes::authorisation;

/// The last segment of a history's path.
const HISTORY: &str = "_history";

/// Answers one request of a batch.
///
/// # Errors
/// [`Refusal`] when it is none that is answered here, or cannot be answered.
pub async fn answer(
    service: &Service,
    asking: &Asking,
    entry: &BatchEntry,
) -> Result<Answer, Refusal> {
    if entry.method != "GET" {
        return Err(Refusal::BatchEntry);
    }
    if entry.url.len() > SEARCH_BYTES_MAX {
        return Err(SearchRefusal::TooLong.into());
    }
    let relative = relative(&entry.url, &service.base);
    let (path, query) = relative.split_once('?').unwrap_or((relative, ""));
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let rule = authorisation::of_entry(&entry.method, path).ok_or(Refusal::BatchEntry)?;
    if !rule.grants_to(Role::Viewer) {
        return Err(Refusal::BatchEntry);
    }
    asking.caller.check_scopes(&rule.needed)?;
    match segments.as_slice() {
        // Only plans have a history of their kind.
        [kind @ ("Flag" | "EpisodeOfCare"), HISTORY] => {
            let searchable = searchable(service, kind)?;
            history_type::history(searchable, service, asking, query).await
        }
        [_, HISTORY] => Err(Refusal::BatchEntry),
        [kind, id, HISTORY] => {
            let asked = (*id, query);
            history_instance::history(versioned(kind)?, service, &reader(asking), asked).await
        }
        [kind, id, HISTORY, version] => {
            let asked = (*id, *version);
            vread::version(versioned(kind)?, service, &reader(asking), asked).await
        }
        ["Patient", id, kind] if *kind != "Patient" => {
            let compartment = Some((*id).to_owned());
            search(service, asking, kind, (compartment, query)).await
        }
        [kind] => search(service, asking, kind, (None, query)).await,
        [kind, id] => {
            let subset = part::of_one(query)?;
            let answer = reading::read(known(kind)?, service, asking, id).await?;
            Ok(Answer { subset, ..answer })
        }
        _ => Err(Refusal::BatchEntry),
    }
}

async fn search(
    service: &Service,
    asking: &Asking,
    kind: &str,
    (compartment, query): (Option<String>, &str),
) -> Result<Answer, Refusal> {
    let search = SearchRequest {
        parameters: read(query),
        compartment,
    };
    let searchable = service
        .searchables
        .at(kind)
        // A compartment holds kinds of resource that are about a child, and no other view of them.
        .filter(|searchable| {
            let is_in_it =
                searchable.view == View::EachPlan && matches!(searchable.about, About::Child(_));
            search.compartment.is_none() || is_in_it
        })
        .ok_or(Refusal::BatchEntry)?;
    run(searchable, service, asking, search).await
}

fn known(kind: &str) -> Result<ResourceKind, Refusal> {
    ResourceKind::parse(kind).ok_or(Refusal::BatchEntry)
}

/// A kind whose versions can be asked for.
fn versioned(kind: &str) -> Result<ResourceKind, Refusal> {
    let kind = known(kind)?;
    kind.has_versions()
        .then_some(kind)
        .ok_or(Refusal::BatchEntry)
}

fn searchable(service: &Service, kind: &str) -> Result<&'static Searchable, Refusal> {
    let searchable = service.searchables.of(known(kind)?);
    searchable.ok_or(Refusal::BatchEntry)
}

/// Who may look may also be told of an authority.
fn reader(asking: &Asking) -> Reader {
    Reader::Viewer(Box::new(asking.clone()))
}
