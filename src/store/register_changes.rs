//! Who changed what on the register, and when: added to, and never changed.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, PgConnection, RunQueryDsl};

use crate::store::schema::register_changes;
use crate::store::{StoreError, identifiers};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Put on the register, or changed there.
    Put,
    /// Refused from now on.
    Revoked,
    /// Taken off.
    Removed,
}

impl Done {
    fn code(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Revoked => "revoked",
            Self::Removed => "removed",
        }
    }
}

/// Of what kind is that which was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// A client.
    Client,
    /// An organisation.
    Organisation,
    /// What job roles may do.
    JobRole,
}

impl Registered {
    fn code(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Organisation => "organisation",
            Self::JobRole => "role",
        }
    }
}

/// A change, to be kept.
#[derive(Debug)]
pub struct RegisterChange<'a> {
    /// Who made it.
    pub by: &'a str,
    /// When.
    pub at: DateTime<Utc>,
    /// Of what kind is that which was changed.
    pub kind: Registered,
    /// Its id or code.
    pub subject: &'a str,
    /// What was done.
    pub done: Done,
    /// How it now stands, in words for the operator.
    pub details: String,
}

/// Keeps a change, in the transaction that makes it.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn keep(postgres: &mut PgConnection, change: &RegisterChange<'_>) -> Result<(), StoreError> {
    diesel::insert_into(register_changes::table)
        .values((
            register_changes::id.eq(identifiers::id_of(change.at)),
            register_changes::changed_at.eq(change.at),
            register_changes::changed_by.eq(change.by),
            register_changes::kind.eq(change.kind.code()),
            register_changes::subject.eq(change.subject),
            register_changes::change.eq(change.done.code()),
            register_changes::details.eq(&change.details),
        ))
        .execute(postgres)?;
    Ok(())
}
