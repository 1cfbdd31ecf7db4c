//! A person as a demographics service knows them, and what it answers of an NHS number (PDS FHIR
//! API, <https://digital.nhs.uk/developer/api-catalogue/personal-demographics-service-fhir>).
//!
//! Neither shows itself by accident: `Debug` says nothing of a person.

use std::fmt;

use chrono::NaiveDate;

use crate::domain::nhs_number::NhsNumber;

/// A person on the register of the demographics service.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The number the person has now.
    pub nhs_number: NhsNumber,
    /// The family name; empty where the register has none.
    pub family_name: String,
    /// The given names, in their order.
    pub given_names: Vec<String>,
    /// The date of birth; none where the register knows only its year or month.
    pub birth_date: Option<NaiveDate>,
    /// Whether the record is sensitive: where the person is must not be found out.
    pub sensitive: bool,
}

/// What a demographics service answers of an NHS number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trace {
    /// Nobody has this number.
    NotFound,
    /// The number is this person's.
    Found(Person),
    /// The number was replaced by another, which this person has.
    Superseded(Person),
    /// Somebody had this number, and no other replaced it: nothing may lead to who has it no more.
    Inactive,
}

impl fmt::Debug for Person {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Person(hidden)")
    }
}
