//! Plans: told only to a recorded access.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz};
use uuid::Uuid;

use crate::domain::nhs_number::NhsNumber;
use crate::domain::plan::{Child, EffectiveEnd, Plan, PlanKind};
use crate::store::StoreError;
use crate::store::accesses::RecordedAccess;
use crate::store::authorities::JoinedAuthority;

/// The plans a recorded access may see, by their first day.
///
/// # Errors
/// [`StoreError::Row`] when a stored plan breaks a rule; then no plan is told, because a list with
/// one plan missing would be a wrong answer.
pub fn disclosed_to(recorded: &RecordedAccess) -> Result<Vec<Plan>, StoreError> {
    recorded
        .rows()
        .iter()
        .filter_map(|row| row.plan.as_ref())
        .map(DisclosedPlan::plan)
        .collect()
}

/// A row of the disclosure: the child recorded, and one plan or none.
#[derive(QueryableByName)]
pub struct DisclosedRow {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub(super) recorded_id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub(super) recorded_nhs_number: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) asked_nhs_number: Option<i64>,
    #[diesel(embed)]
    plan: Option<DisclosedPlan>,
}

impl DisclosedRow {
    /// Whether it is of the child of this number, and its plan, if it has one, too.
    pub(super) fn is_of(&self, nhs_number: i64) -> bool {
        let plan = self.plan.as_ref();
        self.recorded_nhs_number == nhs_number
            && plan.is_none_or(|plan| plan.nhs_number == nhs_number)
    }
}

#[derive(QueryableByName)]
struct DisclosedPlan {
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    plan_id: Uuid,
    #[diesel(sql_type = Integer)]
    plan_version: i32,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    local_id: String,
    #[diesel(sql_type = Date)]
    start_date: NaiveDate,
    #[diesel(sql_type = Date)]
    effective_end_date: NaiveDate,
    #[diesel(sql_type = Bool)]
    end_is_computed: bool,
    #[diesel(sql_type = Timestamptz)]
    plan_updated_at: DateTime<Utc>,
    #[diesel(embed)]
    child: DisclosedChild,
    #[diesel(embed)]
    authority: JoinedAuthority,
}

#[derive(QueryableByName)]
struct DisclosedChild {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    child_id: Uuid,
    #[diesel(sql_type = Date)]
    birth_date: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    child_updated_at: DateTime<Utc>,
}

impl DisclosedPlan {
    fn plan(&self) -> Result<Plan, StoreError> {
        Ok(Plan {
            id: self.plan_id,
            version: self.plan_version,
            kind: PlanKind::parse(&self.kind).ok_or(StoreError::Row("plan kind"))?,
            child: Child {
                id: self.child.child_id,
                nhs_number: NhsNumber::from_stored(self.nhs_number)
                    .ok()
                    .ok_or(StoreError::Row("NHS number"))?,
                birth_date: self.child.birth_date,
                updated_at: self.child.child_updated_at,
            },
            local_id: self.local_id.clone(),
            start: self.start_date,
            end: EffectiveEnd {
                day: self.effective_end_date,
                computed: self.end_is_computed,
            },
            authority: self.authority.authority()?,
            updated_at: self.plan_updated_at,
        })
    }
}
