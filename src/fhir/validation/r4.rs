//! What R4 demands of the elements of a type beyond their names: which must be there, of which
//! simple type a value is, and which codes it may be
//! (<https://hl7.org/fhir/R4/profilelist.html>). It is told of the types that are answered here and
//! of the data types they are made of.

mod tables;

use self::tables::{CODES, OF_A_RESOURCE, RULES};
use super::value::Simple;

/// A rule about one element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name; of several names, what they begin with.
    pub name: &'static str,
    /// Whether it must be there.
    pub is_required: bool,
    /// Whether it stands for one of several names, which say the type too.
    pub is_choice: bool,
    /// Its simple type.
    simple: Option<&'static str>,
}

/// The rules of a type of R4's.
pub fn rules(of: &str) -> impl Iterator<Item = Rule> {
    let written = RULES.iter().find(|(known, _)| *known == of);
    let is_resource = crate::fhir::model::resource(of).is_some();
    let of_every_resource = if is_resource { OF_A_RESOURCE } else { "" };
    let own = written.map_or("", |(_, rules)| *rules);
    let rules = of_every_resource.split(' ').chain(own.split(' '));
    rules.filter_map(rule)
}

fn rule(written: &'static str) -> Option<Rule> {
    let (rule, is_required) = match written.strip_suffix('!') {
        Some(rule) => (rule, true),
        None => (written, false),
    };
    let (name, simple) = match rule.split_once('=') {
        Some((name, simple)) => (name, Some(simple)),
        None => (rule, None),
    };
    let (name, is_choice) = match name.strip_suffix("[x]") {
        Some(name) => (name, true),
        None => (name, false),
    };
    (!name.is_empty()).then_some(Rule {
        name,
        is_required,
        is_choice,
        simple,
    })
}

impl Rule {
    /// Whether it is about the element of this name.
    #[must_use]
    pub fn is_about(&self, name: &str) -> bool {
        if !self.is_choice {
            return self.name == name;
        }
        let rest = name.strip_prefix(self.name).unwrap_or_default();
        rest.starts_with(|first: char| first.is_ascii_uppercase())
    }
}

/// The simple type of a type's element that holds a text or a number; a plain string where R4's
/// tables here say nothing else.
#[must_use]
pub fn simple(of: &str, name: &str) -> Simple {
    let rule = rules(of).find(|rule| rule.is_about(name));
    match rule {
        Some(rule) if rule.is_choice => {
            let rest = name.strip_prefix(rule.name).unwrap_or_default();
            let first = rest.get(..1).unwrap_or_default().to_ascii_lowercase();
            Simple::parse(&format!("{first}{}", rest.get(1..).unwrap_or_default()))
        }
        Some(Rule {
            simple: Some(simple),
            ..
        }) => Simple::parse(simple),
        _ => Simple::String,
    }
}

/// The codes an element of a type may be, where R4 closes the list.
#[must_use]
pub fn codes(of: &str, name: &str) -> Option<impl Iterator<Item = &'static str> + use<>> {
    let bound = CODES.iter().find(|(path, _)| {
        path.strip_suffix(name)
            .and_then(|rest| rest.strip_suffix('.'))
            .is_some_and(|rest| rest == of)
    });
    bound.map(|(_, codes)| codes.split(' '))
}

#[cfg(test)]
mod tests {
    use super::{CODES, RULES, codes, rules, simple};
    use crate::fhir::model::{Form, element, elements};
    use crate::fhir::validation::value::Simple;

    #[test]
    fn every_rule_is_about_elements_that_r4_has() {
        for (of, _) in RULES {
            for rule in rules(of) {
                let about: Vec<&str> = elements(of).filter(|name| rule.is_about(name)).collect();
                assert_eq!(
                    about.len() > 1,
                    rule.is_choice,
                    "{of}.{}: {about:?}",
                    rule.name
                );
                assert!(!about.is_empty(), "{of}.{}", rule.name);
                for name in about {
                    let form = element(of, name).map(|element| element.form);
                    let is_value = !matches!(form, Some(Form::Structure(_) | Form::Resource));
                    assert!(rule.simple.is_none() || is_value, "{of}.{name}");
                }
            }
        }
    }

    #[test]
    fn every_closed_list_is_of_codes() {
        for (path, _) in CODES {
            let bound = path.rsplit_once('.');
            let simple = bound.map(|(of, name)| simple(of, name));
            assert_eq!(simple, Some(Simple::Code), "{path}");
            let codes = bound.and_then(|(of, name)| codes(of, name));
            assert!(codes.is_some_and(|codes| codes.count() > 1), "{path}");
        }
        assert!(codes("Flag", "category").is_none());
        assert!(codes("EpisodeOfCare", "use").is_none());
    }

    #[test]
    fn the_name_of_a_choice_says_its_type() {
        assert_eq!(simple("Extension", "valueDateTime"), Simple::DateTime);
        assert_eq!(simple("Extension", "valueUri"), Simple::Uri);
        assert_eq!(simple("Extension", "url"), Simple::Uri);
        assert_eq!(simple("Patient", "deceasedDateTime"), Simple::DateTime);
        assert_eq!(simple("Flag", "id"), Simple::Id);
        assert_eq!(simple("Coding", "display"), Simple::String);
    }
}
