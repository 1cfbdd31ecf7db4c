//! Holds a file that would end an unlikely share of its authority's plans, and refuses requests
//! about single plans that together would (`domain/shrinkage.rs`).

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::domain::calendar::day_of;
use crate::domain::shrinkage::{ShrinkGuard, Shrinkage};
use crate::intake::changes::PlanChanges;
use crate::intake::keeping::Decided;
use crate::intake::plan_writes::Writes;
use crate::intake::{Delivery, IntakeRefusal};
use crate::store::ended_by_writes::{self, Ended};
use crate::store::held_uploads::{self, HeldFile};
use crate::store::{Postgres, StoreError, told_plans};

/// For how long requests about single plans count together.
const COUNTED_TOGETHER: TimeDelta = TimeDelta::hours(24);

/// Lets a file pass, or holds it: what waits is on record, and no plan has changed.
///
/// # Errors
/// [`IntakeRefusal::Held`], or when the database fails.
pub(super) fn check(
    postgres: &mut Postgres,
    delivery: &Delivery,
    authority: Uuid,
    decided: (&Decided<'_>, &PlanChanges<'_>),
) -> Result<(), IntakeRefusal> {
    let least = delivery.guard.rule.plans_min;
    let Some(shrinkage) = shrinkage(postgres, authority, decided, least, delivery.at)? else {
        return Ok(());
    };
    let sequence = delivery.upload.sequence;
    let confirmed = match delivery.guard.confirmed {
        Some(confirmed) => Some(confirmed),
        None => held_uploads::confirmed(postgres, authority, sequence, &delivery.digest)?,
    };
    let guard = ShrinkGuard {
        confirmed,
        ..delivery.guard
    };
    if guard.allows(shrinkage) {
        return Ok(());
    }
    let file = HeldFile {
        authority,
        sequence,
        digest: &delivery.digest,
        client_id: &delivery.client_id,
        shrinkage,
        at: delivery.at,
    };
    held_uploads::hold(postgres, &file)?;
    Err(IntakeRefusal::Held(shrinkage))
}

/// Lets requests about single plans pass, or refuses them; that they were refused is on record, for
/// an operator to confirm how many they end. All of an authority's of a day count together, since
/// what takes the plans off hundreds of children in a file does so too in hundreds of requests.
/// Those that pass are told how many plans they end, where they end any.
///
/// # Errors
/// [`IntakeRefusal::EndsTooMany`], or when the database fails.
pub(super) fn check_writes(
    postgres: &mut Postgres,
    writes: &Writes,
    authority: Uuid,
    (decided, changes): (&Decided<'_>, &PlanChanges<'_>),
) -> Result<Option<Ended>, IntakeRefusal> {
    let (guard, at) = (writes.guard, writes.at);
    let (today, since) = (day_of(at), at - COUNTED_TOGETHER);
    let plans = decided.ending(changes, today);
    if plans == 0 {
        return Ok(None);
    }
    let before = ended_by_writes::count(postgres, authority, since)?;
    let shrinkage = Shrinkage {
        current: told_plans::count_current(postgres, authority, today)?.saturating_add(before),
        ending: plans.saturating_add(before),
    };
    if guard.rule.allows(shrinkage) {
        let confirmed = false;
        return Ok(Some(Ended { plans, confirmed }));
    }
    let confirmed = guard.confirms(shrinkage)
        || held_uploads::requests_confirmed(postgres, authority, shrinkage.ending, since)?;
    if confirmed {
        return Ok(Some(Ended { plans, confirmed }));
    }
    let requests = HeldFile {
        authority,
        sequence: held_uploads::REQUESTS,
        digest: &writes.digest,
        client_id: &writes.client_id,
        shrinkage,
        at,
    };
    held_uploads::hold(postgres, &requests)?;
    Err(IntakeRefusal::EndsTooMany(shrinkage, guard.rule))
}

/// What would be taken off, where that is not less than is ever held.
fn shrinkage(
    postgres: &mut Postgres,
    authority: Uuid,
    (decided, changes): (&Decided<'_>, &PlanChanges<'_>),
    least: usize,
    at: DateTime<Utc>,
) -> Result<Option<Shrinkage>, StoreError> {
    let today = day_of(at);
    let ending = decided.ending(changes, today);
    if ending == 0 || ending < least {
        return Ok(None);
    }
    let current = told_plans::count_current(postgres, authority, today)?;
    Ok(Some(Shrinkage { current, ending }))
}
