//! Whether what lies in a month of the access history may still be shown to somebody, or is still
//! owed. It tells nothing else of any plan.

use chrono::NaiveDate;
use diesel::sql_types::{Date, Integer, Timestamptz};
use diesel::{PgConnection, RunQueryDsl, sql_query};

use crate::domain::month::Month;
use crate::domain::plan::Windows;
use crate::store::StoreError;
use crate::store::single::Answer;

/// A child's accesses are shown beside its plans, for as long as one of them is within its window;
/// those under a number that another replaced, beside the plans of that.
const SHOWN: &str = "with looked as (select distinct nhs_number from accesses \
    where recorded_at >= $1 and recorded_at < $2), \
    shown_with as (select nhs_number from looked union select c.replaced_by from children c \
    join looked l on l.nhs_number = c.nhs_number where c.replaced_by is not null) \
    select exists (select from shown_with s join plans p on p.nhs_number = s.nhs_number \
    where p.deleted_on is null and p.effective_end_date >= $3 \
    - case p.kind when 'UCPP' then $4 else $5 end) as answer";

/// What an authority is still owed of a look; what was given up is owed no longer.
const OWED: &str = "select exists (select from notifications where kind = 'access' \
    and accessed_at >= $1 and accessed_at < $2 and delivered_at is null and failed_at is null) \
    as answer";

/// Whether a child who was looked at in the month has a plan that can be seen on a day, or later.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn is_shown(
    postgres: &mut PgConnection,
    month: Month,
    (today, windows): (NaiveDate, Windows),
) -> Result<bool, StoreError> {
    let asked = sql_query(SHOWN)
        .bind::<Timestamptz, _>(month.begins_at())
        .bind::<Timestamptz, _>(month.ends_at())
        .bind::<Date, _>(today)
        .bind::<Integer, _>(i32::from(windows.after_due_date_days))
        .bind::<Integer, _>(i32::from(windows.after_end_days));
    Ok(asked.get_result::<Answer>(postgres)?.answer)
}

/// Whether an authority is still owed a notification of a look in the month.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn is_owed(postgres: &mut PgConnection, month: Month) -> Result<bool, StoreError> {
    let asked = sql_query(OWED)
        .bind::<Timestamptz, _>(month.begins_at())
        .bind::<Timestamptz, _>(month.ends_at());
    Ok(asked.get_result::<Answer>(postgres)?.answer)
}
