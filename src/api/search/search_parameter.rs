//! A search parameter, as a kind of resource declares it: its name, what kind of value it takes,
//! and where in the resource it looks (<https://hl7.org/fhir/R4/search.html#ptypes>).

use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::Term;

/// What kind of value a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// A code or identifier.
    Token {
        /// The system that a bare code is in.
        bound_to: Option<&'static str>,
        /// A code that every resource of the kind answers to beside its own.
        also: Option<Term>,
    },
    /// True or false: a token that has no system.
    Truth,
    /// A day, a moment, or a stretch of time.
    Date,
    /// Another resource, of one of these kinds; of any kind where none is named.
    Reference(&'static [ResourceKind]),
    /// Words.
    Text,
    /// A URI, as it is written.
    Uri,
}

/// One parameter of a kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchParameter {
    /// Its name.
    pub name: &'static str,
    /// Where it looks: a path in the resource, or several joined by ` | `.
    pub path: &'static str,
    /// What kind of value it takes.
    pub kind: ParameterKind,
    /// Whether it names the child that a search is about.
    pub names_child: bool,
}

/// What can be asked of every resource
/// (<https://hl7.org/fhir/R4/resource.html#search>).
pub const OF_EVERY_RESOURCE: [SearchParameter; 6] = [
    SearchParameter::token("_id", "id"),
    SearchParameter::date("_lastUpdated", "meta.lastUpdated"),
    SearchParameter::uri("_profile", "meta.profile"),
    SearchParameter::token("_security", "meta.security"),
    SearchParameter::token("_tag", "meta.tag"),
    SearchParameter::uri("_source", "meta.source"),
];

impl SearchParameter {
    const fn of(name: &'static str, path: &'static str, kind: ParameterKind) -> Self {
        Self {
            name,
            path,
            kind,
            names_child: false,
        }
    }

    /// A parameter for codes that stand with their systems, and for identifiers.
    #[must_use]
    pub const fn token(name: &'static str, path: &'static str) -> Self {
        let kind = ParameterKind::Token {
            bound_to: None,
            also: None,
        };
        Self::of(name, path, kind)
    }

    /// A parameter for bare codes, which are all in one system.
    #[must_use]
    pub const fn code(name: &'static str, path: &'static str, system: &'static str) -> Self {
        let kind = ParameterKind::Token {
            bound_to: Some(system),
            also: None,
        };
        Self::of(name, path, kind)
    }

    /// A parameter for codes, where every resource of the kind answers to one more.
    #[must_use]
    pub const fn token_or(name: &'static str, path: &'static str, also: Term) -> Self {
        let kind = ParameterKind::Token {
            bound_to: None,
            also: Some(also),
        };
        Self::of(name, path, kind)
    }

    /// A parameter for what is true or false.
    #[must_use]
    pub const fn truth(name: &'static str, path: &'static str) -> Self {
        Self::of(name, path, ParameterKind::Truth)
    }

    /// A parameter for dates and periods.
    #[must_use]
    pub const fn date(name: &'static str, path: &'static str) -> Self {
        Self::of(name, path, ParameterKind::Date)
    }

    /// A parameter for references to these kinds of resource.
    #[must_use]
    pub const fn reference(
        name: &'static str,
        path: &'static str,
        to: &'static [ResourceKind],
    ) -> Self {
        Self::of(name, path, ParameterKind::Reference(to))
    }

    /// A parameter for the reference to the child that a search is about.
    #[must_use]
    pub const fn child(name: &'static str, path: &'static str) -> Self {
        Self::reference(name, path, &[ResourceKind::Patient]).naming_the_child()
    }

    /// The same parameter, where it names the child that a search is about.
    #[must_use]
    pub const fn naming_the_child(self) -> Self {
        Self {
            names_child: true,
            ..self
        }
    }

    /// A parameter for words.
    #[must_use]
    pub const fn text(name: &'static str, path: &'static str) -> Self {
        Self::of(name, path, ParameterKind::Text)
    }

    /// A parameter for URIs.
    #[must_use]
    pub const fn uri(name: &'static str, path: &'static str) -> Self {
        Self::of(name, path, ParameterKind::Uri)
    }

    /// Whether the parameter is a reference that may lead to a kind of resource.
    #[must_use]
    pub fn leads_to(&self, kind: ResourceKind) -> bool {
        match self.kind {
            ParameterKind::Reference(to) => to.is_empty() || to.contains(&kind),
            _ => false,
        }
    }
}
