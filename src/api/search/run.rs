//! The walk of every search: read it, disclose what it may see, answer with what matches.

use actix_web::http::Method;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::answer::Answer;
use crate::api::asking::Asking;
use crate::api::body::{self, media_type};
use crate::api::error::Refusal;
use crate::api::negotiation;
use crate::api::search::SearchRefusal;
use crate::api::search::answering::{self, PAGE, Page};
use crate::api::search::child_criterion::Named;
use crate::api::search::finding::Seen;
use crate::api::search::page::{PAGE_LINK_BYTES_MAX, Rest};
use crate::api::search::parameters::{Parameter, SEARCH_BYTES_MAX, read, write};
use crate::api::search::result_shape::ResultShape;
use crate::api::search::searchable::{Asked, ChildSearch, Searchable};
use crate::api::service::Service;
use crate::disclosure::{Disclosure, disclose, disclose_history};
use crate::domain::access::{Interaction, Look, ShownHistory, Subject};
use crate::fhir::resource_kind::ResourceKind;
use crate::store::StoreError;

/// The parameters of a search and where they were sent.
pub struct SearchRequest {
    /// The parameters, from the URL and the body.
    pub parameters: Vec<Parameter>,
    /// The Patient whose compartment is searched.
    pub compartment: Option<String>,
}

/// Answers a search that came over HTTP, by GET, by POST, or in a compartment.
///
/// # Errors
/// [`Refusal`] when it cannot be run or answered.
pub async fn over_http(
    searchable: &Searchable,
    service: &Service,
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refusal> {
    let asking = Asking::of(request, service).await?;
    let mut written = request.query_string().to_owned();
    if request.method() == Method::POST {
        let posted = form(request, payload).await?;
        written = [written, posted].join("&");
    }
    if written.len() > bytes_max(&written) {
        return Err(SearchRefusal::TooLong.into());
    }
    // A posted form may ask for a form of answer too.
    let form = negotiation::form(request.headers(), &written)?;
    let compartment = request.match_info().get("id").map(str::to_owned);
    let search = SearchRequest {
        parameters: read(&written),
        compartment,
    };
    run(searchable, service, &asking, search)
        .await?
        .response(form)
}

/// The longest a search may be. A page link is the service's own, and as long as its ids make it.
fn bytes_max(written: &str) -> usize {
    if written.starts_with(&format!("{PAGE}=")) {
        PAGE_LINK_BYTES_MAX
    } else {
        SEARCH_BYTES_MAX
    }
}

async fn form(request: &HttpRequest, payload: Payload) -> Result<String, Refusal> {
    let bytes = body::read(payload, SEARCH_BYTES_MAX).await?;
    if bytes.is_empty() {
        return Ok(String::new());
    }
    if media_type(request) != "application/x-www-form-urlencoded" {
        return Err(Refusal::MediaType("application/x-www-form-urlencoded"));
    }
    String::from_utf8(bytes.into()).ok().ok_or(Refusal::NotText)
}

/// Runs a search.
///
/// # Errors
/// [`Refusal`] when it cannot be run or answered.
pub async fn run(
    searchable: &Searchable,
    service: &Service,
    asking: &Asking,
    request: SearchRequest,
) -> Result<Answer, Refusal> {
    if let Some(link) = request
        .parameters
        .iter()
        .find(|parameter| parameter.written == PAGE)
    {
        return next_page(searchable, service, asking, &link.value).await;
    }
    let search = searchable.read(&Asked {
        parameters: &request.parameters,
        compartment: request.compartment.as_deref(),
        handling: asking.handling,
        base: &service.base,
    })?;
    let path = match &request.compartment {
        Some(id) => format!("Patient/{id}/{}", searchable.kind.name()),
        None => searchable.kind.name().to_owned(),
    };
    let self_link = answering::self_link(service, &path, &search.used);
    let Named::Child(subject) = search.child else {
        return Ok(answering::nobody(service, self_link));
    };
    let now = service.clock.now();
    // As canonical text: whatever a caller wrote, what is kept is a query that reads the same.
    let asked = format!("{path}?{}", write(&request.parameters));
    let look = asking.look(now, subject, Interaction::Search, asked);
    let shown = ShownHistory::WithPresentLook(service.history);
    let Some(seen) = see(service, searchable.kind, look, shown).await? else {
        return Ok(answering::nobody(service, self_link));
    };
    check_one_child(&search, &seen)?;
    let rest = rest_of(service, searchable, &search, &seen);
    Ok(answering::page(
        service,
        searchable,
        Page {
            rest,
            self_link,
            seen: &seen,
            now,
        },
    ))
}

/// A number and an id that are different children's find nothing together; answered as nothing, it
/// would read as "no plan".
fn check_one_child(search: &ChildSearch, seen: &Seen) -> Result<(), SearchRefusal> {
    match (search.child_id, seen.disclosure.child()) {
        (Some(id), Some(child)) if child.id != id => Err(SearchRefusal::SeveralChildren {
            parameter: "patient".to_owned(),
        }),
        _ => Ok(()),
    }
}

fn rest_of(service: &Service, searchable: &Searchable, search: &ChildSearch, seen: &Seen) -> Rest {
    let now = seen.disclosure.access.at;
    let ids = answering::matches(searchable, search, seen, now);
    Rest {
        kind: searchable.kind.name().to_owned(),
        child: seen
            .disclosure
            .child()
            .map(|child| child.id)
            .unwrap_or_default(),
        total: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        ids,
        count: page_size(&search.shape, service.page_size_max),
        includes: search.shape.includes.clone(),
        reverse_includes: search.shape.reverse_includes.clone(),
        until: service.seal.until(now),
    }
}

fn page_size(shape: &ResultShape, largest: usize) -> usize {
    match (shape.total_only, shape.count) {
        (true, _) => 0,
        (false, Some(count)) => count.min(largest),
        (false, None) => largest,
    }
}

/// Answers a page link: a look of its own, which tells what is left of what was found before.
async fn next_page(
    searchable: &Searchable,
    service: &Service,
    asking: &Asking,
    link: &str,
) -> Result<Answer, Refusal> {
    let now = service.clock.now();
    let rest = service
        .seal
        .open(link, now)
        .map_err(|_no_page| Refusal::Page)?;
    if rest.kind != searchable.kind.name() {
        return Err(Refusal::Page);
    }
    let asked = format!("{}?{PAGE}", searchable.kind.name());
    let look = asking.look(
        now,
        Subject::Patient(rest.child),
        Interaction::Search,
        asked,
    );
    // The link names what was shown when it was made; looks since then push nothing out of it.
    let seen = see(service, searchable.kind, look, ShownHistory::Whole)
        .await?
        .ok_or(Refusal::Page)?;
    let self_link = answering::page_link(service, searchable, link);
    Ok(answering::page(
        service,
        searchable,
        Page {
            rest,
            self_link,
            seen: &seen,
            now,
        },
    ))
}

/// Goes through the one door for what a kind of resource is made of.
///
/// # Errors
/// [`StoreError`] when anything is in doubt.
pub async fn see(
    service: &Service,
    kind: ResourceKind,
    look: Look,
    shown: ShownHistory,
) -> Result<Option<Seen>, StoreError> {
    if kind == ResourceKind::AuditEvent {
        let disclosed = disclose_history(&service.query, look, service.disclosure, shown).await?;
        return Ok(disclosed.map(|(disclosure, history)| Seen {
            disclosure,
            history,
        }));
    }
    let disclosed: Option<Disclosure> = disclose(&service.query, look, service.disclosure).await?;
    Ok(disclosed.map(|disclosure| Seen {
        disclosure,
        history: Vec::new(),
    }))
}
