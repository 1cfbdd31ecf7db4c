//! Holds a file that would end an unlikely share of its authority's plans (`domain/shrinkage.rs`).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::calendar::day_of;
use crate::domain::shrinkage::{ShrinkGuard, Shrinkage};
use crate::intake::changes::PlanChanges;
use crate::intake::keeping::Decided;
use crate::intake::{Delivery, IntakeRefusal};
use crate::store::held_uploads::{self, HeldFile};
use crate::store::{Postgres, StoreError, told_plans};

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

/// Lets requests about single plans pass, or refuses them: nothing of them waits, because they need
/// not have a number to wait under.
///
/// # Errors
/// [`IntakeRefusal::Held`], or when the database fails.
pub(super) fn check_writes(
    postgres: &mut Postgres,
    guard: ShrinkGuard,
    authority: Uuid,
    decided: (&Decided<'_>, &PlanChanges<'_>),
    at: DateTime<Utc>,
) -> Result<(), IntakeRefusal> {
    match shrinkage(postgres, authority, decided, guard.rule.plans_min, at)? {
        Some(shrinkage) if !guard.allows(shrinkage) => Err(IntakeRefusal::Held(shrinkage)),
        _ => Ok(()),
    }
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
