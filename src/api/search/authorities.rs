//! A search for local authorities: their numbers are no secret of any child's
//! (<https://hl7.org/fhir/R4/organization.html#search>).

use crate::api::answer::Answer;
use crate::api::error::Refusal;
use crate::api::search::answering::{self, Page};
use crate::api::search::finding::Finding;
use crate::api::search::paging::{open, rest_of};
use crate::api::search::pool::Pool;
use crate::api::search::request::SearchRequest;
use crate::api::search::searchable::{Handling, Searchable};
use crate::api::service::Service;
use crate::store::authorities;

/// Answers a search for local authorities, which is about no child: nothing is disclosed, and no
/// look is recorded.
///
/// # Errors
/// [`Refusal`] when it cannot be run or answered.
pub async fn search_authorities(
    searchable: &Searchable,
    service: &Service,
    handling: Handling,
    request: &SearchRequest,
) -> Result<Answer, Refusal> {
    let kind = searchable.kind;
    let known = service.query.run(authorities::all).await?;
    let findings = known.iter().map(Finding::Organization).collect();
    let pool = Pool::of(findings, service.clock.now(), &service.base);
    let (rest, shape, self_link) = match request.page_link() {
        Some(link) => {
            let (rest, shape) = open(searchable, service, link)?;
            (
                rest,
                shape,
                answering::page_link(service, searchable.path(), link),
            )
        }
        None => {
            let search = request.read(searchable, service, handling)?;
            let ids = answering::matches(kind, &search, &pool)?;
            let now = service.clock.now();
            let rest = rest_of(service, searchable, &search, (None, ids), now)?;
            let self_link = answering::self_link(service, kind.name(), &search.used);
            (rest, search.shape, self_link)
        }
    };
    let page = Page {
        kind,
        rest,
        self_link,
        pool,
        shape: &shape,
    };
    answering::page(service, page)
}
