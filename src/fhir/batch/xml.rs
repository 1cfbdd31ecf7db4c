//! A batch in XML, as the JSON it would be (<https://hl7.org/fhir/R4/xml.html>).
//!
//! Read in one pass that never calls itself, with the text of a document type or of an entity of
//! its own refused before anything is made of it. A resource that rides along is passed over.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesDecl, BytesStart, Event};
use serde_json::{Map, Value};

use super::{BatchError, DEPTH_MAX};

/// FHIR's namespace; it must be the default one, so that no prefix needs to be followed.
const FHIR: &str = "http://hl7.org/fhir";

/// An element whose end has not been read.
struct Open {
    name: String,
    value: Option<String>,
    members: Map<String, Value>,
}

/// What has been read so far.
#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    /// How many elements are open inside a resource that rides along.
    passed_over: usize,
    root: Option<Value>,
}

/// Why an event cannot be taken.
enum Fault {
    TooDeep,
    NotXml,
    NotABundle,
}

/// The document as JSON: a name that comes twice is a list, and so is every `entry`.
///
/// # Errors
/// [`BatchError`] when it is no XML as FHIR has it, or nests too deep.
pub fn bundle(body: &[u8]) -> Result<Value, BatchError> {
    let text = str::from_utf8(body)
        .ok()
        .ok_or(BatchError::NotXml { line: 1 })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    let mut tree = Tree::default();
    loop {
        let event = reader.read_event();
        let line = || line(text, reader.buffer_position());
        let taken = match event {
            Ok(Event::Eof) => break,
            Ok(event) => tree.take(&event),
            Err(_) => Err(Fault::NotXml),
        };
        taken.map_err(|fault| match fault {
            Fault::TooDeep => BatchError::TooDeep,
            Fault::NotXml => BatchError::NotXml { line: line() },
            Fault::NotABundle => BatchError::NotABundle { line: line() },
        })?;
    }
    let is_whole = tree.open.is_empty();
    let last_line = line(text, u64::MAX);
    tree.root
        .filter(|_| is_whole)
        .ok_or(BatchError::NotXml { line: last_line })
}

/// The line that so many bytes lead to, from 1.
fn line(text: &str, bytes: u64) -> usize {
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    let read = text.as_bytes().iter().take(bytes);
    read.filter(|byte| **byte == b'\n')
        .count()
        .saturating_add(1)
}

impl Tree {
    fn take(&mut self, event: &Event) -> Result<(), Fault> {
        match event {
            Event::Start(start) => self.start(start),
            Event::Empty(start) => {
                self.start(start)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => self.text(text),
            Event::Decl(declaration) => check_encoding(declaration),
            Event::Comment(_) | Event::Eof => Ok(()),
            // Only a narrative has any use for these, and it rides along.
            Event::CData(_) | Event::GeneralRef(_) if self.passed_over > 0 => Ok(()),
            Event::CData(_) | Event::GeneralRef(_) | Event::PI(_) | Event::DocType(_) => {
                Err(Fault::NotXml)
            }
        }
    }

    fn start(&mut self, start: &BytesStart) -> Result<(), Fault> {
        if self.open.len().saturating_add(self.passed_over) >= DEPTH_MAX {
            return Err(Fault::TooDeep);
        }
        let name = start.name();
        let name = name.as_ref();
        let is_second_root = self.open.is_empty() && self.root.is_some();
        if self.passed_over > 0 || (name == "resource" && !self.open.is_empty()) {
            self.passed_over = self.passed_over.saturating_add(1);
            return Ok(());
        }
        if is_second_root {
            return Err(Fault::NotXml);
        }
        let value = value(start, self.open.is_empty())?;
        let mut members = Map::new();
        if self.open.is_empty() {
            members.insert("resourceType".to_owned(), Value::from(name));
        }
        self.open.push(Open {
            name: name.to_owned(),
            value,
            members,
        });
        Ok(())
    }

    fn end(&mut self) {
        if self.passed_over > 0 {
            self.passed_over = self.passed_over.saturating_sub(1);
            return;
        }
        let Some(ended) = self.open.pop() else {
            return;
        };
        let value = match ended.value {
            Some(value) => Value::from(value),
            None => Value::Object(ended.members),
        };
        match self.open.last_mut() {
            Some(parent) => add(&mut parent.members, ended.name, value),
            None => self.root = Some(value),
        }
    }

    /// Text stands only in a narrative; between elements there is none but white space.
    fn text(&self, text: &str) -> Result<(), Fault> {
        if self.passed_over > 0 || text.trim_ascii().is_empty() {
            Ok(())
        } else if self.open.is_empty() {
            Err(Fault::NotXml)
        } else {
            Err(Fault::NotABundle)
        }
    }
}

fn add(members: &mut Map<String, Value>, name: String, value: Value) {
    match members.get_mut(&name) {
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
        None if name == "entry" => {
            members.insert(name, Value::Array(vec![value]));
        }
        None => {
            members.insert(name, value);
        }
    }
}

/// The `value` of an element that has one, once it is clear that its other attributes are FHIR's.
fn value(start: &BytesStart, is_root: bool) -> Result<Option<String>, Fault> {
    let (mut value, mut namespace) = (None, None);
    // Not with the reader's own checks: those compare every attribute with every other.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_torn| Fault::NotXml)?;
        let held = || {
            attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map(|value| value.into_owned())
                .map_err(|_unknown_entity| Fault::NotXml)
        };
        let is_repeated = match attribute.key.as_ref() {
            "value" => value.replace(held()?).is_some(),
            "xmlns" => namespace.replace(held()?).is_some(),
            "id" | "url" => false,
            other if other.contains(':') => false,
            _ => return Err(Fault::NotABundle),
        };
        if is_repeated {
            return Err(Fault::NotXml);
        }
    }
    match namespace.as_deref() {
        Some(FHIR) => Ok(value),
        None if !is_root => Ok(value),
        _ => Err(Fault::NotABundle),
    }
}

fn check_encoding(declaration: &BytesDecl) -> Result<(), Fault> {
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(_) => Err(Fault::NotXml),
    }
}
