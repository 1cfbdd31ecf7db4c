//! A batch in XML, as the JSON it would be (<https://hl7.org/fhir/R4/xml.html>). A resource in it
//! is passed over, and told by the bytes it takes.

use quick_xml::events::BytesStart;
use serde_json::{Map, Value, json};

use super::{BatchError, DEPTH_MAX};
use crate::fhir::xml::events::{Fault, Tree, attributes, tell, text};

/// An element whose end has not been read.
struct Open {
    name: String,
    value: Option<String>,
    members: Map<String, Value>,
}

/// What has been read so far.
#[derive(Default)]
struct Requests {
    open: Vec<Open>,
    /// How many elements are open inside a resource, the element that holds it counted.
    passed_over: usize,
    /// The bytes from which and to which the resource at hand goes.
    resource: Option<(usize, usize)>,
    root: Option<Value>,
}

/// The document as JSON: a name that comes twice is a list, and so is every `entry`.
///
/// # Errors
/// [`BatchError`] when it is no XML as FHIR has it, or nests too deep.
pub fn bundle(body: &[u8]) -> Result<(&str, Value), BatchError> {
    let text = text(body).ok_or(BatchError::NotXml { line: 1 })?;
    let mut requests = Requests::default();
    tell(text, DEPTH_MAX, &mut requests).map_err(|(fault, line)| match fault {
        Fault::TooDeep => BatchError::TooDeep,
        Fault::NotXml => BatchError::NotXml { line },
        Fault::NotFhir => BatchError::NotABundle { line },
    })?;
    let root = requests.root.ok_or(BatchError::NotXml { line: 1 })?;
    Ok((text, root))
}

impl Tree for Requests {
    fn depth(&self) -> usize {
        self.open.len().saturating_add(self.passed_over)
    }

    fn is_opaque(&self) -> bool {
        self.passed_over > 0
    }

    fn start(&mut self, start: &BytesStart<'_>, at: usize) -> Result<(), Fault> {
        let name = start.name();
        let name = name.as_ref();
        if self.passed_over == 1 && self.resource.is_none() {
            self.resource = Some((at, at));
        }
        if self.passed_over > 0 || (name == "resource" && !self.open.is_empty()) {
            self.passed_over = self.passed_over.saturating_add(1);
            return Ok(());
        }
        let is_root = self.open.is_empty();
        let value = attributes(start, is_root)?.value;
        let mut members = Map::new();
        if is_root {
            members.insert("resourceType".to_owned(), Value::from(name));
        }
        self.open.push(Open {
            name: name.to_owned(),
            value,
            members,
        });
        Ok(())
    }

    fn end(&mut self, at: usize) -> Result<(), Fault> {
        if self.passed_over > 0 {
            self.passed_over = self.passed_over.saturating_sub(1);
            if let (1, Some((_, to))) = (self.passed_over, &mut self.resource) {
                *to = at;
            }
            if self.passed_over == 0 {
                // An element that holds no resource is none of FHIR's.
                let (from, to) = self.resource.take().ok_or(Fault::NotFhir)?;
                let parent = self.open.last_mut().ok_or(Fault::NotXml)?;
                add(
                    &mut parent.members,
                    "resource".to_owned(),
                    json!([from, to]),
                );
            }
            return Ok(());
        }
        let Some(ended) = self.open.pop() else {
            return Err(Fault::NotXml);
        };
        let value = match ended.value {
            Some(value) => Value::from(value),
            None => Value::Object(ended.members),
        };
        match self.open.last_mut() {
            Some(parent) => add(&mut parent.members, ended.name, value),
            None => self.root = Some(value),
        }
        Ok(())
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
