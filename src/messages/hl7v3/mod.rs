//! The HL7 v3 messages that CP-IS and local authorities exchange (CP-IS domain message
//! specification): read strictly, written valid against its schemas.

pub mod access_to_service_notification;
mod acknowledged_record;
pub mod acknowledgement;
pub mod answered_file;
mod document;
mod element;
pub mod inactive_nhs_number_notification;
#[cfg(test)]
mod judged;
mod notified;
mod organisation;
mod parts;
mod timestamp;
pub mod upload;
mod upload_head;
mod upload_record;
mod vocabulary;
mod written_record;
pub mod written_upload;

pub use notified::NotificationHead;
