//! The one statement of a disclosure: it puts looks on record, reads the plans they may see, and
//! queues what is owed to their authorities, or does none of it.
//!
//! It is written out here, and not by `sql_query`, because diesel prepares it once a connection
//! this way; parsing and planning it anew would cost more than running it.

mod repeated;
mod several;
mod text;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{
    BigInt, Binary, Bool, Date, HasSqlType, SmallInt, Text, Timestamptz, Untyped, Uuid as SqlUuid,
};
use diesel::{PgConnection, RunQueryDsl};
use uuid::Uuid;

pub(super) use self::repeated::RepeatedStatement;
pub(super) use self::several::DisclosuresStatement;
pub use self::text::disclosure_by_nhs_number;
use self::text::{BY_ACCESS, BY_NHS_NUMBER, BY_PATIENT, BY_PLAN, COLUMNS, ONE, RECORD, SEE};
use crate::domain::access::Look;
use crate::domain::calendar::day_of;
use crate::domain::care_setting::CareSetting;
use crate::domain::plan::PlanKind;
use crate::store::accesses::{DisclosureRules, NewLook};

/// A look at a child who is named so, as the statement takes it.
pub(super) struct DisclosureStatement<'a, Named> {
    new: NewLook<'a>,
    named: Named,
    shown: Shown,
    told_again_after: i64,
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

/// The days from which a look is shown plans, and whether it tells of itself.
struct Shown {
    oldest_due_date: NaiveDate,
    oldest_end: NaiveDate,
    tells: bool,
}

impl Shown {
    fn to((at, care_setting): (DateTime<Utc>, CareSetting), rules: DisclosureRules) -> Self {
        let today = day_of(at);
        let oldest = |kind| rules.windows.earliest_end_shown(kind, today);
        Self {
            oldest_due_date: oldest(PlanKind::UnbornChildProtection),
            oldest_end: oldest(PlanKind::ChildProtection),
            tells: rules.notification.owed_for(care_setting),
        }
    }
}

/// The seconds within which no authority is told twice of one author's looks at one child.
fn told_again_after(rules: DisclosureRules) -> i64 {
    rules.notification.period.num_seconds()
}

/// What is kept of a look in words, in the order of the statement.
fn words(look: &Look) -> [&str; 10] {
    let viewer = &look.viewer;
    let person = &viewer.practitioner;
    [
        look.interaction.code(),
        &look.asked,
        viewer.organisation.as_str(),
        &viewer.organisation_name,
        &person.user_id,
        &person.name,
        &person.role_profile_id,
        &person.job_role_code,
        &person.job_role_name,
        viewer.care_setting.code(),
    ]
}

/// What follows the looks, whichever way they are said.
fn walk_rest<'b>(told_again_after: &'b i64, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    let [see, again] = SEE;
    out.push_sql(see);
    out.push_bind_param::<BigInt, _>(told_again_after)?;
    out.push_sql(again);
    Ok(())
}

/// The values of looks, each in its column.
struct Values<'p, 'a, 'b> {
    out: &'p mut AstPass<'a, 'b, Pg>,
    columns: std::array::IntoIter<(&'static str, &'static str), { COLUMNS.len() }>,
}

impl<'p, 'a, 'b> Values<'p, 'a, 'b> {
    fn to(out: &'p mut AstPass<'a, 'b, Pg>) -> Self {
        Self {
            out,
            columns: COLUMNS.into_iter(),
        }
    }

    /// The value of the next column, of one look.
    fn value<T, V>(&mut self, value: &'b V) -> QueryResult<()>
    where
        Pg: HasSqlType<T>,
        V: ToSql<T, Pg> + ?Sized,
    {
        if let Some(column) = self.bound::<T, V>(value)? {
            self.out.push_sql(" as ");
            self.out.push_sql(column);
        }
        Ok(())
    }

    /// The values of the next column, of several looks.
    fn array<T, V>(&mut self, values: &'b V) -> QueryResult<()>
    where
        Pg: HasSqlType<T>,
        V: ToSql<T, Pg> + ?Sized,
    {
        if self.bound::<T, V>(values)?.is_some() {
            self.out.push_sql("[]");
        }
        Ok(())
    }

    /// Binds what stands in the next column, as the column's type, and gives its name.
    fn bound<T, V>(&mut self, value: &'b V) -> QueryResult<Option<&'static str>>
    where
        Pg: HasSqlType<T>,
        V: ToSql<T, Pg> + ?Sized,
    {
        self.out.push_sql(", ");
        self.out.push_bind_param::<T, V>(value)?;
        let next = self.columns.next();
        Ok(next.map(|(column, kind)| {
            self.out.push_sql("::");
            self.out.push_sql(kind);
            column
        }))
    }
}

impl<'a, Named> DisclosureStatement<'a, Named> {
    /// The statement for a look.
    pub(super) fn of(named: Named, new: NewLook<'a>, rules: DisclosureRules) -> Self {
        Self {
            shown: Shown::to((new.look.at, new.look.viewer.care_setting), rules),
            told_again_after: told_again_after(rules),
            named,
            new,
        }
    }

    fn walk_look<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let NewLook { id, look, asked } = &self.new;
        let mut values = Values::to(out);
        values.value::<Timestamptz, _>(&look.at)?;
        values.value::<SqlUuid, _>(id)?;
        values.value::<SqlUuid, _>(&look.request_id)?;
        values.value::<Text, str>(&look.viewer.client_id)?;
        values.value::<SmallInt, _>(&asked.place)?;
        values.value::<Binary, _>(asked.question.as_slice())?;
        for words in words(look) {
            values.value::<Text, str>(words)?;
        }
        values.value::<Date, _>(&self.shown.oldest_due_date)?;
        values.value::<Date, _>(&self.shown.oldest_end)?;
        values.value::<Bool, _>(&self.shown.tells)
    }
}

impl<Named: NamesChild> QueryFragment<Pg> for DisclosureStatement<'_, Named> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let [head, between, behind] = ONE;
        out.push_sql(head);
        self.named.walk(&mut out)?;
        out.push_sql(between);
        self.walk_look(&mut out)?;
        out.push_sql(behind);
        out.push_sql(RECORD);
        walk_rest(&self.told_again_after, &mut out)
    }
}

impl<Named: NamesChild + 'static> QueryId for DisclosureStatement<'_, Named> {
    type QueryId = DisclosureStatement<'static, Named>;

    const HAS_STATIC_QUERY_ID: bool = Named::ONE_TEXT;
}

impl<Named: NamesChild> Query for DisclosureStatement<'_, Named> {
    type SqlType = Untyped;
}

impl<Named> RunQueryDsl<PgConnection> for DisclosureStatement<'_, Named> {}
