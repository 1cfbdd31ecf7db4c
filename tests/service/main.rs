//! The service asked over HTTP, as callers ask it, on a real database: the list of chapters.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

mod acknowledging_notifications;
mod answering_in_xml;
mod asking_for_headers_only;
mod asking_in_batches;
mod authority_command;
mod commands;
mod comparing_plans;
mod compressing_answers;
mod correcting_plans;
mod counting_accesses;
mod deciding_care_settings;
mod describing_the_interface;
mod following_accesses;
mod following_numbers;
mod holding_uploads;
mod keeping_promises;
mod keeping_search_promises;
mod keeping_sides_apart;
mod keeping_the_rules;
mod keeping_the_schema;
mod linking_searches;
mod listing_held_plans;
mod losing_the_database;
mod matching_uploads;
mod naming_the_child;
mod narrowing_a_search;
mod notifying_local_authorities;
mod owing_notifications;
mod owning_plans;
mod paging;
mod paging_everything;
mod publishing_definitions;
mod pulling_notifications;
mod reading_access_history;
mod reading_acknowledgements;
mod reading_again;
mod reading_back;
mod reading_everything;
mod reading_histories;
mod reading_one_resource;
mod reading_versions;
mod refusing_an_unclear_child;
mod refusing_callers;
mod refusing_records;
mod refusing_tokens;
mod reporting_alerts;
mod searching_episodes_of_care;
mod searching_flags;
mod searching_patients;
mod sending_absurd_headers;
mod sending_garbage;
mod sending_nonsense;
mod sending_notifications;
mod sending_random_requests;
mod shaping_an_answer;
mod sharing_with_browsers;
mod showing_parts;
mod showing_plans;
mod starting;
mod stating_preferences;
mod subscribing;
mod support;
mod tearing_uploads;
mod telling_mailboxes;
mod tracing_numbers;
mod uploading_absurdities;
mod uploading_again;
mod uploading_at_once;
mod uploading_at_scale;
mod uploading_badly;
mod uploading_hl7v3;
mod uploading_plans;
mod validating_nonsense;
mod validating_resources;
mod viewing_alike;
mod viewing_care_plans;
mod viewing_care_teams;
mod viewing_patient_flags;
mod watching_health;
