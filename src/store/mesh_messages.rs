//! What became of each message of our MESH mailbox.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Integer, Text, Timestamptz};
use diesel::{ExpressionMethods, PgConnection, QueryDsl, QueryableByName, RunQueryDsl, sql_query};

use crate::domain::channel;
use crate::store::StoreError;
use crate::store::schema::mesh_messages;

const BEGIN: &str = "insert into mesh_messages (id, first_seen_at, tried_at) values ($1, $2, $2) \
    on conflict (id) do update set attempts = mesh_messages.attempts + 1, tried_at = $2 \
    returning attempts";

/// A try that failed through no fault of the message is no try.
const TAKE_BACK: &str =
    "update mesh_messages set attempts = greatest(attempts - 1, 1) where id = $1";

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageOutcome {
    /// It was answered, and is out of the inbox.
    Acknowledged,
    /// It was MESH's report that one of ours did not arrive.
    Reported,
    /// It is from a mailbox that no authority has.
    UnknownMailbox,
    /// It is of another workflow than uploads'.
    AnotherWorkflow,
    /// It was in the inbox no more when it was asked for.
    Gone,
    /// It could not be read or answered, however often it was tried.
    Undeliverable,
}

impl MessageOutcome {
    /// Its name in the table and in the log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Reported => "reported",
            Self::UnknownMailbox => "unknown-mailbox",
            Self::AnotherWorkflow => "another-workflow",
            Self::Gone => "gone",
            Self::Undeliverable => "undeliverable",
        }
    }
}

/// A message whose end is known.
#[derive(Debug, Clone)]
pub struct FinishedMessage {
    /// MESH's id of it.
    pub id: String,
    /// The mailbox it is from, where that is known.
    pub sender: Option<String>,
    /// Its workflow, where that is known.
    pub workflow: Option<String>,
    /// What became of it.
    pub outcome: MessageOutcome,
    /// What else is to be known of it: an id or a code, and nothing of any child.
    pub detail: Option<String>,
}

#[derive(QueryableByName)]
struct Attempts {
    #[diesel(sql_type = Integer)]
    attempts: i32,
}

/// Notes that a message is being tried; how often it has been, this time included.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn begin(postgres: &mut PgConnection, id: &str, now: DateTime<Utc>) -> Result<i32, StoreError> {
    let row: Attempts = sql_query(BEGIN)
        .bind::<Text, _>(id)
        .bind::<Timestamptz, _>(now)
        .get_result(postgres)?;
    Ok(row.attempts)
}

/// Takes a try back that failed through no fault of the message.
///
/// # Errors
/// As [`begin`].
pub fn take_back(postgres: &mut PgConnection, id: &str) -> Result<(), StoreError> {
    sql_query(TAKE_BACK).bind::<Text, _>(id).execute(postgres)?;
    Ok(())
}

/// Keeps what became of a message.
///
/// # Errors
/// As [`begin`].
pub fn finish(postgres: &mut PgConnection, message: &FinishedMessage) -> Result<(), StoreError> {
    diesel::update(mesh_messages::table.find(&message.id))
        .set((
            mesh_messages::sender.eq(&message.sender),
            mesh_messages::workflow.eq(&message.workflow),
            mesh_messages::outcome.eq(message.outcome.code()),
            mesh_messages::detail.eq(&message.detail),
        ))
        .execute(postgres)?;
    Ok(())
}

/// Which of these messages were put aside, and are not to be tried again.
///
/// # Errors
/// As [`begin`].
pub fn put_aside(postgres: &mut PgConnection, ids: &[String]) -> Result<Vec<String>, StoreError> {
    Ok(mesh_messages::table
        .filter(mesh_messages::id.eq_any(ids))
        .filter(mesh_messages::outcome.is_not_null())
        .filter(mesh_messages::outcome.ne(MessageOutcome::Acknowledged.code()))
        .select(mesh_messages::id)
        .load(postgres)?)
}

/// Lets messages be tried again that were put aside because nobody had their mailbox, where an
/// authority now has; how many.
///
/// # Errors
/// As [`begin`].
pub fn release(
    postgres: &mut PgConnection,
    mailboxes: &[channel::Mailbox],
) -> Result<usize, StoreError> {
    let mailboxes = mailboxes.iter().map(channel::Mailbox::as_str);
    let unknown = mesh_messages::table
        .filter(mesh_messages::outcome.eq(MessageOutcome::UnknownMailbox.code()))
        .filter(mesh_messages::sender.eq_any(mailboxes));
    Ok(diesel::delete(unknown).execute(postgres)?)
}
