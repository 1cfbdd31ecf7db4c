//! Several looks by NHS number, in one statement: what it costs to begin one is shared.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Date, SmallInt, Text, Timestamptz, Untyped, Uuid as SqlUuid,
};
use diesel::{PgConnection, RunQueryDsl};
use uuid::Uuid;

use super::text::{COLUMNS, RECORD, SEVERAL};
use super::{Shown, Values, told_again_after, walk_rest, words};
use crate::domain::nhs_number::NhsNumber;
use crate::store::accesses::{DisclosureRules, NewLook};

/// Looks at the children of these numbers, column by column.
pub(in crate::store) struct DisclosuresStatement<'a> {
    nhs_numbers: Vec<i64>,
    moments: Vec<DateTime<Utc>>,
    ids: Vec<Uuid>,
    request_ids: Vec<Uuid>,
    client_ids: Vec<&'a str>,
    places: Vec<i16>,
    questions: Vec<&'a [u8]>,
    words: [Vec<&'a str>; 10],
    oldest_due_dates: Vec<NaiveDate>,
    oldest_ends: Vec<NaiveDate>,
    tells: Vec<bool>,
    told_again_after: i64,
}

impl<'a> DisclosuresStatement<'a> {
    /// The statement for looks, each at the child of a number.
    pub(in crate::store) fn of(looks: &[(NhsNumber, NewLook<'a>)], rules: DisclosureRules) -> Self {
        let all = || looks.iter().map(|(_, new)| new);
        let shown: Vec<Shown> = all()
            .map(|new| Shown::to((new.look.at, new.look.viewer.care_setting), rules))
            .collect();
        let mut columns: [Vec<&'a str>; 10] = Default::default();
        for new in all() {
            for (column, words) in columns.iter_mut().zip(words(new.look)) {
                column.push(words);
            }
        }
        Self {
            nhs_numbers: looks.iter().map(|(number, _)| number.stored()).collect(),
            moments: all().map(|new| new.look.at).collect(),
            ids: all().map(|new| new.id).collect(),
            request_ids: all().map(|new| new.look.request_id).collect(),
            client_ids: all()
                .map(|new| new.look.viewer.client_id.as_str())
                .collect(),
            places: all().map(|new| new.asked.place).collect(),
            questions: all().map(|new| new.asked.question.as_slice()).collect(),
            words: columns,
            oldest_due_dates: shown.iter().map(|shown| shown.oldest_due_date).collect(),
            oldest_ends: shown.iter().map(|shown| shown.oldest_end).collect(),
            tells: shown.iter().map(|shown| shown.tells).collect(),
            told_again_after: told_again_after(rules),
        }
    }

    fn walk_looks<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut values = Values::to(out);
        values.array::<Array<Timestamptz>, _>(&self.moments)?;
        values.array::<Array<SqlUuid>, _>(&self.ids)?;
        values.array::<Array<SqlUuid>, _>(&self.request_ids)?;
        values.array::<Array<Text>, _>(&self.client_ids)?;
        values.array::<Array<SmallInt>, _>(&self.places)?;
        values.array::<Array<Binary>, _>(&self.questions)?;
        for column in &self.words {
            values.array::<Array<Text>, _>(column)?;
        }
        values.array::<Array<Date>, _>(&self.oldest_due_dates)?;
        values.array::<Array<Date>, _>(&self.oldest_ends)?;
        values.array::<Array<Bool>, _>(&self.tells)
    }
}

impl QueryFragment<Pg> for DisclosuresStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let [head, numbers, names, behind] = SEVERAL;
        out.push_sql(head);
        out.push_bind_param::<Array<BigInt>, _>(&self.nhs_numbers)?;
        out.push_sql(numbers);
        self.walk_looks(&mut out)?;
        out.push_sql(names);
        for (column, _) in COLUMNS {
            out.push_sql(", ");
            out.push_sql(column);
        }
        out.push_sql(behind);
        out.push_sql(RECORD);
        walk_rest(&self.told_again_after, &mut out)
    }
}

impl QueryId for DisclosuresStatement<'_> {
    type QueryId = DisclosuresStatement<'static>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for DisclosuresStatement<'_> {
    type SqlType = Untyped;
}

impl RunQueryDsl<PgConnection> for DisclosuresStatement<'_> {}
