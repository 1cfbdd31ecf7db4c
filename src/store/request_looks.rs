//! Which look a client's request was. The disclosure's statement adds the rows.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, Queryable, RunQueryDsl,
};
use uuid::Uuid;

use crate::domain::access::Look;
use crate::store::StoreError;
use crate::store::schema::request_looks;

/// How long a request is known again: longer than any client tries.
const KEPT_FOR: TimeDelta = TimeDelta::days(1);

/// A place in a client's request, and what is asked there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// How many looks of the same request came before.
    pub place: i16,
    /// The keyed digest of what is asked, and by whom.
    pub question: [u8; 32],
}

/// The look that a request was before.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct EarlierLook {
    /// The keyed digest of what was asked, and by whom.
    pub question: Vec<u8>,
    /// The access it became.
    pub access_id: Uuid,
    /// Its moment.
    pub recorded_at: DateTime<Utc>,
}

/// The look that this place of a request was before; none where it is new.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn earlier(
    postgres: &mut PgConnection,
    look: &Look,
    place: i16,
) -> Result<Option<EarlierLook>, StoreError> {
    let key = (look.viewer.client_id.as_str(), look.request_id, place);
    let earlier = request_looks::table
        .find(key)
        .select((
            request_looks::question,
            request_looks::access_id,
            request_looks::recorded_at,
        ))
        .first(postgres);
    Ok(earlier.optional()?)
}

/// Forgets requests that nobody sends again.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn forget(postgres: &mut PgConnection, now: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::delete(request_looks::table)
        .filter(request_looks::recorded_at.lt(now - KEPT_FOR))
        .execute(postgres)?;
    Ok(())
}
