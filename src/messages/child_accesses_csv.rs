//! Writes the accesses to an authority's children as CSV (`docs/reconciling.md`).

use chrono::SecondsFormat;

use crate::domain::child_access::ChildAccess;
use crate::messages::csv_cells::push_line;

/// The columns.
pub const COLUMNS: [&str; 11] = [
    "accessed_at",
    "nhs_number",
    "local_ids",
    "care_setting",
    "viewer_name",
    "viewer_id",
    "role_code",
    "role_name",
    "organisation_code",
    "organisation_name",
    "access_id",
];

/// Writes accesses.
#[must_use]
pub fn write(accesses: &[ChildAccess]) -> Vec<u8> {
    let mut text = String::new();
    push_line(&mut text, &COLUMNS);
    for ChildAccess { access, local_ids } in accesses {
        let viewer = &access.viewer;
        push_line(
            &mut text,
            &[
                &access.at.to_rfc3339_opts(SecondsFormat::Millis, true),
                &access.nhs_number.reveal(),
                // An identifier has no spaces in it.
                &local_ids.join(" "),
                viewer.care_setting.code(),
                &viewer.practitioner.name,
                &viewer.practitioner.user_id,
                &viewer.practitioner.job_role_code,
                &viewer.practitioner.job_role_name,
                viewer.organisation.as_str(),
                &viewer.organisation_name,
                &access.id.to_string(),
            ],
        );
    }
    text.into_bytes()
}
