//! A file that came through MESH, taken in and answered: whatever becomes of it, its sender hears.

use chrono::{DateTime, Utc};
use tracing::{info, warn};

use super::error::MeshError;
use super::fetching::MeshFile;
use super::inbox::{Inbox, LookError};
use super::letter::{Letter, LocalId, MessageId};
use crate::api::service::Service;
use crate::domain::ods_code::OdsCode;
use crate::domain::shrinkage::ShrinkGuard;
use crate::domain::upload::{Acknowledgement, FileCode};
use crate::intake::IntakeRefusal;
use crate::messages::acknowledgement_csv;
use crate::messages::hl7v3::acknowledgement::RefusedFile;
use crate::reception::{Answered, ReceivedBytes, ReceptionRefusal, UploadForm, receive};
use crate::store::security_log::{AskedBy, Refused};
use crate::store::{StoreError, identifiers};

/// What becomes of a file, in its own form.
struct Answer {
    form: UploadForm,
    code: FileCode,
    written: Vec<u8>,
}

impl Inbox {
    /// Takes a file in, and answers the mailbox it came from.
    ///
    /// # Errors
    /// [`LookError`] when MESH or the database fails; the file is then to be taken again.
    pub(super) async fn answer(
        &self,
        service: &Service,
        message: &MessageId,
        file: MeshFile,
        now: DateTime<Utc>,
    ) -> Result<FileCode, LookError> {
        let sender = file.sender.clone();
        let answer = answer(service, file, now).await?;
        let local_id = LocalId::of_acknowledgement(message);
        let file_name = format!("acknowledgement-{message}.{}", answer.form.extension());
        let workflow = self.workflows.acknowledgement.clone();
        let sent = self
            .ask(move |mailbox| {
                mailbox.send(Letter {
                    to: &sender,
                    workflow: &workflow,
                    local_id: &local_id,
                    file_name: &file_name,
                    media_type: answer.form.acknowledgement_media_type(),
                    bytes: &answer.written,
                })
            })
            .await?;
        let file_code = answer.code.code();
        info!(mesh.message = %message, mesh.answer = %sent, file_code, "Answered an upload");
        Ok(answer.code)
    }
}

async fn answer(
    service: &Service,
    file: MeshFile,
    now: DateTime<Utc>,
) -> Result<Answer, LookError> {
    let authority = file.authority.clone();
    let bytes = match file.bytes {
        Ok(bytes) => bytes,
        Err(reason) => {
            let form = form_of_name(&file.name);
            return Ok(refused(
                form,
                &authority,
                FileCode::FileLevelError,
                &reason,
                now,
            ));
        }
    };
    let form = UploadForm::of_content(&bytes);
    let client_id = format!("mesh:{}", file.sender);
    let received = ReceivedBytes {
        form,
        bytes,
        authority: authority.clone(),
        client_id: client_id.clone(),
        at: now,
        guard: ShrinkGuard {
            rule: service.shrinkage,
            confirmed: None,
        },
    };
    let door = (&service.intake, &service.matching);
    let Answered { outcome, written } = receive(door, received, service.reading_rules(now)).await;
    let uploads = &service.metrics.uploads;
    uploads.answered(form.wire_form(), &outcome);
    let refusal = match outcome {
        Ok(Acknowledgement { code, .. }) => {
            let written = written.unwrap_or_default();
            return Ok(Answer {
                form,
                code,
                written,
            });
        }
        Err(ReceptionRefusal::Intake(IntakeRefusal::Store(cause))) => return Err(cause.into()),
        Err(ReceptionRefusal::CutShort) => return Err(MeshError::CutShort.into()),
        Err(refusal) => refusal,
    };
    if let ReceptionRefusal::Intake(intake) = &refusal
        && let Some(reason) = intake.code()
    {
        log_refused(service, client_id, authority.clone(), reason, now).await?;
    }
    let code = refusal.file_code().unwrap_or(FileCode::FileLevelError);
    Ok(match written {
        Some(written) => Answer {
            form,
            code,
            written,
        },
        None => refused(form, &authority, code, &refusal.to_string(), now),
    })
}

/// The form that a file was to have which cannot be looked into.
fn form_of_name(name: &str) -> UploadForm {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    if name.ends_with(".xml") {
        UploadForm::Hl7V3
    } else {
        UploadForm::Csv
    }
}

/// An answer that says nothing of what the file says of itself.
fn refused(
    form: UploadForm,
    sender: &OdsCode,
    code: FileCode,
    reason: &str,
    at: DateTime<Utc>,
) -> Answer {
    let written = form.write_refusal(&RefusedFile {
        file: b"",
        sender,
        code,
        reason,
        location: None,
        at,
    });
    Answer {
        form,
        code,
        written: written.unwrap_or_else(|| acknowledgement_csv::write_refusal(code, reason, at)),
    }
}

/// Puts an authority into the security log that may not do what its file asks.
async fn log_refused(
    service: &Service,
    client_id: String,
    organisation: OdsCode,
    reason: &'static str,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let refused = Refused {
        id: identifiers::id_of(at),
        at,
        request_id: identifiers::id_of(at),
        route: "MESH inbox".to_owned(),
        reason,
        asked_by: AskedBy {
            client_id: Some(client_id),
            organisation: Some(organisation),
            practitioner_id: None,
        },
        address: None,
    };
    warn!(reason, "Refused a caller");
    service.security_log.add(refused).await
}

#[cfg(test)]
mod tests {
    use super::{UploadForm, form_of_name};

    #[test]
    fn a_file_that_cannot_be_looked_into_is_answered_in_the_form_of_its_name() {
        for name in ["a.xml", "A.XML", "a.xml.gz"] {
            assert_eq!(form_of_name(name), UploadForm::Hl7V3, "{name}");
        }
        for name in ["", "a.csv", "a.csv.gz", "a.dat", "xml"] {
            assert_eq!(form_of_name(name), UploadForm::Csv, "{name}");
        }
    }
}
