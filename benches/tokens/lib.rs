//! What tokens pass through of the service, and nothing else of it: whatever libFuzzer is to follow
//! has to be built with that in it, which for all of the service takes long.

#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/identity/mod.rs"]
pub mod identity;
