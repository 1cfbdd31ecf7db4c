//! Uses of the service that somebody should look at: added to, and closed by whoever looked.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::look_budget::BudgetHolder;
use crate::domain::look_finding::{FindingKind, KeptFinding, LookFinding};
use crate::store::{StoreError, identifiers};

/// The most findings that are listed.
pub const LISTED_MAX: i64 = 10_000;

const ADD: &str = "insert into look_findings \
    (id, found_at, found_in_hour, kind, holder, key, count) \
    select id, found_at, floor(extract(epoch from found_at) / 3600)::bigint, kind, holder, key, \
    count from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], \
    $6::integer[]) as found (id, found_at, kind, holder, key, count) \
    on conflict (kind, holder, key, found_in_hour) do nothing";

const LIST: &str = "select id, found_at, kind, holder, key, count, closed_at, outcome \
    from look_findings where found_at >= $1 and ($2 or closed_at is null) \
    order by found_at, kind, holder, key limit $3";

#[derive(QueryableByName)]
struct FindingRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    found_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    holder: String,
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Integer)]
    count: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    closed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
}

/// Adds findings; one that another process had within the same hour is the same.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn add(postgres: &mut PgConnection, findings: &[LookFinding]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = findings
        .iter()
        .map(|one| identifiers::id_of(one.at))
        .collect();
    let moments: Vec<DateTime<Utc>> = findings.iter().map(|one| one.at).collect();
    let kinds: Vec<&str> = findings.iter().map(|one| one.kind.name()).collect();
    let holders: Vec<&str> = findings.iter().map(|one| one.holder.name()).collect();
    let keys: Vec<&str> = findings.iter().map(|one| one.key.as_str()).collect();
    let counts: Vec<i32> = findings
        .iter()
        .map(|one| i32::try_from(one.count).unwrap_or(i32::MAX))
        .collect();
    sql_query(ADD)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Timestamptz>, _>(moments)
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Text>, _>(holders)
        .bind::<Array<Text>, _>(keys)
        .bind::<Array<Integer>, _>(counts)
        .execute(postgres)?;
    Ok(())
}

/// The findings since a moment, the oldest first: those nobody closed, or all.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn list(
    postgres: &mut PgConnection,
    since: DateTime<Utc>,
    all: bool,
) -> Result<Vec<KeptFinding>, StoreError> {
    sql_query(LIST)
        .bind::<Timestamptz, _>(since)
        .bind::<diesel::sql_types::Bool, _>(all)
        .bind::<diesel::sql_types::BigInt, _>(LISTED_MAX)
        .load::<FindingRow>(postgres)?
        .into_iter()
        .map(FindingRow::finding)
        .collect()
}

/// Closes a finding that is open; whether there was one.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn close(
    postgres: &mut PgConnection,
    id: Uuid,
    (at, outcome): (DateTime<Utc>, &str),
) -> Result<bool, StoreError> {
    let closed = sql_query(
        "update look_findings set closed_at = greatest($2, found_at), outcome = $3 \
         where id = $1 and closed_at is null",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(at)
    .bind::<Text, _>(outcome)
    .execute(postgres)?;
    Ok(closed == 1)
}

impl FindingRow {
    fn finding(self) -> Result<KeptFinding, StoreError> {
        Ok(KeptFinding {
            id: self.id,
            finding: LookFinding {
                kind: FindingKind::parse(&self.kind).ok_or(StoreError::Row("finding"))?,
                holder: BudgetHolder::parse(&self.holder)
                    .ok_or(StoreError::Row("budget holder"))?,
                key: self.key,
                at: self.found_at,
                count: u32::try_from(self.count)
                    .ok()
                    .ok_or(StoreError::Row("count"))?,
            },
            closed: self.closed_at.zip(self.outcome),
        })
    }
}
