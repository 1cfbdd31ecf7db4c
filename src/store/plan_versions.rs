//! What was told of plans before: read only for a recorded access to their child.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{ExpressionMethods, PgConnection, QueryDsl, RunQueryDsl};
use uuid::Uuid;

use crate::domain::plan::{EffectiveEnd, Plan};
use crate::domain::timeline::Telling;
use crate::store::StoreError;
use crate::store::accesses::RecordedAccess;
use crate::store::schema::plan_versions;

/// How many earlier tellings of one child's plans are read: each is a change, so that an authority
/// that changes a plan every day fills it in five years, and one child's past must not exhaust the
/// memory.
const EARLIER_MAX: i64 = 2_000;

type EarlierRow = (Uuid, i32, NaiveDate, bool, Option<NaiveDate>, DateTime<Utc>);

/// What was told before of plans that were disclosed to an access: the newest of it, each beside
/// its plan's id, the oldest first.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn earlier(
    postgres: &mut PgConnection,
    recorded: &RecordedAccess,
    disclosed: &[Plan],
) -> Result<Vec<(Uuid, Telling)>, StoreError> {
    let ids: Vec<Uuid> = disclosed.iter().map(|plan| plan.id).collect();
    let newest: Vec<EarlierRow> = plan_versions::table
        .filter(plan_versions::nhs_number.eq(recorded.access().nhs_number.stored()))
        .filter(plan_versions::id.eq_any(ids))
        .order((
            plan_versions::updated_at.desc(),
            plan_versions::version.desc(),
        ))
        .limit(EARLIER_MAX)
        .select((
            plan_versions::id,
            plan_versions::version,
            plan_versions::effective_end_date,
            plan_versions::end_is_computed,
            plan_versions::deleted_on,
            plan_versions::updated_at,
        ))
        .load(postgres)?;
    Ok(newest.into_iter().rev().map(telling).collect())
}

fn telling((plan, version, end, computed, deleted_on, told_at): EarlierRow) -> (Uuid, Telling) {
    let telling = Telling {
        version,
        end: EffectiveEnd { day: end, computed },
        withdrawn: deleted_on.is_some(),
        told_at,
    };
    (plan, telling)
}
