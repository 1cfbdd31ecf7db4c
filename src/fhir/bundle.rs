//! Answers that hold more than one resource (<https://hl7.org/fhir/R4/bundle.html>): a search's,
//! and a batch's.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use fhirbolt::model::r4::Resource;
use fhirbolt::model::r4::resources::{
    Bundle, BundleEntry, BundleEntryResponse, BundleEntrySearch, BundleLink,
};

use crate::fhir::elements::instant;
use crate::fhir::resource_kind::ResourceKind;

/// Why a resource is in a search's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchMode {
    /// It was asked for.
    Match,
    /// A match refers to it, or it to a match.
    Include,
    /// It says something of the search.
    Outcome,
}

impl SearchMode {
    /// FHIR's code for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Include => "include",
            Self::Outcome => "outcome",
        }
    }
}

/// A page of an answer of which nobody has counted how many matches there are in all.
#[must_use]
pub fn uncounted(page: Bundle) -> Bundle {
    Bundle {
        total: None,
        ..page
    }
}

/// One page of a search's answer.
pub struct Searchset {
    /// The absolute URL of this page, with the parameters that were used.
    pub self_link: String,
    /// The absolute URL of the next page, where there is one.
    pub next: Option<String>,
    /// How many resources match, on all pages.
    pub total: u32,
    /// What is on this page, matches first; none at all where only the total was asked for. A
    /// resource that comes twice is told once, as what it first was.
    pub entries: Vec<(SearchMode, Resource)>,
}

impl Searchset {
    /// The page as a bundle, its entries under this base URL.
    #[must_use]
    pub fn bundle(self, base: &str) -> Bundle {
        let mut link = vec![page_link("self", self.self_link)];
        link.extend(self.next.map(|url| page_link("next", url)));
        let mut told = HashSet::new();
        let entry = self
            .entries
            .into_iter()
            .filter_map(|(mode, resource)| search_entry(base, &mut told, mode, resource))
            .collect();
        Bundle {
            r#type: "searchset".into(),
            total: Some(self.total.into()),
            link,
            entry,
            ..Default::default()
        }
    }
}

/// The answer to one request of a batch.
pub struct BatchAnswer {
    /// The status code and its words: `200 OK`.
    pub status: String,
    /// What was answered. An `OperationOutcome` is told as the response's outcome.
    pub resource: Option<Resource>,
    /// The answer's ETag.
    pub etag: Option<String>,
    /// The answer's Last-Modified.
    pub last_modified: Option<DateTime<Utc>>,
    /// Where what was written is, in its version.
    pub location: Option<String>,
}

/// The answers to a batch, in the order of its requests.
#[must_use]
pub fn batch_response(base: &str, answers: Vec<BatchAnswer>) -> Bundle {
    let mut told = HashSet::new();
    let entry = answers
        .into_iter()
        .map(|answer| batch_entry(base, &mut told, answer))
        .collect();
    Bundle {
        r#type: "batch-response".into(),
        entry,
        ..Default::default()
    }
}

/// The bundle with one more link.
#[must_use]
pub fn linked(mut bundle: Bundle, relation: &str, url: String) -> Bundle {
    bundle.link.push(page_link(relation, url));
    bundle
}

/// A link of a page.
pub(super) fn page_link(relation: &str, url: String) -> BundleLink {
    BundleLink {
        relation: relation.into(),
        url: url.into(),
        ..Default::default()
    }
}

/// None for a resource the page holds already: a URL stands once in a bundle (bdl-7).
fn search_entry(
    base: &str,
    told: &mut HashSet<String>,
    mode: SearchMode,
    resource: Resource,
) -> Option<BundleEntry> {
    let full_url = full_url(base, &resource);
    let repeats = full_url.clone().is_some_and(|url| !told.insert(url));
    let search = BundleEntrySearch {
        mode: Some(mode.code().into()),
        ..Default::default()
    };
    (!repeats).then(|| BundleEntry {
        full_url: full_url.map(Into::into),
        resource: Some(resource),
        search: Some(search),
        ..Default::default()
    })
}

fn batch_entry(base: &str, told: &mut HashSet<String>, answer: BatchAnswer) -> BundleEntry {
    let (outcome, resource) = match answer.resource {
        Some(Resource::OperationOutcome(outcome)) => {
            (Some(Resource::OperationOutcome(outcome)), None)
        }
        resource => (None, resource),
    };
    // Two requests may read one resource: its URL then stands with the first (bdl-7).
    let full_url = resource
        .as_ref()
        .and_then(|resource| full_url(base, resource))
        .filter(|url| told.insert(url.clone()));
    let response = BundleEntryResponse {
        status: answer.status.into(),
        location: answer.location.map(Into::into),
        etag: answer.etag.map(Into::into),
        last_modified: answer.last_modified.map(|moment| instant(moment).into()),
        outcome,
        ..Default::default()
    };
    BundleEntry {
        full_url: full_url.map(Into::into),
        resource,
        response: Some(response),
        ..Default::default()
    }
}

/// An outcome has no place under the base URL, and is known by what it is the outcome of.
fn full_url(base: &str, resource: &Resource) -> Option<String> {
    if let Resource::OperationOutcome(outcome) = resource {
        let id = outcome.id.as_ref()?.value.as_ref()?;
        return Some(format!("urn:uuid:{id}"));
    }
    let (kind, id) = match resource {
        // What only a local authority's system is told is no kind that a search can include.
        Resource::Communication(told) => ("Communication", told.id.as_ref()?.value.as_deref()?),
        Resource::Subscription(asked) => ("Subscription", asked.id.as_ref()?.value.as_deref()?),
        resource => {
            let (kind, id) = ResourceKind::and_id(resource)?;
            (kind.name(), id)
        }
    };
    Some(format!("{}/{kind}/{id}", base.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use fhirbolt::model::r4::Resource;
    use fhirbolt::model::r4::resources::OperationOutcome;

    use super::{BatchAnswer, SearchMode, Searchset, batch_response};
    use crate::domain::plan::PlanKind;
    use crate::fhir::flag::flag;
    use crate::fhir::operation_outcome::operation_outcome;
    use crate::fhir::organization::organization;
    use crate::fhir::samples::{BASE, authority, plan};

    fn one_flag() -> Resource {
        Resource::Flag(Box::new(flag(&plan(PlanKind::ChildProtection))))
    }

    #[test]
    fn an_authority_that_two_flags_name_is_included_once() {
        let author = || Resource::Organization(Box::new(organization(&authority())));
        let bundle = Searchset {
            self_link: format!("{BASE}/Flag"),
            next: None,
            total: 1,
            entries: vec![
                (SearchMode::Match, one_flag()),
                (SearchMode::Include, author()),
                (SearchMode::Include, author()),
            ],
        }
        .bundle(BASE);
        assert_eq!(bundle.entry.len(), 2);
        assert_eq!(bundle.total.and_then(|total| total.value), Some(1));
    }

    #[test]
    fn every_entry_of_a_search_has_a_url_of_its_own_an_outcome_that_of_its_request() {
        let outcome = OperationOutcome {
            id: Some("60e0b220-8136-4ca5-ae46-1d97ef59d068".into()),
            ..operation_outcome(&[])
        };
        let page = Searchset {
            self_link: format!("{BASE}/Flag"),
            next: None,
            total: 1,
            entries: vec![
                (SearchMode::Match, one_flag()),
                (
                    SearchMode::Outcome,
                    Resource::OperationOutcome(Box::new(outcome)),
                ),
            ],
        };
        let urls: Vec<Option<String>> = page
            .bundle(BASE)
            .entry
            .into_iter()
            .map(|entry| entry.full_url.and_then(|url| url.value))
            .collect();
        let of_request = "urn:uuid:60e0b220-8136-4ca5-ae46-1d97ef59d068";
        let id = plan(PlanKind::ChildProtection).id;
        let expected = [format!("{BASE}/Flag/{id}"), of_request.to_owned()];
        assert_eq!(urls, expected.map(Some));
    }

    #[test]
    fn only_a_page_that_has_a_next_one_links_to_it() {
        for next in [None, Some(format!("{BASE}/Flag?page=2"))] {
            let relations = 1 + usize::from(next.is_some());
            let page = Searchset {
                self_link: format!("{BASE}/Flag"),
                next,
                total: 40,
                entries: Vec::new(),
            };
            let bundle = page.bundle(BASE);
            assert_eq!(bundle.link.len(), relations);
            assert!(bundle.entry.is_empty());
        }
    }

    #[test]
    fn a_batch_that_reads_a_flag_twice_tells_its_url_once_and_refusals_as_outcomes() {
        let answer = |resource| BatchAnswer {
            status: "200 OK".into(),
            resource: Some(resource),
            etag: None,
            last_modified: None,
            location: None,
        };
        let refusal = Resource::OperationOutcome(Box::new(operation_outcome(&[])));
        let answers = vec![answer(one_flag()), answer(one_flag()), answer(refusal)];
        let entries = batch_response(BASE, answers).entry;
        let urls: Vec<bool> = entries
            .iter()
            .map(|entry| entry.full_url.is_some())
            .collect();
        assert_eq!(urls, [true, false, false]);
        let last = entries.last().and_then(|entry| entry.response.clone());
        assert!(last.is_some_and(|response| response.outcome.is_some()));
    }
}
