//! CP-IS as a FHIR R4 facade: the map, in reading order.

pub mod clock;
pub mod disclosure;
pub mod domain;
pub mod intake;
pub mod store;
