//! What local authorities send and receive: one file per message, pure functions.

pub mod acknowledgement_csv;
mod csv_lines;
pub mod file_refusal;
mod plan_record_csv;
pub mod upload_csv;
