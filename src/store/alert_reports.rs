//! What viewers report of plans, the authorities concerned, and what came of it there.
//!
//! To make a report tells nothing: which authorities it goes to is found where it is written, and
//! is not answered.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::alert_report::{
    AlertFault, AlertOutcome, AlertReport, Closing, ConcernedReport, FreeWords,
};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::store::StoreError;
use crate::store::authority_readings::RecordedReading;

/// One statement, the same whatever is known of the child, whose plans stand under the number that
/// has replaced the one reported. A report is the authority's whose plan it names; else of the one
/// it names; else of each that has told a plan for the child; else the operator's, with no row for
/// anybody.
const ADD: &str = "with report as (insert into alert_reports (nhs_number, id, kind, plan_id, \
    named_authority, words, reported_at, request_id, client_id, organisation_code, \
    organisation_name, practitioner_id, practitioner_name, role_profile_id, job_role_code, \
    job_role_name) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
    $16)), own as (select p.id, p.authority_id, p.deleted_on from plans p where p.nhs_number = \
    coalesce((select c.replaced_by from children c where c.nhs_number = $1), $1)), \
    concerned as (select o.authority_id, 1 as place from own o where o.id = $4 \
    union all select a.id, 2 from authorities a where a.code = $5 \
    union all select o.authority_id, 3 from own o where o.deleted_on is null) \
    insert into alert_report_recipients (nhs_number, report_id, authority_id) \
    select distinct $1, $2, authority_id from concerned \
    where place = (select min(place) from concerned)";

/// The number is told as it was reported: only who has told a plan of the child is told by what.
const CONCERNED: &str = "select r.id, r.reported_at, r.kind, r.nhs_number, \
    array(select distinct p.local_id from plans p \
    where p.nhs_number in (r.nhs_number, c.replaced_by) \
    and p.authority_id = t.authority_id order by p.local_id) as local_ids, \
    (select p.id from plans p where p.nhs_number in (r.nhs_number, c.replaced_by) \
    and p.id = r.plan_id and p.authority_id = t.authority_id) as plan_id, \
    r.practitioner_name, r.practitioner_id, r.job_role_name, r.organisation_code, \
    r.organisation_name, r.words, t.closed_at, t.outcome, t.closing_words \
    from alert_report_recipients t join alert_reports r \
    on r.nhs_number = t.nhs_number and r.id = t.report_id \
    left join children c on c.nhs_number = r.nhs_number \
    where t.authority_id = $1 and t.report_id > $2 order by t.report_id limit $3";

const CLOSE: &str = "update alert_report_recipients t set closed_at = $3, closed_by = $4, \
    outcome = $5, closing_words = $6 from authorities a where a.id = t.authority_id \
    and a.code = $1 and t.report_id = $2 and t.closed_at is null";

const CLOSED: &str = "select t.outcome from alert_report_recipients t join authorities a \
    on a.id = t.authority_id where a.code = $1 and t.report_id = $2";

/// Puts a report on record, and before the authorities concerned.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails; then nothing is on record.
pub fn add(postgres: &mut PgConnection, id: Uuid, report: &AlertReport) -> Result<(), StoreError> {
    let viewer = &report.viewer;
    let person = &viewer.practitioner;
    let authority = report.authority.as_ref().map(OdsCode::as_str);
    sql_query(ADD)
        .bind::<BigInt, _>(report.nhs_number.stored())
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(report.fault.code())
        .bind::<Nullable<SqlUuid>, _>(report.plan)
        .bind::<Nullable<Text>, _>(authority)
        .bind::<Text, _>(report.words.reveal())
        .bind::<Timestamptz, _>(report.at)
        .bind::<SqlUuid, _>(report.request_id)
        .bind::<Text, _>(&viewer.client_id)
        .bind::<Text, _>(viewer.organisation.as_str())
        .bind::<Text, _>(&viewer.organisation_name)
        .bind::<Text, _>(&person.user_id)
        .bind::<Text, _>(&person.name)
        .bind::<Text, _>(&person.role_profile_id)
        .bind::<Text, _>(&person.job_role_code)
        .bind::<Text, _>(&person.job_role_name)
        .execute(postgres)?;
    Ok(())
}

#[derive(QueryableByName)]
struct ReportRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    reported_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
    #[diesel(sql_type = Array<Text>)]
    local_ids: Vec<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    plan_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    practitioner_name: String,
    #[diesel(sql_type = Text)]
    practitioner_id: String,
    #[diesel(sql_type = Text)]
    job_role_name: String,
    #[diesel(sql_type = Text)]
    organisation_code: String,
    #[diesel(sql_type = Text)]
    organisation_name: String,
    #[diesel(sql_type = Text)]
    words: String,
    #[diesel(embed)]
    closing: ClosingRow,
}

#[derive(QueryableByName)]
struct ClosingRow {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    closed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    closing_words: Option<String>,
}

#[derive(QueryableByName)]
struct OutcomeRow {
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
}

impl ReportRow {
    fn report(self) -> Result<ConcernedReport, StoreError> {
        Ok(ConcernedReport {
            id: self.id,
            at: self.reported_at,
            fault: AlertFault::parse(&self.kind).ok_or(StoreError::Row("kind of a report"))?,
            nhs_number: NhsNumber::from_stored(self.nhs_number)
                .ok()
                .ok_or(StoreError::Row("NHS number"))?,
            local_ids: self.local_ids,
            plan: self.plan_id,
            reporter: [
                self.practitioner_name,
                self.practitioner_id,
                self.job_role_name,
                self.organisation_code,
                self.organisation_name,
            ],
            words: words(&self.words)?,
            closing: self.closing.closing()?,
        })
    }
}

impl ClosingRow {
    fn closing(self) -> Result<Option<Closing>, StoreError> {
        let Some(at) = self.closed_at else {
            return Ok(None);
        };
        let outcome = self.outcome.as_deref().and_then(AlertOutcome::parse);
        Ok(Some(Closing {
            at,
            outcome: outcome.ok_or(StoreError::Row("outcome"))?,
            words: words(&self.closing_words.unwrap_or_default())?,
        }))
    }
}

fn words(text: &str) -> Result<FreeWords, StoreError> {
    FreeWords::parse(text).ok_or(StoreError::Row("words"))
}

/// The reports that concern an authority after this one, the oldest first: so many at the most.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn concerning(
    postgres: &mut PgConnection,
    reading: &RecordedReading,
    (after, most): (Uuid, usize),
) -> Result<Vec<ConcernedReport>, StoreError> {
    let limit = i64::try_from(most).ok().ok_or(StoreError::Row("count"))?;
    sql_query(CONCERNED)
        .bind::<SqlUuid, _>(reading.authority())
        .bind::<SqlUuid, _>(after)
        .bind::<BigInt, _>(limit)
        .load::<ReportRow>(postgres)?
        .into_iter()
        .map(ReportRow::report)
        .collect()
}

/// Which report an authority closes, and by which client.
#[derive(Debug, Clone)]
pub struct ClosedReport {
    /// The authority, as the token issuer vouches for it.
    pub authority: OdsCode,
    /// The report.
    pub id: Uuid,
    /// The authority's software.
    pub client_id: String,
}

/// Closes a report for an authority, where it is open, and gives the outcome on record: an earlier
/// one stands. `None` where the report does not concern the authority.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn close(
    postgres: &mut PgConnection,
    report: &ClosedReport,
    closing: &Closing,
) -> Result<Option<AlertOutcome>, StoreError> {
    sql_query(CLOSE)
        .bind::<Text, _>(report.authority.as_str())
        .bind::<SqlUuid, _>(report.id)
        .bind::<Timestamptz, _>(closing.at)
        .bind::<Text, _>(&report.client_id)
        .bind::<Text, _>(closing.outcome.code())
        .bind::<Text, _>(closing.words.reveal())
        .execute(postgres)?;
    let found: Vec<OutcomeRow> = sql_query(CLOSED)
        .bind::<Text, _>(report.authority.as_str())
        .bind::<SqlUuid, _>(report.id)
        .load(postgres)?;
    let outcome = |row: OutcomeRow| {
        let outcome = row.outcome.as_deref().and_then(AlertOutcome::parse);
        outcome.ok_or(StoreError::Row("outcome"))
    };
    found.into_iter().next().map(outcome).transpose()
}
