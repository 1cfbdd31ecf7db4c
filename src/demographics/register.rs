//! A register of made-up people, in memory: what the sandbox asks instead of the NHS's.

use std::collections::HashMap;

use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::{Person, Trace};

/// What is known of each number. A number that is not in it is nobody's.
#[derive(Debug, Default)]
pub struct SandboxRegister(HashMap<NhsNumber, Trace>);

impl SandboxRegister {
    /// Adds a person under the number they have now.
    #[must_use]
    pub fn with(mut self, person: Person) -> Self {
        self.0.insert(person.nhs_number, Trace::Found(person));
        self
    }

    /// Adds a number that a person had before.
    #[must_use]
    pub fn with_superseded(mut self, number: NhsNumber, person: Person) -> Self {
        self.0.insert(number, Trace::Superseded(person));
        self
    }

    /// Adds a number that no other replaced.
    #[must_use]
    pub fn with_inactive(mut self, number: NhsNumber) -> Self {
        self.0.insert(number, Trace::Inactive);
        self
    }

    /// What is known of each of these numbers.
    pub(super) fn trace(&self, numbers: &[NhsNumber]) -> HashMap<NhsNumber, Trace> {
        numbers
            .iter()
            .map(|number| {
                let trace = self.0.get(number).cloned();
                (*number, trace.unwrap_or(Trace::NotFound))
            })
            .collect()
    }
}
