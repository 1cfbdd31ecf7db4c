//! The NHS's Message Exchange for Social Care and Health: the way local authorities' files come in,
//! and acknowledgements and notifications go out, over its HTTP API, version 2
//! (<https://github.com/NHSDigital/mesh-api-specification>).

mod authorisation;
mod chunks;
mod connection;
mod downloading;
mod error;
mod letter;
mod listing;
mod mailbox;
mod secret;
mod sending;
mod tracking;
mod unpacking;

pub use connection::{Certificates, ConnectionError};
pub use downloading::{Download, Origin};
pub use error::MeshError;
pub use letter::{Letter, LocalId, MessageId, WorkflowId};
pub use mailbox::{Access, Mailbox};
pub use secret::Secret;
pub use unpacking::UnpackError;
