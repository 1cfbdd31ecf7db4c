//! What a caller may ask: one file per interaction, and no rules of its own.

pub mod answer;
pub mod asking;
pub mod batch;
pub mod body;
pub mod caller;
pub mod error;
pub mod health;
pub mod metadata;
pub mod negotiation;
pub mod read_audit_event;
pub mod read_episode_of_care;
pub mod read_flag;
pub mod read_organization;
pub mod read_patient;
pub mod reading;
pub mod register;
pub mod request_id;
pub mod search;
pub mod search_audit_events;
pub mod search_episodes_of_care;
pub mod search_flags;
pub mod search_patients;
pub mod service;
pub mod upload_plans;
