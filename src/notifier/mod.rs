//! The only door by which notifications leave: pulled by the authority they are for, or sent to its
//! channel until each arrives (REPC_MT000004GB01, REPC_MT000005GB01).
//!
//! A notification's id is the id of every message that carries it and never changes: whoever is
//! told twice, because an answer was lost, knows it by that.

pub mod alarm;
pub mod rest_hook;
pub mod sending;
pub mod windows;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::notification::{Notification, Part};
use crate::domain::ods_code::OdsCode;
use crate::store::notifications::{self, Found, Sought};
use crate::store::{Store, StoreError, outbox};

/// What an authority pulls: the first of what it seeks among its own, how many there are, and
/// whether more are awaited.
///
/// # Errors
/// [`StoreError`] when the database gives no answer that can be trusted.
pub async fn pull(store: &Store, sought: Sought, limit: usize) -> Result<Found, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    store
        .of(&sought.authority)
        .transaction(move |postgres| notifications::find(postgres, &sought, limit))
        .await
}

/// One of an authority's own, by its id.
///
/// # Errors
/// As [`pull`].
pub async fn pull_one(
    store: &Store,
    authority: OdsCode,
    id: Uuid,
) -> Result<Option<Notification>, StoreError> {
    store
        .of(&authority)
        .transaction(move |postgres| notifications::read(postgres, &authority, id))
        .await
}

/// Marks what an authority says it has; which of the ids are its own.
///
/// # Errors
/// As [`pull`]; then nothing is marked.
pub async fn acknowledge(
    store: &Store,
    authority: OdsCode,
    ids: Vec<Uuid>,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, StoreError> {
    store
        .of(&authority)
        .transaction(move |postgres| notifications::acknowledge(postgres, &authority, &ids, now))
        .await
}

/// Gives up what was in the part of a window that a transport had taken and gives back; how much
/// there was. What the other parts told has arrived. The operator sees it, and sends it again once
/// the authority's mailbox is read.
///
/// # Errors
/// As [`pull`]; then nothing is changed.
pub async fn give_back(
    store: &Store,
    returned: (Uuid, Part),
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    store
        .run(move |postgres| outbox::returned(postgres, returned, now))
        .await
}
