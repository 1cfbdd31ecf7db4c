//! What local authorities send and receive: one file per message, pure functions.

pub mod acknowledgement_csv;
pub mod alert_reports_csv;
pub mod child_accesses_csv;
pub mod comparison_csv;
pub mod csv_cells;
mod csv_lines;
pub mod field_values;
mod file_head;
pub mod file_refusal;
pub mod held_plans_csv;
pub mod hl7v3;
pub mod look_findings_csv;
mod plan_record_csv;
pub mod reading_rules;
pub mod refusals_csv;
pub mod sent_record;
pub mod upload_csv;
