//! The security log: refused requests, durable, with nothing of any child in them.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, PgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::domain::caller::Caller;
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
    /// Method and route pattern, never the path or the query.
    pub route: String,
    /// The refusal's name.
    pub reason: &'static str,
    /// Who asked.
    pub caller: Caller,
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
            security_log::client_id.eq(&refused.caller.client_id),
            security_log::organisation_code.eq(refused.caller.organisation.as_str()),
            security_log::practitioner_id.eq(refused
                .caller
                .practitioner
                .as_ref()
                .map(|person| &person.user_id)),
        ))
        .execute(postgres)?;
    Ok(())
}
