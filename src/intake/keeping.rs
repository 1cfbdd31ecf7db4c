//! What a file changes, inside its transaction: its good records are told, all are acknowledged.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::domain::holding::Holding;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::matching::MatchRate;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::shrinkage::ending;
use crate::domain::upload::{Acknowledgement, FileCode, PlanRecord, RecordRefusal};
use crate::intake::changes::{ChildChanges, PlanChanges, plan_of_child};
use crate::intake::{Delivery, IntakeRefusal, shrinking};
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
    rate: Option<MatchRate>,
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
    let decided = decide(postgres, (held.id, rate), sent)?;
    let changes = decided.changes();
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
    children: ChildChanges,
    /// Other plans, whose end follows from a date of birth that they correct.
    recounted: Vec<PlanRecord>,
    /// The authority's plans beside which they were decided.
    held: Vec<ToldBefore>,
    /// How many of them matched, where they were matched.
    rate: Option<MatchRate>,
}

/// Decides each record beside what is held, which nobody else may change from then on.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub(super) fn decide<'a>(
    postgres: &mut Postgres,
    (authority, rate): (Uuid, Option<MatchRate>),
    sent: Vec<Result<&'a PlanRecord, RecordRefusal>>,
) -> Result<Decided<'a>, StoreError> {
    let named: Vec<&PlanRecord> = sent.iter().flatten().copied().collect();
    let (mut holding, others) = holding_of(postgres, authority, &named)?;
    if rate.is_some() {
        // What agreed with the demographics service may correct what another authority told.
        holding.unsettle();
    }
    let before = holding.children.clone();
    let records: Vec<Result<&PlanRecord, RecordRefusal>> = sent
        .into_iter()
        .map(|record| record.and_then(|plan| holding.take(plan).map(|()| plan)))
        .collect();
    let taken: Vec<&PlanRecord> = records.iter().flatten().copied().collect();
    let children = ChildChanges::of(&taken, &before);
    let recounted = recounted(&others, &taken, &children.corrected);
    Ok(Decided {
        records,
        children,
        recounted,
        held: others,
        rate,
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

/// Keeps an acknowledgement, and tells the records that it says are taken in.
///
/// # Errors
/// [`StoreError`] when the database fails; then nothing has changed.
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
    let telling = Telling {
        authority: file.authority,
        upload: acknowledgement.upload_id,
        at,
    };
    told_plans::replace(postgres, telling, &changes.replaced)?;
    told_plans::add(postgres, telling, &changes.added)?;
    Ok(acknowledgement)
}

/// What is held beside a file, and the authority's plans for its children.
fn holding_of(
    postgres: &mut Postgres,
    authority: Uuid,
    named: &[&PlanRecord],
) -> Result<(Holding, Vec<ToldBefore>), StoreError> {
    let mut told: Vec<_> = named
        .iter()
        .map(|record| (record.nhs_number, record.birth_date))
        .collect();
    told.sort_unstable();
    told.dedup();
    let children = children::take_held(postgres, authority, &told)?;
    let mut plans = told_before::of_children(postgres, authority, &children)?;
    let sought = not_standing(&plans, named);
    let elsewhere = told_before::under_local_ids(postgres, authority, &sought)?;
    plans.extend(
        elsewhere
            .into_iter()
            .filter(|plan| !children.contains_key(&plan.told.nhs_number)),
    );
    let mut holding = Holding::of(children);
    for plan in &plans {
        holding.hold(&plan.told);
    }
    Ok((holding, plans))
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
