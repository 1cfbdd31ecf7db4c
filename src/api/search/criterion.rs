//! What a search asks of a resource beyond the child it is about: one parameter with its modifier,
//! true or false of what a resource says (<https://hl7.org/fhir/R4/search.html#modifiers>).

use crate::api::search::SearchRefusal;
use crate::api::search::date_range::DateRange;
use crate::api::search::parameters::Parameter;
use crate::api::search::search_parameter::{ParameterKind, SearchParameter};
use crate::api::search::sought::{
    SoughtReference, SoughtToken, dates, references, texts, tokens, truths, unreadable,
};
use crate::fhir::facets::{Facets, Target, Token};
use crate::fhir::resource_kind::ResourceKind;

/// One thing a search asks: any of its alternatives will do.
#[derive(Debug, Clone)]
pub struct Criterion {
    parameter: SearchParameter,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Missing(bool),
    Token {
        any_of: Vec<SoughtToken>,
        negated: bool,
    },
    Words(Vec<String>),
    Date(Vec<DateRange>),
    Reference(Vec<SoughtReference>),
    Identifier(Option<ResourceKind>, Vec<SoughtToken>),
    Text(Vec<String>, TextMatch),
    Uri(Vec<String>),
}

/// How a text is compared (<https://hl7.org/fhir/R4/search.html#string>).
#[derive(Debug, Clone, Copy)]
enum TextMatch {
    Begins,
    Contains,
    Exact,
}

impl Criterion {
    /// Reads a parameter of a resource, chains left to others.
    ///
    /// # Errors
    /// [`SearchRefusal`] when the value or modifier cannot be used.
    pub fn read(
        written: &Parameter,
        parameter: SearchParameter,
        base: &str,
    ) -> Result<Self, SearchRefusal> {
        let modifier = written.rest();
        let test = match (parameter.kind, modifier) {
            (_, ":missing") => Test::Missing(truth(written)?),
            (ParameterKind::Token { .. }, "" | ":not") => Test::Token {
                any_of: tokens(written)?,
                negated: modifier == ":not",
            },
            (ParameterKind::Truth, "" | ":not") => Test::Token {
                any_of: truths(written)?,
                negated: modifier == ":not",
            },
            (ParameterKind::Token { .. }, ":text") => Test::Words(folded(texts(written))),
            (ParameterKind::Date, "") => Test::Date(dates(written)?),
            (ParameterKind::Reference(_), "") => Test::Reference(references(written, None, base)),
            (ParameterKind::Reference(_), ":identifier") => {
                Test::Identifier(None, tokens(written)?)
            }
            (ParameterKind::Reference(_), _) => {
                let kind = ResourceKind::parse(modifier.trim_start_matches(':'))
                    .filter(|kind| parameter.leads_to(*kind))
                    .ok_or_else(|| refused(written))?;
                Test::Reference(references(written, Some(kind.name()), base))
            }
            (ParameterKind::Text, "") => Test::Text(folded(texts(written)), TextMatch::Begins),
            (ParameterKind::Text, ":contains") => {
                Test::Text(folded(texts(written)), TextMatch::Contains)
            }
            (ParameterKind::Text, ":exact") => Test::Text(texts(written), TextMatch::Exact),
            (ParameterKind::Uri, "") => Test::Uri(texts(written)),
            _ => return Err(refused(written)),
        };
        Ok(Self { parameter, test })
    }

    /// Reads a chain that leads to an identifier: every reference of this service says the
    /// identifier of what it leads to, also where that is no resource here.
    ///
    /// # Errors
    /// As [`Criterion::read`].
    pub fn of_identifier(
        written: &Parameter,
        parameter: SearchParameter,
        kind: Option<ResourceKind>,
    ) -> Result<Self, SearchRefusal> {
        let test = Test::Identifier(kind, tokens(written)?);
        Ok(Self { parameter, test })
    }

    /// Whether a resource is what is asked for.
    #[must_use]
    pub fn admits(&self, facets: &Facets) -> bool {
        let path = self.parameter.path;
        match &self.test {
            Test::Missing(missing) => facets.has(path) != *missing,
            Test::Token { any_of, negated } => {
                let folds_case = self.parameter.name != "_id";
                let found = self
                    .tokens(facets)
                    .iter()
                    .any(|token| any_of.iter().any(|one| one.admits(token, folds_case)));
                found != *negated
            }
            Test::Words(any_of) => {
                let words = facets.words(path);
                words
                    .iter()
                    .map(|words| words.to_lowercase())
                    .any(|words| any_of.iter().any(|sought| words.starts_with(sought)))
            }
            Test::Date(dates) => facets
                .periods(path)
                .iter()
                .any(|period| dates.iter().any(|date| date.admits(period))),
            Test::Reference(any_of) => self
                .targets(facets)
                .iter()
                .any(|target| any_of.iter().any(|sought| sought.admits(target))),
            Test::Identifier(kind, any_of) => self
                .targets(facets)
                .iter()
                .filter(|target| kind.is_none_or(|kind| kind.name() == target.kind))
                .filter_map(|target| target.identifier.as_ref())
                .any(|token| any_of.iter().any(|sought| sought.admits(token, true))),
            Test::Text(any_of, how) => facets
                .texts(path)
                .iter()
                .any(|text| any_of.iter().any(|sought| how.holds(text, sought))),
            Test::Uri(any_of) => facets
                .texts(path)
                .iter()
                .any(|uri| any_of.iter().any(|sought| sought == uri)),
        }
    }

    fn tokens(&self, facets: &Facets) -> Vec<Token> {
        let (bound_to, also) = match self.parameter.kind {
            ParameterKind::Token { bound_to, also } => (bound_to, also),
            ParameterKind::Truth => (None, None),
            _ => return Vec::new(),
        };
        let mut tokens = facets.tokens(self.parameter.path, bound_to);
        tokens.extend(also.map(|term| Token {
            system: Some(term.system.to_owned()),
            code: term.code.to_owned(),
        }));
        tokens
    }

    fn targets(&self, facets: &Facets) -> Vec<Target> {
        targets(&self.parameter, facets)
    }
}

/// What a reference parameter of a resource leads to, of the kinds it may.
#[must_use]
pub fn targets(parameter: &SearchParameter, facets: &Facets) -> Vec<Target> {
    let ParameterKind::Reference(to) = parameter.kind else {
        return Vec::new();
    };
    let mut targets = facets.targets(parameter.path);
    targets.retain(|target| {
        to.is_empty() || to.iter().any(|kind| kind.name() == target.kind.as_str())
    });
    targets
}

impl TextMatch {
    fn holds(self, text: &str, sought: &str) -> bool {
        match self {
            Self::Begins => text.to_lowercase().starts_with(sought),
            Self::Contains => text.to_lowercase().contains(sought),
            Self::Exact => text == sought,
        }
    }
}

fn folded(texts: Vec<String>) -> Vec<String> {
    texts.iter().map(|text| text.to_lowercase()).collect()
}

fn truth(written: &Parameter) -> Result<bool, SearchRefusal> {
    match written.value.as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(unreadable(written, "missing is true or false")),
    }
}

/// A modifier or chain that the parameter does not take.
#[must_use]
pub fn refused(written: &Parameter) -> SearchRefusal {
    SearchRefusal::Modifier {
        parameter: written.written.clone(),
    }
}
