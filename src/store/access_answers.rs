//! What looks were answered with: added to, never changed, and durable before anything is told.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Binary, SmallInt, Timestamptz, Untyped, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, RunQueryDsl};
use uuid::Uuid;

use crate::domain::nhs_number::NhsNumber;
use crate::secrets::DIGEST_BYTES;
use crate::store::StoreError;
use crate::store::schema::access_answers;

/// What one look was answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessAnswer {
    /// The look, as an access on record.
    pub access_id: Uuid,
    /// Its moment.
    pub recorded_at: DateTime<Utc>,
    /// The status of the answer.
    pub status: i16,
    /// The digest of the answer's exact body.
    pub body_digest: [u8; DIGEST_BYTES],
    /// The digest of the access as it was recorded.
    pub access_digest: [u8; DIGEST_BYTES],
}

/// An answer that is to be put on record, and the number its access stands under, by which that is
/// found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnswer {
    /// Of the access.
    pub nhs_number: NhsNumber,
    /// The answer.
    pub answer: AccessAnswer,
}

/// Puts answers on record, all in one statement. Once this returns they are durable, and so is all
/// that was committed before: the write-ahead log has one order. An answer that is there already,
/// because the statement had to be run again, or another answer to the same request was faster,
/// stays as it is: what is brought back are the digests of the bodies that were added.
///
/// An answer whose access is not there is not added: a look does not wait for the disk, and may be
/// lost in a crash of the database that its answer comes after.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails: then none of them may be told.
pub fn add(
    postgres: &mut PgConnection,
    answers: &[NewAnswer],
) -> Result<HashSet<Vec<u8>>, StoreError> {
    let added: Vec<Added> = Insertion::of(answers).load(postgres)?;
    Ok(added.into_iter().map(|added| added.body_digest).collect())
}

#[derive(QueryableByName)]
struct Added {
    #[diesel(sql_type = Binary)]
    body_digest: Vec<u8>,
}

/// What is on record of answers that were not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnRecord {
    /// Exactly these.
    These,
    /// Of one of them, another.
    Others,
    /// Of one of them, none.
    None,
}

/// What is on record in the place of answers.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn on_record(
    postgres: &mut PgConnection,
    answers: &[NewAnswer],
) -> Result<OnRecord, StoreError> {
    for NewAnswer { answer, .. } in answers {
        let kept: Option<(i16, Vec<u8>)> = access_answers::table
            .find((answer.access_id, answer.recorded_at))
            .select((access_answers::status, access_answers::body_digest))
            .first(postgres)
            .optional()?;
        match kept {
            None => return Ok(OnRecord::None),
            Some(kept) if kept == (answer.status, answer.body_digest.to_vec()) => {}
            Some(_) => return Ok(OnRecord::Others),
        }
    }
    Ok(OnRecord::These)
}

/// So many answers of the accesses after one, in the order of their ids.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn after(
    postgres: &mut PgConnection,
    access_id: Uuid,
    most: i64,
) -> Result<Vec<AccessAnswer>, StoreError> {
    type Row = (Uuid, DateTime<Utc>, i16, Vec<u8>, Vec<u8>);
    let rows: Vec<Row> = access_answers::table
        .filter(access_answers::access_id.gt(access_id))
        .order(access_answers::access_id)
        .limit(most)
        .select((
            access_answers::access_id,
            access_answers::recorded_at,
            access_answers::status,
            access_answers::body_digest,
            access_answers::access_digest,
        ))
        .load(postgres)?;
    let digest = |bytes: Vec<u8>| bytes.try_into().ok().ok_or(StoreError::Row("digest"));
    rows.into_iter()
        .map(|(access_id, recorded_at, status, body, access)| {
            Ok(AccessAnswer {
                access_id,
                recorded_at,
                status,
                body_digest: digest(body)?,
                access_digest: digest(access)?,
            })
        })
        .collect()
}

/// One statement for however many answers, so that it is prepared once a connection.
struct Insertion<'a> {
    nhs_numbers: Vec<i64>,
    access_ids: Vec<Uuid>,
    moments: Vec<DateTime<Utc>>,
    statuses: Vec<i16>,
    body_digests: Vec<&'a [u8]>,
    access_digests: Vec<&'a [u8]>,
}

impl<'a> Insertion<'a> {
    fn of(new: &'a [NewAnswer]) -> Self {
        let answers = || new.iter().map(|new| &new.answer);
        Self {
            nhs_numbers: new.iter().map(|new| new.nhs_number.stored()).collect(),
            access_ids: answers().map(|answer| answer.access_id).collect(),
            moments: answers().map(|answer| answer.recorded_at).collect(),
            statuses: answers().map(|answer| answer.status).collect(),
            body_digests: answers()
                .map(|answer| answer.body_digest.as_slice())
                .collect(),
            access_digests: answers()
                .map(|answer| answer.access_digest.as_slice())
                .collect(),
        }
    }
}

impl QueryFragment<Pg> for Insertion<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "insert into access_answers \
             (access_id, recorded_at, status, body_digest, access_digest) \
             select told.access_id, told.recorded_at, told.status, told.body_digest, \
             told.access_digest from unnest(",
        );
        out.push_bind_param::<Array<BigInt>, _>(&self.nhs_numbers)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<SqlUuid>, _>(&self.access_ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.moments)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<SmallInt>, _>(&self.statuses)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.body_digests)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.access_digests)?;
        // One by one, by their key, however many the planner takes them for. The key begins with
        // the number: without it, all that was looked at within the month would be read.
        out.push_sql(
            ") as told (nhs_number, access_id, recorded_at, status, body_digest, access_digest) \
             cross join lateral (select from accesses a where a.nhs_number = told.nhs_number \
             and a.recorded_at = told.recorded_at and a.id = told.access_id limit 1) looked \
             on conflict do nothing returning body_digest",
        );
        Ok(())
    }
}

impl QueryId for Insertion<'_> {
    type QueryId = Insertion<'static>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Insertion<'_> {
    type SqlType = Untyped;
}

impl RunQueryDsl<PgConnection> for Insertion<'_> {}
