//! What a resource says to a person (<https://hl7.org/fhir/R4/narrative.html>).

use fhirbolt::model::r4::types::Narrative;

use crate::fhir::elements::without_control_characters;

/// A narrative of paragraphs, each plain text.
pub fn paragraphs(texts: &[String]) -> Box<Narrative> {
    let mut div = String::from("<div xmlns=\"http://www.w3.org/1999/xhtml\">");
    for text in texts {
        div.push_str("<p>");
        escape(text, &mut div);
        div.push_str("</p>");
    }
    div.push_str("</div>");
    Box::new(Narrative {
        status: "generated".into(),
        div: div.into(),
        ..Default::default()
    })
}

fn escape(text: &str, escaped: &mut String) {
    for character in without_control_characters(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            plain => escaped.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::{escape, paragraphs};
    use crate::fhir::elements::without_control_characters;

    #[test]
    fn a_council_cannot_write_markup_into_a_flag() {
        let narrative = paragraphs(&["<script>alert('A & B')</script>".into()]);
        assert_eq!(
            narrative.div.value,
            "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>&lt;script&gt;alert(&#39;A &amp; \
             B&#39;)&lt;/script&gt;</p></div>"
        );
    }

    proptest! {
        #[test]
        fn whatever_is_escaped_reads_back_and_holds_no_markup(text in any::<String>()) {
            let mut escaped = String::new();
            escape(&text, &mut escaped);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
            let read = escaped
                .replace("&#39;", "'")
                .replace("&quot;", "\"")
                .replace("&gt;", ">")
                .replace("&lt;", "<")
                .replace("&amp;", "&");
            prop_assert_eq!(read, without_control_characters(&text));
        }
    }
}
