//! An authority's file as bytes, in whichever form, on its way to its acknowledgement as bytes: the
//! same walk for a file sent by HTTP and for one that came through a mailbox.

use chrono::{DateTime, Utc};
use openssl::sha::sha256;
use thiserror::Error;

use crate::domain::ods_code::OdsCode;
use crate::domain::shrinkage::ShrinkGuard;
use crate::domain::upload::{Acknowledgement, Upload};
use crate::intake::{Delivery, IntakeRefusal, take_in};
use crate::messages::file_refusal::FileRefusal;
use crate::messages::reading_rules::ReadingRules;
use crate::messages::{acknowledgement_csv, upload_csv};
use crate::store::Store;

/// The form a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadForm {
    /// `docs/upload-csv.md`.
    Csv,
}

impl UploadForm {
    /// Every form there is.
    pub const ALL: [Self; 1] = [Self::Csv];

    /// The form of a media type, without its parameters.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        match media_type {
            "text/csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// The media type of its acknowledgements.
    #[must_use]
    pub fn acknowledgement_media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`FileRefusal`] when nothing of it may be taken in.
    pub fn read(self, file: &[u8], rules: &ReadingRules) -> Result<Upload, FileRefusal> {
        match self {
            Self::Csv => upload_csv::read(file, rules),
        }
    }

    /// Writes an acknowledgement.
    #[must_use]
    pub fn write(self, acknowledgement: &Acknowledgement) -> Vec<u8> {
        match self {
            Self::Csv => acknowledgement_csv::write(acknowledgement),
        }
    }
}

/// A file as it came.
#[derive(Debug)]
pub struct ReceivedBytes {
    /// The form it is written in.
    pub form: UploadForm,
    /// The file.
    pub bytes: Vec<u8>,
    /// The authority whose system sent it, as the token issuer or the mailbox vouches for it.
    pub authority: OdsCode,
    /// The client that sent it.
    pub client_id: String,
    /// When it came.
    pub at: DateTime<Utc>,
    /// What it may take off its authority's plans.
    pub guard: ShrinkGuard,
}

/// Why a file was not taken in. Nothing of it was.
#[derive(Debug, Error)]
pub enum ReceptionRefusal {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileRefusal),
    /// It was read, and refused.
    #[error(transparent)]
    Intake(#[from] IntakeRefusal),
    /// The reading was cut short.
    #[error("the file could not be read to its end")]
    CutShort,
}

/// Reads a file and takes it in.
///
/// # Errors
/// [`ReceptionRefusal`]; then nothing has changed.
pub async fn receive(
    intake: &Store,
    received: ReceivedBytes,
    rules: ReadingRules,
) -> Result<Acknowledgement, ReceptionRefusal> {
    let ReceivedBytes {
        form,
        bytes,
        authority,
        client_id,
        at,
        guard,
    } = received;
    // A full file takes long enough to read that others' requests must not wait behind it.
    let (upload, digest) = tokio::task::spawn_blocking(move || {
        let digest = sha256(&bytes);
        form.read(&bytes, &rules).map(|upload| (upload, digest))
    })
    .await
    .map_err(|_cut_short| ReceptionRefusal::CutShort)??;
    let delivery = Delivery {
        upload,
        digest,
        authority,
        client_id,
        at,
        guard,
    };
    Ok(take_in(intake, delivery).await?)
}
