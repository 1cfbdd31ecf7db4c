//! The shape of a search's answer: how many, in which order, with what beside it
//! (<https://hl7.org/fhir/R4/search.html#Summary>).

use crate::api::part;
use crate::api::search::SearchRefusal;
use crate::api::search::answering::PAGE;
use crate::api::search::including::{INCLUDES_MAX, Include};
use crate::api::search::parameters::Parameter;
use crate::api::search::search_parameter::SearchParameter;
use crate::api::search::searchable::{Searchable, Searchables};
use crate::api::search::sought::unreadable;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::subset::{Asked, ELEMENTS, SUMMARY, Subset};

/// Every parameter that shapes an answer, in whichever search. What is not here is not read, so
/// that what is told of searches is all there is.
pub const NAMES: [&str; 10] = [
    "_count",
    "_sort",
    "_include",
    "_revinclude",
    SUMMARY,
    ELEMENTS,
    "_total",
    PAGE,
    "_format",
    "_pretty",
];

/// One key of an order: a parameter by whose value matches are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub parameter: SearchParameter,
    /// The greatest first.
    pub descending: bool,
}

/// The shape asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultShape {
    /// How many matches a page holds at the most; none where the caller did not say.
    pub count: Option<usize>,
    /// The order, the first key first; empty for the resource's own order.
    pub sort: Vec<Sort>,
    /// What to bring along, each once.
    pub includes: Vec<Include>,
    /// The parameters that shape each page alike, as written: the next page is shaped by them too.
    pub of_every_page: Vec<Parameter>,
}

/// What a shape parameter came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Shaped {
    /// It was used.
    Used,
    /// It is about the answer's form, and is read elsewhere.
    Form,
    /// It is not one of these, or asks what is not offered.
    Unknown,
}

impl ResultShape {
    /// Takes a parameter in.
    ///
    /// # Errors
    /// [`SearchRefusal`] when its value cannot be read, or there are too many.
    pub fn take(
        &mut self,
        written: &Parameter,
        searchable: &Searchable,
        searchables: Searchables,
    ) -> Result<Shaped, SearchRefusal> {
        match written.name() {
            "_include" | "_revinclude" => {
                let Some(include) = Include::read(written, searchable, searchables) else {
                    return Ok(Shaped::Unknown);
                };
                // Written again it brings nothing more.
                if !self.includes.contains(&include) {
                    self.includes.push(include);
                }
                if self.includes.len() > INCLUDES_MAX {
                    return Err(SearchRefusal::TooLong);
                }
                self.of_every_page.push(written.clone());
                return Ok(Shaped::Used);
            }
            name if !NAMES.contains(&name) && name != "_query" => return Ok(Shaped::Unknown),
            // A named query would find what it was written to find, and there is none.
            "_query" => {
                return Err(SearchRefusal::Unsupported {
                    parameter: written.written.clone(),
                });
            }
            _ => {}
        }
        match written.written.as_str() {
            "_count" => self.take_count(written),
            "_sort" => Ok(self.take_sort(written, searchable)),
            SUMMARY | ELEMENTS => {
                self.of_every_page.push(written.clone());
                Ok(Shaped::Used)
            }
            "_total" => match written.value.as_str() {
                "none" | "estimate" | "accurate" => Ok(Shaped::Form),
                _ => Err(unreadable(written, "_total is none, estimate or accurate")),
            },
            "_format" | "_pretty" => Ok(Shaped::Form),
            _ => Ok(Shaped::Unknown),
        }
    }

    /// Whether what is brought along is, or hangs on, a resource of a kind.
    #[must_use]
    pub fn looks_at(&self, kind: ResourceKind) -> bool {
        self.includes.iter().any(|include| include.looks_at(kind))
    }

    /// The part of each resource that is asked for.
    ///
    /// # Errors
    /// [`SearchRefusal`] when there is no such part, or texts are asked for and what hangs on them:
    /// they hold no references to follow (<https://hl7.org/fhir/R4/search.html#summary>).
    pub fn part(&self) -> Result<Asked, SearchRefusal> {
        match part::of(&self.of_every_page)? {
            Asked::Part(Subset::Text) if !self.includes.is_empty() => Err(SearchRefusal::Value {
                parameter: SUMMARY.to_owned(),
                expected: "_summary=text takes no _include and no _revinclude",
            }),
            asked => Ok(asked),
        }
    }

    fn take_count(&mut self, written: &Parameter) -> Result<Shaped, SearchRefusal> {
        let expected = "_count is a whole number from 0, once";
        let digits = written.value.bytes().all(|byte| byte.is_ascii_digit());
        if self.count.is_some() || !digits || written.value.len() > 9 {
            return Err(unreadable(written, expected));
        }
        let count = written.value.parse().ok();
        self.count = Some(count.ok_or_else(|| unreadable(written, expected))?);
        Ok(Shaped::Used)
    }

    fn take_sort(&mut self, written: &Parameter, searchable: &Searchable) -> Shaped {
        let keys: Option<Vec<Sort>> = written
            .value
            .split(',')
            .map(|key| {
                let (name, descending) = key
                    .strip_prefix('-')
                    .map_or((key, false), |name| (name, true));
                let parameter = searchable.parameter(name)?;
                Some(Sort {
                    parameter,
                    descending,
                })
            })
            .collect();
        match keys {
            Some(keys) => {
                self.sort.extend(keys);
                Shaped::Used
            }
            None => Shaped::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ResultShape, Shaped};
    use crate::api::search::parameters::Parameter;
    use crate::api::search_flags::FLAGS;
    use crate::api::search_patients::PATIENTS;
    use crate::api::searchables::SEARCHABLES;

    fn take(shape: &mut ResultShape, written: &str, value: &str) -> Option<Shaped> {
        let parameter = Parameter {
            written: written.into(),
            value: value.into(),
        };
        shape.take(&parameter, &FLAGS, SEARCHABLES).ok()
    }

    #[test]
    fn a_count_is_a_whole_number_once() {
        for bad in ["-1", "1.5", "x", "9999999999", "+1", " 1"] {
            assert_eq!(
                take(&mut ResultShape::default(), "_count", bad),
                None,
                "{bad}"
            );
        }
        let mut shape = ResultShape::default();
        assert_eq!(take(&mut shape, "_count", "2"), Some(Shaped::Used));
        assert_eq!(take(&mut shape, "_count", "2"), None);
    }

    #[test]
    fn matches_are_ordered_by_any_parameter_of_theirs_and_by_no_other() {
        let mut shape = ResultShape::default();
        assert_eq!(take(&mut shape, "_sort", "-date,_id"), Some(Shaped::Used));
        let keys: Vec<(&str, bool)> = shape
            .sort
            .iter()
            .map(|sort| (sort.parameter.name, sort.descending))
            .collect();
        assert_eq!(keys, [("date", true), ("_id", false)]);
        assert_eq!(take(&mut shape, "_sort", "name"), Some(Shaped::Unknown));
    }

    #[test]
    fn an_include_is_held_once_however_often_it_is_written_and_used_each_time() {
        let mut shape = ResultShape::default();
        for _ in 0..45 {
            let taken = take(&mut shape, "_revinclude:iterate", "AuditEvent:*");
            assert_eq!(taken, Some(Shaped::Used));
        }
        assert_eq!(shape.includes.len(), 1);
    }

    #[test]
    fn includes_that_bring_nothing_are_unknown() {
        let mut shape = ResultShape::default();
        for known in [
            "Flag:author",
            "Flag:author:Organization",
            "Flag:subject:Patient",
            "Flag:*",
            "*",
        ] {
            assert_eq!(
                take(&mut shape, "_include", known),
                Some(Shaped::Used),
                "{known}"
            );
        }
        for unknown in [
            "Flag:authors",
            "Flag:author:Patient",
            "Flag:date",
            "Flag",
            "AuditEvent:entity",
            "Flag:author:Organization:x",
        ] {
            assert_eq!(
                take(&mut shape, "_include", unknown),
                Some(Shaped::Unknown),
                "{unknown}"
            );
        }
        let mut of_patients = ResultShape::default();
        let reverse = Parameter {
            written: "_revinclude".into(),
            value: "Flag:author".into(),
        };
        let taken = of_patients.take(&reverse, &PATIENTS, SEARCHABLES);
        assert_eq!(taken, Ok(Shaped::Unknown));
    }
}
