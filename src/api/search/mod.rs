//! What every search shares: the child it is about, what it asks of the child's resources, and the
//! shape of the answer (<https://hl7.org/fhir/R4/search.html>).

pub mod answering;
pub mod child_criterion;
pub mod criterion;
pub mod date_range;
pub mod finding;
pub mod page;
pub mod parameters;
pub mod refusal;
pub mod result_shape;
pub mod run;
pub mod searchable;

pub use refusal::SearchRefusal;
