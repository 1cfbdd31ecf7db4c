//! All that one look disclosed, as a search walks through it: each resource is built only when the
//! search looks into it.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::api::search::criterion::targets;
use crate::api::search::finding::Finding;
use crate::api::search::search_parameter::SearchParameter;
use crate::fhir::Resource;
use crate::fhir::facets::Facets;
use crate::fhir::json::JsonError;
use crate::fhir::resource_kind::ResourceKind;

/// What was disclosed.
pub struct Pool<'a> {
    found: Vec<Found<'a>>,
    /// The place of each resource among them.
    places: HashMap<(ResourceKind, Uuid), usize>,
    now: DateTime<Utc>,
    base: &'a str,
}

/// One resource of a pool.
pub struct Found<'a> {
    /// What it is made of.
    pub finding: Finding<'a>,
    facets: OnceCell<Facets>,
    /// The places of what each parameter followed so far leads to: a search follows the same ones
    /// again and again, and looks each up once.
    links: RefCell<Vec<(SearchParameter, Rc<[usize]>)>>,
}

impl<'a> Pool<'a> {
    /// A pool of these, as they stand at a moment on the server at this base URL.
    #[must_use]
    pub fn of(findings: Vec<Finding<'a>>, now: DateTime<Utc>, base: &'a str) -> Self {
        let found = findings.into_iter().map(|finding| Found {
            finding,
            facets: OnceCell::new(),
            links: RefCell::default(),
        });
        let found: Vec<Found<'a>> = found.collect();
        let mut places = HashMap::new();
        for (place, found) in found.iter().enumerate() {
            places.entry(found.key()).or_insert(place);
        }
        Self {
            found,
            places,
            now,
            base,
        }
    }

    /// The resources of a kind, in the kind's own order.
    pub fn of_kind(&self, kind: ResourceKind) -> impl Iterator<Item = &Found<'a>> {
        let found = self.found.iter();
        found.filter(move |found| found.finding.kind() == kind)
    }

    /// The resource of a kind with this id.
    #[must_use]
    pub fn get(&self, kind: ResourceKind, id: Uuid) -> Option<&Found<'a>> {
        self.found.get(*self.places.get(&(kind, id))?)
    }

    /// The resource itself.
    #[must_use]
    pub fn resource(&self, found: &Found<'_>) -> Resource {
        found.finding.resource(self.now, self.base)
    }

    /// What a search finds in a resource.
    ///
    /// # Errors
    /// [`JsonError`] when the resource holds a value FHIR has no JSON for.
    pub fn facets<'b>(&self, found: &'b Found<'_>) -> Result<&'b Facets, JsonError> {
        if let Some(facets) = found.facets.get() {
            return Ok(facets);
        }
        let facets = Facets::of(&self.resource(found))?;
        Ok(found.facets.get_or_init(|| facets))
    }

    /// The resources of the pool that a reference parameter of one of them leads to.
    ///
    /// # Errors
    /// As [`Pool::facets`].
    pub fn linked(
        &self,
        from: &Found<'_>,
        parameter: &SearchParameter,
    ) -> Result<Vec<&Found<'a>>, JsonError> {
        let places = self.places_linked(from, parameter)?;
        let linked = places.iter().filter_map(|place| self.found.get(*place));
        Ok(linked.collect())
    }

    fn places_linked(
        &self,
        from: &Found<'_>,
        parameter: &SearchParameter,
    ) -> Result<Rc<[usize]>, JsonError> {
        let followed = from.links.borrow();
        if let Some((_, places)) = followed.iter().find(|(known, _)| known == parameter) {
            return Ok(Rc::clone(places));
        }
        drop(followed);
        let targets = targets(parameter, self.facets(from)?);
        let places = targets.iter().filter_map(|target| {
            let kind = ResourceKind::parse(&target.kind)?;
            let id = Uuid::try_parse(target.id.as_deref()?).ok()?;
            self.places.get(&(kind, id)).copied()
        });
        let places: Rc<[usize]> = places.collect();
        let known = (*parameter, Rc::clone(&places));
        from.links.borrow_mut().push(known);
        Ok(places)
    }
}

impl Found<'_> {
    /// What tells it from all others.
    #[must_use]
    pub fn key(&self) -> (ResourceKind, Uuid) {
        (self.finding.kind(), self.finding.id())
    }

    /// Whether two are the same resource.
    #[must_use]
    pub fn is(&self, other: &Found<'_>) -> bool {
        self.key() == other.key()
    }
}
