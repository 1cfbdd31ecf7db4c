//! The access history: added to, read, never changed.
//!
//! [`record`] is one statement, and one round trip: it puts a look on record, reads the plans that
//! the look may see, and queues what is owed to their authorities, or does none of it;
//! [`record_together`] is the same statement for several looks. They alone make a
//! [`RecordedAccess`], and only a [`RecordedAccess`] holds plans.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    Connection as _, ExpressionMethods, PgConnection, QueryDsl, Queryable, RunQueryDsl, Selectable,
    SelectableHelper as _, sql_query,
};
use uuid::Uuid;

use crate::domain::access::{Access, Interaction, Look, Subject};
use crate::domain::caller::{Practitioner, Viewer};
use crate::domain::care_setting::CareSetting;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::notification::NotificationRule;
use crate::domain::ods_code::OdsCode;
use crate::domain::plan::Windows;
use crate::store::StoreError;
use crate::store::disclosure_statement::{
    ById, ByNumber, DisclosureStatement, DisclosuresStatement, RepeatedStatement,
};
use crate::store::plans::DisclosedRow;
use crate::store::request_looks::{Asked, EarlierLook};
use crate::store::schema::{accesses, children};

/// The rules a disclosure follows; the database only compares.
#[derive(Debug, Clone, Copy)]
pub struct DisclosureRules {
    /// How long after its end a plan is shown.
    pub windows: Windows,
    /// When an authority is told again.
    pub notification: NotificationRule,
}

/// The proof that a look is on record, and what it saw. Only this module can make one, so plans
/// that come out of the database have an access beside them.
pub struct RecordedAccess {
    access: Access,
    rows: Vec<DisclosedRow>,
}

impl RecordedAccess {
    /// The look as recorded.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The look as recorded, when what it saw is told.
    #[must_use]
    pub fn into_access(self) -> Access {
        self.access
    }

    pub(super) fn rows(&self) -> &[DisclosedRow] {
        &self.rows
    }
}

/// A look that is to be put on record.
#[derive(Debug, Clone, Copy)]
pub struct NewLook<'a> {
    /// The id of the access that it becomes.
    pub id: Uuid,
    /// The look.
    pub look: &'a Look,
    /// What its request asks there.
    pub asked: &'a Asked,
}

/// Puts a look on record and brings back what it may see. `None` when nothing was recorded: nobody
/// is known under the id that names the child, or the same place of the same request was a look
/// before ([`request_looks::earlier`](crate::store::request_looks::earlier)).
///
/// # Errors
/// [`StoreError`] when the database refuses or fails; then nothing is recorded or queued.
pub fn record(
    postgres: &mut PgConnection,
    new: NewLook<'_>,
    rules: DisclosureRules,
) -> Result<Option<RecordedAccess>, StoreError> {
    let by = |id: ById, postgres: &mut _| DisclosureStatement::of(id, new, rules).load(postgres);
    let rows: Vec<DisclosedRow> = match new.look.subject {
        Subject::NhsNumber(number) => {
            DisclosureStatement::of(ByNumber(number.stored()), new, rules).load(postgres)
        }
        Subject::Patient(id) => by(ById::of_patient(id), postgres),
        Subject::Plan(id) => by(ById::of_plan(id), postgres),
        Subject::Access(id) => by(ById::of_access(id), postgres),
    }?;
    if rows.is_empty() {
        return Ok(None);
    }
    recorded(new, rows).map(Some)
}

/// Puts several looks on record as [`record`] does, all of them or none, and brings back what each
/// may see, in their order. No two of them may be at one number.
///
/// # Errors
/// As [`record`]; what failed of one failed of all.
pub fn record_together(
    postgres: &mut PgConnection,
    looks: &[(NhsNumber, NewLook<'_>)],
    rules: DisclosureRules,
) -> Result<Vec<Option<RecordedAccess>>, StoreError> {
    let rows: Vec<DisclosedRow> = DisclosuresStatement::of(looks, rules).load(postgres)?;
    let mut by_look: HashMap<Uuid, Vec<DisclosedRow>> = HashMap::new();
    for row in rows {
        by_look.entry(row.recorded_id).or_default().push(row);
    }
    let recorded = looks
        .iter()
        .map(|(_, new)| by_look.remove(&new.id).map(|rows| recorded(*new, rows)))
        .map(Option::transpose)
        .collect::<Result<_, _>>()?;
    if by_look.is_empty() {
        Ok(recorded)
    } else {
        Err(StoreError::Row("access that nobody asked for"))
    }
}

/// The proof of a look, by the rows that it brought back.
fn recorded(new: NewLook<'_>, rows: Vec<DisclosedRow>) -> Result<RecordedAccess, StoreError> {
    let stored = rows.first().map(|row| row.recorded_nhs_number);
    let nhs_number = stored
        .and_then(|number| NhsNumber::from_stored(number).ok())
        .ok_or(StoreError::Row("NHS number"))?;
    let asked = match new.look.subject {
        Subject::NhsNumber(number) => Some(number.stored()),
        Subject::Patient(_) | Subject::Plan(_) | Subject::Access(_) => None,
    };
    let is_of_it = |row: &DisclosedRow| {
        row.recorded_id == new.id
            && row.is_of(nhs_number.stored())
            && (asked.is_none() || row.asked_nhs_number == asked)
    };
    if !rows.iter().all(is_of_it) {
        return Err(StoreError::Row("plan of another child"));
    }
    Ok(RecordedAccess {
        access: access_of(new.id, nhs_number, new.look),
        rows,
    })
}

/// What a look that is on record may see, asked once more in the same words: plans as they are now,
/// by the day of the look.
///
/// # Errors
/// [`StoreError::AskedBefore`] when the child has another number by now; else when the database
/// fails, or the look is not on record.
pub fn repeated(
    postgres: &mut PgConnection,
    earlier: &EarlierLook,
    rules: DisclosureRules,
) -> Result<RecordedAccess, StoreError> {
    let row: AccessRow = accesses::table
        .filter(accesses::recorded_at.eq(earlier.recorded_at))
        .filter(accesses::id.eq(earlier.access_id))
        .select(AccessRow::as_select())
        .first(postgres)?;
    let access = row.access()?;
    let look = (access.id, access.at);
    let statement = RepeatedStatement::of(look, access.viewer.care_setting, rules);
    // Its answer may be on record already, and would make nothing durable of whom it tells.
    let rows: Vec<DisclosedRow> = postgres.transaction(|postgres| {
        sql_query("set local synchronous_commit = on").execute(postgres)?;
        statement.load(postgres)
    })?;
    if rows.is_empty() {
        return Err(StoreError::AskedBefore);
    }
    let number = access.nhs_number.stored();
    if !rows.iter().all(|row| row.is_of(number)) {
        return Err(StoreError::Row("plan of another child"));
    }
    Ok(RecordedAccess { access, rows })
}

fn access_of(id: Uuid, nhs_number: NhsNumber, look: &Look) -> Access {
    Access {
        id,
        nhs_number,
        at: look.at,
        request_id: look.request_id,
        interaction: look.interaction,
        asked: look.asked.clone(),
        viewer: look.viewer.clone(),
    }
}

/// The newest accesses to the child of a recorded look, that look included, newest first.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn history_of(
    postgres: &mut PgConnection,
    recorded: &RecordedAccess,
) -> Result<Vec<Access>, StoreError> {
    let number = recorded.access.nhs_number.stored();
    // Looks at the child under an earlier number stay where they were recorded.
    let mut numbers: Vec<i64> = children::table
        .filter(children::replaced_by.eq(number))
        .select(children::nhs_number)
        .load(postgres)?;
    numbers.push(number);
    accesses::table
        .filter(accesses::nhs_number.eq_any(numbers))
        .order((accesses::recorded_at.desc(), accesses::id.desc()))
        .limit(HISTORY_READ_MAX)
        .select(AccessRow::as_select())
        .load(postgres)?
        .into_iter()
        .map(AccessRow::access)
        .collect()
}

/// The accesses of a stretch of time, each by its id; none of them leaves as a plan's.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn between(
    postgres: &mut PgConnection,
    (first, last): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Access>, StoreError> {
    accesses::table
        .filter(accesses::recorded_at.between(first, last))
        .select(AccessRow::as_select())
        .load(postgres)?
        .into_iter()
        .map(AccessRow::access)
        .collect()
}

/// How far back the history reads: a record system that looks every two minutes for four weeks
/// must not push the other accesses out, and one child's record must not exhaust the memory.
const HISTORY_READ_MAX: i64 = 20_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = accesses)]
struct AccessRow {
    nhs_number: i64,
    recorded_at: DateTime<Utc>,
    id: Uuid,
    request_id: Uuid,
    interaction: String,
    asked: String,
    client_id: String,
    organisation_code: String,
    organisation_name: String,
    practitioner_id: String,
    practitioner_name: String,
    role_profile_id: String,
    job_role_code: String,
    job_role_name: String,
    care_setting: String,
}

impl AccessRow {
    fn access(self) -> Result<Access, StoreError> {
        let unreadable = |what| StoreError::Row(what);
        Ok(Access {
            id: self.id,
            nhs_number: NhsNumber::from_stored(self.nhs_number)
                .ok()
                .ok_or(unreadable("NHS number"))?,
            at: self.recorded_at,
            request_id: self.request_id,
            interaction: Interaction::parse(&self.interaction).ok_or(unreadable("interaction"))?,
            asked: self.asked,
            viewer: Viewer {
                client_id: self.client_id,
                organisation: OdsCode::parse(&self.organisation_code)
                    .ok()
                    .ok_or(unreadable("organisation code"))?,
                organisation_name: self.organisation_name,
                practitioner: Practitioner {
                    user_id: self.practitioner_id,
                    name: self.practitioner_name,
                    role_profile_id: self.role_profile_id,
                    job_role_code: self.job_role_code,
                    job_role_name: self.job_role_name,
                },
                care_setting: CareSetting::parse(&self.care_setting)
                    .ok_or(unreadable("care setting"))?,
            },
        })
    }
}
