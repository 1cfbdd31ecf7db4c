//! A resource in XML, as the JSON it would be (<https://hl7.org/fhir/R4/xml.html>).
//!
//! What repeats, what is a number and where another resource begins is R4's to say, and not the
//! text's; an element R4 does not have is kept all the same, for a validator to find.

use quick_xml::events::BytesStart;
use serde_json::{Map, Value, json};

use super::{DEPTH_MAX, Unreadable};
use crate::fhir::model::{Element, Form, element};
use crate::fhir::xml::events::{Attributes, Fault, Tree, attributes, tell, text};

/// An element whose end has not been read.
struct Open {
    name: String,
    is_array: bool,
    holds: Holds,
    value: Option<String>,
    members: Map<String, Value>,
}

/// What an element holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Elements of this type of R4's.
    Elements(&'static str),
    /// Elements R4 knows nothing of.
    Unknown,
    /// A value, and what is said of it.
    Value(Form),
    /// Another resource.
    Resource,
    /// A narrative, kept as it is written from this byte on.
    Narrative(usize),
}

struct Resource<'text> {
    text: &'text str,
    /// Whether the text is a whole document, whose root says its namespace.
    is_document: bool,
    open: Vec<Open>,
    /// How many elements of a narrative are open, itself not counted.
    inside_narrative: usize,
    root: Option<Value>,
}

/// The document as JSON.
///
/// # Errors
/// [`Unreadable`] when it is no XML as FHIR has it, or nests too deep.
pub fn resource(body: &[u8]) -> Result<Value, Unreadable> {
    let text = text(body).ok_or(Unreadable::NotXml { line: 1 })?;
    read(text, true)
}

/// An element of a document as JSON, in the namespace that the document's root says.
///
/// # Errors
/// As [`resource`]; lines are counted from the element's first.
pub fn within(element: &str) -> Result<Value, Unreadable> {
    read(element, false)
}

fn read(text: &str, is_document: bool) -> Result<Value, Unreadable> {
    let mut resource = Resource {
        text,
        is_document,
        open: Vec::new(),
        inside_narrative: 0,
        root: None,
    };
    tell(text, DEPTH_MAX, &mut resource).map_err(|(fault, line)| match fault {
        Fault::TooDeep => Unreadable::TooDeep,
        Fault::NotXml => Unreadable::NotXml { line },
        Fault::NotFhir => Unreadable::NotAResource { line },
    })?;
    resource.root.ok_or(Unreadable::NotXml { line: 1 })
}

impl Tree for Resource<'_> {
    fn depth(&self) -> usize {
        self.open.len().saturating_add(self.inside_narrative)
    }

    fn is_opaque(&self) -> bool {
        let last = self.open.last();
        last.is_some_and(|open| matches!(open.holds, Holds::Narrative(_)))
    }

    fn start(&mut self, start: &BytesStart<'_>, at: usize) -> Result<(), Fault> {
        if self.is_opaque() {
            self.inside_narrative = self.inside_narrative.saturating_add(1);
            return Ok(());
        }
        let name = start.name();
        let name = name.as_ref();
        let opened = match self.open.last() {
            None
            | Some(Open {
                holds: Holds::Resource,
                ..
            }) => a_resource(name),
            Some(parent) => an_element(parent, name, at)?,
        };
        self.open.push(match opened.holds {
            // Its attributes are XHTML's.
            Holds::Narrative(_) => opened,
            _ => opened.with(attributes(start, self.is_document && self.open.is_empty())?),
        });
        Ok(())
    }

    fn end(&mut self, at: usize) -> Result<(), Fault> {
        if self.inside_narrative > 0 {
            self.inside_narrative = self.inside_narrative.saturating_sub(1);
            return Ok(());
        }
        let Some(mut ended) = self.open.pop() else {
            return Err(Fault::NotXml);
        };
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(Value::Object(ended.members));
            return Ok(());
        };
        if parent.holds == Holds::Resource {
            let is_second = parent.members.contains_key(RESOURCE);
            parent
                .members
                .insert(RESOURCE.to_owned(), ended.members.into());
            return if is_second {
                Err(Fault::NotFhir)
            } else {
                Ok(())
            };
        }
        let (value, beside) = ended.json(self.text, at)?;
        let present = parent.members.contains_key(&ended.name)
            || parent.members.contains_key(&format!("_{}", ended.name));
        if present && !ended.is_array && parent.holds != Holds::Unknown {
            // It is said to repeat, and R4 does not let it: a list is what JSON would have.
            return Err(Fault::NotFhir);
        }
        let is_array = ended.is_array || present;
        add(&mut parent.members, &ended.name, is_array, (value, beside));
        Ok(())
    }
}

/// Where the resource waits that another element holds.
const RESOURCE: &str = "resource";

fn a_resource(name: &str) -> Open {
    Open {
        name: name.to_owned(),
        is_array: false,
        holds: crate::fhir::model::resource(name).map_or(Holds::Unknown, Holds::Elements),
        value: None,
        members: Map::from_iter([("resourceType".to_owned(), Value::from(name))]),
    }
}

fn an_element(parent: &Open, name: &str, at: usize) -> Result<Open, Fault> {
    let known = match parent.holds {
        Holds::Elements(of) => element(of, name),
        // Of a value only this is said.
        Holds::Value(_) if name == "extension" => element("Element", name),
        Holds::Value(_) => return Err(Fault::NotFhir),
        _ => None,
    };
    let (is_array, holds) = match known {
        Some(Element {
            form: Form::Xhtml, ..
        }) => (false, Holds::Narrative(at)),
        Some(Element {
            form: Form::Structure(of),
            repeats,
            ..
        }) => (repeats, Holds::Elements(of)),
        Some(Element {
            form: Form::Resource,
            repeats,
            ..
        }) => (repeats, Holds::Resource),
        Some(Element { form, repeats, .. }) => (repeats, Holds::Value(form)),
        None => (false, Holds::Unknown),
    };
    Ok(Open {
        name: name.to_owned(),
        is_array,
        holds,
        value: None,
        members: Map::new(),
    })
}

impl Open {
    fn with(mut self, attributes: Attributes) -> Self {
        let Attributes { value, id, url } = attributes;
        self.value = value;
        let named = [("id", id), ("url", url)];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        self.members
            .extend(named.map(|(name, value)| (name.to_owned(), value.into())));
        self
    }

    /// The element, and for a value what is said of it.
    fn json(&mut self, text: &str, at: usize) -> Result<(Value, Value), Fault> {
        let members = std::mem::take(&mut self.members);
        Ok(match (self.holds, self.value.take()) {
            (Holds::Narrative(from), _) => {
                let narrative = text.get(from..at).ok_or(Fault::NotXml)?;
                (Value::from(narrative), Value::Null)
            }
            (Holds::Resource, None) => {
                let mut members = members;
                (members.remove(RESOURCE).ok_or(Fault::NotFhir)?, Value::Null)
            }
            (Holds::Value(form), value) => {
                let beside = match members.is_empty() {
                    true => Value::Null,
                    false => Value::Object(members),
                };
                (
                    value.map_or(Value::Null, |value| of_form(form, value)),
                    beside,
                )
            }
            (Holds::Elements(_) | Holds::Unknown, None) => (Value::Object(members), Value::Null),
            (Holds::Unknown, Some(value)) => (Value::from(value), Value::Null),
            (Holds::Elements(_) | Holds::Resource, Some(_)) => return Err(Fault::NotFhir),
        })
    }
}

/// A value as JSON has it; as a text where it is none of its form, for a validator to find.
fn of_form(form: Form, value: String) -> Value {
    match (form, value.as_str()) {
        (Form::Boolean, "true") => json!(true),
        (Form::Boolean, "false") => json!(false),
        (Form::Number, _) => match serde_json::from_str::<Value>(&value) {
            Ok(number @ Value::Number(_)) => number,
            _ => Value::from(value),
        },
        _ => Value::from(value),
    }
}

/// Adds a value, and beside it what is said of it, so that in lists both stand at one place.
fn add(members: &mut Map<String, Value>, name: &str, is_array: bool, told: (Value, Value)) {
    let (value, beside) = told;
    let beside_name = format!("_{name}");
    if !is_array {
        let pairs = [(name.to_owned(), value), (beside_name, beside)];
        members.extend(pairs.into_iter().filter(|(_, value)| !value.is_null()));
        return;
    }
    let length = |members: &Map<String, Value>, name: &str| {
        members
            .get(name)
            .map_or(0, |list| list.as_array().map_or(1, Vec::len))
    };
    let place = length(members, name).max(length(members, &beside_name));
    for (name, value) in [(name, value), (beside_name.as_str(), beside)] {
        if value.is_null() && !members.contains_key(name) {
            continue;
        }
        let list = members.entry(name).or_insert_with(|| json!([]));
        if !list.is_array() {
            *list = Value::Array(vec![list.take()]);
        }
        if let Some(list) = list.as_array_mut() {
            list.resize(place, Value::Null);
            list.push(value);
        }
    }
}
