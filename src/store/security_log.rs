//! The security log: refused requests, durable, with nothing of any child in them.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, PgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::domain::caller::{Caller, Viewer};
use crate::domain::ods_code::OdsCode;
use crate::store::StoreError;
use crate::store::schema::security_log;

/// A refusal to put on record.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The entry's id, a UUIDv7 of its moment: one, however often the database has to be asked.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// The request.
    pub request_id: Uuid,
    /// Method and route pattern, or the interaction's code; never the path or the query.
    pub route: String,
    /// The refusal's name.
    pub reason: &'static str,
    /// Who asked.
    pub asked_by: AskedBy,
}

/// Who asked, as far as a refusal says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedBy {
    /// The registered software.
    pub client_id: String,
    /// The organisation.
    pub organisation: OdsCode,
    /// The person, where one is there.
    pub practitioner_id: Option<String>,
}

impl From<Caller> for AskedBy {
    fn from(caller: Caller) -> Self {
        Self {
            client_id: caller.client_id,
            organisation: caller.organisation,
            practitioner_id: caller.practitioner.map(|person| person.user_id),
        }
    }
}

impl From<Viewer> for AskedBy {
    fn from(viewer: Viewer) -> Self {
        Self {
            client_id: viewer.client_id,
            organisation: viewer.organisation,
            practitioner_id: Some(viewer.practitioner.user_id),
        }
    }
}

/// Adds a refusal to the security log.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn add(postgres: &mut PgConnection, refused: &Refused) -> Result<(), StoreError> {
    diesel::insert_into(security_log::table)
        .values((
            security_log::id.eq(refused.id),
            security_log::logged_at.eq(refused.at),
            security_log::request_id.eq(refused.request_id),
            security_log::route.eq(&refused.route),
            security_log::reason.eq(refused.reason),
            security_log::client_id.eq(&refused.asked_by.client_id),
            security_log::organisation_code.eq(refused.asked_by.organisation.as_str()),
            security_log::practitioner_id.eq(&refused.asked_by.practitioner_id),
        ))
        .execute(postgres)?;
    Ok(())
}
