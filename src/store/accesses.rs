//! The access history: added to, read, never changed.
//!
//! [`record`] is one statement, and one round trip: it puts a look on record, reads the plans that
//! the look may see, and queues what is owed to their authorities, or does none of it. It alone
//! makes a [`RecordedAccess`], and only a [`RecordedAccess`] holds plans.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Date, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, PgConnection, QueryDsl, Queryable, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::access::{Access, Interaction, Look, Subject};
use crate::domain::calendar::day_of;
use crate::domain::caller::{Practitioner, Viewer};
use crate::domain::care_setting::CareSetting;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::notification::NotificationRule;
use crate::domain::ods_code::OdsCode;
use crate::domain::plan::{PlanKind, Windows};
use crate::store::plans::DisclosedRow;
use crate::store::schema::accesses;
use crate::store::{StoreError, identifiers};

/// The whole disclosure, but for how its child is named.
macro_rules! disclosure {
    ($subject:literal) => {
        concat!(
            "with subject as (",
            $subject,
            "), recorded as (insert into accesses (nhs_number, recorded_at, id, request_id, \
             interaction, asked, client_id, organisation_code, organisation_name, \
             practitioner_id, practitioner_name, role_profile_id, job_role_code, job_role_name, \
             care_setting) select s.nhs_number, $2::timestamptz, $3::uuid, $4::uuid, $5::text, \
             $6::text, $7::text, $8::text, $9::text, $10::text, $11::text, $12::text, $13::text, \
             $14::text, $15::text from subject s returning nhs_number), \
             visible as (select p.nhs_number, p.id as plan_id, p.version as plan_version, p.kind, \
             p.local_id, p.start_date, p.effective_end_date, p.end_is_computed, \
             p.updated_at as plan_updated_at, c.id as child_id, c.birth_date, \
             c.updated_at as child_updated_at, a.id as authority_id, a.code as authority_code, \
             a.name as authority_name, a.emergency_phone, a.office_phone, \
             a.version as authority_version, a.updated_at as authority_updated_at \
             from subject s join plans p on p.nhs_number = s.nhs_number \
             join children c on c.nhs_number = p.nhs_number \
             join authorities a on a.id = p.authority_id \
             where p.deleted_on is null and p.effective_end_date >= \
             case p.kind when 'UCPP' then $17::date else $16::date end), \
             told as (insert into tellings as t (nhs_number, authority_id, practitioner_id, \
             organisation_code, told_at) select distinct nhs_number, authority_id, $10::text, \
             $8::text, $2::timestamptz from visible where $18::boolean order by authority_id \
             on conflict (nhs_number, authority_id, practitioner_id, organisation_code) do update \
             set told_at = excluded.told_at where t.told_at <= $19::timestamptz \
             returning nhs_number, authority_id), \
             queued as (insert into notifications (nhs_number, id, authority_id, access_id, \
             accessed_at, queued_at) select nhs_number, uuid_of_moment($2::timestamptz), \
             authority_id, $3::uuid, $2::timestamptz, $2::timestamptz from told) \
             select r.nhs_number as recorded_nhs_number, v.* from recorded r \
             left join visible v on true order by v.start_date, v.plan_id"
        )
    };
}

/// The disclosure of a child named by NHS number: the statement nearly every request runs.
pub const DISCLOSURE_BY_NHS_NUMBER: &str = disclosure!("select $1::bigint as nhs_number");
const DISCLOSURE_BY_PATIENT: &str =
    disclosure!("select nhs_number from children where id = $1::uuid");
const DISCLOSURE_BY_PLAN: &str = disclosure!("select nhs_number from plans where id = $1::uuid");
const DISCLOSURE_BY_ACCESS: &str = disclosure!(
    "select nhs_number from accesses where id = $1::uuid and recorded_at = $20::timestamptz"
);

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

    pub(super) fn rows(&self) -> &[DisclosedRow] {
        &self.rows
    }
}

/// Binds all of a look but the name of its child, which comes first.
macro_rules! bind_look {
    ($named:expr, $id:expr, $look:expr, $rules:expr) => {{
        let look: &Look = $look;
        let rules: DisclosureRules = $rules;
        let practitioner = &look.viewer.practitioner;
        let today = day_of(look.at);
        $named
            .bind::<Timestamptz, _>(look.at)
            .bind::<SqlUuid, _>($id)
            .bind::<SqlUuid, _>(look.request_id)
            .bind::<Text, _>(look.interaction.code())
            .bind::<Text, _>(&look.asked)
            .bind::<Text, _>(&look.viewer.client_id)
            .bind::<Text, _>(look.viewer.organisation.as_str())
            .bind::<Text, _>(&look.viewer.organisation_name)
            .bind::<Text, _>(&practitioner.user_id)
            .bind::<Text, _>(&practitioner.name)
            .bind::<Text, _>(&practitioner.role_profile_id)
            .bind::<Text, _>(&practitioner.job_role_code)
            .bind::<Text, _>(&practitioner.job_role_name)
            .bind::<Text, _>(look.viewer.care_setting.code())
            .bind::<Date, _>(
                rules
                    .windows
                    .earliest_end_shown(PlanKind::ChildProtection, today),
            )
            .bind::<Date, _>(
                rules
                    .windows
                    .earliest_end_shown(PlanKind::UnbornChildProtection, today),
            )
            .bind::<Bool, _>(rules.notification.owed_for(look.viewer.care_setting))
            .bind::<Timestamptz, _>(rules.notification.told_again_from(look.at))
    }};
}

/// Puts a look on record and brings back what it may see. `None` when nobody is known under the id
/// that names the child: then nothing is recorded, because there is no child to record it for.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails; then nothing is recorded or queued.
pub fn record(
    postgres: &mut PgConnection,
    id: Uuid,
    look: &Look,
    rules: DisclosureRules,
) -> Result<Option<RecordedAccess>, StoreError> {
    let rows = match look.subject {
        Subject::NhsNumber(number) => {
            let named = sql_query(DISCLOSURE_BY_NHS_NUMBER).bind::<BigInt, _>(number.stored());
            bind_look!(named, id, look, rules).load::<DisclosedRow>(postgres)
        }
        Subject::Patient(child) => {
            let named = sql_query(DISCLOSURE_BY_PATIENT).bind::<SqlUuid, _>(child);
            bind_look!(named, id, look, rules).load(postgres)
        }
        Subject::Plan(plan) => {
            let named = sql_query(DISCLOSURE_BY_PLAN).bind::<SqlUuid, _>(plan);
            bind_look!(named, id, look, rules).load(postgres)
        }
        Subject::Access(earlier) => {
            let named = sql_query(DISCLOSURE_BY_ACCESS).bind::<SqlUuid, _>(earlier);
            bind_look!(named, id, look, rules)
                .bind::<Timestamptz, _>(identifiers::moment_of(earlier))
                .load(postgres)
        }
    }?;
    let Some(nhs_number) = rows.first().map(|row| row.recorded_nhs_number) else {
        return Ok(None);
    };
    let nhs_number = NhsNumber::from_stored(nhs_number)
        .ok()
        .ok_or(StoreError::Row("NHS number"))?;
    Ok(Some(RecordedAccess {
        access: access_of(id, nhs_number, look),
        rows,
    }))
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
    accesses::table
        .filter(accesses::nhs_number.eq(recorded.access.nhs_number.stored()))
        .order((accesses::recorded_at.desc(), accesses::id.desc()))
        .limit(HISTORY_READ_MAX)
        .load::<AccessRow>(postgres)?
        .into_iter()
        .map(AccessRow::access)
        .collect()
}

/// How far back the history reads: far beyond what is shown, so that an author's repeats can be
/// told from first looks, and bounded whatever happens to one child's record.
const HISTORY_READ_MAX: i64 = 500;

#[derive(Queryable)]
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
