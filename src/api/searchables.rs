//! All that can be searched, each declared in its own search's file.

use crate::api::search::searchable::Searchables;
use crate::api::search_audit_events::AUDIT_EVENTS;
use crate::api::search_care_plans::CARE_PLANS;
use crate::api::search_care_teams::CARE_TEAMS;
use crate::api::search_episodes_of_care::EPISODES_OF_CARE;
use crate::api::search_flags::FLAGS;
use crate::api::search_organizations::ORGANIZATIONS;
use crate::api::search_patient_flags::PATIENT_FLAGS;
use crate::api::search_patients::PATIENTS;

/// All of them.
pub const SEARCHABLES: Searchables = Searchables(&[
    &FLAGS,
    &EPISODES_OF_CARE,
    &CARE_TEAMS,
    &CARE_PLANS,
    &AUDIT_EVENTS,
    &PATIENTS,
    &ORGANIZATIONS,
    &PATIENT_FLAGS,
]);
