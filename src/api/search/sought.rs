//! The values of parameters, read: the token, reference or text that is sought
//! (<https://hl7.org/fhir/R4/search.html#token>).

use crate::api::search::SearchRefusal;
use crate::api::search::date_range::DateRange;
use crate::api::search::parameters::{Parameter, relative, split_unescaped, unescaped};
use crate::fhir::facets::{Target, Token};

/// A token as sought: with a system, with none, or with any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoughtToken {
    system: SoughtSystem,
    code: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum SoughtSystem {
    Any,
    None,
    Exactly(String),
}

/// A reference as sought: by id, with or without the kind of resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoughtReference {
    kind: Option<String>,
    id: String,
}

impl SoughtToken {
    /// Whether a token is the one sought. Codes differ by case in no system used here, and a client
    /// in doubt may fold it; ids are told apart by case.
    #[must_use]
    pub fn admits(&self, token: &Token, folds_case: bool) -> bool {
        let system = match &self.system {
            SoughtSystem::Any => true,
            SoughtSystem::None => token.system.is_none(),
            SoughtSystem::Exactly(system) => token.system.as_ref() == Some(system),
        };
        system
            && self.code.as_ref().is_none_or(|code| {
                *code == token.code || (folds_case && code.eq_ignore_ascii_case(&token.code))
            })
    }
}

impl SoughtReference {
    /// Whether a reference leads where it should.
    #[must_use]
    pub fn admits(&self, target: &Target) -> bool {
        target.id.as_ref() == Some(&self.id)
            && self.kind.as_ref().is_none_or(|kind| *kind == target.kind)
    }
}

/// The tokens a parameter seeks.
///
/// # Errors
/// [`SearchRefusal`] when one is not written as a token.
pub fn tokens(parameter: &Parameter) -> Result<Vec<SoughtToken>, SearchRefusal> {
    let expected = "a token is written system|code, or code";
    let values = parameter.alternatives();
    let tokens = values
        .iter()
        .map(|value| token(value).ok_or_else(|| unreadable(parameter, expected)));
    tokens.collect()
}

/// The truths a parameter seeks: without a system, because a boolean has none.
///
/// # Errors
/// [`SearchRefusal`] when one is neither true nor false.
pub fn truths(parameter: &Parameter) -> Result<Vec<SoughtToken>, SearchRefusal> {
    let values = parameter.alternatives().into_iter();
    let truth = |value: String| {
        let is_truth = matches!(value.as_str(), "true" | "false");
        let sought = SoughtToken {
            system: SoughtSystem::Any,
            code: Some(value),
        };
        let refusal = || unreadable(parameter, "it is true or false, without a system");
        is_truth.then_some(sought).ok_or_else(refusal)
    };
    values.map(truth).collect()
}

fn token(value: &str) -> Option<SoughtToken> {
    let parts = split_unescaped(value, '|');
    let code = |text: &String| Some(unescaped(text)).filter(|code| !code.is_empty());
    let (system, code) = match parts.as_slice() {
        [only] => (SoughtSystem::Any, code(only)),
        [system, only] if system.is_empty() => (SoughtSystem::None, code(only)),
        [system, only] => (SoughtSystem::Exactly(unescaped(system)), code(only)),
        _ => return None,
    };
    let says_something = code.is_some() || matches!(system, SoughtSystem::Exactly(_));
    says_something.then_some(SoughtToken { system, code })
}

/// The dates a parameter seeks.
///
/// # Errors
/// [`SearchRefusal`] when one is no date.
pub fn dates(parameter: &Parameter) -> Result<Vec<DateRange>, SearchRefusal> {
    let expected = "a date is YYYY, YYYY-MM, YYYY-MM-DD or a moment with an offset, with eq, ne, \
                    gt, lt, ge, le, sa, eb or ap in front if wanted";
    parameter
        .alternatives()
        .iter()
        .map(|value| DateRange::parse(value).ok_or_else(|| unreadable(parameter, expected)))
        .collect()
}

/// The references a parameter seeks: `id`, `Kind/id`, or the URL of a resource of this service.
#[must_use]
pub fn references(parameter: &Parameter, kind: Option<&str>, base: &str) -> Vec<SoughtReference> {
    let values = parameter.alternatives().into_iter();
    values
        .map(|value| {
            let value = unescaped(&value);
            let relative = relative(&value, base);
            let (of, id) = match relative.split_once('/') {
                Some((of, id)) => (Some(of), id),
                None => (kind, relative),
            };
            SoughtReference {
                kind: of.map(str::to_owned),
                id: id.to_owned(),
            }
        })
        .collect()
}

/// The texts a parameter seeks.
#[must_use]
pub fn texts(parameter: &Parameter) -> Vec<String> {
    let values = parameter.alternatives();
    values.iter().map(|value| unescaped(value)).collect()
}

/// A value that cannot be read.
#[must_use]
pub fn unreadable(parameter: &Parameter, expected: &'static str) -> SearchRefusal {
    SearchRefusal::Value {
        parameter: parameter.written.clone(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{dates, references, texts, tokens};
    use crate::api::search::parameters::Parameter;
    use crate::fhir::facets::Token;

    fn parameter(value: &str) -> Parameter {
        Parameter {
            written: "code".into(),
            value: value.into(),
        }
    }

    fn finds(sought: &str, system: Option<&str>, code: &str) -> bool {
        let token = Token {
            system: system.map(str::to_owned),
            code: code.to_owned(),
        };
        let sought = tokens(&parameter(sought)).unwrap_or_default();
        sought.iter().any(|sought| sought.admits(&token, true))
    }

    #[test]
    fn a_token_is_sought_with_its_system_without_one_or_in_any() {
        assert!(finds("a", Some("s"), "a") && finds("a", None, "a"));
        assert!(finds("s|a", Some("s"), "a") && !finds("s|a", None, "a"));
        assert!(finds("|a", None, "a") && !finds("|a", Some("s"), "a"));
        assert!(finds("s|", Some("s"), "z") && !finds("s|", Some("t"), "z"));
        assert!(finds("x,A", Some("s"), "a"));
        assert!(finds("s\\|t|a\\,b", Some("s|t"), "a,b"));
    }

    #[test]
    fn a_value_that_is_no_token_is_refused() {
        for bad in ["a|b|c", "|", "", "a,"] {
            assert!(tokens(&parameter(bad)).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_value_makes_a_reader_panic(value in any::<String>()) {
            let parameter = parameter(&value);
            let _ = tokens(&parameter);
            let _ = dates(&parameter);
            let _ = references(&parameter, None, "https://cpis.example/FHIR/R4");
            let _ = texts(&parameter);
        }
    }
}
