//! How local authorities are told, as the operator registered it; every change is kept.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::deserialize::QueryableByName;
use diesel::result::DatabaseErrorKind::UniqueViolation;
use diesel::result::Error::DatabaseError;
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::channel::{Channel, Endpoint, Mailbox, RestHook, SecretName};
use crate::domain::ods_code::OdsCode;
use crate::store::{StoreError, identifiers};

#[derive(QueryableByName)]
struct ChannelRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Nullable<Text>)]
    kind: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    endpoint: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    secret_name: Option<String>,
}

impl ChannelRow {
    fn channel(self) -> Result<(OdsCode, Channel), StoreError> {
        let unreadable = StoreError::Row("channel");
        let code = OdsCode::parse(&self.code)
            .ok()
            .ok_or(StoreError::Row("ODS code"))?;
        let channel = match (self.kind.as_deref(), self.endpoint.as_deref()) {
            (None, _) => Channel::Pull,
            (Some("rest-hook"), Some(endpoint)) => Channel::RestHook(RestHook {
                endpoint: Endpoint::parse(endpoint).ok().ok_or(unreadable)?,
                secret_name: self.secret_name.as_deref().and_then(SecretName::parse),
            }),
            (Some("mesh"), Some(mailbox)) => {
                Channel::Mesh(Mailbox::parse(mailbox).ok_or(unreadable)?)
            }
            _ => return Err(unreadable),
        };
        Ok((code, channel))
    }
}

const CHANNELS: &str = "select a.code, c.kind, c.endpoint, c.secret_name from authorities a \
    left join authority_channels c on c.authority_id = a.id";

/// The channel of each authority on the register, by code.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn all(postgres: &mut PgConnection) -> Result<Vec<(OdsCode, Channel)>, StoreError> {
    sql_query(format!("{CHANNELS} order by a.code"))
        .load::<ChannelRow>(postgres)?
        .into_iter()
        .map(ChannelRow::channel)
        .collect()
}

/// The channel of one authority.
///
/// # Errors
/// As [`all`].
pub fn of_authority(postgres: &mut PgConnection, authority: Uuid) -> Result<Channel, StoreError> {
    let row = sql_query(format!("{CHANNELS} where a.id = $1"))
        .bind::<SqlUuid, _>(authority)
        .get_result::<ChannelRow>(postgres)
        .optional()?;
    let read = row.map(ChannelRow::channel).transpose()?;
    Ok(read.map_or(Channel::Pull, |(_, channel)| channel))
}

/// What came of setting a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// It is set.
    Set,
    /// The authority is not on the register; nothing is changed.
    UnknownAuthority,
    /// The mailbox is another authority's; nothing is changed.
    MailboxTaken,
}

/// The rule that keeps a mailbox one authority's.
const ONE_MAILBOX: &str = "a_mailbox_is_one_authoritys";

/// Sets an authority's channel as the database's owner, and keeps who set it and when. It must run
/// in a transaction of its own.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails; then nothing is changed.
pub fn set(
    postgres: &mut PgConnection,
    authority: &OdsCode,
    channel: &Channel,
    (by, at): (&str, DateTime<Utc>),
) -> Result<Setting, StoreError> {
    let (endpoint, secret_name) = match channel {
        Channel::Pull => (None, None),
        Channel::RestHook(hook) => (
            Some(hook.endpoint.as_str()),
            hook.secret_name.as_ref().map(SecretName::as_str),
        ),
        Channel::Mesh(mailbox) => (Some(mailbox.as_str()), None),
    };
    // A channel of another kind or place begins its windows anew.
    let kept = sql_query(
        "with told as (select id from authorities where code = $1), \
         kept as (insert into channel_changes (id, authority_id, changed_at, changed_by, kind, \
         endpoint, secret_name) select $2, id, $3, $4, $5, $6, $7 from told), \
         gone as (delete from authority_channels c using told where c.authority_id = told.id \
         and $6 is null), \
         here as (insert into authority_channels as c (authority_id, kind, endpoint, secret_name, \
         told_until, changed_at) select id, $5, $6, $7, $3, $3 from told where $6 is not null \
         on conflict (authority_id) do update set kind = excluded.kind, \
         endpoint = excluded.endpoint, secret_name = excluded.secret_name, attempts = 0, \
         next_attempt_at = null, told_until = case when c.kind = excluded.kind \
         then c.told_until else excluded.told_until end, changed_at = excluded.changed_at) \
         select from told",
    )
    .bind::<Text, _>(authority.as_str())
    .bind::<SqlUuid, _>(identifiers::id_of(at))
    .bind::<Timestamptz, _>(at)
    .bind::<Text, _>(by)
    .bind::<Text, _>(channel.code())
    .bind::<Nullable<Text>, _>(endpoint)
    .bind::<Nullable<Text>, _>(secret_name)
    .execute(postgres);
    match kept {
        Ok(0) => Ok(Setting::UnknownAuthority),
        Ok(_) => Ok(Setting::Set),
        Err(DatabaseError(UniqueViolation, words))
            if words.constraint_name() == Some(ONE_MAILBOX) =>
        {
            Ok(Setting::MailboxTaken)
        }
        Err(error) => Err(error.into()),
    }
}

/// A mailbox that is due to be told of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueMailbox {
    /// The authority.
    pub authority: Uuid,
    /// The mailbox.
    pub mailbox: Mailbox,
    /// Until when it has been told.
    pub told_until: DateTime<Utc>,
    /// How many attempts in a row have failed, and this one.
    pub attempts: i32,
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = SqlUuid)]
    authority_id: Uuid,
    #[diesel(sql_type = Text)]
    endpoint: String,
    #[diesel(sql_type = Timestamptz)]
    told_until: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
}

/// Takes a mailbox whose window is over, until a moment at which another worker may.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn take_mailbox(
    postgres: &mut PgConnection,
    (now, leased_until): (DateTime<Utc>, DateTime<Utc>),
    window: TimeDelta,
) -> Result<Option<DueMailbox>, StoreError> {
    let over = now.checked_sub_signed(window).unwrap_or(now);
    let row: Option<DueRow> = sql_query(
        "update authority_channels c set next_attempt_at = $2, attempts = c.attempts + 1 \
         from (select authority_id from authority_channels where kind = 'mesh' \
         and told_until <= $3 and (next_attempt_at is null or next_attempt_at <= $1) \
         order by told_until limit 1 for update skip locked) due \
         where c.authority_id = due.authority_id \
         returning c.authority_id, c.endpoint, c.told_until, c.attempts",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(leased_until)
    .bind::<Timestamptz, _>(over)
    .get_result(postgres)
    .optional()?;
    row.map(|row| {
        Ok(DueMailbox {
            authority: row.authority_id,
            mailbox: Mailbox::parse(&row.endpoint).ok_or(StoreError::Row("mailbox"))?,
            told_until: row.told_until,
            attempts: row.attempts,
        })
    })
    .transpose()
}

/// Notes until when a mailbox has been told.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn told_until(
    postgres: &mut PgConnection,
    authority: Uuid,
    until: DateTime<Utc>,
) -> Result<(), StoreError> {
    sql_query(
        "update authority_channels set told_until = greatest(told_until, $2), attempts = 0, \
         next_attempt_at = null where authority_id = $1",
    )
    .bind::<SqlUuid, _>(authority)
    .bind::<Timestamptz, _>(until)
    .execute(postgres)?;
    Ok(())
}

/// Notes when to try a mailbox again.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn again_at(
    postgres: &mut PgConnection,
    authority: Uuid,
    next_attempt_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sql_query("update authority_channels set next_attempt_at = $2 where authority_id = $1")
        .bind::<SqlUuid, _>(authority)
        .bind::<Timestamptz, _>(next_attempt_at)
        .execute(postgres)?;
    Ok(())
}
