//! Children, by NHS number: one date of birth and one opaque id each.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::connection::SimpleConnection;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, PgConnection, QueryDsl, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::holding::HeldChild;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::number_state::NumberState;
use crate::store::schema::children;
use crate::store::{StoreError, identifiers};

const HELD: &str = "select c.nhs_number, c.birth_date, exists (select from plans p \
    where p.nhs_number = c.nhs_number and p.authority_id <> $1 and p.deleted_on is null) \
    as settled, c.inactive_since is not null as inactive, c.replaced_by from children c where c.nhs_number = any($2)";

const PUT: &str = "insert into children (nhs_number, id, birth_date, updated_at) \
    select t.nhs_number, t.id, t.birth_date, $4 \
    from unnest($1, $2, $3) as t (nhs_number, id, birth_date) order by t.nhs_number \
    on conflict (nhs_number) do update \
    set birth_date = excluded.birth_date, updated_at = excluded.updated_at \
    where children.birth_date <> excluded.birth_date";

#[derive(QueryableByName)]
struct HeldRow {
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
    #[diesel(sql_type = Date)]
    birth_date: NaiveDate,
    #[diesel(sql_type = Bool)]
    settled: bool,
    #[diesel(sql_type = Bool)]
    inactive: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    replaced_by: Option<i64>,
}

impl HeldRow {
    fn number(&self) -> Result<NumberState, StoreError> {
        match self.replaced_by {
            Some(number) => Ok(NumberState::Replaced(number_of(number)?)),
            None if self.inactive => Ok(NumberState::Inactive),
            None => Ok(NumberState::Current),
        }
    }
}

fn number_of(stored: i64) -> Result<NhsNumber, StoreError> {
    let number = NhsNumber::from_stored(stored).ok();
    number.ok_or(StoreError::Row("NHS number"))
}

/// What is known of the children with these numbers, for an authority about to tell of them. Until
/// the transaction ends nobody else may change a child: a date of birth that was checked stays.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn take_held(
    postgres: &mut PgConnection,
    authority: Uuid,
    numbers: &[i64],
) -> Result<HashMap<NhsNumber, HeldChild>, StoreError> {
    postgres.batch_execute("lock table children in share row exclusive mode")?;
    sql_query(HELD)
        .bind::<SqlUuid, _>(authority)
        .bind::<Array<BigInt>, _>(numbers)
        .load::<HeldRow>(postgres)?
        .into_iter()
        .map(|row| {
            let number = number_of(row.nhs_number)?;
            let held = HeldChild {
                birth_date: row.birth_date,
                settled: row.settled,
                number: row.number()?,
            };
            Ok((number, held))
        })
        .collect()
}

/// The dates of birth held for these numbers.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn birth_dates(
    postgres: &mut PgConnection,
    numbers: &[i64],
) -> Result<HashMap<NhsNumber, NaiveDate>, StoreError> {
    children::table
        .filter(children::nhs_number.eq_any(numbers))
        .select((children::nhs_number, children::birth_date))
        .load::<(i64, NaiveDate)>(postgres)?
        .into_iter()
        .map(|(number, birth_date)| Ok((number_of(number)?, birth_date)))
        .collect()
}

/// Adds children, and corrects the dates of birth of those known.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn put(
    postgres: &mut PgConnection,
    children: &HashMap<NhsNumber, NaiveDate>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (numbers, birth_dates): (Vec<i64>, Vec<NaiveDate>) = children
        .iter()
        .map(|(number, birth_date)| (number.stored(), *birth_date))
        .unzip();
    let ids: Vec<Uuid> = numbers.iter().map(|_| identifiers::id_of(at)).collect();
    sql_query(PUT)
        .bind::<Array<BigInt>, _>(numbers)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Date>, _>(birth_dates)
        .bind::<Timestamptz, _>(at)
        .execute(postgres)?;
    Ok(())
}
