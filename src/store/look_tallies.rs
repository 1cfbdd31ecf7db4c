//! What people, organisations and clients spent of their budgets, slot by slot, from all processes.

use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Integer, Text};
use diesel::{PgConnection, RunQueryDsl, sql_query};

use crate::domain::look_budget::{BudgetHolder, Slot, Tally};
use crate::store::StoreError;

/// Adds, one account after another in one order, so that two processes never wait for each other.
const ADD: &str = "insert into look_tallies (holder, key, slot, children, misses) \
    select * from unnest($1::text[], $2::text[], $3::bigint[], $4::integer[], $5::integer[]) \
    as told (holder, key, slot, children, misses) order by holder, key, slot \
    on conflict (holder, key, slot) do update set \
    children = least(look_tallies.children::bigint + excluded.children, 2147483647), \
    misses = least(look_tallies.misses::bigint + excluded.misses, 2147483647)";

const READ: &str = "select t.holder, t.key, t.slot, t.children, t.misses from look_tallies t \
    join (select distinct * from unnest($1::text[], $2::text[]) as told (holder, key)) told \
    on told.holder = t.holder and told.key = t.key where t.slot >= $3";

/// Whose budget.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Account {
    /// What kind of holder.
    pub holder: BudgetHolder,
    /// The holder's id.
    pub key: String,
}

/// What was spent of an account in a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedTally {
    /// The account.
    pub account: Account,
    /// The slot.
    pub slot: Slot,
    /// What was spent.
    pub tally: Tally,
}

#[derive(QueryableByName)]
struct TallyRow {
    #[diesel(sql_type = Text)]
    holder: String,
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = BigInt)]
    slot: i64,
    #[diesel(sql_type = Integer)]
    children: i32,
    #[diesel(sql_type = Integer)]
    misses: i32,
}

/// Adds what one process spent, and reads what all of them spent of the same accounts since a slot.
/// Run twice, because the database was lost in between, it counts twice: rather too much than too
/// little.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails, or holds a row that breaks a rule.
pub fn share(
    postgres: &mut PgConnection,
    told: &[SharedTally],
    first: Slot,
) -> Result<Vec<SharedTally>, StoreError> {
    let holders: Vec<&str> = told.iter().map(|one| one.account.holder.name()).collect();
    let keys: Vec<&str> = told.iter().map(|one| one.account.key.as_str()).collect();
    let slots: Vec<i64> = told.iter().map(|one| one.slot.0).collect();
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let children: Vec<i32> = told.iter().map(|one| number(one.tally.children)).collect();
    let misses: Vec<i32> = told.iter().map(|one| number(one.tally.misses)).collect();
    sql_query(ADD)
        .bind::<Array<Text>, _>(&holders)
        .bind::<Array<Text>, _>(&keys)
        .bind::<Array<BigInt>, _>(slots)
        .bind::<Array<Integer>, _>(children)
        .bind::<Array<Integer>, _>(misses)
        .execute(postgres)?;
    sql_query(READ)
        .bind::<Array<Text>, _>(&holders)
        .bind::<Array<Text>, _>(&keys)
        .bind::<BigInt, _>(first.0)
        .load::<TallyRow>(postgres)?
        .into_iter()
        .map(TallyRow::tally)
        .collect()
}

/// Removes what no longer counts.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn forget(postgres: &mut PgConnection, first: Slot) -> Result<(), StoreError> {
    sql_query("delete from look_tallies where slot < $1")
        .bind::<BigInt, _>(first.0)
        .execute(postgres)?;
    Ok(())
}

impl TallyRow {
    fn tally(self) -> Result<SharedTally, StoreError> {
        let holder = BudgetHolder::parse(&self.holder).ok_or(StoreError::Row("budget holder"))?;
        let count = |count: i32| u32::try_from(count).ok();
        let tally = count(self.children).zip(count(self.misses));
        let (children, misses) = tally.ok_or(StoreError::Row("tally"))?;
        Ok(SharedTally {
            account: Account {
                holder,
                key: self.key,
            },
            slot: Slot(self.slot),
            tally: Tally { children, misses },
        })
    }
}
