//! What local authorities' own systems asked to be sent, and how sending it goes.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::channel::{Endpoint, RestHook, SecretName};
use crate::domain::subscription::{Content, Subscription, SubscriptionStatus};
use crate::store::StoreError;

const COLUMNS: &str = "s.id, s.authority_id, s.status, s.endpoint, s.content, \
    s.heartbeat_seconds, s.reason, s.version, s.updated_at, s.events, s.sent_at, s.attempts, \
    s.error, c.secret_name";

/// Only what is sent to the endpoint that is registered now: an operator who takes a channel away
/// stops what is sent at once.
const REGISTERED: &str = "left join authority_channels c on c.authority_id = s.authority_id \
    and c.kind = 'rest-hook' and c.endpoint = s.endpoint";

/// After so many failed attempts in a row a subscription says that it is in error.
const ATTEMPTS_BEFORE_ERROR: i32 = 3;

#[derive(QueryableByName)]
struct SubscriptionRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    authority_id: Uuid,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    endpoint: String,
    #[diesel(sql_type = Text)]
    content: String,
    #[diesel(sql_type = Nullable<Integer>)]
    heartbeat_seconds: Option<i32>,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    events: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    sent_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Nullable<Text>)]
    error: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    secret_name: Option<String>,
}

impl SubscriptionRow {
    fn subscription(self) -> Result<(Subscription, RestHook), StoreError> {
        let endpoint = Endpoint::parse(&self.endpoint);
        let endpoint = endpoint.ok().ok_or(StoreError::Row("endpoint"))?;
        let secret_name = self
            .secret_name
            .map(|name| SecretName::parse(&name).ok_or(StoreError::Row("name of a secret")));
        let hook = RestHook {
            endpoint: endpoint.clone(),
            secret_name: secret_name.transpose()?,
        };
        let subscription = Subscription {
            id: self.id,
            authority: self.authority_id,
            status: SubscriptionStatus::parse(&self.status)
                .ok_or(StoreError::Row("subscription status"))?,
            endpoint,
            content: Content::parse(&self.content).ok_or(StoreError::Row("payload content"))?,
            heartbeat_seconds: self
                .heartbeat_seconds
                .and_then(|seconds| u32::try_from(seconds).ok()),
            reason: self.reason,
            version: self.version,
            updated_at: self.updated_at,
            events: self.events,
            sent_at: self.sent_at,
            attempts: self.attempts,
            error: self.error,
        };
        Ok((subscription, hook))
    }
}

/// Makes a subscription, to which whatever is owed is sent from its first; false where the
/// authority has one already.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn create(postgres: &mut PgConnection, made: &Subscription) -> Result<bool, StoreError> {
    let heartbeat = made
        .heartbeat_seconds
        .and_then(|seconds| i32::try_from(seconds).ok());
    let added = sql_query(
        "with made as (insert into subscriptions (id, authority_id, status, endpoint, content, \
         heartbeat_seconds, reason, created_at, updated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8) \
         on conflict (authority_id) where deleted_at is null do nothing returning authority_id), \
         renumbered as (update notifications n set event_number = null from made \
         where n.authority_id = made.authority_id and n.delivered_at is null) \
         select from made",
    )
    .bind::<SqlUuid, _>(made.id)
    .bind::<SqlUuid, _>(made.authority)
    .bind::<Text, _>(made.status.code())
    .bind::<Text, _>(made.endpoint.as_str())
    .bind::<Text, _>(made.content.code())
    .bind::<Nullable<Integer>, _>(heartbeat)
    .bind::<Text, _>(&made.reason)
    .bind::<Timestamptz, _>(made.updated_at)
    .execute(postgres)?;
    Ok(added > 0)
}

/// An authority's own subscription, where it has one.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn of_authority(
    postgres: &mut PgConnection,
    authority: Uuid,
) -> Result<Option<Subscription>, StoreError> {
    let row = sql_query(format!(
        "select {COLUMNS} from subscriptions s {REGISTERED} \
         where s.authority_id = $1 and s.deleted_at is null"
    ))
    .bind::<SqlUuid, _>(authority)
    .get_result::<SubscriptionRow>(postgres)
    .optional()?;
    let read = row.map(SubscriptionRow::subscription).transpose()?;
    Ok(read.map(|(subscription, _)| subscription))
}

/// Takes an authority's own subscription away; false where it is not there.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn delete(
    postgres: &mut PgConnection,
    authority: Uuid,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let gone = sql_query(
        "update subscriptions set deleted_at = $3, status = 'off', updated_at = $3, \
         version = version + 1 where id = $2 and authority_id = $1 and deleted_at is null",
    )
    .bind::<SqlUuid, _>(authority)
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(now)
    .execute(postgres)?;
    Ok(gone > 0)
}

/// Those to which something can be sent now, the longest unserved first.
///
/// # Errors
/// As [`of_authority`].
pub fn due(
    postgres: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<Vec<(Subscription, RestHook)>, StoreError> {
    sql_query(format!(
        "select {COLUMNS} from subscriptions s {REGISTERED} where s.deleted_at is null \
         and c.endpoint is not null and s.status in ('requested', 'active', 'error') \
         and (s.next_attempt_at is null or s.next_attempt_at <= $1) \
         order by s.sent_at nulls first, s.id"
    ))
    .bind::<Timestamptz, _>(now)
    .load::<SubscriptionRow>(postgres)?
    .into_iter()
    .map(SubscriptionRow::subscription)
    .collect()
}

/// Takes a subscription for a handshake, or for a heartbeat where one is due or the endpoint is in
/// error and may be well again, until a moment at which another worker may; false where there is
/// nothing of the kind to send.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn take(
    postgres: &mut PgConnection,
    id: Uuid,
    now: DateTime<Utc>,
    leased_until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let taken = sql_query(
        "update subscriptions s set next_attempt_at = $3 where s.id = $1 and s.deleted_at is null \
         and (s.next_attempt_at is null or s.next_attempt_at <= $2) \
         and (s.sent_at is null or s.status = 'error' or (s.heartbeat_seconds is not null \
         and s.sent_at <= $2 - make_interval(secs => s.heartbeat_seconds)))",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(leased_until)
    .execute(postgres)?;
    Ok(taken > 0)
}

/// Notes that the endpoint took what was sent: the subscription is served.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn served(postgres: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
    sql_query(
        "update subscriptions set sent_at = $2, attempts = 0, next_attempt_at = null, \
         error = null, status = 'active', updated_at = case when status = 'active' \
         then updated_at else $2 end, version = version + (status <> 'active')::integer \
         where id = $1 and deleted_at is null",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(now)
    .execute(postgres)?;
    Ok(())
}

/// Notes that the endpoint did not take what was sent, and when to try again.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn not_served(
    postgres: &mut PgConnection,
    id: Uuid,
    (now, next_attempt_at): (DateTime<Utc>, DateTime<Utc>),
    error: &str,
) -> Result<(), StoreError> {
    sql_query(
        "update subscriptions set attempts = attempts + 1, next_attempt_at = $3, error = $4, \
         status = case when attempts + 1 >= $5 then 'error' else status end, \
         updated_at = case when attempts + 1 = $5 then $2 else updated_at end, \
         version = version + (attempts + 1 = $5)::integer \
         where id = $1 and deleted_at is null",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(next_attempt_at)
    .bind::<Text, _>(error)
    .bind::<Integer, _>(ATTEMPTS_BEFORE_ERROR)
    .execute(postgres)?;
    Ok(())
}
