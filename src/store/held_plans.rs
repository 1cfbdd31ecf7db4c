//! The plans that are held for an authority, read back for it alone.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{
    BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::held_plan::HeldPlan;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::plan::{Child, EffectiveEnd, Plan, PlanKind};
use crate::store::authority_readings::RecordedReading;
use crate::store::{StoreError, authorities};

/// In the order of what never changes of a plan, so that a page may follow another while plans do.
/// The file of each is looked up for itself: how many an authority has PostgreSQL cannot guess, and
/// to read them all beside all plans would take minutes where it guesses few.
const HELD: &str = "select p.id, p.version, p.kind, p.nhs_number, p.local_id, p.start_date, \
    p.sent_end_date, p.effective_end_date, p.end_is_computed, p.deleted_on, p.updated_at, \
    c.id as child_id, c.birth_date, c.updated_at as child_updated_at, \
    (select u.sequence from uploads u where u.id = p.upload_id) as sequence \
    from plans p join children c on c.nhs_number = p.nhs_number where p.authority_id = $1 \
    and (p.local_id, p.id) > ($2, $3) order by p.local_id, p.id limit $4";

const COUNT: &str = "select count(*) as held from plans where authority_id = $1";

/// How many plans one statement reads: enough to make round trips cheap, few enough to bound what
/// is held of a statement's answer.
const BATCH: usize = 5_000;

/// The place of a plan among those of its authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPlace {
    /// The authority's own identifier for the child.
    pub local_id: String,
    /// The plan's id.
    pub id: Uuid,
}

impl HeldPlace {
    /// Before all plans: every identifier has at least one sign.
    #[must_use]
    pub fn first() -> Self {
        Self {
            local_id: String::new(),
            id: Uuid::nil(),
        }
    }

    /// The place of this plan.
    #[must_use]
    pub fn of(held: &HeldPlan) -> Self {
        Self {
            local_id: held.plan.local_id.clone(),
            id: held.plan.id,
        }
    }
}

#[derive(QueryableByName)]
struct HeldRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
    #[diesel(sql_type = Text)]
    local_id: String,
    #[diesel(sql_type = Date)]
    start_date: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    sent_end_date: Option<NaiveDate>,
    #[diesel(sql_type = Date)]
    effective_end_date: NaiveDate,
    #[diesel(sql_type = Bool)]
    end_is_computed: bool,
    #[diesel(sql_type = Nullable<Date>)]
    deleted_on: Option<NaiveDate>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    child_id: Uuid,
    #[diesel(sql_type = Date)]
    birth_date: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    child_updated_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<BigInt>)]
    sequence: Option<i64>,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    held: i64,
}

impl HeldRow {
    fn held(self, authority: &LocalAuthority) -> Result<HeldPlan, StoreError> {
        Ok(HeldPlan {
            plan: Plan {
                id: self.id,
                version: self.version,
                kind: PlanKind::parse(&self.kind).ok_or(StoreError::Row("plan kind"))?,
                child: Child {
                    id: self.child_id,
                    nhs_number: NhsNumber::from_stored(self.nhs_number)
                        .ok()
                        .ok_or(StoreError::Row("NHS number"))?,
                    birth_date: self.birth_date,
                    updated_at: self.child_updated_at,
                },
                local_id: self.local_id,
                start: self.start_date,
                end: EffectiveEnd {
                    day: self.effective_end_date,
                    computed: self.end_is_computed,
                },
                authority: authority.clone(),
                updated_at: self.updated_at,
            },
            sent_end: self.sent_end_date,
            deleted_on: self.deleted_on,
            sequence: self.sequence,
        })
    }
}

/// Tells the authority's plans after a place one by one, the withdrawn ones included, and gives how
/// many there were: so many at the most.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule; then nothing that was
/// told may be answered.
pub fn each(
    postgres: &mut PgConnection,
    reading: &RecordedReading,
    (mut after, most): (HeldPlace, usize),
    mut tell: impl FnMut(HeldPlan),
) -> Result<usize, StoreError> {
    let authority = authorities::read(postgres, reading.authority())?;
    let authority = authority.ok_or(StoreError::Row("authority"))?;
    let mut told: usize = 0;
    loop {
        let wanted = BATCH.min(most.saturating_sub(told));
        let limit = i64::try_from(wanted).ok().ok_or(StoreError::Row("count"))?;
        let rows: Vec<HeldRow> = sql_query(HELD)
            .bind::<SqlUuid, _>(authority.id)
            .bind::<Text, _>(&after.local_id)
            .bind::<SqlUuid, _>(after.id)
            .bind::<BigInt, _>(limit)
            .load(postgres)?;
        let is_last = rows.len() < wanted;
        told = told.saturating_add(rows.len());
        for row in rows {
            let held = row.held(&authority)?;
            after = HeldPlace::of(&held);
            tell(held);
        }
        if is_last || told >= most {
            return Ok(told);
        }
    }
}

/// How many plans are held for the authority, the withdrawn ones included.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn count(postgres: &mut PgConnection, reading: &RecordedReading) -> Result<u32, StoreError> {
    let row: CountRow = sql_query(COUNT)
        .bind::<SqlUuid, _>(reading.authority())
        .get_result(postgres)?;
    u32::try_from(row.held).ok().ok_or(StoreError::Row("count"))
}
