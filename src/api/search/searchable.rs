//! What can be asked of a kind of resource, and a search read against it.

use uuid::Uuid;

use crate::api::search::SearchRefusal;
use crate::api::search::child_criterion::{self, Named};
use crate::api::search::parameters::{PARAMETERS_MAX, Parameter};
use crate::api::search::requirement::Requirement;
use crate::api::search::result_shape::{ResultShape, Shaped};
use crate::api::search::search_parameter::{OF_EVERY_RESOURCE, ParameterKind, SearchParameter};
use crate::api::search::view::View;
use crate::domain::access::Subject;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::subset::{Asked as AskedPart, Subset};

/// What can be asked of a kind of resource. Each search's file holds its own.
pub struct Searchable {
    /// The kind.
    pub kind: ResourceKind,
    /// What of the kind it looks at.
    pub view: View,
    /// Whom it is about.
    pub about: About,
    /// Its parameters, beside those of every resource.
    pub parameters: &'static [SearchParameter],
}

/// Whom a kind of resource is about.
#[derive(Debug, Clone, Copy)]
pub enum About {
    /// One child, whom a search must name; an `_id` alone names it so.
    Child(fn(Uuid) -> Subject),
    /// No child: the local authorities.
    Authorities,
}

/// All kinds of resource that can be searched.
#[derive(Clone, Copy)]
pub struct Searchables(pub &'static [&'static Searchable]);

/// What a caller wants done about parameters the search does not know
/// (<https://hl7.org/fhir/R4/search.html#errors>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// Leave them out, and show in the self link what was used.
    Lenient,
    /// Refuse the search.
    Strict,
}

/// A search that can be run.
#[derive(Debug, Clone)]
pub struct Search {
    /// The child; none for what is about no child.
    pub child: Option<Named>,
    /// The id the child must also have, where the search names both number and id.
    pub child_id: Option<Uuid>,
    /// What else is required; all must hold.
    pub requirements: Vec<Requirement>,
    /// The shape of the answer.
    pub shape: ResultShape,
    /// The parameters that were used, as written.
    pub used: Vec<Parameter>,
}

/// The parameters of a search, and how it came.
pub struct Asked<'a> {
    /// The parameters, from the URL and the body.
    pub parameters: &'a [Parameter],
    /// The Patient whose compartment is searched: `Patient/[id]/Flag`.
    pub compartment: Option<&'a str>,
    /// What to do about unknown parameters.
    pub handling: Handling,
    /// The service's base URL.
    pub base: &'a str,
    /// All that can be searched, for links from one kind of resource to another.
    pub searchables: Searchables,
}

/// How a compartment names its Patient.
const BY_REFERENCE: ParameterKind = ParameterKind::Reference(&[ResourceKind::Patient]);

impl Searchables {
    /// All kinds.
    pub fn all(self) -> impl Iterator<Item = &'static Searchable> {
        let each = self.0.iter().copied();
        each.filter(|searchable| searchable.view == View::EachPlan)
    }

    /// What can be asked of a kind, where it can be searched.
    #[must_use]
    pub fn of(self, kind: ResourceKind) -> Option<&'static Searchable> {
        self.all().find(|searchable| searchable.kind == kind)
    }

    /// What can be asked under a name: a kind's own, or another view's.
    #[must_use]
    pub fn at(self, path: &str) -> Option<&'static Searchable> {
        let mut each = self.0.iter().copied();
        each.find(|searchable| searchable.path() == path)
    }
}

impl Searchable {
    /// The name by which it is asked for.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.view.path(self.kind)
    }

    /// A parameter by its name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<SearchParameter> {
        let mut known = self.parameters.iter().chain(&OF_EVERY_RESOURCE);
        known.find(|parameter| parameter.name == name).copied()
    }

    /// Whether one of these parameters says who the child is.
    #[must_use]
    pub fn name_a_child(&self, parameters: &[Parameter]) -> bool {
        parameters.iter().any(|written| {
            let known = self.parameter(written.name());
            known.is_some_and(|known| {
                known.names_child && child_criterion::names(written, known.kind)
            })
        })
    }

    /// Reads a search of this kind of resource.
    ///
    /// # Errors
    /// [`SearchRefusal`] that names the parameter at fault.
    pub fn read(&self, asked: &Asked<'_>) -> Result<Search, SearchRefusal> {
        if asked.parameters.len() > PARAMETERS_MAX {
            return Err(SearchRefusal::TooLong);
        }
        let mut reading = Reading::default();
        if let Some(id) = asked.compartment {
            let compartment = Parameter {
                written: "patient".to_owned(),
                value: id.to_owned(),
            };
            let named = child_criterion::read(&compartment, BY_REFERENCE, asked.base)?;
            reading.name(named, &compartment)?;
        }
        let stated = self.view.stated();
        for parameter in asked.parameters {
            if Some(parameter) != stated.as_ref() && self.take(&mut reading, parameter, asked)? {
                reading.used.push(parameter.clone());
            }
        }
        reading.used.extend(stated);
        // What cannot be told is refused before anybody looks.
        let part = reading.shape.part()?;
        // Texts hold no references to follow.
        if part != AskedPart::Part(Subset::Text) {
            for unasked in self.view.unasked(&reading.used) {
                reading.shape.take(&unasked, self, asked.searchables)?;
            }
        }
        reading.search(self.about)
    }

    /// Takes one parameter; false when it is to be left out.
    fn take(
        &self,
        reading: &mut Reading,
        written: &Parameter,
        asked: &Asked<'_>,
    ) -> Result<bool, SearchRefusal> {
        let name = written.name();
        if name == "_has" {
            let has = Requirement::read_has(written, self.kind, asked.searchables, asked.base)?;
            reading.requirements.push(has);
            return Ok(true);
        }
        if let Some(parameter) = self.parameter(name) {
            if parameter.names_child && child_criterion::names(written, parameter.kind) {
                let named = child_criterion::read(written, parameter.kind, asked.base)?;
                reading.name(named, written)?;
                return Ok(true);
            }
            let requirement = Requirement::read(written, parameter, asked.searchables, asked.base)?;
            reading.requirements.push(requirement);
            if written.written == "_id" {
                reading.ids = Some(written.alternatives());
            }
            return Ok(true);
        }
        let shaped = reading.shape.take(written, self, asked.searchables)?;
        match (shaped, asked.handling) {
            (Shaped::Used, _) => Ok(true),
            (Shaped::Form, _) | (Shaped::Unknown, Handling::Lenient) => Ok(false),
            (Shaped::Unknown, Handling::Strict) => Err(SearchRefusal::Unsupported {
                parameter: written.written.clone(),
            }),
        }
    }
}
/// A search while its parameters are read.
#[derive(Default)]
struct Reading {
    number: Option<Subject>,
    id: Option<Uuid>,
    nobody: bool,
    ids: Option<Vec<String>>,
    requirements: Vec<Requirement>,
    shape: ResultShape,
    used: Vec<Parameter>,
}

impl Reading {
    /// Notes whom a parameter names; two must name the same child.
    fn name(&mut self, named: Named, parameter: &Parameter) -> Result<(), SearchRefusal> {
        let several = || SearchRefusal::SeveralChildren {
            parameter: parameter.written.clone(),
        };
        match named {
            Named::Nobody => self.nobody = true,
            Named::Child(Subject::Patient(id)) => {
                if self.id.replace(id).is_some_and(|earlier| earlier != id) {
                    return Err(several());
                }
            }
            Named::Child(number) => {
                if self
                    .number
                    .replace(number)
                    .is_some_and(|earlier| earlier != number)
                {
                    return Err(several());
                }
            }
        }
        Ok(())
    }

    fn search(self, about: About) -> Result<Search, SearchRefusal> {
        let child = match about {
            About::Child(by_id) => Some(self.child(by_id)?),
            About::Authorities => None,
        };
        Ok(Search {
            child,
            child_id: self.id.or_else(|| self.own_id(about)),
            requirements: self.requirements,
            shape: self.shape,
            used: self.used,
        })
    }

    /// The id the child itself is searched by; none where another resource is, or several are.
    fn own_id(&self, about: About) -> Option<Uuid> {
        let [id] = self.ids.as_deref()? else {
            return None;
        };
        let id = child_criterion::id(id)?;
        match about {
            About::Child(by_id) => matches!(by_id(id), Subject::Patient(_)).then_some(id),
            About::Authorities => None,
        }
    }

    fn child(&self, by_id: fn(Uuid) -> Subject) -> Result<Named, SearchRefusal> {
        Ok(match (self.nobody, self.number, self.id) {
            (true, ..) => Named::Nobody,
            (false, Some(number), _) => Named::Child(number),
            (false, None, Some(id)) => Named::Child(Subject::Patient(id)),
            (false, None, None) => match self.ids.as_deref() {
                None => return Err(SearchRefusal::NoChild),
                Some([id]) => {
                    child_criterion::id(id).map_or(Named::Nobody, |id| Named::Child(by_id(id)))
                }
                Some(_) => {
                    return Err(SearchRefusal::SeveralChildren {
                        parameter: "_id".to_owned(),
                    });
                }
            },
        })
    }
}

#[cfg(test)]
#[path = "searchable_rules.rs"]
mod rules;
