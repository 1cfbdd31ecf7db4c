//! Standing in for the real world: a private database, synthetic children, and a token issuer with
//! a real key pair.

pub mod audit_key;
pub mod children;
pub mod clients;
pub mod cluster;
pub mod issuer;
pub mod load;
pub mod people;
mod private_file;
pub mod role;
pub mod sealing;
