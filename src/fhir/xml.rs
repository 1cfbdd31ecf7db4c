//! Resources as XML (<https://hl7.org/fhir/R4/xml.html>), written from their JSON: one writer for
//! every kind, and whatever JSON leaves out is left out here too.

pub(super) mod events;

use serde_json::{Map, Value};

use crate::fhir::elements::without_control_characters;

/// The namespace of every element but a narrative's.
const FHIR: &str = "http://hl7.org/fhir";

/// How the elements are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// On one line.
    Plain,
    /// Each on a line of its own, indented, for people.
    Pretty,
}

/// A resource's JSON as XML. Its members stand in the order they are in, which must be that of R4;
/// a value that is no resource is written as nothing.
#[must_use]
pub fn to_xml(resource: &Value, layout: Layout) -> Vec<u8> {
    let mut writer = Writer {
        xml: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(),
        layout,
        depth: 0,
    };
    if let Some(members) = resource.as_object() {
        writer.resource(members);
    }
    writer.xml.into_bytes()
}

struct Writer {
    xml: String,
    layout: Layout,
    depth: usize,
}

impl Writer {
    fn resource(&mut self, members: &Map<String, Value>) {
        let Some(kind) = members.get("resourceType").and_then(Value::as_str) else {
            return;
        };
        let namespace = (self.depth == 0).then_some(("xmlns", FHIR));
        self.open(kind, namespace, members.len() > 1);
        if members.len() > 1 {
            self.members(members, &["resourceType"]);
            self.close(kind);
        }
    }

    /// Writes the members, each beside what `_name` says of it, but for those already written.
    fn members(&mut self, members: &Map<String, Value>, written: &[&str]) {
        for (name, value) in members {
            match name.strip_prefix('_') {
                Some(bare) if members.contains_key(bare) => {}
                Some(bare) => self.element(bare, None, Some(value)),
                None if written.contains(&name.as_str()) => {}
                None => self.element(name, Some(value), members.get(&format!("_{name}"))),
            }
        }
    }

    fn element(&mut self, name: &str, value: Option<&Value>, beside: Option<&Value>) {
        match (value, beside) {
            (Some(Value::Array(values)), _) => {
                let beside = list(beside);
                for (place, value) in values.iter().enumerate() {
                    self.element(name, Some(value), beside.get(place));
                }
            }
            (None, Some(Value::Array(beside))) => {
                for beside in beside {
                    self.element(name, None, Some(beside));
                }
            }
            (Some(Value::Object(members)), _) if members.contains_key("resourceType") => {
                self.open(name, [], true);
                self.resource(members);
                self.close(name);
            }
            (Some(Value::Object(members)), _) => self.structure(name, members),
            (Some(Value::String(narrative)), _) if name == "div" => {
                self.begin_line();
                self.xml.push_str(narrative);
            }
            (value, beside) => self.primitive(name, value.and_then(written), beside),
        }
    }

    /// An element with elements in it. Its `id` is an attribute, and an extension's `url` too.
    fn structure(&mut self, name: &str, members: &Map<String, Value>) {
        let is_extension = matches!(name, "extension" | "modifierExtension");
        let attributes = ["id", "url"].map(|name| {
            let value = members.get(name)?.as_str()?;
            (name == "id" || is_extension).then_some((name, value))
        });
        let attributes: Vec<_> = attributes.into_iter().flatten().collect();
        let names: Vec<&str> = attributes.iter().map(|(name, _)| *name).collect();
        let has_more = members.len() > names.len();
        self.open(name, attributes, has_more);
        if has_more {
            self.members(members, &names);
            self.close(name);
        }
    }

    fn primitive(&mut self, name: &str, value: Option<String>, beside: Option<&Value>) {
        let beside = beside.and_then(Value::as_object);
        if value.is_none() && beside.is_none() {
            return;
        }
        let id = beside.and_then(|beside| beside.get("id")?.as_str());
        let attributes = [
            id.map(|id| ("id", id)),
            value.as_deref().map(|value| ("value", value)),
        ];
        let extensions = beside.and_then(|beside| beside.get("extension"));
        self.open(name, attributes.into_iter().flatten(), extensions.is_some());
        if let Some(extensions) = extensions {
            self.element("extension", Some(extensions), None);
            self.close(name);
        }
    }

    fn open<'value>(
        &mut self,
        name: &str,
        attributes: impl IntoIterator<Item = (&'static str, &'value str)>,
        has_more: bool,
    ) {
        self.begin_line();
        self.xml.push('<');
        self.xml.push_str(name);
        for (name, value) in attributes {
            self.xml.push(' ');
            self.xml.push_str(name);
            self.xml.push_str("=\"");
            self.attribute(value);
            self.xml.push('"');
        }
        self.xml.push_str(if has_more { ">" } else { "/>" });
        self.depth = self.depth.saturating_add(usize::from(has_more));
    }

    fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.begin_line();
        self.xml.push_str("</");
        self.xml.push_str(name);
        self.xml.push('>');
    }

    fn begin_line(&mut self) {
        if self.layout == Layout::Pretty {
            self.xml.push('\n');
            self.xml.push_str(&"  ".repeat(self.depth));
        }
    }

    /// An attribute's value. Line ends and tabs are escaped too: a reader takes bare ones for
    /// spaces (<https://www.w3.org/TR/xml/#AVNormalize>).
    fn attribute(&mut self, value: &str) {
        for character in without_control_characters(value).chars() {
            match character {
                '&' => self.xml.push_str("&amp;"),
                '<' => self.xml.push_str("&lt;"),
                '>' => self.xml.push_str("&gt;"),
                '"' => self.xml.push_str("&quot;"),
                '\t' => self.xml.push_str("&#9;"),
                '\n' => self.xml.push_str("&#10;"),
                '\r' => self.xml.push_str("&#13;"),
                other => self.xml.push(other),
            }
        }
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(values)) => values,
        _ => &[],
    }
}

/// A primitive as its attribute says it.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests;
