//! What each national job role may do, for gateways that say no more of a user than the role.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, PgConnection, RunQueryDsl};

use crate::store::StoreError;
use crate::store::register_changes::{self, Done, RegisterChange, Registered};
use crate::store::schema::job_role_activities;

/// The activities of each job role, by code.
pub type JobRoles = BTreeMap<String, BTreeSet<String>>;

/// Every job role on the register.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn register(postgres: &mut PgConnection) -> Result<JobRoles, StoreError> {
    let mut roles = JobRoles::new();
    for (role, activity) in job_role_activities::table.load::<(String, String)>(postgres)? {
        roles.entry(role).or_default().insert(activity);
    }
    Ok(roles)
}

/// Puts these job roles on the register in the place of all that are there, and keeps who did so;
/// for the operator.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn replace(
    postgres: &mut PgConnection,
    roles: &JobRoles,
    (by, at): (&str, DateTime<Utc>),
) -> Result<(), StoreError> {
    diesel::delete(job_role_activities::table).execute(postgres)?;
    for (role, activities) in roles {
        for activity in activities {
            diesel::insert_into(job_role_activities::table)
                .values((
                    job_role_activities::job_role_code.eq(role),
                    job_role_activities::activity_code.eq(activity),
                ))
                .execute(postgres)?;
        }
    }
    let lines = roles.iter().map(|(role, activities)| {
        let codes: Vec<&str> = activities.iter().map(String::as_str).collect();
        format!("{role}={}", codes.join(","))
    });
    let change = RegisterChange {
        by,
        at,
        kind: Registered::JobRole,
        subject: "all",
        done: Done::Put,
        details: lines.collect::<Vec<_>>().join(" "),
    };
    register_changes::keep(postgres, &change)
}
