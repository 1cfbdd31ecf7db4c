//! Which part of an answer is asked for, by the parameters of a request
//! (<https://hl7.org/fhir/R4/search.html#summary>).

use crate::api::search::parameters::{Parameter, read};
use crate::fhir::subset::{Asked, ELEMENTS, SUMMARY, Subset, SubsetError};

/// The part that parameters ask for.
///
/// # Errors
/// [`SubsetError`] where they ask for none there is.
pub fn of(parameters: &[Parameter]) -> Result<Asked, SubsetError> {
    let values = |name: &str| -> Vec<&str> {
        parameters
            .iter()
            .filter(|parameter| parameter.written == name)
            .map(|parameter| parameter.value.as_str())
            .collect()
    };
    Subset::read(&values(SUMMARY), &values(ELEMENTS))
}

/// The part of one resource that a query string asks for, where that is not all.
///
/// # Errors
/// [`SubsetError`] where it asks for none there is, or for a count: of one resource there is none.
pub fn of_one(query: &str) -> Result<Option<Subset>, SubsetError> {
    match of(&read(query))? {
        Asked::Whole => Ok(None),
        Asked::Part(subset) => Ok(Some(subset)),
        Asked::Count => Err(SubsetError { parameter: SUMMARY }),
    }
}
