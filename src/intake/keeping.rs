//! What a file changes, inside its transaction: its good records are told, all are acknowledged.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::domain::holding::{HeldChild, Holding};
use crate::domain::local_authority::LocalAuthority;
use crate::domain::matching::MatchRate;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::shrinkage::ending;
use crate::domain::upload::{Acknowledgement, FileCode, PlanRecord, RecordRefusal};
use crate::intake::changes::{ChildChanges, PlanChanges, plan_of_child};
use crate::intake::matching::Matched;
use crate::intake::taking::take_changed;
use crate::intake::{Delivery, IntakeRefusal, shrinking};
use crate::store::plan_ends;
use crate::store::told_before::{self, ToldBefore};
use crate::store::told_plans::{self, Telling};
use crate::store::uploads::{self, ReceivedFile};
use crate::store::{Postgres, StoreError, authorities, children, identifiers};

/// Takes a file in that is next in its authority's order.
///
/// # Errors
/// [`IntakeRefusal`] when the file is held, or the database fails; then no plan has changed.
pub(super) fn keep(
    postgres: &mut Postgres,
    delivery: &Delivery,
    held: &LocalAuthority,
    matched: Option<&Matched>,
) -> Result<Acknowledgement, IntakeRefusal> {
    let records = delivery.upload.records.iter();
    let sent = records
        .map(|record| {
            record
                .as_ref()
                .map(|record| &record.plan)
                .map_err(Clone::clone)
        })
        .collect();
    let decided = decide(postgres, (held.id, matched), sent)?;
    let changes = decided.changes();
    take_changed(postgres, held.id, (&decided, &changes))?;
    shrinking::check(postgres, delivery, held.id, (&decided, &changes))?;
    let file = ReceivedFile {
        authority: held.id,
        digest: delivery.digest,
        created_at: delivery.upload.created_at,
        client_id: delivery.client_id.clone(),
        form: delivery.form,
    };
    authorities::describe(postgres, held, &delivery.upload.authority, delivery.at)?;
    let upload = (
        identifiers::id_of(delivery.at),
        Some(delivery.upload.sequence),
    );
    let acknowledgement = decided.acknowledgement(upload, delivery.at);
    Ok(tell(
        postgres,
        &file,
        acknowledgement,
        (&decided, &changes),
    )?)
}

/// Records as they were decided beside what is held.
pub(super) struct Decided<'a> {
    /// Each record, or why it is refused.
    pub records: Vec<Result<&'a PlanRecord, RecordRefusal>>,
    /// What they tell of their children.
    pub children: ChildChanges,
    /// What was known of the children beside whom they were decided.
    pub before: HashMap<NhsNumber, HeldChild>,
    /// Other plans, whose end follows from a date of birth that they correct.
    recounted: Vec<PlanRecord>,
    /// The authority's plans beside which they were decided.
    pub held: Vec<ToldBefore>,
    /// How many of them matched, where they were matched.
    rate: Option<MatchRate>,
}

/// Decides each record beside what is held. Another may change that still, until [`take_changed`].
///
/// # Errors
/// [`StoreError`] when the database fails.
pub(super) fn decide<'a>(
    postgres: &mut Postgres,
    (authority, matched): (Uuid, Option<&Matched>),
    sent: Vec<Result<&'a PlanRecord, RecordRefusal>>,
) -> Result<Decided<'a>, StoreError> {
    let named: Vec<&PlanRecord> = sent.iter().flatten().copied().collect();
    let (before, held) = held_beside(postgres, authority, &named)?;
    let mut holding = Holding::of(before.clone(), (held.len(), named.len()));
    for plan in &held {
        holding.hold(&plan.told);
    }
    // What agrees with the demographics service now may correct what another authority told.
    holding.unsettle(matched.iter().flat_map(|matched| &matched.may_correct));
    let records: Vec<Result<&PlanRecord, RecordRefusal>> = sent
        .into_iter()
        .map(|record| record.and_then(|plan| holding.take(plan).map(|()| plan)))
        .collect();
    let taken: Vec<&PlanRecord> = records.iter().flatten().copied().collect();
    let children = ChildChanges::of(&taken, &before);
    let recounted = recounted(&held, &taken, &children.corrected);
    Ok(Decided {
        records,
        children,
        before,
        recounted,
        held,
        rate: matched.map(|matched| matched.rate),
    })
}

impl Decided<'_> {
    /// How many of the authority's current plans they would end or withdraw.
    pub(super) fn ending(&self, changes: &PlanChanges<'_>, today: NaiveDate) -> usize {
        let replaced = &changes.replaced;
        if replaced.is_empty() {
            return 0;
        }
        ending(self.held.iter().map(|plan| &plan.told), replaced, today)
    }

    /// What they change of what was told before; it compares them all, so ask it once.
    pub(super) fn changes(&self) -> PlanChanges<'_> {
        let taken = self.records.iter().flatten().copied();
        PlanChanges::of(&self.held, taken.chain(&self.recounted))
    }

    /// What they are acknowledged with, under an upload's id and number.
    pub(super) fn acknowledgement(
        &self,
        (upload_id, sequence): (Uuid, Option<i64>),
        received_at: DateTime<Utc>,
    ) -> Acknowledgement {
        let records: Vec<Result<(), RecordRefusal>> = self
            .records
            .iter()
            .map(|record| record.as_ref().map(drop).map_err(Clone::clone))
            .collect();
        let refused = records.iter().filter(|record| record.is_err()).count();
        Acknowledgement {
            upload_id,
            sequence,
            code: FileCode::of_counts(records.len() - refused, refused),
            received_at,
            records,
            match_rate: self.rate,
        }
    }
}

/// Keeps an acknowledgement, and tells the records that it says are taken in, once what they change
/// is taken.
///
/// # Errors
/// [`StoreError`] when others have added the same child, or the database fails; then nothing has
/// changed.
pub(super) fn tell(
    postgres: &mut Postgres,
    file: &ReceivedFile,
    acknowledgement: Acknowledgement,
    (decided, changes): (&Decided<'_>, &PlanChanges<'_>),
) -> Result<Acknowledgement, StoreError> {
    uploads::add(postgres, file, &acknowledgement)?;
    uploads::add_refused_records(postgres, &acknowledgement)?;
    let (children, at) = (&decided.children, acknowledgement.received_at);
    children::add(postgres, &children.added, at)?;
    children::correct(postgres, &children.corrected, at)?;
    plan_ends::follow_birth_dates(postgres, &children.corrected, at)?;
    if !decided.recounted.is_empty() {
        plan_ends::tell_of_own(postgres, file.authority, &decided.recounted, at)?;
    }
    let telling = Telling {
        authority: file.authority,
        upload: acknowledgement.upload_id,
        at,
    };
    told_plans::replace(postgres, telling, &changes.replaced)?;
    told_plans::add(postgres, telling, &changes.added)?;
    Ok(acknowledgement)
}

/// What is known of a file's children, and the authority's plans for them and under the file's
/// identifiers.
fn held_beside(
    postgres: &mut Postgres,
    authority: Uuid,
    named: &[&PlanRecord],
) -> Result<(HashMap<NhsNumber, HeldChild>, Vec<ToldBefore>), StoreError> {
    let mut numbers: Vec<NhsNumber> = named.iter().map(|record| record.nhs_number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (mut children, mut plans) = told_before::of_children(postgres, authority, &numbers)?;
    settle(postgres, &mut children, named)?;
    let sought = not_standing(&plans, named);
    let found = told_before::under_local_ids(postgres, authority, &sought)?;
    let (again, elsewhere): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|plan| children.contains_key(&plan.told.nhs_number));
    let read: HashSet<_> = plans.iter().map(|plan| plan_of_child(&plan.told)).collect();
    if again
        .iter()
        .any(|plan| !read.contains(&plan_of_child(&plan.told)))
    {
        // It came under one of these numbers between the two readings.
        return Err(StoreError::Overtaken);
    }
    drop(read);
    plans.extend(elsewhere);
    Ok((children, plans))
}

/// A date of birth that another authority has told as well is settled. That matters only where a
/// record tells another.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub(super) fn settle(
    postgres: &mut Postgres,
    children: &mut HashMap<NhsNumber, HeldChild>,
    named: &[&PlanRecord],
) -> Result<(), StoreError> {
    let differs = |record: &&&PlanRecord| {
        let held = children.get(&record.nhs_number);
        held.is_some_and(|held| held.birth_date != record.birth_date)
    };
    let corrected = named.iter().filter(differs);
    let corrected: Vec<NhsNumber> = corrected.map(|record| record.nhs_number).collect();
    for number in children::settled_by_others(postgres, &corrected)? {
        if let Some(child) = children.get_mut(&number) {
            child.settled = true;
        }
    }
    Ok(())
}

/// The identifiers under which a plan may stand for another child: those of plans that do not stand
/// for their own. A plan stands for one child only.
fn not_standing<'a>(plans: &[ToldBefore], named: &[&'a PlanRecord]) -> Vec<&'a str> {
    let standing: HashSet<_> = plans
        .iter()
        .filter(|plan| plan.told.deleted_on.is_none())
        .map(|plan| plan_of_child(&plan.told))
        .collect();
    let mut sought: Vec<&str> = named
        .iter()
        .filter(|record| !standing.contains(&plan_of_child(record)))
        .map(|record| record.local_id.as_str())
        .collect();
    sought.sort_unstable();
    sought.dedup();
    sought
}

/// The plans a file does not name, but whose end follows from a date of birth that it corrects.
fn recounted(
    held: &[ToldBefore],
    taken: &[&PlanRecord],
    corrected: &HashMap<NhsNumber, NaiveDate>,
) -> Vec<PlanRecord> {
    if corrected.is_empty() {
        return Vec::new();
    }
    let named: HashSet<_> = taken.iter().map(|record| plan_of_child(record)).collect();
    held.iter()
        .map(|plan| &plan.told)
        .filter(|plan| !named.contains(&plan_of_child(plan)))
        .filter_map(|plan| {
            Some(PlanRecord {
                birth_date: *corrected.get(&plan.nhs_number)?,
                ..plan.clone()
            })
        })
        .collect()
}
