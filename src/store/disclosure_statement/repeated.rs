//! A look that is on record already, asked once more.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, Date, Timestamptz, Untyped, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl};
use uuid::Uuid;

use super::text::RECORDED_BEFORE;
use super::{Shown, told_again_after, walk_rest};
use crate::domain::care_setting::CareSetting;
use crate::store::accesses::DisclosureRules;

/// What a look that is on record already may see: nothing is recorded. Whoever was not told of it,
/// because their plan came between, is told now.
pub(in crate::store) struct RepeatedStatement {
    id: Uuid,
    at: DateTime<Utc>,
    shown: Shown,
    told_again_after: i64,
}

impl RepeatedStatement {
    /// The statement for a look that is on record, at its moment.
    pub(in crate::store) fn of(
        (id, at): (Uuid, DateTime<Utc>),
        care_setting: CareSetting,
        rules: DisclosureRules,
    ) -> Self {
        Self {
            id,
            at,
            shown: Shown::to((at, care_setting), rules),
            told_again_after: told_again_after(rules),
        }
    }
}

impl QueryFragment<Pg> for RepeatedStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let [moment, id, due_date, end, tells, behind] = RECORDED_BEFORE;
        out.push_sql(moment);
        out.push_bind_param::<Timestamptz, _>(&self.at)?;
        out.push_sql(id);
        out.push_bind_param::<SqlUuid, _>(&self.id)?;
        out.push_sql(due_date);
        out.push_bind_param::<Date, _>(&self.shown.oldest_due_date)?;
        out.push_sql(end);
        out.push_bind_param::<Date, _>(&self.shown.oldest_end)?;
        out.push_sql(tells);
        out.push_bind_param::<Bool, _>(&self.shown.tells)?;
        out.push_sql(behind);
        walk_rest(&self.told_again_after, &mut out)
    }
}

impl QueryId for RepeatedStatement {
    type QueryId = Self;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for RepeatedStatement {
    type SqlType = Untyped;
}

impl RunQueryDsl<PgConnection> for RepeatedStatement {}
