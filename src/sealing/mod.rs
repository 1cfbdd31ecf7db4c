//! The access history, sealed: its rows are the leaves of a Merkle tree whose roots are signed with
//! a key that the database never has, kept outside of it and told to whoever wants to watch
//! (`docs/audit.md`).

pub mod answered;
mod bytes;
pub mod checkpoint;
pub mod export;
pub mod exported;
pub mod file;
pub mod lag;
pub mod manifest;
pub mod merkle;
pub mod note;
pub mod proof;
pub mod proving;
pub mod retired;
pub mod retiring;
pub mod rounds;
pub mod row;
pub mod runs;
pub mod sealer;
mod signed;
pub mod tree;
pub mod verifying;
pub mod wrong;
