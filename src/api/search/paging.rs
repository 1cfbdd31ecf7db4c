//! What is told of a search's matches: this page, and the link to what is left
//! (<https://hl7.org/fhir/R4/http.html#paging>).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::asking::Asking;
use crate::api::error::Refusal;
use crate::api::search::SearchRefusal;
use crate::api::search::answering::{self, PAGE, Page};
use crate::api::search::page::Rest;
use crate::api::search::parameters::Parameter;
use crate::api::search::pool::Pool;
use crate::api::search::result_shape::ResultShape;
use crate::api::search::run::{check_scopes, see};
use crate::api::search::searchable::{Search, Searchable};
use crate::api::service::Service;
use crate::domain::access::{Interaction, ShownHistory, Subject};
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::subset::Asked;

/// What is to be told of these matches, about this child where they are about one.
///
/// # Errors
/// [`SearchRefusal`] when there is no such part of them as is asked for.
pub fn rest_of(
    service: &Service,
    searchable: &Searchable,
    search: &Search,
    (child, ids): (Option<Uuid>, Vec<Uuid>),
    now: DateTime<Utc>,
) -> Result<Rest, SearchRefusal> {
    let part = search.shape.part()?;
    let kept = search.shape.of_every_page.iter();
    Ok(Rest {
        kind: searchable.path().to_owned(),
        child: child.unwrap_or_default(),
        total: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        ids,
        count: page_size(&search.shape, &part, service.page_size_max),
        of_every_page: kept
            .map(|parameter| (parameter.written.clone(), parameter.value.clone()))
            .collect(),
        until: service.seal.until(now),
    })
}

/// `_summary=count` is the same as `_count=0` (<https://hl7.org/fhir/R4/search.html#count>).
fn page_size(shape: &ResultShape, part: &Asked, largest: usize) -> usize {
    match (part, shape.count) {
        (Asked::Count, _) => 0,
        (_, Some(count)) => count.min(largest),
        (_, None) => largest,
    }
}

/// Opens a page link: what is still to be told, in which shape.
///
/// # Errors
/// [`Refusal::Page`] when the link is none of ours, is too old, or is another search's.
pub fn open(
    searchable: &Searchable,
    service: &Service,
    link: &str,
) -> Result<(Rest, ResultShape), Refusal> {
    let opened = service.seal.open(link, service.clock.now());
    let rest = opened.map_err(|_no_page| Refusal::Page)?;
    if rest.kind != searchable.path() {
        return Err(Refusal::Page);
    }
    let mut shape = ResultShape::default();
    for (written, value) in &rest.of_every_page {
        let parameter = Parameter {
            written: written.clone(),
            value: value.clone(),
        };
        shape.take(&parameter, searchable, service.searchables)?;
    }
    Ok((rest, shape))
}

/// Answers a page link: a look of its own, which tells what is left of what was found before.
///
/// # Errors
/// [`Refusal`] when it cannot be opened or answered.
pub async fn next_page(
    searchable: &Searchable,
    service: &Service,
    asking: &Asking,
    link: &str,
) -> Result<Answer, Refusal> {
    let (rest, shape) = open(searchable, service, link)?;
    check_scopes(asking, &shape, &[])?;
    let kind = searchable.kind;
    let now = service.clock.now();
    let asked = format!("{}?{PAGE}", searchable.path());
    let subject = Subject::Patient(rest.child);
    let look = asking.look(now, subject, Interaction::Search, asked);
    // The link names what was shown when it was made; looks since then push nothing out of it.
    let shown = match kind {
        ResourceKind::AuditEvent => Some(ShownHistory::Whole),
        _ if shape.looks_at(ResourceKind::AuditEvent) => {
            Some(ShownHistory::WithPresentLook(service.history))
        }
        _ => None,
    };
    let mut seen = see(service, look, shown).await?.ok_or(Refusal::Page)?;
    if kind == ResourceKind::AuditEvent {
        seen.history.retain(|access| rest.ids.contains(&access.id));
    }
    let page = Page {
        kind,
        self_link: answering::page_link(service, searchable.path(), link),
        pool: Pool::of(
            seen.findings_in(searchable.view),
            seen.disclosure.access.at,
            &service.base,
        ),
        shape: &shape,
        rest,
    };
    answering::page(service, page)
}
