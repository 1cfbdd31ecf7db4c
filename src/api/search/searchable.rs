//! What can be asked of a kind of resource, and a search read against it.

use uuid::Uuid;

use crate::api::search::SearchRefusal;
use crate::api::search::child_criterion::{self, Named, Naming};
use crate::api::search::criterion::{Criterion, ParameterKind};
use crate::api::search::parameters::{PARAMETERS_MAX, Parameter};
use crate::api::search::result_shape::{ResultShape, Shaped};
use crate::domain::access::Subject;
use crate::fhir::resource_kind::ResourceKind;

/// What can be asked of a kind of resource. Each search's file holds its own.
pub struct Searchable {
    /// The kind.
    pub kind: ResourceKind,
    /// The parameters that name the child.
    pub child: &'static [(&'static str, Naming)],
    /// How an `_id` alone names the child.
    pub by_id: fn(Uuid) -> Subject,
    /// The other parameters.
    pub parameters: &'static [(&'static str, ParameterKind)],
    /// The includes offered, as `Flag:author`.
    pub includes: &'static [&'static str],
    /// The reverse includes offered.
    pub reverse_includes: &'static [&'static str],
}

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
pub struct ChildSearch {
    /// The child.
    pub child: Named,
    /// The id the child must also have, where the search names both number and id.
    pub child_id: Option<Uuid>,
    /// What else is asked; all must hold.
    pub criteria: Vec<Criterion>,
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
}

impl Searchable {
    /// Reads a search of this kind of resource.
    ///
    /// # Errors
    /// [`SearchRefusal`] that names the parameter at fault.
    pub fn read(&self, asked: &Asked<'_>) -> Result<ChildSearch, SearchRefusal> {
        if asked.parameters.len() > PARAMETERS_MAX {
            return Err(SearchRefusal::TooLong);
        }
        let mut reading = Reading::default();
        if let Some(id) = asked.compartment {
            let compartment = Parameter {
                written: "patient".to_owned(),
                value: id.to_owned(),
            };
            let named = child_criterion::read(&compartment, Naming::Reference, asked.base)?;
            reading.name(named, &compartment)?;
        }
        for parameter in asked.parameters {
            if self.take(&mut reading, parameter, asked)? {
                reading.used.push(parameter.clone());
            }
        }
        reading.search(self.by_id)
    }

    /// Takes one parameter; false when it is to be left out.
    fn take(
        &self,
        reading: &mut Reading,
        parameter: &Parameter,
        asked: &Asked<'_>,
    ) -> Result<bool, SearchRefusal> {
        let name = parameter.name();
        if let Some((_, naming)) = self.child.iter().find(|(known, _)| *known == name) {
            let named = child_criterion::read(parameter, *naming, asked.base)?;
            reading.name(named, parameter)?;
            return Ok(true);
        }
        if let Some((known, kind)) = self.parameters.iter().find(|(known, _)| *known == name) {
            let criterion = Criterion::read(parameter, known, *kind, asked.base)?;
            reading.criteria.push(criterion);
            return Ok(true);
        }
        if let Some(criterion) = Criterion::of_every_resource(parameter)? {
            reading.criteria.push(criterion);
            if name == "_id" {
                reading.ids = Some(parameter.alternatives());
            }
            return Ok(true);
        }
        match (reading.shape.take(parameter, self)?, asked.handling) {
            (Shaped::Used, _) => Ok(true),
            (Shaped::Form, _) | (Shaped::Unknown, Handling::Lenient) => Ok(false),
            (Shaped::Unknown, Handling::Strict) => Err(SearchRefusal::Unsupported {
                parameter: parameter.written.clone(),
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
    criteria: Vec<Criterion>,
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

    fn search(self, by_id: fn(Uuid) -> Subject) -> Result<ChildSearch, SearchRefusal> {
        let child = match (self.nobody, self.number, self.id) {
            (true, ..) => Named::Nobody,
            (false, Some(number), _) => Named::Child(number),
            (false, None, Some(id)) => Named::Child(Subject::Patient(id)),
            (false, None, None) => match self.ids.as_deref() {
                None => return Err(SearchRefusal::NoChild),
                Some([id]) => {
                    Uuid::try_parse(id).map_or(Named::Nobody, |id| Named::Child(by_id(id)))
                }
                Some(_) => {
                    return Err(SearchRefusal::SeveralChildren {
                        parameter: "_id".to_owned(),
                    });
                }
            },
        };
        Ok(ChildSearch {
            child,
            child_id: self.id,
            criteria: self.criteria,
            shape: self.shape,
            used: self.used,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::{Asked, ChildSearch, Handling};
    use crate::api::search::SearchRefusal;
    use crate::api::search::child_criterion::Named;
    use crate::api::search::parameters::read;
    use crate::api::search_flags::FLAGS;

    fn search(query: &str, handling: Handling) -> Result<ChildSearch, SearchRefusal> {
        let parameters = read(query);
        let base = "https://cpis.example/FHIR/R4";
        FLAGS.read(&Asked {
            parameters: &parameters,
            compartment: None,
            handling,
            base,
        })
    }

    #[test]
    fn a_search_that_names_no_child_is_refused() {
        for query in [
            "",
            "foo=x",
            "status=active",
            "patient=",
            "_lastUpdated=2026",
        ] {
            let refused = search(query, Handling::Lenient).unwrap_err();
            assert_eq!(refused, SearchRefusal::NoChild, "{query}");
        }
    }

    #[test]
    fn an_unknown_parameter_is_left_out_or_refused_as_the_caller_prefers() {
        let lenient = search("patient=9990000026&_totalMethod=count", Handling::Lenient).unwrap();
        assert_eq!(lenient.used.len(), 1);
        let strict = search("patient=9990000026&_totalMethod=count", Handling::Strict);
        assert!(matches!(strict, Err(SearchRefusal::Unsupported { .. })));
    }

    #[test]
    fn an_unsupported_modifier_is_refused_whatever_the_caller_prefers() {
        for query in [
            "status:exact=active",
            "date:missing=true",
            "author.name=x",
            "_id:not=1",
        ] {
            let query = format!("patient=9990000026&{query}");
            let refused = search(&query, Handling::Lenient);
            assert!(
                matches!(refused, Err(SearchRefusal::Modifier { .. })),
                "{query}"
            );
        }
    }

    #[test]
    fn two_criteria_must_name_the_same_child() {
        let same = "patient=9990000026&patient:identifier=9990000026";
        assert!(search(same, Handling::Lenient).is_ok());
        let other = search("patient=9990000026&subject=9990000034", Handling::Lenient);
        assert!(matches!(other, Err(SearchRefusal::SeveralChildren { .. })));
    }

    #[test]
    fn an_id_nobody_can_have_finds_nobody() {
        for query in [
            "_id=abc",
            "patient=abc",
            "patient=abc&patient:identifier=9990000026",
        ] {
            assert_eq!(
                search(query, Handling::Lenient).unwrap().child,
                Named::Nobody
            );
        }
    }
}
