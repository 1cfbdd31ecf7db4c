//! Reports of alerts that nobody has closed yet, for the operator: nothing of any child, and not a
//! word of what was reported.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::store::StoreError;

/// A report waits for each authority that has not closed it, and for the operator where no
/// authority is known to be concerned.
const WAITING: &str = "from alert_reports r left join alert_report_recipients t \
    on t.nhs_number = r.nhs_number and t.report_id = r.id \
    left join authorities a on a.id = t.authority_id where t.closed_at is null";

/// How many are listed, the oldest first.
const LISTED_MAX: i64 = 10_000;

/// A report that waits, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct WaitingReport {
    /// The report.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// The ODS code of the authority; none where it waits for the operator.
    #[diesel(sql_type = Nullable<Text>)]
    pub authority: Option<String>,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub reported_at: DateTime<Utc>,
}

/// How many reports wait, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Waiting {
    /// How many there are.
    #[diesel(sql_type = BigInt)]
    pub reports: i64,
    /// When the oldest of them was made.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest: Option<DateTime<Utc>>,
}

/// The reports that wait, the oldest first; once for each authority that they wait for.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn list(postgres: &mut PgConnection) -> Result<Vec<WaitingReport>, StoreError> {
    Ok(sql_query(format!(
        "select r.id, a.code as authority, r.reported_at {WAITING} \
         order by r.reported_at, r.id, a.code limit $1"
    ))
    .bind::<BigInt, _>(LISTED_MAX)
    .load(postgres)?)
}

/// How many reports from before a moment wait.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn waiting(postgres: &mut PgConnection, before: DateTime<Utc>) -> Result<Waiting, StoreError> {
    Ok(sql_query(format!(
        "select count(distinct r.id) as reports, min(r.reported_at) as oldest {WAITING} \
         and r.reported_at < $1"
    ))
    .bind::<Timestamptz, _>(before)
    .get_result(postgres)?)
}
