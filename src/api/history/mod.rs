//! What reading a version and telling a history share: the versions of a resource, what is asked of
//! them, and the pages they are told on (<https://hl7.org/fhir/R4/http.html#history>).

pub mod asked;
pub mod page;
pub mod version;
pub mod versions;
