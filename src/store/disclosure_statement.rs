//! The one statement of a disclosure: it puts a look on record, reads the plans the look may see,
//! and queues what is owed to their authorities, or does none of it.
//!
//! It is written out here, and not by `sql_query`, because diesel prepares it once a connection
//! this way; parsing and planning it anew would cost more than running it.

mod text;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{
    BigInt, Binary, Bool, Date, SmallInt, Text, Timestamptz, Untyped, Uuid as SqlUuid,
};
use diesel::{PgConnection, RunQueryDsl};
use uuid::Uuid;

pub use self::text::disclosure_by_nhs_number;
use self::text::{
    BY_ACCESS, BY_NHS_NUMBER, BY_PATIENT, BY_PLAN, RECORD, RECORDED_BEFORE, SHOW, SUBJECT, TELL,
    VISIBLE,
};
use crate::domain::access::Look;
use crate::domain::calendar::day_of;
use crate::domain::care_setting::CareSetting;
use crate::domain::plan::PlanKind;
use crate::store::accesses::DisclosureRules;
use crate::store::request_looks::Asked;

/// A look at a child who is named so, as the statement takes it.
pub(super) struct DisclosureStatement<'a, Named> {
    look: &'a Look,
    id: Uuid,
    asked: &'a Asked,
    named: Named,
    shown: Shown,
    told: Told,
}

/// Named by an NHS number.
pub(super) struct ByNumber(pub i64);

/// Named by the id of something that is theirs, which is looked up first.
pub(super) struct ById([&'static str; 2], Uuid);

impl ById {
    /// The patient's own id.
    pub(super) fn of_patient(id: Uuid) -> Self {
        Self(BY_PATIENT, id)
    }

    /// A plan's id.
    pub(super) fn of_plan(id: Uuid) -> Self {
        Self(BY_PLAN, id)
    }

    /// An access's id.
    pub(super) fn of_access(id: Uuid) -> Self {
        Self(BY_ACCESS, id)
    }
}

/// How a child is named in the statement.
pub(super) trait NamesChild {
    /// Whether the text is always the same; where it is not, diesel tells texts apart by hashing
    /// them each time, and they are long.
    const ONE_TEXT: bool;

    fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

impl NamesChild for ByNumber {
    const ONE_TEXT: bool = true;

    fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let [before, after] = BY_NHS_NUMBER;
        out.push_sql(before);
        out.push_bind_param::<BigInt, _>(&self.0)?;
        out.push_sql(after);
        Ok(())
    }
}

impl NamesChild for ById {
    const ONE_TEXT: bool = false;

    fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Self([before, after], id) = self;
        out.push_sql(before);
        out.push_bind_param::<SqlUuid, _>(id)?;
        out.push_sql(after);
        Ok(())
    }
}

/// The days from which plans are shown.
struct Shown {
    oldest_due_date: NaiveDate,
    oldest_end: NaiveDate,
}

impl Shown {
    fn at(moment: DateTime<Utc>, rules: DisclosureRules) -> Self {
        let today = day_of(moment);
        let oldest = |kind| rules.windows.earliest_end_shown(kind, today);
        Self {
            oldest_due_date: oldest(PlanKind::UnbornChildProtection),
            oldest_end: oldest(PlanKind::ChildProtection),
        }
    }

    fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let [before, between, after] = VISIBLE;
        out.push_sql(before);
        out.push_bind_param::<Date, _>(&self.oldest_due_date)?;
        out.push_sql(between);
        out.push_bind_param::<Date, _>(&self.oldest_end)?;
        out.push_sql(after);
        Ok(())
    }
}

/// Whom a look tells.
struct Told {
    tells: bool,
    again_from: DateTime<Utc>,
    again_before: DateTime<Utc>,
}

impl Told {
    fn by((at, care_setting): (DateTime<Utc>, CareSetting), rules: DisclosureRules) -> Self {
        Self {
            tells: rules.notification.owed_for(care_setting),
            again_from: rules.notification.told_again_from(at),
            again_before: rules.notification.told_again_before(at),
        }
    }

    fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let [tells_before, from_before, before_before, after] = TELL;
        out.push_sql(tells_before);
        out.push_bind_param::<Bool, _>(&self.tells)?;
        out.push_sql(from_before);
        out.push_bind_param::<Timestamptz, _>(&self.again_from)?;
        out.push_sql(before_before);
        out.push_bind_param::<Timestamptz, _>(&self.again_before)?;
        out.push_sql(after);
        Ok(())
    }
}

impl<'a, Named> DisclosureStatement<'a, Named> {
    /// The statement for a look that goes on record under this id.
    pub(super) fn of(
        named: Named,
        (look, id, asked): (&'a Look, Uuid, &'a Asked),
        rules: DisclosureRules,
    ) -> Self {
        Self {
            look,
            id,
            asked,
            named,
            shown: Shown::at(look.at, rules),
            told: Told::by((look.at, look.viewer.care_setting), rules),
        }
    }

    fn walk_record<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Look {
            at,
            request_id,
            interaction,
            asked,
            viewer,
            ..
        } = self.look;
        let person = &viewer.practitioner;
        let [
            at_before,
            id_before,
            request_before,
            client_before,
            place_before,
            rest @ ..,
        ] = &RECORD;
        let [question_before, texts @ .., last] = rest;
        out.push_sql(at_before);
        out.push_bind_param::<Timestamptz, _>(at)?;
        out.push_sql(id_before);
        out.push_bind_param::<SqlUuid, _>(&self.id)?;
        out.push_sql(request_before);
        out.push_bind_param::<SqlUuid, _>(request_id)?;
        out.push_sql(client_before);
        out.push_bind_param::<Text, str>(&viewer.client_id)?;
        out.push_sql(place_before);
        out.push_bind_param::<SmallInt, _>(&self.asked.place)?;
        out.push_sql(question_before);
        out.push_bind_param::<Binary, _>(self.asked.question.as_slice())?;
        let values: [&'b str; 10] = [
            interaction.code(),
            asked,
            viewer.organisation.as_str(),
            &viewer.organisation_name,
            &person.user_id,
            &person.name,
            &person.role_profile_id,
            &person.job_role_code,
            &person.job_role_name,
            viewer.care_setting.code(),
        ];
        for (before, value) in texts.iter().zip(values) {
            out.push_sql(before);
            out.push_bind_param::<Text, str>(value)?;
        }
        out.push_sql(last);
        Ok(())
    }
}

impl<Named: NamesChild> QueryFragment<Pg> for DisclosureStatement<'_, Named> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(SUBJECT);
        self.named.walk(&mut out)?;
        self.walk_record(&mut out)?;
        self.shown.walk(&mut out)?;
        self.told.walk(&mut out)?;
        out.push_sql(SHOW);
        Ok(())
    }
}

/// What a look that is on record already may see: nothing is recorded. Whoever was not told of it,
/// because their plan came between, is told now.
pub(super) struct RepeatedStatement {
    id: Uuid,
    at: DateTime<Utc>,
    shown: Shown,
    told: Told,
}

impl RepeatedStatement {
    /// The statement for a look that is on record, at its moment.
    pub(super) fn of(
        (id, at): (Uuid, DateTime<Utc>),
        care_setting: CareSetting,
        rules: DisclosureRules,
    ) -> Self {
        Self {
            id,
            at,
            shown: Shown::at(at, rules),
            told: Told::by((at, care_setting), rules),
        }
    }
}

impl QueryFragment<Pg> for RepeatedStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let [before, between, after] = RECORDED_BEFORE;
        out.push_sql(before);
        out.push_bind_param::<Timestamptz, _>(&self.at)?;
        out.push_sql(between);
        out.push_bind_param::<SqlUuid, _>(&self.id)?;
        out.push_sql(after);
        self.shown.walk(&mut out)?;
        self.told.walk(&mut out)?;
        out.push_sql(SHOW);
        Ok(())
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

impl<Named: NamesChild + 'static> QueryId for DisclosureStatement<'_, Named> {
    type QueryId = DisclosureStatement<'static, Named>;

    const HAS_STATIC_QUERY_ID: bool = Named::ONE_TEXT;
}

impl<Named: NamesChild> Query for DisclosureStatement<'_, Named> {
    type SqlType = Untyped;
}

impl<Named> RunQueryDsl<PgConnection> for DisclosureStatement<'_, Named> {}
