//! What the service knows: plain values and rules, without input, output or frameworks.

pub mod access;
pub mod acknowledgement_code;
pub mod calendar;
pub mod caller;
pub mod care_setting;
pub mod channel;
pub mod delivery;
pub mod holding;
pub mod local_authority;
pub mod matching;
pub mod names;
pub mod nhs_number;
pub mod notification;
pub mod number_state;
pub mod ods_code;
pub mod person;
pub mod person_name;
pub mod phone_number;
pub mod plan;
pub mod record_check;
pub mod record_field;
pub mod shrinkage;
pub mod subscription;
pub mod timeline;
pub mod upload;
