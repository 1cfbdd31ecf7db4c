//! What an XML text is made of, told to whoever builds something of it
//! (<https://hl7.org/fhir/R4/xml.html>).
//!
//! Read in one pass that never calls itself, with the text of a document type or of an entity of
//! its own refused before anything is made of it.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesDecl, BytesStart, Event};

/// FHIR's namespace; it must be the default one, so that no prefix needs to be followed.
const FHIR: &str = "http://hl7.org/fhir";

/// Why an event cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It nests too deep.
    TooDeep,
    /// It is no XML, or XML that FHIR does not allow.
    NotXml,
    /// It is XML, and not of FHIR's shape.
    NotFhir,
}

/// What is built of a text.
pub trait Tree {
    /// How many elements are open.
    fn depth(&self) -> usize;
    /// Whether the present element holds what is kept or passed over as it is: text, and XML's
    /// means of writing it.
    fn is_opaque(&self) -> bool;
    /// Whether what is kept or passed over may name this entity. Nothing is made of it.
    fn admits_entity(&self, _name: &str) -> bool {
        true
    }
    /// Takes the start of an element, which begins at this byte.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be there.
    fn start(&mut self, start: &BytesStart<'_>, at: usize) -> Result<(), Fault>;
    /// Takes the end of the present element, which ends before this byte.
    ///
    /// # Errors
    /// [`Fault`] when it is not whole.
    fn end(&mut self, at: usize) -> Result<(), Fault>;
}

/// Tells a tree what an XML document is made of.
///
/// # Errors
/// [`Fault`], and the line it is seen on, from 1.
pub fn tell(text: &str, depth_max: usize, tree: &mut impl Tree) -> Result<(), (Fault, usize)> {
    let mut reader = Reader::from_str(text);
    let mut roots = 0_usize;
    loop {
        let from = place(reader.buffer_position());
        let event = reader.read_event();
        let to = place(reader.buffer_position());
        let taken = match event {
            Ok(Event::Eof) => break,
            Ok(event) => {
                if tree.depth() == 0 && matches!(event, Event::Start(_) | Event::Empty(_)) {
                    roots = roots.saturating_add(1);
                }
                let is_second = roots > 1;
                take(tree, &event, (from, to), depth_max).and(if is_second {
                    Err(Fault::NotXml)
                } else {
                    Ok(())
                })
            }
            Err(_) => Err(Fault::NotXml),
        };
        taken.map_err(|fault| (fault, line(text, to)))?;
    }
    if roots == 1 && tree.depth() == 0 {
        Ok(())
    } else {
        Err((Fault::NotXml, line(text, usize::MAX)))
    }
}

/// The text of an XML document, without the mark that says it is UTF-8; none where it is not.
#[must_use]
pub fn text(body: &[u8]) -> Option<&str> {
    let text = str::from_utf8(body).ok()?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn take(
    tree: &mut impl Tree,
    event: &Event<'_>,
    (from, to): (usize, usize),
    depth_max: usize,
) -> Result<(), Fault> {
    match event {
        Event::Start(_) | Event::Empty(_) if tree.depth() >= depth_max => Err(Fault::TooDeep),
        Event::Start(start) => tree.start(start, from),
        Event::Empty(start) => {
            tree.start(start, from)?;
            tree.end(to)
        }
        Event::End(_) => tree.end(to),
        Event::Text(text) => check_text(tree, text),
        Event::Decl(declaration) => check_encoding(declaration),
        Event::Comment(_) | Event::Eof => Ok(()),
        // Only a narrative has any use for these.
        Event::CData(_) if tree.is_opaque() => Ok(()),
        Event::GeneralRef(name) if tree.is_opaque() && tree.admits_entity(name) => Ok(()),
        Event::CData(_) | Event::GeneralRef(_) | Event::PI(_) | Event::DocType(_) => {
            Err(Fault::NotXml)
        }
    }
}

/// Text stands only in a narrative; between elements there is none but white space.
fn check_text(tree: &impl Tree, text: &str) -> Result<(), Fault> {
    if tree.is_opaque() || text.trim_ascii().is_empty() {
        Ok(())
    } else if tree.depth() == 0 {
        Err(Fault::NotXml)
    } else {
        Err(Fault::NotFhir)
    }
}

fn check_encoding(declaration: &BytesDecl<'_>) -> Result<(), Fault> {
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(_) => Err(Fault::NotXml),
    }
}

fn place(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// The line that so many bytes lead to, from 1.
fn line(text: &str, bytes: usize) -> usize {
    let read = text.as_bytes().iter().take(bytes);
    read.filter(|byte| **byte == b'\n')
        .count()
        .saturating_add(1)
}

/// The attributes that FHIR's elements have.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// A primitive's value.
    pub value: Option<String>,
    /// The element's id.
    pub id: Option<String>,
    /// What an extension means.
    pub url: Option<String>,
}

/// The attributes of an element, once it is clear that all of them are FHIR's.
///
/// # Errors
/// [`Fault`] when one is not, or stands twice, or the element is of another namespace.
pub fn attributes(start: &BytesStart<'_>, is_root: bool) -> Result<Attributes, Fault> {
    let (mut found, mut namespace) = (Attributes::default(), None);
    // Not with the reader's own checks: those compare every attribute with every other.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_torn| Fault::NotXml)?;
        let slot = match attribute.key.as_ref() {
            "value" => &mut found.value,
            "id" => &mut found.id,
            "url" => &mut found.url,
            "xmlns" => &mut namespace,
            other if other.contains(':') => continue,
            _ => return Err(Fault::NotFhir),
        };
        let held = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|_unknown_entity| Fault::NotXml)?;
        if slot.replace(held.into_owned()).is_some() {
            return Err(Fault::NotXml);
        }
    }
    match namespace.as_deref() {
        Some(FHIR) => Ok(found),
        None if !is_root => Ok(found),
        _ => Err(Fault::NotFhir),
    }
}
