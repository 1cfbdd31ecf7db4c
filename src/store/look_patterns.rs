//! Patterns in a day's looks that may be browsing: for review, and of nobody who only works. They
//! are read in one go, beside the requests.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::connection::SimpleConnection as _;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Text, Timestamptz};
use diesel::{PgConnection, RunQueryDsl, sql_query};

use crate::domain::calendar::start_of;
use crate::domain::look_budget::BudgetHolder;
use crate::domain::look_finding::{FindingKind, LookFinding};
use crate::store::StoreError;

/// More children in a day than others in the same role of the organisation: more than the middle
/// one by six times the middle distance from it, where five people or more tell what is usual. What
/// is rare in one role is usual in another.
const MANY_CHILDREN: &str = "with looks as (select practitioner_id, organisation_code, \
    job_role_code, count(distinct nhs_number) as children from accesses \
    where recorded_at >= $1 and recorded_at < $2 group by 1, 2, 3), \
    usual as (select organisation_code, job_role_code, count(*) as people, \
    percentile_cont(0.5) within group (order by children) as middle from looks group by 1, 2), \
    spread as (select l.organisation_code, l.job_role_code, \
    percentile_cont(0.5) within group (order by abs(l.children - u.middle)) as distance \
    from looks l join usual u using (organisation_code, job_role_code) group by 1, 2) \
    select practitioner_id as key, max(children)::bigint as count from looks \
    join usual using (organisation_code, job_role_code) \
    join spread using (organisation_code, job_role_code) \
    where people >= 5 and children >= 20 and children > middle + 6 * greatest(distance, 2) \
    group by practitioner_id order by practitioner_id";

/// Looks for scheduled care at night, when no clinic is open.
const OUT_OF_HOURS: &str = "select practitioner_id as key, \
    count(distinct nhs_number)::bigint as count from accesses \
    where recorded_at >= $1 and recorded_at < $2 and care_setting = 'scheduled' \
    and extract(hour from recorded_at at time zone 'Europe/London') not between 6 and 21 \
    group by practitioner_id having count(distinct nhs_number) >= 5 order by practitioner_id";

/// One child looked at on half of the days of two weeks by one person, and by nobody else of the
/// same organisation: a child who is cared for is looked at by several.
const REPEATED_VIEWS: &str = "select practitioner_id as key, max(days)::bigint as count from \
    (select practitioner_id, organisation_code, nhs_number, \
    count(distinct (recorded_at at time zone 'Europe/London')::date) as days from accesses \
    where recorded_at >= $1 and recorded_at < $2 group by 1, 2, 3) own \
    where days >= 7 and not exists (select from accesses other \
    where other.nhs_number = own.nhs_number and other.recorded_at >= $1 \
    and other.recorded_at < $2 and other.organisation_code = own.organisation_code \
    and other.practitioner_id <> own.practitioner_id) \
    group by practitioner_id order by practitioner_id";

/// How long the review may take.
const PATIENCE: &str = "set local statement_timeout = '120s'";

/// How long one person may come back to one child.
const TWO_WEEKS: TimeDelta = TimeDelta::days(14);

#[derive(QueryableByName)]
struct PatternRow {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// What the looks of a day in London, or of the two weeks that end with it, show. Call it in a
/// transaction.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn of_day(postgres: &mut PgConnection, day: NaiveDate) -> Result<Vec<LookFinding>, StoreError> {
    postgres.batch_execute(PATIENCE)?;
    let (begins, ends) = (
        start_of(day),
        start_of(day.succ_opt().unwrap_or(NaiveDate::MAX)),
    );
    let mut found = Vec::new();
    for (kind, sql, from) in [
        (FindingKind::ManyChildren, MANY_CHILDREN, begins),
        (FindingKind::OutOfHours, OUT_OF_HOURS, begins),
        (FindingKind::RepeatedViews, REPEATED_VIEWS, ends - TWO_WEEKS),
    ] {
        let rows: Vec<PatternRow> = sql_query(sql)
            .bind::<Timestamptz, _>(from)
            .bind::<Timestamptz, _>(ends)
            .load(postgres)?;
        found.extend(rows.into_iter().map(|row| finding(kind, row, ends)));
    }
    Ok(found)
}

/// It is found at the end of the day, whenever that is read: so it is told once.
fn finding(kind: FindingKind, row: PatternRow, at: DateTime<Utc>) -> LookFinding {
    LookFinding {
        kind,
        holder: BudgetHolder::Person,
        key: row.key,
        at,
        count: u32::try_from(row.count).unwrap_or(u32::MAX),
    }
}
