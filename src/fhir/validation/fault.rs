//! What is wrong with a resource: where, and how. A fault never repeats a value, nor a name that
//! might be one.

use crate::fhir::operation_outcome::{Issue, IssueType, Severity};

/// The most faults that are told of one resource.
pub const FAULTS_MAX: usize = 100;
/// The longest name of an element that is repeated.
const NAME_BYTES_MAX: usize = 64;

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind it is.
    pub code: IssueType,
    /// The element at fault, as a `FHIRPath` expression.
    pub at: String,
    /// What is wrong, and what would be right.
    pub words: String,
}

/// The faults of a resource, in the order they were found.
#[derive(Debug, Default)]
pub struct Faults {
    found: Vec<Fault>,
    /// Whether there are more than are told.
    pub are_cut: bool,
}

impl Faults {
    /// Notes a fault, once.
    pub fn add(&mut self, code: IssueType, at: &str, words: impl Into<String>) {
        let fault = Fault {
            code,
            at: at.to_owned(),
            words: words.into(),
        };
        if self.found.contains(&fault) {
            return;
        }
        if self.found.len() < FAULTS_MAX {
            self.found.push(fault);
        } else {
            self.are_cut = true;
        }
    }

    /// Notes that an element is missing.
    pub fn add_missing(&mut self, at: &str) {
        self.add(IssueType::Required, at, "the element must be there");
    }

    /// The faults.
    #[must_use]
    pub fn found(self) -> Vec<Fault> {
        self.found
    }
}

impl Fault {
    /// The fault as an issue of an outcome.
    #[must_use]
    pub fn issue(&self) -> Issue {
        Issue {
            severity: Severity::Error,
            code: self.code,
            spine_code: None,
            diagnostics: format!("{}: {}", self.at, self.words),
            expression: vec![self.at.clone()],
        }
    }
}

/// The place of an element that R4 does not have: its own where its name could be an element's,
/// else that of what holds it.
#[must_use]
pub fn place_of_unknown(at: &str, name: &str) -> String {
    let is_name =
        name.len() <= NAME_BYTES_MAX && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_name && !name.is_empty() {
        format!("{at}.{name}")
    } else {
        at.to_owned()
    }
}
