//! A service that seals its access history: keys and a file of its own, sealing when a test says.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::rt::System;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use cpis_fhir::sealing::file::CheckpointFile;
use cpis_fhir::sealing::note::{NoteKey, NoteVerifier};
use cpis_fhir::sealing::row::RowKey;
use cpis_fhir::sealing::sealer::{Round, Sealer, SealingError};
use cpis_fhir::sealing::verifying::{Against, Notes, verify};
use cpis_fhir::sealing::wrong::Verified;
use cpis_fhir::secrets::SecretKey;
use cpis_fhir::settings::Settings;
use cpis_fhir::start;
use cpis_fhir::store::operator::Operator;
use tempfile::TempDir;

use super::TestService;
use super::private::write_private;

/// The key that hides what names somebody.
const ROW_KEY: [u8; 32] = [7; 32];

/// The origin of the log.
pub const ORIGIN: &str = "cpis.example/accesses";

/// How long a row may wait to be sealed.
pub const LAG_MAX: TimeDelta = TimeDelta::seconds(60);

/// A service that seals, and where its keys and its file are.
pub struct SealedService {
    /// The service.
    pub service: TestService,
    folder: TempDir,
}

impl SealedService {
    /// A service with new keys and nothing sealed.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let signing = NoteKey::generate().unwrap();
        write_private(folder.path().join("sealing.pem"), signing);
        write_private(folder.path().join("audit.key"), STANDARD.encode(ROW_KEY));
        let service = TestService::with(|settings| seal_in(settings, &folder));
        Self { service, folder }
    }

    /// The same, with its file of checkpoints in another place.
    pub fn keeping_its_file_at(file: PathBuf) -> Self {
        let mut sealed = Self::new();
        sealed.service.settings.sealing.sealing_checkpoints_file = Some(file);
        sealed
    }

    /// Another service under the same keys, with a history of its own.
    pub fn with_the_same_keys(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["sealing.pem", "audit.key"] {
            fs::copy(self.path(name), folder.path().join(name)).unwrap();
        }
        let service = TestService::with(|settings| seal_in(settings, &folder));
        Self { service, folder }
    }

    /// A file in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file of checkpoints.
    pub fn file(&self) -> CheckpointFile {
        CheckpointFile::at(&self.file_path())
    }

    fn file_path(&self) -> PathBuf {
        let sealing = &self.service.settings.sealing;
        sealing.sealing_checkpoints_file.clone().unwrap()
    }

    /// The notes in it.
    pub fn notes(&self) -> Vec<String> {
        match self.file_path().exists() {
            true => self.file().notes().unwrap().map(Result::unwrap).collect(),
            false => Vec::new(),
        }
    }

    /// The key that signs.
    pub fn key(&self) -> NoteKey {
        start::log_key(&self.service.settings).unwrap()
    }

    /// The key that verifies.
    pub fn verifier(&self) -> NoteVerifier {
        self.key().verifier().clone()
    }

    /// The key of rows.
    pub fn row_key(&self) -> RowKey {
        RowKey::of(&SecretKey::of(ROW_KEY))
    }

    /// What seals in a process of the service that has just begun.
    pub fn sealer(&self) -> Arc<Sealer> {
        let service = start::service(&self.service.settings, self.service.clock.clone());
        service.unwrap().sealer.unwrap()
    }

    /// Seals as a process that has just begun does.
    pub fn seal(&self) -> Result<Round, SealingError> {
        System::new().block_on(self.sealer().seal(self.service.now()))
    }

    /// Seals, which must go well; how many rows.
    pub fn sealed(&self) -> usize {
        self.seal().unwrap().rows
    }

    /// Verifies against its own file, as the owner of the database.
    pub fn verified(&self) -> Verified {
        let notes: Notes = Box::new(self.notes().into_iter().map(Ok));
        let (row_key, key) = (self.row_key(), self.verifier());
        let against = Against {
            row_key: &row_key,
            key: &key,
            elsewhere: vec![notes],
            now: self.service.now(),
            lag_max: LAG_MAX,
        };
        let mut operator = Operator::connect(&self.service.owner_url()).unwrap();
        let verified = operator.snapshot(|postgres| Ok(verify(postgres, against)));
        verified.unwrap().unwrap()
    }

    /// The environment of an operator's command.
    pub fn environment(&self) -> [(&'static str, String); 5] {
        let path = |name| self.path(name).to_str().unwrap().to_owned();
        [
            ("OWNER_DATABASE_URL", self.service.owner_url()),
            ("CPIS_SEALING_KEY_FILE", path("sealing.pem")),
            ("CPIS_AUDIT_KEY_FILE", path("audit.key")),
            (
                "CPIS_SEALING_CHECKPOINTS_FILE",
                self.file_path().to_str().unwrap().to_owned(),
            ),
            ("CPIS_SEALING_ORIGIN", ORIGIN.to_owned()),
        ]
    }

    /// Changes rows as an administrator of the database could: no trigger and no rule in the way.
    pub fn tamper(&self, sql: &str) {
        self.service.execute(&format!(
            "alter table accesses disable trigger user; \
             alter table access_answers disable trigger user; \
             alter table security_log disable trigger user; \
             alter table sealed_rows disable trigger user; \
             alter table sealed_checkpoints disable trigger user; {sql}; \
             alter table accesses enable trigger user; \
             alter table access_answers enable trigger user; \
             alter table security_log enable trigger user; \
             alter table sealed_rows enable trigger user; \
             alter table sealed_checkpoints enable trigger user"
        ));
    }
}

fn seal_in(settings: &mut Settings, folder: &TempDir) {
    settings.audit.audit_key_file = Some(folder.path().join("audit.key"));
    let sealing = &mut settings.sealing;
    sealing.sealing_key_file = Some(folder.path().join("sealing.pem"));
    sealing.sealing_checkpoints_file = Some(folder.path().join("checkpoints"));
    sealing.sealing_origin = Some(ORIGIN.to_owned());
}
