//! Writes an HL7 v3 message: elements, attributes and text, each escaped so that it reads back.

use std::borrow::Cow;

use quick_xml::escape::escape;
use quick_xml::events::BytesStart;

use super::vocabulary::{CONTENT, CONTENT_ID, HL7, LOCALISATION, Template};

/// A message that is being written. What is opened must be closed.
#[derive(Debug, Default)]
pub(super) struct Document {
    xml: String,
}

impl Document {
    /// A message whose root has this name; [`Document::finished`] closes it.
    pub(super) fn of(root: &str) -> Self {
        let mut document = Self {
            xml: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
        };
        document.open_with(root, &[("xmlns", HL7), ("xmlns:npfitlc", LOCALISATION)]);
        document
    }

    /// The whole message.
    pub(super) fn finished(mut self, root: &str) -> Vec<u8> {
        self.close(root);
        self.xml.push('\n');
        self.xml.into_bytes()
    }

    /// Begins an element without attributes.
    pub(super) fn open(&mut self, name: &str) {
        self.open_with(name, &[]);
    }

    /// Begins an element.
    pub(super) fn open_with(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.xml.push('>');
    }

    /// Ends the element begun last.
    pub(super) fn close(&mut self, name: &str) {
        self.xml.push_str("</");
        self.xml.push_str(name);
        self.xml.push('>');
    }

    /// Writes an element that holds another, as this says.
    pub(super) fn within(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.open(name);
        write(self);
        self.close(name);
    }

    /// An element that holds nothing.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.xml.push_str("/>");
    }

    /// An element that holds a text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.open(name);
        self.xml.push_str(&escape(writable(text)));
        self.close(name);
    }

    /// Says which template follows, then writes it.
    pub(super) fn template(&mut self, template: Template, write: impl FnOnce(&mut Self)) {
        let content_id = template.content_id();
        self.empty(CONTENT_ID, &[("root", CONTENT), ("extension", &content_id)]);
        self.within(&template.element(), write);
    }

    /// Whether nothing is written yet.
    pub(super) fn is_empty(&self) -> bool {
        self.xml.is_empty()
    }

    /// Writes what another wrote of this message.
    pub(super) fn append(&mut self, part: &Self) {
        self.xml.push_str(&part.xml);
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let mut start = BytesStart::new(name);
        for (name, value) in attributes {
            start.push_attribute((*name, writable(value).as_ref()));
        }
        self.xml.push('<');
        self.xml.push_str(&start);
    }
}

/// Whether XML can say a character at all (<https://www.w3.org/TR/xml/#charsets>).
pub(super) fn is_xml(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        _ => character >= ' ' && !matches!(character, '\u{fffe}' | '\u{ffff}'),
    }
}

/// A text with what XML cannot say shown to have been there.
fn writable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_xml) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.replace(|character| !is_xml(character), "\u{fffd}"))
    }
}
