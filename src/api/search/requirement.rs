//! What a search requires of a resource: a criterion of its own, of a resource it refers to
//! (<https://hl7.org/fhir/R4/search.html#chaining>), or of one that refers to it
//! (<https://hl7.org/fhir/R4/search.html#has>), one step away.

use crate::api::search::SearchRefusal;
use crate::api::search::criterion::{Criterion, refused};
use crate::api::search::parameters::Parameter;
use crate::api::search::pool::{Found, Pool};
use crate::api::search::search_parameter::{ParameterKind, SearchParameter};
use crate::api::search::searchable::{Searchable, Searchables};
use crate::fhir::json::JsonError;
use crate::fhir::resource_kind::ResourceKind;

/// One thing a search requires.
#[derive(Debug, Clone)]
pub enum Requirement {
    /// Of the resource itself.
    Own(Criterion),
    /// Of a resource that it refers to: each kind that the reference may lead to asks in its way.
    Chain(SearchParameter, Vec<(ResourceKind, Criterion)>),
    /// Of a resource of a kind that refers to it.
    Has(ResourceKind, SearchParameter, Criterion),
}

impl Requirement {
    /// Reads a parameter of a kind of resource, with a modifier or a chain.
    ///
    /// # Errors
    /// [`SearchRefusal`] when the value, modifier or chain cannot be used.
    pub fn read(
        written: &Parameter,
        parameter: SearchParameter,
        searchables: Searchables,
        base: &str,
    ) -> Result<Self, SearchRefusal> {
        let Some((modifier, chained)) = written.rest().split_once('.') else {
            return Criterion::read(written, parameter, base).map(Self::Own);
        };
        if !matches!(parameter.kind, ParameterKind::Reference(_)) {
            return Err(refused(written));
        }
        let kind = match modifier.strip_prefix(':') {
            Some(kind) => {
                let kind = ResourceKind::parse(kind).filter(|kind| parameter.leads_to(*kind));
                Some(kind.ok_or_else(|| refused(written))?)
            }
            None if modifier.is_empty() => None,
            None => return Err(refused(written)),
        };
        if chained == "identifier" {
            return Criterion::of_identifier(written, parameter, kind).map(Self::Own);
        }
        let chained = written.under(chained);
        let mut linked = Vec::new();
        for searchable in searchables.all() {
            let may = parameter.leads_to(searchable.kind)
                && kind.is_none_or(|kind| kind == searchable.kind);
            if may && searchable.parameter(chained.name()).is_some() {
                let criterion = criterion(searchable, &chained, written, base)?;
                linked.push((searchable.kind, criterion));
            }
        }
        if linked.is_empty() {
            return Err(refused(written));
        }
        Ok(Self::Chain(parameter, linked))
    }

    /// Reads `_has:Kind:reference:parameter`.
    ///
    /// # Errors
    /// [`SearchRefusal`] when it is not written so, or names what there is not.
    pub fn read_has(
        written: &Parameter,
        searched: ResourceKind,
        searchables: Searchables,
        base: &str,
    ) -> Result<Self, SearchRefusal> {
        let mut parts = written.rest().splitn(4, ':').skip(1);
        let (Some(kind), Some(reference), Some(asked)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(refused(written));
        };
        let (searchable, reference) = ResourceKind::parse(kind)
            .and_then(|kind| searchables.of(kind))
            .and_then(|searchable| Some((searchable, searchable.parameter(reference)?)))
            .filter(|(_, reference)| reference.leads_to(searched))
            .ok_or_else(|| refused(written))?;
        let asked = written.under(asked);
        let criterion = criterion(searchable, &asked, written, base)?;
        Ok(Self::Has(searchable.kind, reference, criterion))
    }

    /// Whether it looks at the resources of a kind, searched or not.
    #[must_use]
    pub fn looks_at(&self, kind: ResourceKind) -> bool {
        match self {
            Self::Own(_) => false,
            Self::Chain(_, linked) => linked.iter().any(|(linked, _)| *linked == kind),
            Self::Has(has, ..) => *has == kind,
        }
    }

    /// Whether a resource of a pool is what is required.
    ///
    /// # Errors
    /// [`JsonError`] when a resource cannot be looked into.
    pub fn admits(&self, found: &Found<'_>, pool: &Pool<'_>) -> Result<bool, JsonError> {
        match self {
            Self::Own(criterion) => Ok(criterion.admits(pool.facets(found)?)),
            Self::Chain(reference, criteria) => {
                for linked in pool.linked(found, reference)? {
                    let kind = linked.finding.kind();
                    let asked = criteria.iter().find(|(of, _)| *of == kind);
                    if let Some((_, criterion)) = asked
                        && criterion.admits(pool.facets(linked)?)
                    {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Has(kind, reference, criterion) => {
                for other in pool.of_kind(*kind) {
                    let leads_here = pool
                        .linked(other, reference)?
                        .iter()
                        .any(|linked| linked.is(found));
                    if leads_here && criterion.admits(pool.facets(other)?) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}

/// A criterion one step away. A refusal names the parameter as the caller wrote it, link and all.
fn criterion(
    searchable: &Searchable,
    asked: &Parameter,
    written: &Parameter,
    base: &str,
) -> Result<Criterion, SearchRefusal> {
    let parameter = searchable
        .parameter(asked.name())
        .filter(|_| !asked.rest().contains('.'))
        .ok_or_else(|| refused(written))?;
    Criterion::read(asked, parameter, base).map_err(|refusal| refusal.at(&written.written))
}
