//! R4's model of every resource: which elements a type has, which of them repeat, and what each is
//! (<https://hl7.org/fhir/R4/resourcelist.html>), as fhirbolt's tables hold it.

use fhirbolt_shared::element_map::r4::ELEMENT_MAP;
use fhirbolt_shared::type_hints::r4::TYPE_HINTS;

/// An element of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// Whether it is a list.
    pub repeats: bool,
    /// What it, or each of the list, is.
    pub form: Form,
}

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Elements, of the type of this name.
    Structure(&'static str),
    /// A resource of its own.
    Resource,
    /// True or false.
    Boolean,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A narrative.
    Xhtml,
}

/// The name of a type of resource, where R4 has it.
#[must_use]
pub fn resource(name: &str) -> Option<&'static str> {
    let (known, children) = ELEMENT_MAP.get_entry(name)?;
    (!known.contains('.') && children.contains("implicitRules")).then_some(*known)
}

/// The element of this name of a type, where it has one.
#[must_use]
pub fn element(of: &str, name: &str) -> Option<Element> {
    let (known, children) = ELEMENT_MAP
        .get_entry(of)
        .or(ELEMENT_MAP.get_entry("string"))?;
    // `string` has what every element has.
    let of = if *known == of { of } else { "Element" };
    if !children.contains(name) {
        return None;
    }
    let path = format!("{of}.{name}");
    let is_of_resource = children.contains("implicitRules");
    let of_every_type = match name {
        "extension" | "modifierExtension" => Some((true, Form::Structure("Extension"))),
        "id" => Some((false, Form::Text)),
        "url" if of == "Extension" => Some((false, Form::Text)),
        "implicitRules" | "language" if is_of_resource => Some((false, Form::Text)),
        "meta" if is_of_resource => Some((false, Form::Structure("Meta"))),
        "text" if is_of_resource => Some((false, Form::Structure("Narrative"))),
        "contained" if is_of_resource => Some((true, Form::Resource)),
        _ => None,
    };
    let (repeats, form) = of_every_type.or_else(|| {
        let repeats = TYPE_HINTS.array_paths.contains(path.as_str());
        Some((repeats, value(&path).or_else(|| structure(&path))?))
    })?;
    Some(Element { repeats, form })
}

/// The names of the elements of a type, in R4's order.
pub fn elements(of: &str) -> impl Iterator<Item = &'static str> {
    let known = ELEMENT_MAP.get(of).into_iter();
    known.flat_map(|children| children.iter().copied())
}

fn value(path: &str) -> Option<Form> {
    let numbers = [
        &TYPE_HINTS.integer_paths,
        &TYPE_HINTS.unsigned_integer_paths,
        &TYPE_HINTS.positive_integer_paths,
        &TYPE_HINTS.decimal_paths,
    ];
    if path == "Narrative.div" {
        Some(Form::Xhtml)
    } else if TYPE_HINTS.boolean_paths.contains(path) {
        Some(Form::Boolean)
    } else if numbers.iter().any(|paths| paths.contains(path)) {
        Some(Form::Number)
    } else {
        let is_value = TYPE_HINTS.all_primitives_paths.contains(path);
        is_value.then_some(Form::Text)
    }
}

fn structure(path: &str) -> Option<Form> {
    if let Some(of) = TYPE_HINTS.type_paths.get(path) {
        return Some(match *of {
            "Resource" => Form::Resource,
            of => Form::Structure(of),
        });
    }
    if let Some(of) = TYPE_HINTS.content_reference_paths.get(path) {
        return Some(Form::Structure(of));
    }
    let (own, _) = ELEMENT_MAP.get_entry(path)?;
    Some(Form::Structure(own))
}

#[cfg(test)]
mod tests {
    use super::{Element, Form, element, elements, resource};

    const fn one(form: Form) -> Option<Element> {
        Some(Element {
            repeats: false,
            form,
        })
    }

    const fn many(form: Form) -> Option<Element> {
        Some(Element {
            repeats: true,
            form,
        })
    }

    #[test]
    fn every_element_of_every_type_is_something() {
        let mut types = 0;
        for of in super::ELEMENT_MAP.keys() {
            types += 1;
            for name in elements(of) {
                let is_primitive = of.starts_with(|first: char| first.is_ascii_lowercase());
                let known = element(of, name).is_some();
                assert!(known || (is_primitive && name == "value"), "{of}.{name}");
            }
        }
        assert!(types > 500, "{types}");
    }

    #[test]
    fn elements_are_what_r4_says_they_are() {
        for (of, name, expected) in [
            ("Flag", "status", one(Form::Text)),
            ("Flag", "category", many(Form::Structure("CodeableConcept"))),
            ("Flag", "meta", one(Form::Structure("Meta"))),
            ("Flag", "text", one(Form::Structure("Narrative"))),
            ("Flag", "contained", many(Form::Resource)),
            ("Flag", "value", None),
            ("CodeableConcept", "text", one(Form::Text)),
            (
                "CodeableConcept",
                "extension",
                many(Form::Structure("Extension")),
            ),
            ("Narrative", "div", one(Form::Xhtml)),
            ("Extension", "valuePeriod", one(Form::Structure("Period"))),
            ("Extension", "valueDecimal", one(Form::Number)),
            ("Extension", "url", one(Form::Text)),
            ("Bundle", "entry", many(Form::Structure("Bundle.entry"))),
            ("Bundle.entry", "resource", one(Form::Resource)),
            ("Bundle.entry", "link", many(Form::Structure("Bundle.link"))),
            ("Patient", "deceasedBoolean", one(Form::Boolean)),
            ("Patient", "deceased", None),
            ("Element", "extension", many(Form::Structure("Extension"))),
            ("Element", "meta", None),
        ] {
            assert_eq!(element(of, name), expected, "{of}.{name}");
        }
    }

    #[test]
    fn a_type_of_resource_is_told_from_other_types() {
        assert_eq!(resource("Flag"), Some("Flag"));
        for other in ["flag", "Period", "Bundle.entry", "", "Element", "string"] {
            assert_eq!(resource(other), None, "{other}");
        }
    }
}
