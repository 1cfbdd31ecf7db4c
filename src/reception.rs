//! An authority's file as bytes, in whichever form, on its way to its acknowledgement as bytes: the
//! same walk for a file sent by HTTP and for one that came through a mailbox.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use openssl::sha::sha256;
use thiserror::Error;

use crate::domain::ods_code::OdsCode;
use crate::domain::shrinkage::ShrinkGuard;
use crate::domain::upload::{Acknowledgement, FileCode, Upload, WireForm};
use crate::intake::matching::Matching;
use crate::intake::{Delivery, IntakeRefusal, take_in};
use crate::messages::file_refusal::FileRefusal;
use crate::messages::hl7v3::acknowledgement::RefusedFile;
use crate::messages::reading_rules::ReadingRules;
use crate::messages::{acknowledgement_csv, csv_cells, hl7v3, upload_csv};
use crate::store::Store;

/// The form a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadForm {
    /// `docs/upload-csv.md`.
    Csv,
    /// `docs/upload-hl7v3.md`: REPC_MT000002GB01, answered by REPC_MT000003GB01.
    Hl7V3,
}

impl UploadForm {
    /// Every form there is.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Hl7V3];

    /// The form of a media type, without its parameters.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        match media_type {
            "text/csv" => Some(Self::Csv),
            "application/xml" | "text/xml" | "application/hl7-v3+xml" => Some(Self::Hl7V3),
            _ => None,
        }
    }

    /// The form of a file that came without a media type: XML begins with a bracket, and CSV with a
    /// name.
    #[must_use]
    pub fn of_content(file: &[u8]) -> Self {
        let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
        match file.trim_ascii_start().first() {
            Some(b'<') => Self::Hl7V3,
            _ => Self::Csv,
        }
    }

    /// What the names of its files end with.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Hl7V3 => "xml",
        }
    }

    /// The media type of its acknowledgements.
    #[must_use]
    pub fn acknowledgement_media_type(self) -> &'static str {
        match self {
            Self::Csv => csv_cells::MEDIA_TYPE,
            Self::Hl7V3 => "application/xml; charset=utf-8",
        }
    }

    /// The form as it is kept beside an upload.
    #[must_use]
    pub fn wire_form(self) -> WireForm {
        match self {
            Self::Csv => WireForm::Csv,
            Self::Hl7V3 => WireForm::Hl7V3,
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`FileRefusal`] when nothing of it may be taken in.
    pub fn read(self, file: &[u8], rules: &ReadingRules) -> Result<Upload, FileRefusal> {
        match self {
            Self::Csv => upload_csv::read(file, rules),
            Self::Hl7V3 => hl7v3::upload::read(file, rules),
        }
    }

    /// Writes the acknowledgement of a file that this authority's system sent.
    #[must_use]
    pub fn write(
        self,
        file: &[u8],
        sender: &OdsCode,
        acknowledgement: &Acknowledgement,
    ) -> Vec<u8> {
        match self {
            Self::Csv => acknowledgement_csv::write(acknowledgement),
            Self::Hl7V3 => hl7v3::acknowledgement::write(file, sender, acknowledgement),
        }
    }

    /// Writes that a file was refused as a whole, in a form that has words for it.
    #[must_use]
    pub fn write_refusal(self, refused: &RefusedFile<'_>) -> Option<Vec<u8>> {
        match self {
            Self::Csv => None,
            Self::Hl7V3 => Some(hl7v3::acknowledgement::write_refusal(refused)),
        }
    }
}

/// SHA-256 of what was sent.
#[must_use]
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    sha256(bytes)
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

impl ReceptionRefusal {
    /// The official code of a file that was refused as such; none where it is not the file that is
    /// at fault, but its sender or this service.
    #[must_use]
    pub fn file_code(&self) -> Option<FileCode> {
        match self {
            Self::File(refusal) => Some(refusal.code),
            Self::Intake(refusal) => refusal.file_code(),
            Self::CutShort => None,
        }
    }

    /// The XPath of what is at fault in a file of HL7 v3; none when the file as a whole is.
    fn location(&self) -> Option<&str> {
        match self {
            Self::File(refusal) => refusal.location.as_deref(),
            Self::Intake(IntakeRefusal::NumberTaken { .. } | IntakeRefusal::OutOfOrder { .. }) => {
                Some(hl7v3::upload::SEQUENCE_LOCATION)
            }
            Self::Intake(_) | Self::CutShort => None,
        }
    }
}

/// What became of a file, and the words for it in the file's own form.
#[derive(Debug)]
pub struct Answered {
    /// What became of it.
    pub outcome: Result<Acknowledgement, ReceptionRefusal>,
    /// The acknowledgement. A refusal has one only where the file is at fault and its form has
    /// words for that.
    pub written: Option<Vec<u8>>,
}

/// Reads a file, takes it in, and writes what became of it. Where nothing was taken in, nothing has
/// changed.
pub async fn receive(
    door: (&Store, &Arc<Matching>),
    received: ReceivedBytes,
    rules: ReadingRules,
) -> Answered {
    let (form, sender, at) = (received.form, received.authority.clone(), received.at);
    let file = Arc::new(received.bytes);
    let delivered = Delivered {
        authority: received.authority,
        client_id: received.client_id,
        at,
        guard: received.guard,
    };
    let outcome = taken_in(door, form, Arc::clone(&file), delivered, rules).await;
    // A full file's answer takes long enough to write that others' requests must not wait.
    let written = tokio::task::spawn_blocking(move || {
        let written = match &outcome {
            Ok(acknowledgement) => Some(form.write(&file, &sender, acknowledgement)),
            Err(refusal) => refusal.file_code().and_then(|code| {
                form.write_refusal(&RefusedFile {
                    file: &file,
                    sender: &sender,
                    code,
                    reason: &refusal.to_string(),
                    location: refusal.location(),
                    at,
                })
            }),
        };
        Answered { outcome, written }
    });
    written.await.unwrap_or_else(|_cut_short| Answered {
        outcome: Err(ReceptionRefusal::CutShort),
        written: None,
    })
}

/// What is known of a file beside its bytes.
struct Delivered {
    authority: OdsCode,
    client_id: String,
    at: DateTime<Utc>,
    guard: ShrinkGuard,
}

async fn taken_in(
    (intake, matching): (&Store, &Arc<Matching>),
    form: UploadForm,
    file: Arc<Vec<u8>>,
    delivered: Delivered,
    rules: ReadingRules,
) -> Result<Acknowledgement, ReceptionRefusal> {
    // A full file takes long enough to read that others' requests must not wait behind it.
    let (upload, digest) = tokio::task::spawn_blocking(move || {
        let digest = sha256(&file);
        form.read(&file, &rules).map(|upload| (upload, digest))
    })
    .await
    .map_err(|_cut_short| ReceptionRefusal::CutShort)??;
    let delivery = Delivery {
        upload,
        digest,
        authority: delivered.authority,
        form: form.wire_form(),
        client_id: delivered.client_id,
        at: delivered.at,
        guard: delivered.guard,
    };
    Ok(take_in(intake, matching, delivery).await?)
}
