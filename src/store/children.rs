//! Children, by NHS number: one date of birth and one opaque id each.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::deserialize::QueryableByName;
use diesel::result::DatabaseErrorKind::UniqueViolation;
use diesel::result::Error::DatabaseError;
use diesel::sql_types::{Array, BigInt, Date, Timestamptz};
use diesel::{
    ExecuteCopyFromDsl, ExpressionMethods, Insertable, PgConnection, QueryDsl, RunQueryDsl,
    sql_query,
};
use uuid::Uuid;

use crate::domain::nhs_number::NhsNumber;
use crate::store::schema::children;
use crate::store::{StoreError, identifiers};

/// Which of these children others hold plans for than the transaction's authority.
const SETTLED: &str =
    "select settled.nhs_number from settled_by_others($1) as settled (nhs_number)";

/// Read in the order in which they are taken; what is read of them is asked for afterwards.
const TAKE: &str = "select from children where nhs_number = any($1) \
    order by nhs_number for no key update";

/// The key of a child, which two who learn of one at once both want to add.
const ONE_CHILD: &str = "children_pkey";

const CORRECT: &str = "update children c set birth_date = t.birth_date, updated_at = $3 \
    from unnest($1, $2) as t (nhs_number, birth_date) where c.nhs_number = t.nhs_number";

#[derive(QueryableByName)]
struct SettledRow {
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
}

pub(super) fn number_of(stored: i64) -> Result<NhsNumber, StoreError> {
    let number = NhsNumber::from_stored(stored).ok();
    number.ok_or(StoreError::Row("NHS number"))
}

/// Lets nobody else change what is told of these children, nor add to it, until the transaction
/// ends. Whoever changes a child's row or a plan takes the child first, all of them in this order,
/// so that of two who take some of the same one waits for the other, and never each for the other.
/// Looks take nothing and wait for nobody.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn take(postgres: &mut PgConnection, numbers: &[NhsNumber]) -> Result<(), StoreError> {
    let numbers: Vec<i64> = numbers.iter().map(|number| number.stored()).collect();
    sql_query(TAKE)
        .bind::<Array<BigInt>, _>(numbers)
        .execute(postgres)?;
    Ok(())
}

/// Which of these children another authority holds a plan for than the transaction's own.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn settled_by_others(
    postgres: &mut PgConnection,
    children: &[NhsNumber],
) -> Result<Vec<NhsNumber>, StoreError> {
    if children.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<i64> = children.iter().map(|number| number.stored()).collect();
    sql_query(SETTLED)
        .bind::<Array<BigInt>, _>(numbers)
        .load::<SettledRow>(postgres)?
        .into_iter()
        .map(|row| number_of(row.nhs_number))
        .collect()
}

/// The dates of birth held for these numbers.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn birth_dates(
    postgres: &mut PgConnection,
    numbers: &[i64],
) -> Result<HashMap<NhsNumber, (NaiveDate, DateTime<Utc>)>, StoreError> {
    children::table
        .filter(children::nhs_number.eq_any(numbers))
        .select((
            children::nhs_number,
            children::birth_date,
            children::updated_at,
        ))
        .load::<(i64, NaiveDate, DateTime<Utc>)>(postgres)?
        .into_iter()
        .map(|(number, birth_date, since)| Ok((number_of(number)?, (birth_date, since))))
        .collect()
}

/// A child as it is added.
#[derive(Insertable)]
#[diesel(table_name = children, treat_none_as_default_value = false)]
struct NewChild {
    nhs_number: i64,
    id: Uuid,
    birth_date: NaiveDate,
    updated_at: DateTime<Utc>,
}

/// Adds children that were not known, each once, in the order of their numbers. One that another
/// adds at the same moment is waited for.
///
/// # Errors
/// [`StoreError::Overtaken`] when another has added one of them since; [`StoreError`] when the
/// database refuses or fails.
pub fn add(
    postgres: &mut PgConnection,
    children: &[(NhsNumber, NaiveDate)],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    if children.is_empty() {
        return Ok(());
    }
    let new: Vec<NewChild> = children
        .iter()
        .map(|(number, birth_date)| NewChild {
            nhs_number: number.stored(),
            id: identifiers::id_of(at),
            birth_date: *birth_date,
            updated_at: at,
        })
        .collect();
    let added = diesel::copy_from(children::table)
        .from_insertable(&new)
        .execute(postgres);
    match added {
        Ok(_) => Ok(()),
        Err(DatabaseError(UniqueViolation, words))
            if words.constraint_name() == Some(ONE_CHILD) =>
        {
            Err(StoreError::Overtaken)
        }
        Err(error) => Err(error.into()),
    }
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
