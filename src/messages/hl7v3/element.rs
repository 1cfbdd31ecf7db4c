//! One element of an HL7 v3 message with all that is in it, and where in the message things stand.

use super::vocabulary::CONTENT_ID;

/// An element. Only a bounded part of a message is ever held as one.
#[derive(Default)]
pub(super) struct Element {
    /// Its name: bare in HL7's own namespace, with `npfitlc:` or `?:` in front in another.
    pub(super) name: String,
    /// Its place among the elements of its part, from 0 for the part itself.
    pub(super) number: usize,
    /// Its attributes but for declarations of namespaces; `xsi:` in front where the name has it.
    pub(super) attributes: Vec<(String, String)>,
    /// The elements in it.
    pub(super) children: Vec<Element>,
    /// The text in it, references resolved.
    pub(super) text: String,
}

/// What stands where it must not, or does not stand where it must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where.
    pub(super) place: Place,
    /// What is wrong, and what would be right. It repeats nothing of the message.
    pub(super) reason: String,
}

/// Where something stands within a part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    element: usize,
    attribute: Option<&'static str>,
}

/// Something a message says, and where it says it.
#[derive(Clone, Copy)]
pub(super) struct Said<'part> {
    /// What it says.
    pub(super) text: &'part str,
    /// Where.
    pub(super) place: Place,
}

impl Element {
    /// Where the element itself stands.
    pub(super) fn place(&self) -> Place {
        Place {
            element: self.number,
            attribute: None,
        }
    }

    /// A fault of the element.
    pub(super) fn fault(&self, reason: &str) -> Fault {
        Fault {
            place: self.place(),
            reason: reason.to_owned(),
        }
    }

    /// What an attribute says.
    ///
    /// # Errors
    /// [`Fault`] when it is not there.
    pub(super) fn said(&self, attribute: &'static str) -> Result<Said<'_>, Fault> {
        self.said_if_any(attribute)
            .ok_or_else(|| self.fault(&format!("its attribute {attribute} is mandatory")))
    }

    /// The first element of a name within this one, however deep.
    pub(super) fn within(&self, name: &str) -> Option<&Self> {
        self.children.iter().find_map(|child| {
            let is_it = child.name == name;
            is_it.then_some(child).or_else(|| child.within(name))
        })
    }

    /// What an attribute says, where it is there.
    pub(super) fn said_if_any(&self, attribute: &'static str) -> Option<Said<'_>> {
        let (_, text) = self.attributes.iter().find(|(name, _)| name == attribute)?;
        let place = Place {
            element: self.number,
            attribute: Some(attribute),
        };
        Some(Said { text, place })
    }

    /// What the element says between its tags.
    pub(super) fn words(&self) -> Said<'_> {
        Said {
            text: self.text.trim_matches([' ', '\t', '\r', '\n']),
            place: self.place(),
        }
    }

    /// Nothing but these attributes, and no text where elements belong.
    ///
    /// # Errors
    /// [`Fault`] for anything else: a `nullFlavor` or an `updateMode` would change what is said.
    pub(super) fn only(&self, attributes: &[&str]) -> Result<(), Fault> {
        let has_text = !self.children.is_empty() && !self.words().text.is_empty();
        let mut names = self.attributes.iter().map(|(name, _)| name.as_str());
        if names.any(|name| !attributes.contains(&name)) {
            return Err(self.fault("it has an attribute that the schema does not allow here"));
        }
        if has_text {
            return Err(self.fault("text stands between its elements"));
        }
        Ok(())
    }

    /// An element of attributes alone: these, and no others.
    ///
    /// # Errors
    /// [`Fault`] for anything else.
    pub(super) fn leaf(&self, attributes: &[&str]) -> Result<(), Fault> {
        self.only(attributes)?;
        if self.children.is_empty() && self.words().text.is_empty() {
            Ok(())
        } else {
            Err(self.fault("nothing may stand in it"))
        }
    }

    /// Whether the element says that there is nothing to say (`xsi:nil`).
    ///
    /// # Errors
    /// [`Fault`] when it says something all the same.
    pub(super) fn is_nil(&self) -> Result<bool, Fault> {
        match self.said_if_any("xsi:nil").map(|said| said.text) {
            Some("true" | "1") => self.leaf(&["xsi:nil", "nullFlavor"]).map(|()| true),
            _ => Ok(false),
        }
    }

    /// The elements in it, to be taken one after the other.
    ///
    /// # Errors
    /// [`Fault`] when it has text or attributes of its own.
    pub(super) fn sequence(&self) -> Result<Sequence<'_>, Fault> {
        self.only(&[])?;
        Ok(Sequence {
            parent: self,
            rest: &self.children,
        })
    }

    /// The path to a place in this part of a message, from the part's own path.
    pub(super) fn path(&self, to_part: &str, place: Place) -> String {
        let mut path = to_part.to_owned();
        let mut present = self;
        while present.number != place.element {
            // Elements are numbered in the order they begin.
            let below = present.children.iter();
            let Some(next) = below
                .take_while(|child| child.number <= place.element)
                .last()
            else {
                break;
            };
            path.push('/');
            path.push_str(&next.name);
            let namesakes = || {
                let named = |child: &&Self| child.name == next.name;
                present.children.iter().filter(named)
            };
            if namesakes().nth(1).is_some() {
                let before = namesakes().take_while(|child| child.number < next.number);
                path.push_str(&format!("[{}]", before.count().saturating_add(1)));
            }
            present = next;
        }
        if let Some(attribute) = place.attribute {
            path.push_str("/@");
            path.push_str(attribute);
        }
        path
    }
}

/// The elements of another, in the order that the schema gives them.
pub(super) struct Sequence<'part> {
    parent: &'part Element,
    rest: &'part [Element],
}

impl<'part> Sequence<'part> {
    /// The next element, if it has this name.
    pub(super) fn next_if(&mut self, name: &str) -> Option<&'part Element> {
        let (next, rest) = self.rest.split_first()?;
        (next.name == name).then(|| {
            self.rest = rest;
            next
        })
    }

    /// The next element, which must have this name.
    ///
    /// # Errors
    /// [`Fault`] when it has another, or there is none.
    pub(super) fn next(&mut self, name: &str) -> Result<&'part Element, Fault> {
        self.next_if(name).ok_or_else(|| {
            let at = self.rest.first().unwrap_or(self.parent);
            at.fault(&format!("{name} is mandatory here"))
        })
    }

    /// The next element: which template it is of, and that template's element.
    ///
    /// # Errors
    /// [`Fault`] when there is none.
    pub(super) fn template(&mut self) -> Result<(&'part Element, &'part Element), Fault> {
        let content_id = self.next(CONTENT_ID)?;
        match self.rest.split_first() {
            Some((root, rest)) => {
                self.rest = rest;
                Ok((content_id, root))
            }
            None => Err(self.parent.fault("a template is mandatory here")),
        }
    }

    /// That nothing else follows.
    ///
    /// # Errors
    /// [`Fault`] when something does.
    pub(super) fn end(&self) -> Result<(), Fault> {
        match self.rest.first() {
            None => Ok(()),
            Some(surplus) => Err(surplus.fault("this element is not expected here")),
        }
    }
}
