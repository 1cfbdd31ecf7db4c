//! CP-IS as a FHIR R4 facade: the map, in reading order.

pub mod clock;
pub mod domain;
