//! The answer to a search: what matches, in order, a page at a time
//! (<https://hl7.org/fhir/R4/search.html#Paging>).

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::search::finding::{Finding, Seen};
use crate::api::search::page::Rest;
use crate::api::search::parameters::{Parameter, write};
use crate::api::search::result_shape::{Sort, SortKey};
use crate::api::search::searchable::{ChildSearch, Searchable};
use crate::api::service::Service;
use crate::fhir::Resource;
use crate::fhir::bundle::{SearchMode, Searchset};
use crate::fhir::facets::Facets;
use crate::fhir::operation_outcome::{Issue, IssueType, Severity, operation_outcome};

/// The parameter that holds a page link.
pub const PAGE: &str = "_page";

/// The matches of a search, by id, in the order asked for.
#[must_use]
pub fn matches(
    searchable: &Searchable,
    search: &ChildSearch,
    seen: &Seen,
    now: DateTime<Utc>,
) -> Vec<Uuid> {
    let mut matches: Vec<Facets> = seen
        .findings(searchable.kind)
        .iter()
        .map(|finding| finding.facets(now))
        .filter(|facets| {
            search
                .criteria
                .iter()
                .all(|criterion| criterion.admits(facets))
        })
        .collect();
    // The sort is stable: what the keys leave equal stays in the resource's own order.
    matches.sort_by(|one, other| compare(&search.shape.sort, one, other));
    matches.into_iter().map(|facets| facets.id).collect()
}

fn compare(sorts: &[Sort], one: &Facets, other: &Facets) -> Ordering {
    sorts.iter().fold(Ordering::Equal, |order, sort| {
        order.then_with(|| {
            let ascending = match sort.key {
                SortKey::Id => one.id.cmp(&other.id),
                SortKey::LastUpdated => one.last_updated.cmp(&other.last_updated),
                SortKey::Date => first_moment(one).cmp(&first_moment(other)),
            };
            if sort.descending {
                ascending.reverse()
            } else {
                ascending
            }
        })
    })
}

fn first_moment(facets: &Facets) -> Option<DateTime<Utc>> {
    facets.dates.iter().find_map(|(_, period)| period.from)
}

/// A page about to be told.
pub struct Page<'a> {
    /// What is still to be told, this page included.
    pub rest: Rest,
    /// The link to this page.
    pub self_link: String,
    /// What was disclosed to the look that asks for this page.
    pub seen: &'a Seen,
    /// The moment of that look.
    pub now: DateTime<Utc>,
}

/// Answers with a page.
#[must_use]
pub fn page(service: &Service, searchable: &Searchable, page: Page<'_>) -> Answer {
    let Page {
        mut rest,
        self_link,
        seen,
        now,
    } = page;
    let later = rest.ids.split_off(rest.count.min(rest.ids.len()));
    let told: Vec<Finding<'_>> = {
        let findings = seen.findings(searchable.kind);
        rest.ids
            .iter()
            .filter_map(|id| findings.iter().find(|finding| finding.id() == *id).copied())
            .collect()
    };
    let mut entries: Vec<(SearchMode, Resource)> = told
        .iter()
        .map(|finding| (SearchMode::Match, finding.resource(now, &service.base)))
        .collect();
    let referred = told
        .iter()
        .flat_map(|finding| finding.referred(&rest.includes));
    entries.extend(referred.map(|resource| (SearchMode::Include, resource)));
    if !told.is_empty() {
        let referring = seen.referring(&rest.reverse_includes);
        let referring = referring
            .iter()
            .map(|finding| finding.resource(now, &service.base));
        entries.extend(referring.map(|resource| (SearchMode::Include, resource)));
    }
    let total = rest.total;
    let next = (!later.is_empty() && rest.count > 0)
        .then(|| next_link(service, searchable, Rest { ids: later, ..rest }))
        .flatten();
    bundle(
        service,
        Searchset {
            self_link,
            next,
            total,
            entries,
        },
    )
}

fn next_link(service: &Service, searchable: &Searchable, rest: Rest) -> Option<String> {
    let sealed = service.seal.seal(&rest)?;
    Some(page_link(service, searchable, &sealed))
}

/// The link to a page.
#[must_use]
pub fn page_link(service: &Service, searchable: &Searchable, sealed: &str) -> String {
    format!(
        "{}/{}?{PAGE}={sealed}",
        service.base,
        searchable.kind.name()
    )
}

/// The link that shows which parameters a search used.
#[must_use]
pub fn self_link(service: &Service, path: &str, used: &[Parameter]) -> String {
    if used.is_empty() {
        return format!("{}/{path}", service.base);
    }
    format!("{}/{path}?{}", service.base, write(used))
}

/// Answers a search for somebody the service has never told anyone of. It is no "no plan": the id
/// says nothing of any child, and the answer says so.
#[must_use]
pub fn nobody(service: &Service, self_link: String) -> Answer {
    let issue = Issue {
        severity: Severity::Warning,
        code: IssueType::NotFound,
        spine_code: None,
        diagnostics: "No Patient of this service has this id, so nothing is said of any child. \
                      Search by NHS number to learn whether a child has a plan."
            .to_owned(),
        expression: Vec::new(),
    };
    let outcome = Resource::OperationOutcome(Box::new(operation_outcome(&[issue])));
    let entries = vec![(SearchMode::Outcome, outcome)];
    bundle(
        service,
        Searchset {
            self_link,
            next: None,
            total: 0,
            entries,
        },
    )
}

fn bundle(service: &Service, searchset: Searchset) -> Answer {
    Answer::made(Resource::Bundle(Box::new(searchset.bundle(&service.base))))
}
