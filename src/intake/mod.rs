//! The only door in: match each record of an upload, check it, keep the good, acknowledge all; one
//! transaction a file.

mod changes;
pub mod ends;
pub mod following;
mod keeping;
pub mod matching;
pub mod plan_writes;
mod shrinking;
mod taking;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use thiserror::Error;
use tracing::warn;
use uuid::Uuid;

use crate::demographics::Unavailable;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::matching::MatchRate;
use crate::domain::ods_code::OdsCode;
use crate::domain::shrinkage::{ShrinkGuard, Shrinkage, ShrinkageRule};
use crate::domain::upload::{Acknowledgement, FileCode, Upload, WireForm};
use crate::intake::matching::{Matching, match_records};
use crate::store::{AuthorityStore, Postgres, Store, StoreError, authorities, uploads};

/// A file that was read, with what is known of its coming.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What the file says.
    pub upload: Upload,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// The authority whose system sent it, as the token issuer vouches for it.
    pub authority: OdsCode,
    /// The form it is written in.
    pub form: WireForm,
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
    /// The authority's requests about single plans would together end an unlikely share.
    #[error(
        "nothing was taken in: with this, single requests would have ended or withdrawn {ending} \
         of the authority's {current} plans within 24 hours, and {least} or more of them are not \
         taken in unconfirmed where they are more than {share} in 100. If that is meant, send it \
         again with confirm-ending={ending}, or have the operator confirm it and send it again; \
         else find out what ends them",
        ending = .0.ending, current = .0.current,
        least = .1.plans_min, share = .1.share_percent
    )]
    EndsTooMany(Shrinkage, ShrinkageRule),
    /// The demographics service cannot be asked: CPF05.
    #[error("{code} {meaning}: nothing was taken in; send the same file again later",
        code = FileCode::DemographicsUnavailable.code(),
        meaning = FileCode::DemographicsUnavailable.meaning())]
    DemographicsUnavailable(#[from] Unavailable),
    /// The database failed; nothing was taken in.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl IntakeRefusal {
    /// The official code of a file that was refused as such; none where it is not the file that is
    /// at fault, but its sender or this service.
    #[must_use]
    pub fn file_code(&self) -> Option<FileCode> {
        match self {
            Self::NumberTaken { .. }
            | Self::OutOfOrder { .. }
            | Self::Held(_)
            | Self::EndsTooMany(..) => Some(FileCode::FileLevelError),
            Self::DemographicsUnavailable(_) => Some(FileCode::DemographicsUnavailable),
            Self::AnotherAuthority | Self::UnknownAuthority | Self::Store(_) => None,
        }
    }

    /// The refusal's name in the security log, where the caller may not do what was asked.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::AnotherAuthority => Some("another-authority"),
            Self::UnknownAuthority => Some("unknown-authority"),
            Self::NumberTaken { .. }
            | Self::OutOfOrder { .. }
            | Self::Held(_)
            | Self::EndsTooMany(..)
            | Self::DemographicsUnavailable(_)
            | Self::Store(_) => None,
        }
    }
}

/// Where a file stands in its authority's order.
enum Place {
    /// It came before, and was answered so.
    Earlier(Acknowledgement),
    /// It is the next of this authority.
    Next(LocalAuthority),
}

/// Takes a file in, or answers a file sent again with its first acknowledgement.
///
/// # Errors
/// [`IntakeRefusal`]; then no plan has changed.
pub async fn take_in(
    store: &Store,
    matching: &Arc<Matching>,
    mut delivery: Delivery,
) -> Result<Acknowledgement, IntakeRefusal> {
    if delivery.upload.authority.code != delivery.authority {
        return Err(IntakeRefusal::AnotherAuthority);
    }
    let store = &store.of(&delivery.authority);
    let mut matched = None;
    if matching.demographics.traces() {
        // A file that came before, or out of its turn, is told so without anybody being traced.
        let authority = match place(store, &delivery).await? {
            Place::Earlier(acknowledgement) => return Ok(acknowledgement),
            Place::Next(held) => held.id,
        };
        let records = &mut delivery.upload.records;
        matched = Some(match_records(store, matching, (authority, delivery.at), records).await?);
    }
    let delivery = Arc::new(delivery);
    let acknowledgement = in_transaction(store, move |postgres| {
        match place_of(postgres, &delivery)? {
            Place::Earlier(acknowledgement) => Ok(acknowledgement),
            Place::Next(held) => keeping::keep(postgres, &delivery, &held, matched.as_ref()),
        }
    })
    .await?;
    warn_of_low_rate(&acknowledgement);
    Ok(acknowledgement)
}

fn warn_of_low_rate(acknowledgement: &Acknowledgement) {
    if let Some(rate) = acknowledgement.match_rate.filter(|rate| rate.is_low()) {
        warn!(
            upload.id = %acknowledgement.upload_id,
            compared = rate.compared,
            matched = rate.matched,
            "Fewer than {} in 100 of a file's records matched",
            MatchRate::EXPECTED_PERCENT
        );
    }
}

async fn place(store: &AuthorityStore, delivery: &Delivery) -> Result<Place, IntakeRefusal> {
    let (authority, digest) = (delivery.authority.clone(), delivery.digest);
    let sequence = delivery.upload.sequence;
    in_transaction(store, move |postgres| {
        place_among(postgres, &authority, (sequence, digest))
    })
    .await
}

fn place_of(postgres: &mut Postgres, delivery: &Delivery) -> Result<Place, IntakeRefusal> {
    let file = (delivery.upload.sequence, delivery.digest);
    place_among(postgres, &delivery.authority, file)
}

fn place_among(
    postgres: &mut Postgres,
    authority: &OdsCode,
    (sequence, digest): (i64, [u8; 32]),
) -> Result<Place, IntakeRefusal> {
    let held = authorities::take_for_upload(postgres, authority)?
        .ok_or(IntakeRefusal::UnknownAuthority)?;
    if let Some(earlier) = uploads::find(postgres, held.id, sequence)? {
        if earlier.digest == digest {
            return Ok(Place::Earlier(earlier.acknowledgement));
        }
        return Err(IntakeRefusal::NumberTaken {
            expected: next(postgres, held.id, sequence)?,
        });
    }
    let expected = next(postgres, held.id, sequence)?;
    if sequence != expected {
        return Err(IntakeRefusal::OutOfOrder { expected });
    }
    Ok(Place::Next(held))
}

/// Runs work in one transaction of an authority's, which a refusal leaves as it was.
async fn in_transaction<T: Send + 'static>(
    store: &AuthorityStore,
    work: impl Fn(&mut Postgres) -> Result<T, IntakeRefusal> + Send + 'static,
) -> Result<T, IntakeRefusal> {
    store
        .transaction(move |postgres| match work(postgres) {
            Ok(done) => Ok(Ok(done)),
            Err(IntakeRefusal::Store(error)) => Err(error),
            Err(refusal) => Ok(Err(refusal)),
        })
        .await?
}

/// The number the authority's next file must have. The first file may have any.
fn next(postgres: &mut Postgres, authority: Uuid, sequence: i64) -> Result<i64, StoreError> {
    let last = uploads::last_sequence(postgres, authority)?;
    Ok(last.map_or(sequence, |last| last.saturating_add(1)))
}
