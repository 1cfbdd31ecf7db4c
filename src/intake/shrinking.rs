//! Holds a file that would end an unlikely share of its authority's plans (`domain/shrinkage.rs`).

use uuid::Uuid;

use crate::domain::calendar::day_of;
use crate::domain::shrinkage::{ShrinkGuard, Shrinkage, ending};
use crate::domain::upload::PlanRecord;
use crate::intake::{Delivery, IntakeRefusal};
use crate::store::Postgres;
use crate::store::held_uploads::{self, HeldFile};
use crate::store::told_plans;

/// Lets a file pass, or holds it: what waits is on record, and no plan has changed.
///
/// # Errors
/// [`IntakeRefusal::Held`], or when the database fails.
pub(super) fn check(
    postgres: &mut Postgres,
    delivery: &Delivery,
    authority: Uuid,
    (held, told): (&[PlanRecord], &[&PlanRecord]),
) -> Result<(), IntakeRefusal> {
    let today = day_of(delivery.at);
    let ending = ending(held, told, today);
    let least = delivery.guard.rule.plans_min;
    if ending == 0 || ending < least {
        return Ok(());
    }
    let current = told_plans::count_current(postgres, authority, today)?;
    let shrinkage = Shrinkage { current, ending };
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
