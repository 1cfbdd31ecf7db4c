//! A profile as the service publishes it: what it says of each element, as a tree
//! (<https://hl7.org/fhir/R4/profiling.html>).

use std::collections::BTreeMap;

use serde_json::Value;

/// A profile.
pub struct Profile<'a> {
    /// Its canonical URL.
    pub url: &'a str,
    /// Its version.
    pub version: &'a str,
    /// The type it is of.
    pub kind: &'a str,
    /// What it says of that type.
    pub root: Node<'a>,
}

/// What a profile says of one element, or of one slice of its occurrences.
#[derive(Default)]
pub struct Node<'a> {
    /// The `ElementDefinition`; none where only what is inside is spoken of.
    pub definition: Option<&'a Value>,
    /// What it says of the elements inside, by name.
    pub children: BTreeMap<&'a str, Node<'a>>,
    /// What it says of its slices, by name.
    pub slices: BTreeMap<&'a str, Node<'a>>,
}

impl<'a> Profile<'a> {
    /// Reads a `StructureDefinition`; none where it is none.
    #[must_use]
    pub fn of(definition: &'a Value) -> Option<Self> {
        let text = |name: &str| definition.get(name).and_then(Value::as_str);
        let mut root = Node::default();
        for element in definition.pointer("/differential/element")?.as_array()? {
            let mut node = &mut root;
            let mut parts = element.get("id")?.as_str()?.split('.');
            parts.next()?;
            for part in parts {
                let (name, slice) = match part.split_once(':') {
                    Some((name, slice)) => (name, Some(slice)),
                    None => (part, None),
                };
                node = node.children.entry(name).or_default();
                if let Some(slice) = slice {
                    node = node.slices.entry(slice).or_default();
                }
            }
            node.definition = Some(element);
        }
        Some(Self {
            url: text("url")?,
            version: text("version")?,
            kind: text("type")?,
            root,
        })
    }

    /// Whether a canonical names the profile, with its version or with none.
    #[must_use]
    pub fn is_named(&self, canonical: &str) -> bool {
        match canonical.split_once('|') {
            Some((url, version)) => url == self.url && version == self.version,
            None => canonical == self.url,
        }
    }
}

impl<'a> Node<'a> {
    /// What the profile says of the element inside at a path.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Self> {
        let mut node = self;
        for name in path.split('.') {
            node = node.children.get(name)?;
        }
        Some(node)
    }

    /// A member of the definition.
    #[must_use]
    pub fn says(&self, name: &str) -> Option<&'a Value> {
        self.definition?.get(name)
    }

    /// How often the element must be there.
    #[must_use]
    pub fn least(&self) -> usize {
        let least = self.says("min").and_then(Value::as_u64);
        least
            .and_then(|least| usize::try_from(least).ok())
            .unwrap_or(0)
    }

    /// How often it may be there.
    #[must_use]
    pub fn most(&self) -> usize {
        let most = self.says("max").and_then(Value::as_str);
        most.and_then(|most| most.parse().ok())
            .unwrap_or(usize::MAX)
    }

    /// What the value is exactly.
    #[must_use]
    pub fn fixed(&self) -> Option<&'a Value> {
        self.typed("fixed")
    }

    /// What the value is at least.
    #[must_use]
    pub fn pattern(&self) -> Option<&'a Value> {
        self.typed("pattern")
    }

    fn typed(&self, begins: &str) -> Option<&'a Value> {
        let members = self.definition?.as_object()?;
        let mut members = members.iter();
        let (_, value) = members.find(|(name, _)| name.starts_with(begins))?;
        Some(value)
    }

    /// The types the element may have.
    pub fn types(&self) -> impl Iterator<Item = &'a Value> {
        list(self.says("type"))
    }

    /// The profiles of those types.
    pub fn type_profiles(&self) -> impl Iterator<Item = &'a str> {
        let profiles = self.types().flat_map(|of| list(of.get("profile")));
        profiles.filter_map(Value::as_str)
    }

    /// Whether every occurrence must be of a slice.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        let rules = self
            .says("slicing")
            .and_then(|slicing| slicing.get("rules"));
        rules.and_then(Value::as_str) == Some("closed")
    }

    /// By what its slices are told apart: a path inside each occurrence.
    pub fn discriminators(&self) -> impl Iterator<Item = &'a str> {
        let slicing = self
            .says("slicing")
            .and_then(|slicing| slicing.get("discriminator"));
        list(slicing).filter_map(|one| one.get("path").and_then(Value::as_str))
    }
}

/// The values of a list; nothing where there is none.
pub fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}
