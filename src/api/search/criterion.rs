//! What a search asks of a child's resources beyond the child itself: tokens, dates, references
//! and ids, each true or false of a resource.

use uuid::Uuid;

use crate::api::search::SearchRefusal;
use crate::api::search::date_range::DateRange;
use crate::api::search::parameters::{Parameter, split_unescaped, unescaped};
use crate::fhir::facets::{Facets, Period, Target, Token};

/// What kind of value a parameter has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// A code or identifier.
    Token,
    /// A day or moment.
    Date,
    /// Another resource.
    Reference,
}

/// One thing a search asks: any of its alternatives will do.
#[derive(Debug, Clone)]
pub struct Criterion {
    name: &'static str,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Id(Vec<Option<Uuid>>),
    LastUpdated(Vec<DateRange>),
    Token {
        any_of: Vec<SoughtToken>,
        negated: bool,
    },
    Date(Vec<DateRange>),
    Reference(Vec<SoughtReference>),
    Identifier(Vec<SoughtToken>),
}

/// A token as sought: with a system, with none, or with any.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SoughtToken {
    system: SoughtSystem,
    code: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum SoughtSystem {
    Any,
    None,
    Exactly(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct SoughtReference {
    kind: Option<String>,
    id: Option<Uuid>,
}

impl Criterion {
    /// Reads `_id` or `_lastUpdated`; `None` for any other name.
    ///
    /// # Errors
    /// [`SearchRefusal`] when the value or modifier cannot be used.
    pub fn of_every_resource(parameter: &Parameter) -> Result<Option<Self>, SearchRefusal> {
        let (name, test) = match (parameter.name(), parameter.rest()) {
            ("_id", "") => {
                let ids = parameter.alternatives();
                (
                    "_id",
                    Test::Id(ids.iter().map(|id| Uuid::try_parse(id).ok()).collect()),
                )
            }
            ("_lastUpdated", "") => ("_lastUpdated", Test::LastUpdated(dates(parameter)?)),
            ("_id" | "_lastUpdated", _) => return Err(modifier(parameter)),
            _ => return Ok(None),
        };
        Ok(Some(Self { name, test }))
    }

    /// Reads a parameter of a resource.
    ///
    /// # Errors
    /// [`SearchRefusal`] when the value or modifier cannot be used.
    pub fn read(
        parameter: &Parameter,
        name: &'static str,
        kind: ParameterKind,
        base: &str,
    ) -> Result<Self, SearchRefusal> {
        let test = match (kind, parameter.rest()) {
            (ParameterKind::Token, "") => Test::Token {
                any_of: tokens(parameter)?,
                negated: false,
            },
            (ParameterKind::Token, ":not") => Test::Token {
                any_of: tokens(parameter)?,
                negated: true,
            },
            (ParameterKind::Date, "") => Test::Date(dates(parameter)?),
            (ParameterKind::Reference, "") => Test::Reference(references(parameter, None, base)),
            (ParameterKind::Reference, ":Organization" | ":PractitionerRole" | ":Patient") => {
                let kind = parameter.rest().trim_start_matches(':').to_owned();
                Test::Reference(references(parameter, Some(kind), base))
            }
            (
                ParameterKind::Reference,
                ":identifier" | ".identifier" | ":Organization.identifier" | ":Patient.identifier",
            ) => Test::Identifier(tokens(parameter)?),
            _ => return Err(modifier(parameter)),
        };
        Ok(Self { name, test })
    }

    /// Whether a resource is what is asked for.
    #[must_use]
    pub fn admits(&self, facets: &Facets) -> bool {
        match &self.test {
            Test::Id(ids) => ids.contains(&Some(facets.id)),
            Test::LastUpdated(dates) => {
                let moment = Period::of_moment(facets.last_updated);
                dates.iter().any(|date| date.admits(&moment))
            }
            Test::Token { any_of, negated } => {
                let found = named(&facets.tokens, self.name)
                    .any(|token| any_of.iter().any(|sought| sought.admits(token)));
                found != *negated
            }
            Test::Date(dates) => named_dates(&facets.dates, self.name)
                .any(|period| dates.iter().any(|date| date.admits(period))),
            Test::Reference(any_of) => named(&facets.references, self.name)
                .any(|target| any_of.iter().any(|sought| sought.admits(target))),
            Test::Identifier(any_of) => named(&facets.references, self.name)
                .filter_map(|target| target.identifier.as_ref())
                .any(|token| any_of.iter().any(|sought| sought.admits(token))),
        }
    }
}

fn named<'a, T>(
    facets: &'a [(&'static str, Vec<T>)],
    name: &'a str,
) -> impl Iterator<Item = &'a T> {
    facets
        .iter()
        .filter(move |(of, _)| *of == name)
        .flat_map(|(_, values)| values)
}

fn named_dates<'a>(
    facets: &'a [(&'static str, Period)],
    name: &'a str,
) -> impl Iterator<Item = &'a Period> {
    facets
        .iter()
        .filter(move |(of, _)| *of == name)
        .map(|(_, period)| period)
}

impl SoughtToken {
    fn admits(&self, token: &Token) -> bool {
        let system = match &self.system {
            SoughtSystem::Any => true,
            SoughtSystem::None => token.system.is_none(),
            SoughtSystem::Exactly(system) => token.system.as_ref() == Some(system),
        };
        // Codes differ by case in no system used here, and a client in doubt may fold it.
        system
            && self
                .code
                .as_ref()
                .is_none_or(|code| code.eq_ignore_ascii_case(&token.code))
    }
}

impl SoughtReference {
    fn admits(&self, target: &Target) -> bool {
        self.id.is_some()
            && self.id == target.id
            && self.kind.as_ref().is_none_or(|kind| kind == target.kind)
    }
}

fn tokens(parameter: &Parameter) -> Result<Vec<SoughtToken>, SearchRefusal> {
    parameter
        .alternatives()
        .iter()
        .map(|value| {
            let parts = split_unescaped(value, '|');
            let code = |text: &String| Some(unescaped(text)).filter(|code| !code.is_empty());
            let token = match parts.as_slice() {
                [only] => SoughtToken {
                    system: SoughtSystem::Any,
                    code: code(only),
                },
                [system, only] if system.is_empty() => SoughtToken {
                    system: SoughtSystem::None,
                    code: code(only),
                },
                [system, only] => SoughtToken {
                    system: SoughtSystem::Exactly(unescaped(system)),
                    code: code(only),
                },
                _ => return Err(unreadable(parameter, "a token is written system|code")),
            };
            let says_nothing =
                token.code.is_none() && !matches!(token.system, SoughtSystem::Exactly(_));
            if says_nothing {
                return Err(unreadable(
                    parameter,
                    "a token is written system|code, or code",
                ));
            }
            Ok(token)
        })
        .collect()
}

fn dates(parameter: &Parameter) -> Result<Vec<DateRange>, SearchRefusal> {
    let expected = "a date is YYYY, YYYY-MM, YYYY-MM-DD or a moment with an offset, with eq, ne, \
                    gt, lt, ge, le, sa, eb or ap in front if wanted";
    parameter
        .alternatives()
        .iter()
        .map(|value| DateRange::parse(value).ok_or_else(|| unreadable(parameter, expected)))
        .collect()
}

fn references(parameter: &Parameter, kind: Option<String>, base: &str) -> Vec<SoughtReference> {
    parameter
        .alternatives()
        .iter()
        .map(|value| {
            let value = unescaped(value);
            let relative = value
                .strip_prefix(base)
                .map_or(value.as_str(), |rest| rest.trim_start_matches('/'));
            match relative.split_once('/') {
                Some((of, id)) => SoughtReference {
                    kind: Some(of.to_owned()),
                    id: Uuid::try_parse(id).ok(),
                },
                None => SoughtReference {
                    kind: kind.clone(),
                    id: Uuid::try_parse(relative).ok(),
                },
            }
        })
        .collect()
}

fn modifier(parameter: &Parameter) -> SearchRefusal {
    SearchRefusal::Modifier {
        parameter: parameter.written.clone(),
    }
}

fn unreadable(parameter: &Parameter, expected: &'static str) -> SearchRefusal {
    SearchRefusal::Value {
        parameter: parameter.written.clone(),
        expected,
    }
}
