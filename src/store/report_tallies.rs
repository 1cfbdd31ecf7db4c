//! How many alerts were reported, and by whom: by what each report says of its viewer, and by
//! nothing else of it.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use diesel::{PgConnection, RunQueryDsl, sql_query};

use crate::domain::alert_report::{AlertReport, ReportBudgets};
use crate::domain::look_budget::BudgetHolder;
use crate::store::StoreError;

/// When the oldest was made of as many as there may be within the hour; none where there are fewer.
const SPENT_SINCE: &str = "select \
    (select r.reported_at from alert_reports r where r.reported_at > $1 \
    and r.practitioner_id = $2 order by r.reported_at desc offset $3 - 1 limit 1) as person, \
    (select r.reported_at from alert_reports r where r.reported_at > $1 \
    and r.organisation_code = $4 order by r.reported_at desc offset $5 - 1 limit 1) \
    as organisation, \
    (select r.reported_at from alert_reports r where r.reported_at > $1 \
    and r.client_id = $6 order by r.reported_at desc offset $7 - 1 limit 1) as client";

#[derive(QueryableByName)]
struct SpentRow {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    person: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    organisation: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    client: Option<DateTime<Utc>>,
}

/// Whose budget is spent, the narrowest first, and until when, of those who would make a report.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn spent(
    postgres: &mut PgConnection,
    report: &AlertReport,
    budgets: ReportBudgets,
) -> Result<Option<(BudgetHolder, DateTime<Utc>)>, StoreError> {
    let viewer = &report.viewer;
    let most = |holder| i64::from(budgets.of(holder));
    let spent: SpentRow = sql_query(SPENT_SINCE)
        .bind::<Timestamptz, _>(report.at - ReportBudgets::PERIOD)
        .bind::<Text, _>(&viewer.practitioner.user_id)
        .bind::<BigInt, _>(most(BudgetHolder::Person))
        .bind::<Text, _>(viewer.organisation.as_str())
        .bind::<BigInt, _>(most(BudgetHolder::Organisation))
        .bind::<Text, _>(&viewer.client_id)
        .bind::<BigInt, _>(most(BudgetHolder::Client))
        .get_result(postgres)?;
    let mut all = [
        (BudgetHolder::Person, spent.person),
        (BudgetHolder::Organisation, spent.organisation),
        (BudgetHolder::Client, spent.client),
    ]
    .into_iter();
    Ok(all.find_map(|(holder, since)| Some((holder, since? + ReportBudgets::PERIOD))))
}
