//! What a search brings along beside its matches: what they refer to, and what refers to them
//! (<https://hl7.org/fhir/R4/search.html#include>).

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::api::search::parameters::Parameter;
use crate::api::search::pool::{Found, Pool};
use crate::api::search::search_parameter::{ParameterKind, SearchParameter};
use crate::api::search::searchable::{Searchable, Searchables};
use crate::fhir::json::JsonError;
use crate::fhir::resource_kind::ResourceKind;

/// How many different includes one search may have: each is followed from all that was found, so
/// their number is what a caller can multiply the work by. A client names the few kinds it shows.
pub const INCLUDES_MAX: usize = 16;

/// One `_include` or `_revinclude`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// The kind of resource that refers.
    source: ResourceKind,
    /// Its reference parameters that are followed.
    parameters: Vec<SearchParameter>,
    /// The one kind of resource wanted, where one is named.
    target: Option<ResourceKind>,
    /// Whether it follows from what was brought along, too.
    iterates: bool,
    /// Whether it brings what refers, and not what is referred to.
    reversed: bool,
}

/// How NHS England's draft of a CP-IS FHIR API asks for who looked, the system of a code between:
/// no include of R4's, since `entity-type` is a token and leads nowhere.
const DRAFTED: (&str, &str) = ("AuditEvent:entity-type=", "|ASSIGNED");
/// What it means.
const WHO_LOOKED: &str = "AuditEvent:agent:PractitionerRole";

impl Include {
    /// Reads an include of a search; `None` when it names what there is not, or what such a search
    /// could never bring.
    #[must_use]
    pub fn read(
        written: &Parameter,
        searchable: &Searchable,
        searchables: Searchables,
    ) -> Option<Self> {
        let searched = searchable.kind;
        let reversed = written.name() == "_revinclude";
        let iterates = match written.rest() {
            "" => false,
            ":iterate" | ":recurse" => true,
            _ => return None,
        };
        let (before, after) = DRAFTED;
        let value = written.value.as_str();
        let is_drafted = value.starts_with(before) && value.ends_with(after);
        let mut parts = if is_drafted { WHO_LOOKED } else { value }.split(':');
        let (source, parameter, target) = match (parts.next()?, parts.next(), parts.next()) {
            ("*", None, None) if !reversed => (searched, "*", None),
            (source, Some(parameter), target) => (ResourceKind::parse(source)?, parameter, target),
            _ => return None,
        };
        let target = match target {
            Some(target) => Some(ResourceKind::parse(target)?),
            None => None,
        };
        let follows = |known: &&SearchParameter| {
            let named = parameter == "*" || known.name == parameter;
            let wanted = match target {
                Some(target) => known.leads_to(target),
                None => matches!(known.kind, ParameterKind::Reference(_)),
            };
            named && wanted && (!reversed || iterates || known.leads_to(searched))
        };
        let of_source = if source == searched {
            searchable
        } else {
            searchables.of(source)?
        };
        let parameters: Vec<SearchParameter> = of_source
            .parameters
            .iter()
            .filter(follows)
            .copied()
            .collect();
        let starts = iterates || reversed || source == searched;
        let known = parts.next().is_none() && !parameters.is_empty() && starts;
        known.then_some(Self {
            source,
            parameters,
            target,
            iterates,
            reversed,
        })
    }

    /// Whether it may bring resources of a kind, or look at them.
    #[must_use]
    pub fn looks_at(&self, kind: ResourceKind) -> bool {
        let leads = self.parameters.iter().any(|known| known.leads_to(kind));
        self.source == kind || (!self.reversed && leads && self.target.is_none_or(|of| of == kind))
    }

    /// What refers to each resource, where that is what it brings; nothing otherwise.
    fn referring<'a, 'b>(&self, pool: &'b Pool<'a>) -> Result<Referring<'a, 'b>, JsonError> {
        let mut referring = Referring::new();
        if !self.reversed {
            return Ok(referring);
        }
        for other in pool.of_kind(self.source) {
            for parameter in &self.parameters {
                for linked in pool.linked(other, parameter)? {
                    if self.is_wanted(linked) {
                        referring.entry(linked.key()).or_default().push(other);
                    }
                }
            }
        }
        Ok(referring)
    }

    fn brings<'a, 'b>(
        &self,
        from: &'b Found<'a>,
        pool: &'b Pool<'a>,
        referring: &Referring<'a, 'b>,
    ) -> Result<Vec<&'b Found<'a>>, JsonError> {
        let mut brought = Vec::new();
        if self.reversed {
            brought.extend(referring.get(&from.key()).into_iter().flatten());
        } else if from.finding.kind() == self.source {
            for parameter in &self.parameters {
                let linked = pool.linked(from, parameter)?;
                brought.extend(linked.into_iter().filter(|linked| self.is_wanted(linked)));
            }
        }
        Ok(brought)
    }

    fn is_wanted(&self, found: &Found<'_>) -> bool {
        self.target.is_none_or(|kind| found.finding.kind() == kind)
    }
}

/// What refers to each resource, in the order of the pool.
type Referring<'a, 'b> = HashMap<(ResourceKind, Uuid), Vec<&'b Found<'a>>>;

/// What is brought along beside these matches, each resource once.
///
/// # Errors
/// [`JsonError`] when a resource cannot be looked into.
pub fn brought<'a, 'b>(
    includes: &[Include],
    matches: &[&'b Found<'a>],
    pool: &'b Pool<'a>,
) -> Result<Vec<&'b Found<'a>>, JsonError> {
    if matches.is_empty() {
        return Ok(Vec::new());
    }
    let with_referring = |include| Ok((include, Include::referring(include, pool)?));
    let includes = includes.iter().map(with_referring);
    let includes: Vec<(&Include, Referring<'_, '_>)> =
        includes.collect::<Result<_, JsonError>>()?;
    let mut told: Vec<&Found<'a>> = matches.to_vec();
    let mut known: HashSet<(ResourceKind, Uuid)> = told.iter().map(|found| found.key()).collect();
    let mut followed = 0;
    let mut first = true;
    // Each round follows from what the one before it brought; only iterating includes go on.
    while followed < told.len() {
        let round: Vec<&Found<'a>> = told.iter().skip(followed).copied().collect();
        followed = told.len();
        let goes_on = |(include, _): &&(&Include, _)| first || include.iterates;
        for (include, referring) in includes.iter().filter(goes_on) {
            for from in &round {
                for found in include.brings(from, pool, referring)? {
                    if known.insert(found.key()) {
                        told.push(found);
                    }
                }
            }
        }
        first = false;
    }
    Ok(told.split_off(matches.len()))
}
