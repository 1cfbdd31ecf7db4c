//! The accesses to children with a plan of an authority's, read for that authority alone.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::access::{Access, Interaction};
use crate::domain::child_access::ChildAccess;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::plan::Windows;
use crate::store::StoreError;
use crate::store::authority_readings::RecordedReading;
use crate::store::viewer_rows::ViewerRow;

/// Each telling of the authority's plans counted until the next one, and showed within its window;
/// an access to the child meanwhile saw it, and is told once, whichever plans it saw. An access
/// that was made under a number that another has replaced since is found under that number. A
/// telling that withdrew its plan counted for no time at all.
const ACCESSES: &str = "with told as (select p.nhs_number, p.id, p.version, p.kind, p.local_id, \
    p.deleted_on, p.effective_end_date, p.updated_at from plans p where p.authority_id = $1 \
    union all select v.nhs_number, v.id, v.version, v.kind, v.local_id, v.deleted_on, \
    v.effective_end_date, v.updated_at from plans p join plan_versions v \
    on v.nhs_number = p.nhs_number and v.id = p.id where p.authority_id = $1), \
    shown as (select nhs_number, id, kind, local_id, effective_end_date, updated_at as since, \
    case when deleted_on is null then coalesce(lead(updated_at) \
    over (partition by nhs_number, id order by version), 'infinity') \
    else updated_at end as until from told), \
    seen as (select s.*, s.nhs_number as number from shown s union all \
    select s.*, c.nhs_number from children c join shown s on s.nhs_number = c.replaced_by) \
    select a.nhs_number, a.recorded_at, a.id, a.request_id, a.interaction, a.client_id, \
    a.organisation_code, a.organisation_name, a.practitioner_id, a.practitioner_name, \
    a.role_profile_id, a.job_role_code, a.job_role_name, a.care_setting, \
    array_agg(distinct s.local_id) as local_ids from seen s join accesses a \
    on a.nhs_number = s.number and a.recorded_at >= s.since and a.recorded_at < s.until \
    where a.recorded_at >= $2 and a.recorded_at < $3 and (a.recorded_at, a.id) < ($4, $5) \
    and s.effective_end_date >= (a.recorded_at at time zone 'Europe/London')::date \
    - case s.kind when 'UCPP' then $6 else $7 end \
    group by a.nhs_number, a.recorded_at, a.id order by a.recorded_at desc, a.id desc limit $8";

/// Which accesses are read, newest first.
#[derive(Debug, Clone)]
pub struct AccessRange {
    /// Not before this moment.
    pub since: DateTime<Utc>,
    /// Before this moment.
    pub until: DateTime<Utc>,
    /// Before this access, by its moment and id.
    pub before: (DateTime<Utc>, Uuid),
    /// How many at the most.
    pub most: usize,
}

#[derive(QueryableByName)]
struct AccessRow {
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    request_id: Uuid,
    #[diesel(sql_type = Text)]
    interaction: String,
    #[diesel(sql_type = Array<Text>)]
    local_ids: Vec<String>,
    #[diesel(embed)]
    viewer: ViewerRow,
}

impl AccessRow {
    fn access(self) -> Result<ChildAccess, StoreError> {
        Ok(ChildAccess {
            access: Access {
                id: self.id,
                nhs_number: NhsNumber::from_stored(self.nhs_number)
                    .ok()
                    .ok_or(StoreError::Row("NHS number"))?,
                at: self.recorded_at,
                request_id: self.request_id,
                interaction: Interaction::parse(&self.interaction)
                    .ok_or(StoreError::Row("interaction"))?,
                // What the viewer wrote may name another authority, and is not read.
                asked: String::new(),
                viewer: self.viewer.viewer()?,
            },
            local_ids: self.local_ids,
        })
    }
}

/// The accesses, in whichever care setting, to children while a plan of the authority's could be
/// seen.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn of(
    postgres: &mut PgConnection,
    reading: &RecordedReading,
    range: &AccessRange,
    windows: Windows,
) -> Result<Vec<ChildAccess>, StoreError> {
    let limit = i64::try_from(range.most)
        .ok()
        .ok_or(StoreError::Row("count"))?;
    sql_query(ACCESSES)
        .bind::<SqlUuid, _>(reading.authority())
        .bind::<Timestamptz, _>(range.since)
        .bind::<Timestamptz, _>(range.until)
        .bind::<Timestamptz, _>(range.before.0)
        .bind::<SqlUuid, _>(range.before.1)
        .bind::<Integer, _>(i32::from(windows.after_due_date_days))
        .bind::<Integer, _>(i32::from(windows.after_end_days))
        .bind::<BigInt, _>(limit)
        .load::<AccessRow>(postgres)?
        .into_iter()
        .map(AccessRow::access)
        .collect()
}
