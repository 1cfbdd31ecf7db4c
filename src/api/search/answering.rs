//! The answer to a search: what matches, in order, a page at a time
//! (<https://hl7.org/fhir/R4/search.html#Paging>).

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::error::Refusal;
use crate::api::search::including::brought;
use crate::api::search::page::Rest;
use crate::api::search::parameters::{Parameter, write};
use crate::api::search::pool::{Found, Pool};
use crate::api::search::result_shape::{ResultShape, Sort};
use crate::api::search::search_parameter::{ParameterKind, SearchParameter};
use crate::api::search::searchable::Search;
use crate::api::service::Service;
use crate::fhir::Resource;
use crate::fhir::bundle::{SearchMode, Searchset};
use crate::fhir::facets::Facets;
use crate::fhir::json::JsonError;
use crate::fhir::operation_outcome::{Issue, IssueType, Severity, outcome_of};
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::subset::Asked;

/// The parameter that holds a page link.
pub const PAGE: &str = "_page";

/// The matches of a search among what was disclosed, by id, in the order asked for.
///
/// # Errors
/// [`JsonError`] when a resource cannot be looked into.
pub fn matches(
    kind: ResourceKind,
    search: &Search,
    pool: &Pool<'_>,
) -> Result<Vec<Uuid>, JsonError> {
    let mut matches = Vec::new();
    for found in pool.of_kind(kind) {
        let mut admitted = true;
        for requirement in &search.requirements {
            admitted = admitted && requirement.admits(found, pool)?;
        }
        if admitted {
            let keys: Result<Vec<Key>, JsonError> = search
                .shape
                .sort
                .iter()
                .map(|sort| Ok(Key::of(sort.parameter, pool.facets(found)?)))
                .collect();
            matches.push((found.finding.id(), keys?));
        }
    }
    // The sort is stable: what the keys leave equal stays in the resource's own order.
    matches.sort_by(|(_, one), (_, other)| compare(&search.shape.sort, one, other));
    Ok(matches.into_iter().map(|(id, _)| id).collect())
}

/// By what one resource is ordered: what is missing comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Moment(Option<DateTime<Utc>>),
    Word(Option<String>),
}

impl Key {
    fn of(parameter: SearchParameter, facets: &Facets) -> Self {
        let path = parameter.path;
        match parameter.kind {
            ParameterKind::Date => {
                let periods = facets.periods(path);
                Self::Moment(periods.into_iter().find_map(|period| period.from))
            }
            ParameterKind::Token { bound_to, .. } => {
                let tokens = facets.tokens(path, bound_to);
                Self::Word(tokens.into_iter().map(|token| token.code).min())
            }
            ParameterKind::Truth => {
                let tokens = facets.tokens(path, None);
                Self::Word(tokens.into_iter().map(|token| token.code).min())
            }
            ParameterKind::Reference(_) => {
                let targets = facets.targets(path).into_iter();
                Self::Word(targets.filter_map(|target| target.id).min())
            }
            ParameterKind::Text | ParameterKind::Uri => {
                let texts = facets.texts(path).into_iter();
                Self::Word(texts.map(str::to_lowercase).min())
            }
        }
    }
}

fn compare(sorts: &[Sort], one: &[Key], other: &[Key]) -> Ordering {
    let keys = sorts.iter().zip(one.iter().zip(other));
    keys.fold(Ordering::Equal, |order, (sort, (one, other))| {
        order.then_with(|| {
            let ascending = one.cmp(other);
            if sort.descending {
                ascending.reverse()
            } else {
                ascending
            }
        })
    })
}

/// A page about to be told.
pub struct Page<'a> {
    /// The kind of resource searched.
    pub kind: ResourceKind,
    /// What is still to be told, this page included.
    pub rest: Rest,
    /// The link to this page.
    pub self_link: String,
    /// What was disclosed to the look that asks for this page.
    pub pool: Pool<'a>,
    /// What to bring along, and which part of each resource to tell.
    pub shape: &'a ResultShape,
}

/// Answers with a page.
///
/// # Errors
/// [`Refusal`] when a resource cannot be looked into, or has no such part as is asked for.
pub fn page(service: &Service, page: Page<'_>) -> Result<Answer, Refusal> {
    let Page {
        kind,
        mut rest,
        self_link,
        pool,
        shape,
    } = page;
    let later = rest.ids.split_off(rest.count.min(rest.ids.len()));
    let told: Vec<&Found<'_>> = {
        let ids = rest.ids.iter();
        ids.filter_map(|id| pool.get(kind, *id)).collect()
    };
    let beside = brought(&shape.includes, &told, &pool)?;
    let matches = told
        .iter()
        .map(|found| (SearchMode::Match, pool.resource(found)));
    let includes = beside
        .iter()
        .map(|found| (SearchMode::Include, pool.resource(found)));
    let entries = matches.chain(includes).collect();
    let total = rest.total;
    let next = (!later.is_empty() && rest.count > 0)
        .then(|| next_link(service, Rest { ids: later, ..rest }))
        .flatten();
    let mut answer = bundle(
        service,
        Searchset {
            self_link,
            next,
            total,
            entries,
        },
    );
    if let Asked::Part(part) = shape.part()? {
        answer.subset = Some(part);
    }
    Ok(answer)
}

fn next_link(service: &Service, rest: Rest) -> Option<String> {
    let sealed = service.seal.seal(&rest)?;
    Some(page_link(service, &rest.kind, &sealed))
}

/// The link to a page.
#[must_use]
pub fn page_link(service: &Service, path: &str, sealed: &str) -> String {
    format!("{}/{path}?{PAGE}={sealed}", service.base)
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
pub fn nobody(service: &Service, self_link: String, request_id: Uuid) -> Answer {
    let words = "No Patient of this service has this id, so nothing is said of any child. \
                 Search by NHS number to learn whether a child has a plan.";
    only(
        service,
        self_link,
        warning(request_id, IssueType::NotFound, words),
    )
}

/// Answers a search that leaves out every plan that was disclosed: it is no "no plan".
#[must_use]
pub fn plans_left_out(service: &Service, self_link: String, request_id: Uuid) -> Answer {
    only(service, self_link, left_out(request_id))
}

/// Says that there are plans beside what is told.
#[must_use]
pub fn left_out(request_id: Uuid) -> Resource {
    let words = "The child has plans that the parameters of this request leave out. \
                 Ask without them to see every plan.";
    warning(request_id, IssueType::Informational, words)
}

fn warning(request_id: Uuid, code: IssueType, words: &str) -> Resource {
    let issue = Issue {
        severity: Severity::Warning,
        code,
        spine_code: None,
        diagnostics: words.to_owned(),
        expression: Vec::new(),
    };
    outcome_of(request_id, &[issue])
}

/// A searchset without a match, and what there is to say of it.
fn only(service: &Service, self_link: String, outcome: Resource) -> Answer {
    let searchset = Searchset {
        self_link,
        next: None,
        total: 0,
        entries: vec![(SearchMode::Outcome, outcome)],
    };
    bundle(service, searchset)
}

fn bundle(service: &Service, searchset: Searchset) -> Answer {
    Answer::made(Resource::Bundle(Box::new(searchset.bundle(&service.base))))
}
