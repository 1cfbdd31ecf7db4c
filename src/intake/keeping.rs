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
use crate::intake::{Delivery, IntakeRefusal, shrinking};
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
    shrinking::check(postgres, delivery, held.id, &decided)?;
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
    Ok(tell(postgres, &file, acknowledgement, &decided)?)
}

/// Records as they were decided beside what is held.
pub(super) struct Decided<'a> {
    /// Each record, or why it is refused.
    pub records: Vec<Result<&'a PlanRecord, RecordRefusal>>,
    /// The dates of birth that they tell.
    children: HashMap<NhsNumber, NaiveDate>,
    /// Other plans, whose end follows from a date of birth that they correct.
    recounted: Vec<PlanRecord>,
    /// The authority's plans beside which they were decided.
    held: Vec<PlanRecord>,
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
    let before: HashMap<NhsNumber, NaiveDate> = holding
        .children
        .iter()
        .map(|(number, child)| (*number, child.birth_date))
        .collect();
    let records: Vec<Result<&PlanRecord, RecordRefusal>> = sent
        .into_iter()
        .map(|record| record.and_then(|plan| holding.take(plan).map(|()| plan)))
        .collect();
    let taken: Vec<&PlanRecord> = records.iter().flatten().copied().collect();
    let children: HashMap<NhsNumber, NaiveDate> = taken
        .iter()
        .map(|record| (record.nhs_number, record.birth_date))
        .collect();
    let recounted = recounted(&others, &taken, &before, &children);
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
    pub(super) fn ending(&self, today: NaiveDate) -> usize {
        ending(&self.held, &self.told(), today)
    }

    /// The plans that are told.
    fn told(&self) -> Vec<&PlanRecord> {
        let taken = self.records.iter().flatten().copied();
        taken.chain(&self.recounted).collect()
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
    decided: &Decided<'_>,
) -> Result<Acknowledgement, StoreError> {
    uploads::add(postgres, file, &acknowledgement)?;
    uploads::add_records(postgres, &acknowledgement)?;
    children::put(postgres, &decided.children, acknowledgement.received_at)?;
    let telling = Telling {
        authority: file.authority,
        upload: acknowledgement.upload_id,
        at: acknowledgement.received_at,
    };
    told_plans::tell(postgres, telling, &decided.told())?;
    Ok(acknowledgement)
}

/// What is held beside a file, and the authority's plans for its children.
fn holding_of(
    postgres: &mut Postgres,
    authority: Uuid,
    named: &[&PlanRecord],
) -> Result<(Holding, Vec<PlanRecord>), StoreError> {
    let numbers: Vec<i64> = named
        .iter()
        .map(|record| record.nhs_number.stored())
        .collect();
    let local_ids: Vec<&str> = named
        .iter()
        .map(|record| record.local_id.as_str())
        .collect();
    let children = children::take_held(postgres, authority, &numbers)?;
    let plans = told_plans::held(postgres, authority, &local_ids, &numbers)?;
    let mut holding = Holding::of(children);
    for plan in &plans {
        holding.hold(plan);
    }
    Ok((holding, plans))
}

/// The plans a file does not name, but whose end follows from a date of birth that it corrects.
fn recounted(
    held: &[PlanRecord],
    taken: &[&PlanRecord],
    before: &HashMap<NhsNumber, NaiveDate>,
    told: &HashMap<NhsNumber, NaiveDate>,
) -> Vec<PlanRecord> {
    let named: HashSet<_> = taken
        .iter()
        .map(|record| (record.key(), record.nhs_number))
        .collect();
    held.iter()
        .filter(|plan| !named.contains(&(plan.key(), plan.nhs_number)))
        .filter_map(|plan| {
            let corrected = told.get(&plan.nhs_number)?;
            let changed = before.get(&plan.nhs_number) != Some(corrected);
            changed.then(|| PlanRecord {
                birth_date: *corrected,
                ..plan.clone()
            })
        })
        .collect()
}
