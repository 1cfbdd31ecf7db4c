//! A page of everything: what of the disclosed is a match, and what is brought along beside it.

use chrono::{DateTime, Utc};

use super::rest::EverythingRest;
use crate::api::answer::Answer;
use crate::api::error::Refusal;
use crate::api::part;
use crate::api::search::answering::PAGE;
use crate::api::search::finding::Seen;
use crate::api::search::including::{Include, brought};
use crate::api::search::parameters::Parameter;
use crate::api::search::pool::{Found, Pool};
use crate::api::service::Service;
use crate::fhir::Resource;
use crate::fhir::bundle::{SearchMode, Searchset};
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::subset::Asked;

/// The kinds of resource that the Patient compartment holds here, in the order they are told.
pub const OF_THE_COMPARTMENT: [ResourceKind; 4] = [
    ResourceKind::Patient,
    ResourceKind::Flag,
    ResourceKind::EpisodeOfCare,
    ResourceKind::AuditEvent,
];
/// The kinds that tell of a plan.
pub const OF_PLANS: [ResourceKind; 2] = [ResourceKind::Flag, ResourceKind::EpisodeOfCare];
/// All kinds that are told. A plan's further views say nothing that is not said by these.
pub const TOLD: [ResourceKind; 6] = [
    ResourceKind::Patient,
    ResourceKind::Flag,
    ResourceKind::EpisodeOfCare,
    ResourceKind::AuditEvent,
    ResourceKind::Organization,
    ResourceKind::PractitionerRole,
];
/// What the compartment's resources name.
const INCLUDES: [(ResourceKind, &str); 3] = [
    (ResourceKind::Flag, "Flag:author"),
    (ResourceKind::EpisodeOfCare, "EpisodeOfCare:organization"),
    (
        ResourceKind::AuditEvent,
        "AuditEvent:agent:PractitionerRole",
    ),
];
/// All of them that was disclosed.
#[must_use]
pub fn pool<'a>(seen: &'a Seen, now: DateTime<Utc>, service: &'a Service) -> Pool<'a> {
    let mut findings = seen.findings();
    findings.retain(|finding| TOLD.contains(&finding.kind()));
    Pool::of(findings, now, &service.base)
}

/// The page of what is left, under its own link, with what there is to say of it. Without a count
/// it is everything: so the operation wants it.
///
/// # Errors
/// [`Refusal`] when a resource cannot be looked into, or has no such part as is asked for.
pub fn page(
    service: &Service,
    pool: &Pool<'_>,
    mut rest: EverythingRest,
    (self_link, said): (String, Option<Resource>),
) -> Result<Answer, Refusal> {
    let of_every_page = rest.of_every_page.iter().cloned();
    let shape: Vec<Parameter> = of_every_page
        .map(|(written, value)| Parameter { written, value })
        .collect();
    let part = part::of(&shape)?;
    let is_counted = matches!(part, Asked::Count) || rest.count == Some(0);
    let count = match (&part, rest.count) {
        (Asked::Count, _) => 0,
        (_, Some(count)) => count.min(rest.left.len()),
        (_, None) => rest.left.len(),
    };
    let later = rest.left.split_off(count);
    let told: Vec<&Found<'_>> = {
        let left = rest.left.iter();
        left.filter_map(|(kind, id)| pool.get(*kind, *id)).collect()
    };
    let includes = if rest.brings {
        includes(service)
    } else {
        Vec::new()
    };
    let beside = brought(&includes, &told, pool)?;
    let entry = |mode| move |found: &&Found<'_>| (mode, pool.resource(found));
    let entries: Vec<(SearchMode, Resource)> = told
        .iter()
        .map(entry(SearchMode::Match))
        .chain(beside.iter().map(entry(SearchMode::Include)))
        .chain(
            // Who asks for the total alone is told nothing else.
            said.filter(|_| !is_counted)
                .map(|outcome| (SearchMode::Outcome, outcome)),
        )
        .collect();
    let (total, child) = (rest.total, rest.child);
    let next = (!later.is_empty() && count > 0)
        .then(|| {
            service.seal.seal(&EverythingRest {
                left: later,
                ..rest
            })
        })
        .flatten()
        .map(|sealed| page_link(service, &child.to_string(), &sealed));
    let searchset = Searchset {
        self_link,
        next,
        total,
        entries,
    };
    let bundle = searchset.bundle(&service.base);
    let mut answer = Answer::made(Resource::Bundle(Box::new(bundle)));
    if let Asked::Part(part) = part {
        answer.subset = Some(part);
    }
    Ok(answer)
}

fn includes(service: &Service) -> Vec<Include> {
    let include = |(kind, value): (ResourceKind, &str)| {
        let written = Parameter {
            written: "_include".to_owned(),
            value: value.to_owned(),
        };
        let searchable = service.searchables.of(kind)?;
        Include::read(&written, searchable, service.searchables)
    };
    INCLUDES.into_iter().filter_map(include).collect()
}

/// The link to a page.
#[must_use]
pub fn page_link(service: &Service, child: &str, sealed: &str) -> String {
    format!(
        "{}/Patient/{child}/$everything?{PAGE}={sealed}",
        service.base
    )
}

/// The kinds of a list of names, each of which must be told here, in the order they are told.
#[must_use]
pub fn kinds(names: &[String]) -> Option<Vec<ResourceKind>> {
    let named: Option<Vec<ResourceKind>> = names
        .iter()
        .map(|name| ResourceKind::parse(name).filter(|kind| TOLD.contains(kind)))
        .collect();
    let named = named?;
    Some(
        TOLD.into_iter()
            .filter(|kind| named.contains(kind))
            .collect(),
    )
}
