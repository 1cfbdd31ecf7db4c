//! The notifications that are owed, as those who send them take them: each by one worker at a time,
//! a child's one after another, and again when a worker was lost.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{OptionalExtension, PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::notification::{Notification, Part};
use crate::store::StoreError;
use crate::store::notification_rows::{COLUMNS, JOINS, NotificationRow};
use crate::store::notifications::ARRIVED;

/// Whether a notification of a child's is the first of those owed to the authority: a later one is
/// never sent while an earlier one is neither with the authority nor given up.
const FIRST_OF_ITS_CHILD: &str = "not exists (select from notifications e \
    where e.nhs_number = n.nhs_number and e.authority_id = n.authority_id \
    and e.delivered_at is null and e.failed_at is null \
    and (e.transaction_id, e.id) < (n.transaction_id, n.id))";

const OWED: &str = "n.delivered_at is null and n.failed_at is null";

/// What a worker holds of a notification that it sends: enough to say what became of it, and
/// nothing where another worker holds it by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Attempt {
    /// The child's NHS number, as stored.
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
    /// The notification.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Which attempt it is.
    #[diesel(sql_type = Integer)]
    #[diesel(column_name = attempts)]
    pub number: i32,
    /// When it was queued.
    #[diesel(sql_type = Timestamptz)]
    pub queued_at: DateTime<Utc>,
}

impl Attempt {
    /// The present attempt of a notification.
    #[must_use]
    pub fn of(notification: &Notification) -> Self {
        Self {
            nhs_number: notification.nhs_number.stored(),
            id: notification.id,
            number: notification.attempts,
            queued_at: notification.queued_at,
        }
    }
}

/// Takes the next notification that is due to a subscription, until a moment at which another
/// worker may take it; and numbers it, once, among the subscription's events.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails; then nothing is taken.
pub fn take_for_subscription(
    postgres: &mut PgConnection,
    subscription: Uuid,
    now: DateTime<Utc>,
    leased_until: DateTime<Utc>,
) -> Result<Option<Attempt>, StoreError> {
    Ok(sql_query(format!(
        "with due as (select n.nhs_number, n.id, n.event_number from notifications n \
         join subscriptions s on s.authority_id = n.authority_id \
         where s.id = $1 and {OWED} and {ARRIVED} and {FIRST_OF_ITS_CHILD} \
         and (n.next_attempt_at is null or n.next_attempt_at <= $2) \
         order by n.transaction_id, n.id limit 1 for update of n skip locked), \
         numbered as (update subscriptions s set \
         events = s.events + (due.event_number is null)::integer, next_attempt_at = \
         case when s.attempts > 0 then $3 else s.next_attempt_at end from due \
         where s.id = $1 and s.deleted_at is null \
         and (s.next_attempt_at is null or s.next_attempt_at <= $2) returning s.events) \
         update notifications n set attempts = n.attempts + 1, next_attempt_at = $3, \
         event_number = coalesce(n.event_number, numbered.events) from due, numbered \
         where n.nhs_number = due.nhs_number and n.id = due.id \
         returning n.nhs_number, n.id, n.attempts, n.queued_at"
    ))
    .bind::<SqlUuid, _>(subscription)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(leased_until)
    .get_result(postgres)
    .optional()?)
}

/// The notification that a worker holds.
///
/// # Errors
/// [`StoreError`] when the database fails or the row breaks a rule.
pub fn taken(postgres: &mut PgConnection, attempt: Attempt) -> Result<Notification, StoreError> {
    sql_query(format!(
        "select {COLUMNS} from notifications n {JOINS} where n.nhs_number = $1 and n.id = $2"
    ))
    .bind::<BigInt, _>(attempt.nhs_number)
    .bind::<SqlUuid, _>(attempt.id)
    .get_result::<NotificationRow>(postgres)
    .optional()?
    .ok_or(StoreError::Row("notification without its access"))?
    .notification()
}

/// What is owed to an authority and arrived before a moment, in order of arrival: for whoever holds
/// the authority's channel alone.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn owed(
    postgres: &mut PgConnection,
    authority: Uuid,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Notification>, StoreError> {
    sql_query(format!(
        "select {COLUMNS} from notifications n {JOINS} where n.authority_id = $1 and {OWED} \
         and {ARRIVED} and n.queued_at < $2 order by n.transaction_id, n.id limit $3"
    ))
    .bind::<SqlUuid, _>(authority)
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(limit)
    .load::<NotificationRow>(postgres)?
    .into_iter()
    .map(NotificationRow::notification)
    .collect()
}

/// Whether an authority is owed what was queued before a moment and cannot be told yet, because
/// something might still come before it.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn is_awaited(
    postgres: &mut PgConnection,
    authority: Uuid,
    before: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let awaited: Awaited = sql_query(format!(
        "select exists (select from notifications n where n.authority_id = $1 and {OWED} \
         and not {ARRIVED} and n.queued_at < $2) as is_awaited"
    ))
    .bind::<SqlUuid, _>(authority)
    .bind::<Timestamptz, _>(before)
    .get_result(postgres)?;
    Ok(awaited.is_awaited)
}

#[derive(QueryableByName)]
struct Awaited {
    #[diesel(sql_type = Bool)]
    is_awaited: bool,
}

/// Notes that a notification is with its authority.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn delivered(
    postgres: &mut PgConnection,
    attempt: Attempt,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sql_query(
        "update notifications set delivered_at = greatest($3, queued_at), failed_at = null, \
         last_error = null where nhs_number = $1 and id = $2 and delivered_at is null",
    )
    .bind::<BigInt, _>(attempt.nhs_number)
    .bind::<SqlUuid, _>(attempt.id)
    .bind::<Timestamptz, _>(now)
    .execute(postgres)?;
    Ok(())
}

/// Notes that a notification is with its authority's mailbox, in the window of an id, by which it
/// may yet come back.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn delivered_in_window(
    postgres: &mut PgConnection,
    attempt: Attempt,
    (window, now): (Uuid, DateTime<Utc>),
) -> Result<(), StoreError> {
    sql_query(
        "update notifications set delivered_at = greatest($3, queued_at), failed_at = null, \
         last_error = null, window_id = $4 \
         where nhs_number = $1 and id = $2 and delivered_at is null",
    )
    .bind::<BigInt, _>(attempt.nhs_number)
    .bind::<SqlUuid, _>(attempt.id)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(window)
    .execute(postgres)?;
    Ok(())
}

/// Gives up what a message told that came back, which was a part of a window, but for what the
/// authority has acknowledged since; how many there were.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn returned(
    postgres: &mut PgConnection,
    (window, part): (Uuid, Part),
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let kinds: &[&str] = match part {
        Part::Accesses => &["access"],
        Part::Numbers => &["number"],
        Part::PlanEnds => &["eighteen", "birth-date"],
    };
    Ok(sql_query(
        "update notifications set delivered_at = null, failed_at = $2, window_id = null, \
         last_error = 'returned' where window_id = $1 and kind = any($3)",
    )
    .bind::<SqlUuid, _>(window)
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Text>, _>(kinds)
    .execute(postgres)?)
}

/// What becomes of a notification after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    /// It is tried again at a moment.
    Again(DateTime<Utc>),
    /// It is given up at a moment.
    GivenUp(DateTime<Utc>),
}

/// Notes why an attempt failed, unless another worker has made the next one meanwhile.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn failed(
    postgres: &mut PgConnection,
    attempt: Attempt,
    after: AfterFailure,
    error: &str,
) -> Result<(), StoreError> {
    let (next_attempt_at, given_up_at) = match after {
        AfterFailure::Again(at) => (Some(at), None),
        AfterFailure::GivenUp(at) => (None, Some(at)),
    };
    sql_query(
        "update notifications set next_attempt_at = $4, failed_at = $5, last_error = $6 \
         where nhs_number = $1 and id = $2 and attempts = $3 and delivered_at is null",
    )
    .bind::<BigInt, _>(attempt.nhs_number)
    .bind::<SqlUuid, _>(attempt.id)
    .bind::<Integer, _>(attempt.number)
    .bind::<Nullable<Timestamptz>, _>(next_attempt_at)
    .bind::<Nullable<Timestamptz>, _>(given_up_at)
    .bind::<Text, _>(error)
    .execute(postgres)?;
    Ok(())
}

/// Notes that a window of notifications was not taken. Each that is given up by the rule that is
/// passed is given up; who holds the authority's channel alone tries the others again.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn window_failed(
    postgres: &mut PgConnection,
    notification: &Notification,
    given_up_at: Option<DateTime<Utc>>,
    error: &str,
) -> Result<(), StoreError> {
    sql_query(
        "update notifications set attempts = attempts + 1, failed_at = $3, last_error = $4 \
         where nhs_number = $1 and id = $2 and delivered_at is null",
    )
    .bind::<BigInt, _>(notification.nhs_number.stored())
    .bind::<SqlUuid, _>(notification.id)
    .bind::<Nullable<Timestamptz>, _>(given_up_at)
    .bind::<Text, _>(error)
    .execute(postgres)?;
    Ok(())
}
