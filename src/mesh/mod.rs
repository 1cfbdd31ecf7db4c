//! The NHS's Message Exchange for Social Care and Health: the way local authorities' files come in,
//! and acknowledgements and notifications go out, over its HTTP API, version 2
//! (<https://github.com/NHSDigital/mesh-api-specification>).

mod answering;
mod authorisation;
mod chunks;
mod connection;
mod downloading;
mod error;
mod fetching;
mod inbox;
mod letter;
mod listing;
mod mailbox;
mod outbox;
mod secret;
mod sending;
mod taking;
mod tracking;
mod unpacking;

pub use connection::{Certificates, ConnectionError, Pem};
pub use downloading::{Download, Origin, Report};
pub use error::MeshError;
pub use inbox::{Inbox, LookError, Workflows};
pub use letter::{Letter, LocalId, MessageId, WorkflowId};
pub use mailbox::{Access, Mailbox};
pub use outbox::{NotificationWorkflows, Outbox};
pub use secret::Secret;
pub use unpacking::UnpackError;
