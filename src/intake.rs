//! The only door in: check each record of an upload, keep the good, acknowledge all; one
//! transaction a file.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;
use uuid::Uuid;

use crate::domain::holding::Holding;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::domain::upload::{Acknowledgement, FileCode, PlanRecord, RecordRefusal, Upload};
use crate::store::told_plans::{self, Telling};
use crate::store::uploads::{self, ReceivedFile};
use crate::store::{Postgres, Store, StoreError, authorities, children, identifiers};

/// A file that was read, with what is known of its coming.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What the file says.
    pub upload: Upload,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// The authority whose system sent it, as the token issuer vouches for it.
    pub authority: OdsCode,
    /// The client that sent it.
    pub client_id: String,
    /// When it came.
    pub at: DateTime<Utc>,
}

/// Why a file that could be read was not taken in. Nothing of it was.
#[derive(Debug, Error)]
pub enum IntakeRefusal {
    /// The file is another authority's.
    #[error("the file is another authority's: an authority uploads only its own plans")]
    AnotherAuthority,
    /// The authority is not on the register.
    #[error("the authority is not on the register of CP-IS")]
    UnknownAuthority,
    /// Another file came under this number before.
    #[error("another file was already taken in under this sequence number; the next is {expected}")]
    NumberTaken {
        /// The number the next file must have.
        expected: i64,
    },
    /// The number leaves a gap, or goes back.
    #[error("files are taken in one after another; the next sequence number is {expected}")]
    OutOfOrder {
        /// The number the next file must have.
        expected: i64,
    },
    /// The database failed; nothing was taken in.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl IntakeRefusal {
    /// The refusal's name in the security log, where the caller may not do what was asked.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::AnotherAuthority => Some("another-authority"),
            Self::UnknownAuthority => Some("unknown-authority"),
            Self::NumberTaken { .. } | Self::OutOfOrder { .. } | Self::Store(_) => None,
        }
    }
}

/// Takes a file in, or answers a file sent again with its first acknowledgement.
///
/// # Errors
/// [`IntakeRefusal`]; then nothing has changed.
pub async fn take_in(store: &Store, delivery: Delivery) -> Result<Acknowledgement, IntakeRefusal> {
    if delivery.upload.authority.code != delivery.authority {
        return Err(IntakeRefusal::AnotherAuthority);
    }
    let delivery = Arc::new(delivery);
    store
        .transaction(move |postgres| match take_in_turn(postgres, &delivery) {
            Ok(acknowledgement) => Ok(Ok(acknowledgement)),
            Err(IntakeRefusal::Store(error)) => Err(error),
            Err(refusal) => Ok(Err(refusal)),
        })
        .await?
}

fn take_in_turn(
    postgres: &mut Postgres,
    delivery: &Delivery,
) -> Result<Acknowledgement, IntakeRefusal> {
    let held = authorities::take_for_upload(postgres, &delivery.authority)?
        .ok_or(IntakeRefusal::UnknownAuthority)?;
    let sequence = delivery.upload.sequence;
    if let Some(earlier) = uploads::find(postgres, held.id, sequence)? {
        if earlier.digest == delivery.digest {
            return Ok(earlier.acknowledgement);
        }
        return Err(IntakeRefusal::NumberTaken {
            expected: next(postgres, held.id, sequence)?,
        });
    }
    let expected = next(postgres, held.id, sequence)?;
    if sequence != expected {
        return Err(IntakeRefusal::OutOfOrder { expected });
    }
    Ok(keep(postgres, delivery, &held)?)
}

/// The number the authority's next file must have. The first file may have any.
fn next(postgres: &mut Postgres, authority: Uuid, sequence: i64) -> Result<i64, StoreError> {
    let last = uploads::last_sequence(postgres, authority)?;
    Ok(last.map_or(sequence, |last| last.saturating_add(1)))
}

fn keep(
    postgres: &mut Postgres,
    delivery: &Delivery,
    held: &LocalAuthority,
) -> Result<Acknowledgement, StoreError> {
    let named: Vec<&PlanRecord> = delivery.upload.records.iter().flatten().collect();
    let (mut holding, others) = holding_of(postgres, held.id, &named)?;
    let before: HashMap<NhsNumber, NaiveDate> = holding
        .children
        .iter()
        .map(|(number, child)| (*number, child.birth_date))
        .collect();
    let decided: Vec<Result<&PlanRecord, RecordRefusal>> = delivery
        .upload
        .records
        .iter()
        .map(|record| {
            let record = record.as_ref().map_err(Clone::clone)?;
            holding.take(record).map(|()| record)
        })
        .collect();
    let taken: Vec<&PlanRecord> = decided.iter().flatten().copied().collect();
    let told_children: HashMap<NhsNumber, NaiveDate> = taken
        .iter()
        .map(|record| (record.nhs_number, record.birth_date))
        .collect();
    let recounted = recounted(&others, &taken, &before, &told_children);
    let acknowledgement = acknowledgement(delivery, &decided);
    uploads::add(postgres, &received(delivery, held.id), &acknowledgement)?;
    uploads::add_records(postgres, &acknowledgement)?;
    authorities::describe(postgres, held, &delivery.upload.authority, delivery.at)?;
    children::put(postgres, &told_children, delivery.at)?;
    let telling = Telling {
        authority: held.id,
        upload: acknowledgement.upload_id,
        at: delivery.at,
    };
    let told: Vec<&PlanRecord> = taken.into_iter().chain(&recounted).collect();
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
