//! The parameters of a search, as the caller wrote them: `name:modifier=value` and
//! `name.chain=value` (<https://hl7.org/fhir/R4/search.html>).

/// The longest search taken, in bytes of its written form.
pub const SEARCH_BYTES_MAX: usize = 4_000;
/// The most parameters of one search.
pub const PARAMETERS_MAX: usize = 50;

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The whole name as written, modifiers and chains included.
    pub written: String,
    /// The value, percent-decoded, escapes still in it.
    pub value: String,
}

impl Parameter {
    /// The name without modifiers and chains.
    #[must_use]
    pub fn name(&self) -> &str {
        self.written.split([':', '.']).next().unwrap_or_default()
    }

    /// What follows the name: empty, `:modifier`, `.chain`, `:Type.chain`.
    #[must_use]
    pub fn rest(&self) -> &str {
        self.written.get(self.name().len()..).unwrap_or_default()
    }

    /// The same value asked under another name: of what a chain leads to.
    #[must_use]
    pub fn under(&self, written: &str) -> Self {
        Self {
            written: written.to_owned(),
            value: self.value.clone(),
        }
    }

    /// The value's alternatives: split at commas, escapes (`\,` `\|` `\$` `\\`) kept for the next
    /// reader (<https://hl7.org/fhir/R4/search.html#escaping>).
    #[must_use]
    pub fn alternatives(&self) -> Vec<String> {
        split_unescaped(&self.value, ',')
    }
}

/// Splits at a character wherever no backslash stands before it.
#[must_use]
pub fn split_unescaped(text: &str, at: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for character in text.chars() {
        if character == at && !escaped {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(character);
        }
        escaped = character == '\\' && !escaped;
    }
    parts
}

/// Takes the escapes out of a value that has been split.
#[must_use]
pub fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            other => plain.push(other),
        }
    }
    plain
}

/// Reads `application/x-www-form-urlencoded` text: a query string or a posted form. Parameters
/// without a value say nothing and are left out.
#[must_use]
pub fn read(text: &str) -> Vec<Parameter> {
    form_urlencoded::parse(text.as_bytes())
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| Parameter {
            written: name.into_owned(),
            value: value.into_owned(),
        })
        .collect()
}

/// Writes parameters as a query string.
#[must_use]
pub fn write(parameters: &[Parameter]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for parameter in parameters {
        query.append_pair(&parameter.written, &parameter.value);
    }
    query.finish()
}

/// What of a URL follows this service's base; the URL as it is where it is not this service's.
#[must_use]
pub fn relative<'a>(url: &'a str, base: &str) -> &'a str {
    url.strip_prefix(base)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::{Parameter, read, split_unescaped, unescaped, write};

    fn parameter(written: &str, value: &str) -> Parameter {
        Parameter {
            written: written.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn a_name_is_told_from_its_modifier_and_chain() {
        for (written, name, rest) in [
            ("patient:identifier", "patient", ":identifier"),
            (
                "subject:Patient.identifier",
                "subject",
                ":Patient.identifier",
            ),
            ("patient.identifier", "patient", ".identifier"),
            ("_count", "_count", ""),
        ] {
            let parameter = parameter(written, "x");
            assert_eq!((parameter.name(), parameter.rest()), (name, rest));
        }
    }

    #[test]
    fn commas_separate_unless_escaped() {
        assert_eq!(
            split_unescaped("a,b\\,c,\\\\,d", ','),
            ["a", "b\\,c", "\\\\", "d"]
        );
        assert_eq!(unescaped("b\\,c\\|\\\\"), "b,c|\\");
    }

    #[test]
    fn parameters_without_a_value_are_left_out() {
        assert_eq!(
            read("patient=&_count=2&&=x"),
            [parameter("_count", "2"), parameter("", "x")]
        );
    }

    proptest! {
        #[test]
        fn whatever_is_written_reads_back(name in "[a-zA-Z:._]{1,20}", value in any::<String>()) {
            let written = vec![parameter(&name, &value)];
            let expected = if value.is_empty() { Vec::new() } else { written.clone() };
            prop_assert_eq!(read(&write(&written)), expected);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            for parameter in read(&text) {
                prop_assert!(parameter.written.starts_with(parameter.name()));
                prop_assert!(!parameter.alternatives().is_empty());
            }
        }
    }
}
