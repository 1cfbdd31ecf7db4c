//! What a file changes, inside its transaction: its good records are told, all are acknowledged.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::holding::Holding;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::matching::MatchRate;
use crate::domain::nhs_number::NhsNumber;
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
    let records = &delivery.upload.records;
    let named: Vec<&PlanRecord> = records
        .iter()
        .flatten()
        .map(|record| &record.plan)
        .collect();
    let (mut holding, others) = holding_of(postgres, held.id, &named)?;
    if rate.is_some() {
        // What agreed with the demographics service may correct what another authority told.
        holding.unsettle();
    }
    let before: HashMap<NhsNumber, NaiveDate> = holding
        .children
        .iter()
        .map(|(number, child)| (*number, child.birth_date))
        .collect();
    let decided: Vec<Result<&PlanRecord, RecordRefusal>> = records
        .iter()
        .map(|record| {
            let plan = &record.as_ref().map_err(Clone::clone)?.plan;
            holding.take(plan).map(|()| plan)
        })
        .collect();
    let taken: Vec<&PlanRecord> = decided.iter().flatten().copied().collect();
    let told_children: HashMap<NhsNumber, NaiveDate> = taken
        .iter()
        .map(|record| (record.nhs_number, record.birth_date))
        .collect();
    let recounted = recounted(&others, &taken, &before, &told_children);
    let told: Vec<&PlanRecord> = taken.into_iter().chain(&recounted).collect();
    shrinking::check(postgres, delivery, held.id, (&others, &told))?;
    let acknowledgement = acknowledgement(delivery, &decided, rate);
    uploads::add(postgres, &received(delivery, held.id), &acknowledgement)?;
    uploads::add_records(postgres, &acknowledgement)?;
    authorities::describe(postgres, held, &delivery.upload.authority, delivery.at)?;
    children::put(postgres, &told_children, delivery.at)?;
    let telling = Telling {
        authority: held.id,
        upload: acknowledgement.upload_id,
        at: delivery.at,
    };
    told_plans::tell(postgres, telling, &told)?;
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

fn acknowledgement(
    delivery: &Delivery,
    decided: &[Result<&PlanRecord, RecordRefusal>],
    match_rate: Option<MatchRate>,
) -> Acknowledgement {
    let records: Vec<Result<(), RecordRefusal>> = decided
        .iter()
        .map(|record| record.as_ref().map(drop).map_err(Clone::clone))
        .collect();
    let refused = records.iter().filter(|record| record.is_err()).count();
    Acknowledgement {
        upload_id: identifiers::id_of(delivery.at),
        sequence: delivery.upload.sequence,
        code: FileCode::of_counts(records.len() - refused, refused),
        received_at: delivery.at,
        records,
        match_rate,
    }
}

fn received(delivery: &Delivery, authority: Uuid) -> ReceivedFile {
    ReceivedFile {
        authority,
        digest: delivery.digest,
        created_at: delivery.upload.created_at,
        client_id: delivery.client_id.clone(),
    }
}
