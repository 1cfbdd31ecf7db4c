//! The shape of a search's answer: how many, in which order, with what beside it
//! (<https://hl7.org/fhir/R4/search.html#Summary>).

use crate::api::search::SearchRefusal;
use crate::api::search::parameters::Parameter;
use crate::api::search::searchable::Searchable;

/// What a search may be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// The resource's id.
    Id,
    /// When it last changed.
    LastUpdated,
    /// Its date parameter.
    Date,
}

/// One key of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// The greatest first.
    pub descending: bool,
}

/// The shape asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultShape {
    /// How many matches a page holds at the most; none where the caller did not say.
    pub count: Option<usize>,
    /// Whether only the number of matches is asked for, whatever the count.
    pub total_only: bool,
    /// The order, the first key first; empty for the resource's own order.
    pub sort: Vec<Sort>,
    /// What to include, as `Flag:author`.
    pub includes: Vec<String>,
    /// What to include that refers to a match.
    pub reverse_includes: Vec<String>,
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
    /// [`SearchRefusal`] when its value cannot be read.
    pub fn take(
        &mut self,
        parameter: &Parameter,
        searchable: &Searchable,
    ) -> Result<Shaped, SearchRefusal> {
        match parameter.written.as_str() {
            "_count" => self.take_count(parameter),
            "_sort" => Ok(self.take_sort(parameter)),
            "_include" | "_include:iterate" => Ok(take_include(
                &mut self.includes,
                parameter,
                searchable.includes,
            )),
            "_revinclude" => Ok(take_include(
                &mut self.reverse_includes,
                parameter,
                searchable.reverse_includes,
            )),
            "_summary" => Ok(self.take_summary(parameter)),
            "_total" => match parameter.value.as_str() {
                "none" | "estimate" | "accurate" => Ok(Shaped::Form),
                _ => Err(value(parameter, "_total is none, estimate or accurate")),
            },
            "_format" | "_pretty" => Ok(Shaped::Form),
            _ => Ok(Shaped::Unknown),
        }
    }

    fn take_count(&mut self, parameter: &Parameter) -> Result<Shaped, SearchRefusal> {
        let expected = "_count is a whole number from 0, once";
        let digits = parameter.value.bytes().all(|byte| byte.is_ascii_digit());
        if self.count.is_some() || !digits || parameter.value.len() > 9 {
            return Err(value(parameter, expected));
        }
        self.count = Some(
            parameter
                .value
                .parse()
                .ok()
                .ok_or(value(parameter, expected))?,
        );
        Ok(Shaped::Used)
    }

    fn take_summary(&mut self, parameter: &Parameter) -> Shaped {
        match parameter.value.as_str() {
            // https://hl7.org/fhir/R4/search.html#count: the same as _count=0.
            "count" => {
                self.total_only = true;
                Shaped::Used
            }
            "false" => Shaped::Used,
            _ => Shaped::Unknown,
        }
    }

    fn take_sort(&mut self, parameter: &Parameter) -> Shaped {
        let keys: Option<Vec<Sort>> = parameter
            .value
            .split(',')
            .map(|key| {
                let (name, descending) = key
                    .strip_prefix('-')
                    .map_or((key, false), |name| (name, true));
                let key = match name {
                    "_id" => SortKey::Id,
                    "_lastUpdated" => SortKey::LastUpdated,
                    "date" => SortKey::Date,
                    _ => return None,
                };
                Some(Sort { key, descending })
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

/// Includes are offered by name, with or without the type of what they lead to.
fn take_include(taken: &mut Vec<String>, parameter: &Parameter, offered: &[&str]) -> Shaped {
    let asked = parameter.value.as_str();
    let known = offered.iter().find(|known| {
        asked == **known
            || asked.strip_prefix(**known).is_some_and(|rest| {
                matches!(
                    rest,
                    ":Patient" | ":Organization" | ":EpisodeOfCare" | ":Flag"
                )
            })
    });
    match known {
        Some(known) => {
            taken.push((*known).to_owned());
            Shaped::Used
        }
        None => Shaped::Unknown,
    }
}

fn value(parameter: &Parameter, expected: &'static str) -> SearchRefusal {
    SearchRefusal::Value {
        parameter: parameter.written.clone(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::{ResultShape, Shaped, Sort, SortKey};
    use crate::api::search::parameters::Parameter;
    use crate::api::search_flags::FLAGS;

    fn take(shape: &mut ResultShape, written: &str, value: &str) -> Option<Shaped> {
        let parameter = Parameter {
            written: written.into(),
            value: value.into(),
        };
        shape.take(&parameter, &FLAGS).ok()
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
    fn keys_and_includes_that_are_not_offered_are_unknown() {
        let mut shape = ResultShape::default();
        assert_eq!(take(&mut shape, "_sort", "-date,_id"), Some(Shaped::Used));
        assert_eq!(
            shape.sort.first(),
            Some(&Sort {
                key: SortKey::Date,
                descending: true
            })
        );
        assert_eq!(take(&mut shape, "_sort", "name"), Some(Shaped::Unknown));
        assert_eq!(
            take(&mut shape, "_include", "Flag:author:Organization"),
            Some(Shaped::Used)
        );
        assert_eq!(
            take(&mut shape, "_include", "Flag:authors"),
            Some(Shaped::Unknown)
        );
        assert_eq!(take(&mut shape, "_summary", "text"), Some(Shaped::Unknown));
    }
}
