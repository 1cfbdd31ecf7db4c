//! The only door in: check each record of an upload, keep the good, acknowledge all; one
//! transaction a file.

mod keeping;
mod shrinking;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use thiserror::Error;
use uuid::Uuid;

use crate::domain::ods_code::OdsCode;
use crate::domain::shrinkage::{ShrinkGuard, Shrinkage};
use crate::domain::upload::{Acknowledgement, Upload};
use crate::store::{Postgres, Store, StoreError, authorities, uploads};

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
    /// What it may take off its authority's plans.
    pub guard: ShrinkGuard,
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
    /// The file would end or withdraw an unlikely share of the authority's plans.
    #[error(
        "the file is held: it would end or withdraw {ending} of the authority's {current} current \
         plans. If it is meant to, send it again with confirm-ending={ending}, or have the \
         operator confirm it; else send a corrected file under the same number",
        ending = .0.ending,
        current = .0.current
    )]
    Held(Shrinkage),
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
            Self::NumberTaken { .. } | Self::OutOfOrder { .. } | Self::Held(_) | Self::Store(_) => {
                None
            }
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
    keeping::keep(postgres, delivery, &held)
}

/// The number the authority's next file must have. The first file may have any.
fn next(postgres: &mut Postgres, authority: Uuid, sequence: i64) -> Result<i64, StoreError> {
    let last = uploads::last_sequence(postgres, authority)?;
    Ok(last.map_or(sequence, |last| last.saturating_add(1)))
}
