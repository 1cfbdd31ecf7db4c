//! What is asked of a history: how many versions a page holds, since when, and of which time
//! (<https://hl7.org/fhir/R4/http.html#history>).

use crate::api::history::version::Version;
use crate::api::search::SearchRefusal;
use crate::api::search::answering::PAGE;
use crate::api::search::date_range::DateRange;
use crate::api::search::once::{set, whole};
use crate::api::search::parameters::Parameter;
use crate::api::search::searchable::Handling;
use crate::fhir::date_time::Period;

/// What each parameter takes.
const EXPECTED: &str = "_count is a whole number, _since and _at are dates or moments, each once";
/// The parameters of a history, beside those that name a child.
pub const NAMES: [&str; 6] = ["_count", "_since", "_at", PAGE, "_format", "_pretty"];

/// What is asked of a history.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HistoryAsked {
    /// How many versions a page holds at the most; none where the caller did not say.
    pub count: Option<usize>,
    /// Versions that began at or after this moment.
    since: Option<DateRange>,
    /// Versions that were the present one at some moment of this time.
    at: Option<DateRange>,
    /// The parameters that were used, as written.
    pub used: Vec<Parameter>,
}

impl HistoryAsked {
    /// Reads the parameters of a history, each of which stands once at the most.
    ///
    /// # Errors
    /// [`SearchRefusal`] that names the parameter at fault.
    pub fn read(parameters: &[Parameter], handling: Handling) -> Result<Self, SearchRefusal> {
        let mut asked = Self::default();
        for parameter in parameters {
            match (parameter.written.as_str(), handling) {
                ("_count", _) => set(
                    &mut asked.count,
                    whole(&parameter.value),
                    parameter,
                    EXPECTED,
                )?,
                ("_since", _) => set(
                    &mut asked.since,
                    DateRange::under("ge", &parameter.value),
                    parameter,
                    EXPECTED,
                )?,
                ("_at", _) => set(
                    &mut asked.at,
                    DateRange::under("ap", &parameter.value),
                    parameter,
                    EXPECTED,
                )?,
                ("_format" | "_pretty", _) => continue,
                _ if matches!(parameter.name(), "_count" | "_since" | "_at") => {
                    return Err(SearchRefusal::Modifier {
                        parameter: parameter.written.clone(),
                    });
                }
                (_, Handling::Lenient) => continue,
                (_, Handling::Strict) => {
                    return Err(SearchRefusal::Unsupported {
                        parameter: parameter.written.clone(),
                    });
                }
            }
            asked.used.push(parameter.clone());
        }
        Ok(asked)
    }

    /// Whether a version is among those asked for.
    #[must_use]
    pub fn admits(&self, version: &Version) -> bool {
        let began = Period::of_moment(version.began);
        self.since.is_none_or(|since| since.admits(&began))
            && self.at.is_none_or(|at| at.admits(&version.period()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::{HistoryAsked, NAMES};
    use crate::api::search::SearchRefusal;
    use crate::api::search::answering::PAGE;
    use crate::api::search::parameters::{Parameter, read};
    use crate::api::search::searchable::Handling;

    fn asked(query: &str) -> Result<HistoryAsked, SearchRefusal> {
        HistoryAsked::read(&read(query), Handling::Lenient)
    }

    #[test]
    fn each_parameter_stands_once_and_can_be_read_or_the_history_is_refused() {
        for bad in [
            "_count=1&_count=1",
            "_since=2026-01-01&_since=2026-01-01",
            "_at=2026&_at=2026",
            "_count=-1",
            "_count=x",
            "_count=9999999999",
            "_since=yesterday",
            "_since=gt2026-01-01",
            "_at=ge2026",
            "_at=2026-02-30",
        ] {
            assert!(
                matches!(asked(bad), Err(SearchRefusal::Value { .. })),
                "{bad}"
            );
        }
        let modified = asked("_since:missing=true");
        assert!(matches!(modified, Err(SearchRefusal::Modifier { .. })));
    }

    #[test]
    fn what_a_history_does_not_know_is_left_out_or_refused_as_the_caller_prefers() {
        let query = "_count=2&_since=2026-01-01T00:00:00Z&_at=2026-05&_sort=x&_format=json";
        let lenient = asked(query).unwrap_or_default();
        let used: Vec<&str> = lenient.used.iter().map(|used| used.name()).collect();
        assert_eq!(used, ["_count", "_since", "_at"]);
        let strict = HistoryAsked::read(&read(query), Handling::Strict);
        assert!(matches!(strict, Err(SearchRefusal::Unsupported { .. })));
    }

    #[test]
    fn every_parameter_that_is_told_of_a_history_is_taken() {
        let query = "_count=2&_since=2026-01-01&_at=2026&_format=json&_pretty=true";
        let names: Vec<String> = read(query).into_iter().map(|one| one.written).collect();
        assert!(
            NAMES
                .iter()
                .all(|name| *name == PAGE || names.iter().any(|one| one == name))
        );
        assert!(HistoryAsked::read(&read(query), Handling::Strict).is_ok());
    }

    proptest! {
        #[test]
        fn no_value_makes_the_reader_panic_and_what_was_used_reads_the_same(
            value in any::<String>()
        ) {
            for name in ["_count", "_since", "_at"] {
                let parameter = Parameter { written: name.to_owned(), value: value.clone() };
                if let Ok(asked) = HistoryAsked::read(&[parameter], Handling::Strict) {
                    let again = HistoryAsked::read(&asked.used, Handling::Strict);
                    prop_assert!(again == Ok(asked));
                }
            }
        }
    }
}
