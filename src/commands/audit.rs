//! `audit`: verifies the sealed access history, proves that one access is in it, and checks such a
//! proof (`docs/audit.md`). Nothing of a child is printed but what is asked to be opened.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::TimeDelta;
use clap::Subcommand;
use uuid::Uuid;

use crate::clock::{Clock, SystemClock};
use crate::commands::asking::Asking;
use crate::commands::retirement::{ExportAsked, RetireAsked};
use crate::commands::telling::{line, remark, text};
use crate::commands::{Failure, retirement, witness};
use crate::sealing::answered::first_not_as_answered;
use crate::sealing::file::CheckpointFile;
use crate::sealing::note::NoteVerifier;
use crate::sealing::proof::Proof;
use crate::sealing::proving::{Keys, ProvingError, prove};
use crate::sealing::retired::month_of;
use crate::sealing::row::{Sealed, SealedRow};
use crate::sealing::verifying::{Against, Notes, verify};
use crate::sealing::wrong::{RetiredMonth, Verified};
use crate::settings::Settings;
use crate::start;
use crate::store::operator::Operator;

/// What a verification that found something exits with; one that could not be done exits with 1.
const FOUND: u8 = 2;

/// How many seconds a row may wait to be sealed, where nothing else is said.
pub(in crate::commands) const LAG_SECONDS: u32 = 60;

/// What to do with the sealed access history.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Verify all of it, and name the first row that is wrong.
    Verify {
        /// A file of checkpoints, the service's own or a witness's; again for each.
        #[arg(long, value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
        /// The key to verify checkpoints with; that of `sealing_key_file` unless told otherwise.
        #[arg(long, value_name = "KEY")]
        verifier_key: Option<String>,
        /// How many seconds a row may wait to be sealed.
        #[arg(long, default_value_t = LAG_SECONDS)]
        lag_seconds: u32,
    },
    /// Print the proof that one access is sealed.
    Prove {
        /// The access, by its id.
        access: Uuid,
        /// A column that is shown to whoever gets the proof, such as practitioner_name; again for
        /// each.
        #[arg(long, value_name = "COLUMN")]
        open: Vec<String>,
        /// The key to verify checkpoints with; that of `sealing_key_file` unless told otherwise.
        #[arg(long, value_name = "KEY")]
        verifier_key: Option<String>,
    },
    /// Export the months before one, and then, by another person's word, take one out of the
    /// database.
    Retire(RetireAsked),
    /// Verify a month that was exported, with nothing but the key.
    VerifyExport(ExportAsked),
    /// Check a proof, with nothing but the key.
    Check {
        /// The proof.
        proof: PathBuf,
        /// The key to verify checkpoints with.
        #[arg(long, value_name = "KEY")]
        verifier_key: String,
    },
    /// Keep the newest checkpoint of a service, and find out whether it tells another history.
    Witness {
        /// The service's root URL.
        #[arg(long)]
        url: String,
        /// The file of checkpoints that are kept.
        #[arg(long, value_name = "FILE")]
        checkpoints: PathBuf,
        /// The key to verify checkpoints with.
        #[arg(long, value_name = "KEY")]
        verifier_key: String,
        #[command(flatten)]
        asking: Asking,
    },
    /// Print the key to verify checkpoints with, for witnesses.
    VerifierKey,
}

/// Verifies, proves or checks; the first two as the owner of the database, or as a role that may
/// read what the sealer does.
///
/// # Errors
/// [`Failure`] when a setting or a file cannot be used, or the database cannot be reached.
pub fn run(command: AuditCommand, file: Option<&Path>) -> Result<ExitCode, Failure> {
    match command {
        AuditCommand::Verify {
            checkpoints,
            verifier_key,
            lag_seconds,
        } => {
            let settings = Settings::load(file)?;
            let key = key(&settings, verifier_key.as_deref())?;
            let lag_max = TimeDelta::seconds(i64::from(lag_seconds));
            verified(&settings, &key, &checkpoints, lag_max)
        }
        AuditCommand::Prove {
            access,
            open,
            verifier_key,
        } => {
            let settings = Settings::load(file)?;
            let key = key(&settings, verifier_key.as_deref())?;
            text(proof(&settings, &key, access, &open)?.written())?;
            Ok(ExitCode::SUCCESS)
        }
        AuditCommand::Retire(asked) => retirement::run(&asked, &Settings::load(file)?),
        AuditCommand::VerifyExport(asked) => {
            let key = parsed(&asked.verifier_key)?;
            retirement::verified(&asked, &key)
        }
        AuditCommand::Check {
            proof,
            verifier_key,
        } => checked(&proof, &parsed(&verifier_key)?),
        AuditCommand::Witness {
            url,
            checkpoints,
            verifier_key,
            asking,
        } => witness::run((&url, &asking), &checkpoints, &parsed(&verifier_key)?),
        AuditCommand::VerifierKey => {
            let key = start::log_key(&Settings::load(file)?)?;
            line(key.verifier())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn key(settings: &Settings, stated: Option<&str>) -> Result<NoteVerifier, Failure> {
    match stated {
        Some(text) => parsed(text),
        None => Ok(start::log_key(settings)?.verifier().clone()),
    }
}

fn parsed(text: &str) -> Result<NoteVerifier, Failure> {
    NoteVerifier::parse(text)
        .ok_or_else(|| "--verifier-key: as `cpis-fhir audit verifier-key` prints it".into())
}

fn verified(
    settings: &Settings,
    key: &NoteVerifier,
    files: &[PathBuf],
    lag_max: TimeDelta,
) -> Result<ExitCode, Failure> {
    let elsewhere = kept_elsewhere(settings, files)?;
    let (row_key, audit_key) = (start::row_key(settings)?, start::audit_key(settings)?);
    let against = Against {
        row_key: &row_key,
        key,
        elsewhere,
        now: SystemClock.now(),
        lag_max,
    };
    let mut operator = Operator::connect(settings.owner_database_url()?.expose())?;
    let (mut verified, not_as_answered) = operator.snapshot(|postgres| {
        let not_as_answered = first_not_as_answered(postgres, &audit_key)?;
        Ok((verify(postgres, against), not_as_answered))
    })?;
    if let Ok(verified) = &mut verified {
        verified.wrong = verified.wrong.take().or(not_as_answered);
    }
    told(&verified?)
}

/// What was signed, as these files have it, or the service's own where there is none.
///
/// # Errors
/// [`Failure`] when one cannot be read.
pub(in crate::commands) fn kept_elsewhere(
    settings: &Settings,
    files: &[PathBuf],
) -> Result<Vec<Notes<'static>>, Failure> {
    let own = settings.sealing.sealing_checkpoints_file.iter();
    let own = own.filter(|path| files.is_empty() && path.exists());
    let mut elsewhere: Vec<Notes> = Vec::new();
    for path in own.chain(files) {
        let notes = CheckpointFile::at(path).notes();
        let notes = notes.map_err(|cause| format!("--checkpoints: {}: {cause}", path.display()))?;
        elsewhere.push(Box::new(notes));
    }
    if elsewhere.is_empty() {
        remark("No file of checkpoints: only the database's own are compared.");
    }
    Ok(elsewhere)
}

fn told(verified: &Verified) -> Result<ExitCode, Failure> {
    let Verified {
        rows,
        months,
        checkpoints,
        late,
        first_late,
        wrong,
    } = verified;
    if let Some(first) = first_late {
        line(format_args!(
            "{late} rows were sealed later than they should have been, the first: {first}"
        ))?;
    }
    for RetiredMonth {
        month,
        rows,
        leaves,
    } in months
    {
        line(format_args!(
            "{month}: retired, {rows} rows, leaves {leaves}"
        ))?;
    }
    match wrong {
        None => {
            line(format_args!(
                "{rows} rows, {checkpoints} checkpoints: all good"
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        Some(wrong) => {
            line(format_args!(
                "{rows} rows and {checkpoints} checkpoints are good. Then: {wrong}"
            ))?;
            Ok(ExitCode::from(FOUND))
        }
    }
}

fn proof(
    settings: &Settings,
    log: &NoteVerifier,
    access: Uuid,
    open: &[String],
) -> Result<Proof, Failure> {
    let row = &start::row_key(settings)?;
    let keys = Keys { row, log };
    let mut operator = Operator::connect(settings.owner_database_url()?.expose())?;
    let asked = ("access", access);
    let proved = operator.snapshot(|postgres| Ok(prove(postgres, keys, asked, open)))?;
    if let Err(ProvingError::Changed) = proved {
        let retired = operator.snapshot(|postgres| Ok(month_of(postgres, row, asked)))??;
        if let Some(month) = retired {
            return Err(format!("it was retired: the export of {month} is its proof").into());
        }
    }
    proved?.ok_or_else(|| "no access of this id is sealed".into())
}

fn checked(path: &Path, key: &NoteVerifier) -> Result<ExitCode, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|cause| format!("{} cannot be read: {cause}", path.display()))?;
    let proof = Proof::read(&text).ok_or("it is no proof of a sealed row")?;
    let head = proof.check(key)?;
    let SealedRow { place, columns } = &proof.row;
    line(format_args!(
        "Leaf {} of {}, signed by {}: {}, sealed at {}",
        place.index,
        head.size,
        key.name(),
        place.kind,
        place.sealed_at
    ))?;
    for (name, sealed) in columns {
        let opened = proof.openings.iter().find(|opened| opened.column == *name);
        match (sealed, opened) {
            (Sealed::Nothing, _) => line(format_args!("{name}: none"))?,
            (Sealed::Text(value), _) => line(format_args!("{name}: {value}"))?,
            (Sealed::Commitment(_), Some(opened)) => {
                line(format_args!("{name}: {}", opened.value))?
            }
            (Sealed::Commitment(_), None) => line(format_args!("{name}: (hidden)"))?,
        }
    }
    Ok(ExitCode::SUCCESS)
}
