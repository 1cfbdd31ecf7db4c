//! The parts of an HL7 v3 message, one at a time: what stands in its root, each part read whole.
//!
//! Nothing is made of a document type, an entity of the message's own or a processing instruction:
//! all three refuse the file. Depth, elements and attributes are bounded, so that the memory taken
//! is that of one part, whatever a message holds.

use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::{NsReader, XmlVersion, escape};

use super::document::is_xml;
use super::element::Element;
use super::vocabulary::{HL7, LOCALISATION, SCHEMA_INSTANCE};
use crate::messages::file_refusal::FileRefusal;

/// The most elements within one another. CP-IS's messages have eight.
const DEPTH_MAX: usize = 16;

/// The most elements of one part. A record of an upload has fewer than fifty.
const ELEMENTS_MAX: usize = 200;

/// The most attributes of one element, namespaces included.
const ATTRIBUTES_MAX: usize = 16;

/// The longest text kept, in bytes. What is longer is cut, and refused as too long by whoever reads
/// it: no field may have more than 1,000 characters.
const TEXT_BYTES_MAX: usize = 4_004;

/// A message whose parts are being read.
pub(super) struct Parts<'message> {
    message: &'message str,
    reader: NsReader<&'message [u8]>,
    is_done: bool,
}

impl<'message> Parts<'message> {
    /// Takes a message, whose root must have this name and no attributes.
    ///
    /// # Errors
    /// [`FileRefusal`] when it is no XML in UTF-8, or another message.
    pub(super) fn of(message: &'message [u8], root: &str) -> Result<Self, FileRefusal> {
        let Some(message) = text_of(message) else {
            return Err(FileRefusal::of_file("the file is not XML in UTF-8"));
        };
        let mut parts = Self {
            message,
            reader: NsReader::from_str(message),
            is_done: false,
        };
        let config = parts.reader.config_mut();
        config.check_comments = true;
        config.expand_empty_elements = true;
        let found = parts.root()?;
        if found.name != root || found.only_schema_hints().is_err() {
            let reason = format!("the file is not a {root} of {HL7}, without attributes");
            return Err(parts.refusal(&reason));
        }
        Ok(parts)
    }

    /// The next part; none at the end of the message, which then has been read to its last byte.
    ///
    /// # Errors
    /// [`FileRefusal`] when it is not well-formed, or beyond a bound.
    pub(super) fn next(&mut self) -> Result<Option<Element>, FileRefusal> {
        if self.is_done {
            return Ok(None);
        }
        loop {
            match self.event()? {
                Event::Start(start) => return self.part(&start).map(Some),
                Event::End(_) => {
                    self.is_done = true;
                    return self.check_end().map(|()| None);
                }
                Event::Text(text) if is_blank(&text) => {}
                Event::Eof => return Err(self.refusal("the file ends within an element")),
                _ => return Err(self.refusal("text stands between its elements")),
            }
        }
    }

    fn root(&mut self) -> Result<Element, FileRefusal> {
        loop {
            match self.event()? {
                Event::Start(start) => return self.element(&start, 0),
                Event::Text(text) if is_blank(&text) => {}
                _ => return Err(self.refusal("the file does not begin with an element")),
            }
        }
    }

    fn check_end(&mut self) -> Result<(), FileRefusal> {
        loop {
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Text(text) if is_blank(&text) => {}
                _ => return Err(self.refusal("something follows the end of the message")),
            }
        }
    }

    fn part(&mut self, start: &BytesStart<'_>) -> Result<Element, FileRefusal> {
        let mut open = vec![self.element(start, 0)?];
        let (mut elements, mut depth) = (1, 1);
        while let Some(present) = open.last_mut() {
            match self.event()? {
                Event::Start(_) if depth == DEPTH_MAX => {
                    return Err(self.refusal("its elements are nested too deep"));
                }
                Event::Start(_) if elements == ELEMENTS_MAX => {
                    return Err(self.refusal("too many elements stand in one"));
                }
                Event::Start(start) => {
                    open.push(self.element(&start, elements)?);
                    (elements, depth) = (elements + 1, depth + 1);
                }
                Event::End(_) => {
                    let Some(ended) = open.pop() else { break };
                    depth -= 1;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(ended),
                        None => return Ok(ended),
                    }
                }
                Event::Text(text) => add(&mut present.text, &text.xml10_content()),
                Event::CData(text) => add(&mut present.text, &text.xml10_content()),
                Event::GeneralRef(name) => {
                    let character = character(&name)
                        .ok_or_else(|| self.refusal("it refers to an entity of its own"))?;
                    add(&mut present.text, character.encode_utf8(&mut [0; 4]));
                }
                _ => return Err(self.refusal("the file ends within an element")),
            }
        }
        Err(self.refusal("the file ends within an element"))
    }

    /// The next event that says anything. What is never allowed is refused here.
    fn event(&mut self) -> Result<Event<'message>, FileRefusal> {
        loop {
            let from = self.reader.buffer_position();
            match self.reader.read_event() {
                Ok(Event::Comment(_)) => {}
                Ok(Event::Decl(declaration)) if from == 0 && is_utf_8(&declaration) => {}
                Ok(Event::Decl(_)) => {
                    return Err(self.refusal("its XML declaration is not first, or not of UTF-8"));
                }
                Ok(Event::DocType(_)) => {
                    return Err(self.refusal("a document type is never read"));
                }
                Ok(Event::PI(_)) => {
                    return Err(self.refusal("a processing instruction is never read"));
                }
                Ok(event) => return Ok(event),
                Err(_) => return Err(self.refusal("the file is not well-formed XML")),
            }
        }
    }

    fn element(&self, start: &BytesStart<'_>, number: usize) -> Result<Element, FileRefusal> {
        let resolver = self.reader.resolver();
        let (namespace, local) = resolver.resolve_element(start.name());
        let mut element = Element {
            name: format!("{}{}", prefix(&namespace), local.as_ref()),
            number,
            ..Element::default()
        };
        // Not with the reader's own checks: those compare every attribute with every other.
        for (count, attribute) in start.attributes().with_checks(false).enumerate() {
            let attribute = match attribute {
                Ok(attribute) if count < ATTRIBUTES_MAX => attribute,
                Ok(_) => return Err(self.refusal("an element has too many attributes")),
                Err(_) => return Err(self.refusal("the file is not well-formed XML")),
            };
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let (namespace, local) = resolver.resolve_attribute(attribute.key);
            let name = match namespace {
                ResolveResult::Unbound => local.as_ref().to_owned(),
                bound => format!("{}{}", attribute_prefix(&bound), local.as_ref()),
            };
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .ok()
                .filter(|value| value.chars().all(is_xml))
                .ok_or_else(|| self.refusal("an attribute refers to what XML does not have"))?;
            if element.attributes.iter().any(|(known, _)| *known == name) {
                return Err(self.refusal("an attribute stands twice in one element"));
            }
            let mut kept = String::new();
            add(&mut kept, &value);
            element.attributes.push((name, kept));
        }
        Ok(element)
    }

    /// A refusal at the line that has been read to.
    pub(super) fn refusal(&self, reason: &str) -> FileRefusal {
        let read = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let read = self.message.as_bytes().iter().take(read);
        let lines = read.filter(|byte| **byte == b'\n').count();
        let line = u64::try_from(lines).unwrap_or(u64::MAX).saturating_add(1);
        FileRefusal::of_line(line, reason)
    }
}

impl Element {
    /// That its attributes only tell where its schema is.
    fn only_schema_hints(&self) -> Result<(), super::element::Fault> {
        self.only(&["xsi:schemaLocation"])
    }
}

/// The message's text, without a byte order mark; none where XML cannot say it.
fn text_of(message: &[u8]) -> Option<&str> {
    let text = str::from_utf8(message).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.chars().all(is_xml).then_some(text)
}

fn prefix(namespace: &ResolveResult<'_>) -> &'static str {
    match namespace {
        ResolveResult::Bound(Namespace(HL7)) => "",
        ResolveResult::Bound(Namespace(LOCALISATION)) => "npfitlc:",
        _ => "?:",
    }
}

fn attribute_prefix(namespace: &ResolveResult<'_>) -> &'static str {
    match namespace {
        ResolveResult::Bound(Namespace(SCHEMA_INSTANCE)) => "xsi:",
        _ => "?:",
    }
}

/// Adds a text as far as it is kept.
fn add(kept: &mut String, text: &str) {
    if kept.len().saturating_add(text.len()) <= TEXT_BYTES_MAX {
        kept.push_str(text);
        return;
    }
    for character in text.chars() {
        if kept.len() >= TEXT_BYTES_MAX {
            return;
        }
        kept.push(character);
    }
}

/// The character that XML has for a reference.
fn character(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        let character = reference.resolve_char_ref().ok().flatten();
        return character.filter(|character| is_xml(*character));
    }
    escape::resolve_predefined_entity(reference)?.chars().next()
}

fn is_blank(text: &str) -> bool {
    text.trim_matches([' ', '\t', '\r', '\n']).is_empty()
}

fn is_utf_8(declaration: &BytesDecl<'_>) -> bool {
    match declaration.encoding() {
        None => true,
        Some(Ok(name)) => name.eq_ignore_ascii_case("utf-8"),
        Some(Err(_)) => false,
    }
}
