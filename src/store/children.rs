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

/// Whether others hold plans for a child matters only where its date of birth would change.
const HELD: &str = "select c.nhs_number, c.birth_date, c.birth_date <> t.birth_date and exists \
    (select from plans p where p.nhs_number = c.nhs_number and p.authority_id <> $1 \
    and p.deleted_on is null) as settled, c.inactive_since is not null as inactive, \
    c.replaced_by from unnest($2, $3) as t (nhs_number, birth_date) \
    join children c on c.nhs_number = t.nhs_number";

/// Nobody else adds children meanwhile, so that no row needs to look for a conflict.
const ADD: &str = "insert into children (nhs_number, id, birth_date, updated_at) \
    select t.nhs_number, t.id, t.birth_date, $4 \
    from unnest($1, $2, $3) as t (nhs_number, id, birth_date)";

const CORRECT: &str = "update children c set birth_date = t.birth_date, updated_at = $3 \
    from unnest($1, $2) as t (nhs_number, birth_date) where c.nhs_number = t.nhs_number";

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

/// What is known of the children that an authority is about to tell of, each with a date of birth.
/// A child counts as settled only where a date differs from the one on record. Until the
/// transaction ends nobody else may change a child: a date of birth that was checked stays.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn take_held(
    postgres: &mut PgConnection,
    authority: Uuid,
    told: &[(NhsNumber, NaiveDate)],
) -> Result<HashMap<NhsNumber, HeldChild>, StoreError> {
    postgres.batch_execute("lock table children in share row exclusive mode")?;
    let (numbers, birth_dates) = columns(told);
    let rows = sql_query(HELD)
        .bind::<SqlUuid, _>(authority)
        .bind::<Array<BigInt>, _>(numbers)
        .bind::<Array<Date>, _>(birth_dates)
        .load::<HeldRow>(postgres)?;
    let mut held = HashMap::with_capacity(rows.len());
    for row in rows {
        let child = HeldChild {
            birth_date: row.birth_date,
            settled: false,
            number: row.number()?,
        };
        let child = held.entry(number_of(row.nhs_number)?).or_insert(child);
        child.settled |= row.settled;
    }
    Ok(held)
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

/// Adds children that are not known, each once. They must be known not to be known: by
/// [`take_held`], in the same transaction.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn add(
    postgres: &mut PgConnection,
    children: &[(NhsNumber, NaiveDate)],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    if children.is_empty() {
        return Ok(());
    }
    let (numbers, birth_dates) = columns(children);
    let ids: Vec<Uuid> = numbers.iter().map(|_| identifiers::id_of(at)).collect();
    sql_query(ADD)
        .bind::<Array<BigInt>, _>(numbers)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Date>, _>(birth_dates)
        .bind::<Timestamptz, _>(at)
        .execute(postgres)?;
    Ok(())
}

/// Corrects the dates of birth of children that are known.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn correct(
    postgres: &mut PgConnection,
    children: &HashMap<NhsNumber, NaiveDate>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    if children.is_empty() {
        return Ok(());
    }
    let (numbers, birth_dates): (Vec<i64>, Vec<NaiveDate>) = children
        .iter()
        .map(|(number, birth_date)| (number.stored(), *birth_date))
        .unzip();
    sql_query(CORRECT)
        .bind::<Array<BigInt>, _>(numbers)
        .bind::<Array<Date>, _>(birth_dates)
        .bind::<Timestamptz, _>(at)
        .execute(postgres)?;
    Ok(())
}

fn columns(children: &[(NhsNumber, NaiveDate)]) -> (Vec<i64>, Vec<NaiveDate>) {
    children
        .iter()
        .map(|(number, birth_date)| (number.stored(), *birth_date))
        .unzip()
}
