//! What time it is, by more than one clock. How old a month is follows from the machine's, and one
//! that is years ahead must take nothing away that has to be kept.

use chrono::{DateTime, TimeDelta, Utc};

use crate::sealing::retiring::RetiringError;
use crate::store::Postgres;
use crate::store::sealed_rows::{self, Clocks};

/// How far the machine's clock and the database's may be apart.
const DATABASE_APART_MAX: TimeDelta = TimeDelta::minutes(5);

/// How far the machine's clock and the newest seal may be: whatever happens is sealed within
/// seconds, and somewhere a refusal at the least happens within this time, or is made to.
const SEAL_APART_MAX: TimeDelta = TimeDelta::hours(1);

/// Refuses to go on where the clocks do not agree. To be asked with a moment that is now: what an
/// export verifies and writes may take hours.
///
/// # Errors
/// [`RetiringError::ClocksApart`] and [`RetiringError::SealApart`], or when the database fails.
pub fn refuse_apart(postgres: &mut Postgres, now: DateTime<Utc>) -> Result<(), RetiringError> {
    let Clocks {
        database,
        sealed_at,
    } = sealed_rows::clocks(postgres)?;
    if (database - now).abs() > DATABASE_APART_MAX {
        return Err(RetiringError::ClocksApart { now, database });
    }
    match sealed_at {
        Some(sealed_at) if (sealed_at - now).abs() > SEAL_APART_MAX => {
            Err(RetiringError::SealApart { now, sealed_at })
        }
        _ => Ok(()),
    }
}
