//! A plan as an authority sends it: an `EpisodeOfCare` that holds whose it is as a contained
//! `Patient` (`profiles/StructureDefinition/plan-upload.json`, `docs/upload-fhir.md`). It is the
//! content of a record of REPC_MT000002GB01.

mod places;
mod texts;
mod written;

pub use self::places::{field_at, place};
pub use self::texts::{RecordTexts, Unfit, texts};
pub use self::written::{Kept, episode_of_care};

#[cfg(test)]
mod properties;
