//! `audit retire`: exports months of the access history, and takes one out of the database once
//! another person has confirmed its export; `audit verify-export` verifies such an export
//! (`docs/retention.md`).

use std::fs::{self, File, TryLockError};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use crate::clock::{Clock, SystemClock};
use crate::commands::Failure;
use crate::commands::audit::{LAG_SECONDS, kept_elsewhere};
use crate::commands::telling::{TellingError, line};
use crate::domain::calendar::day_of;
use crate::domain::month::Month;
use crate::sealing::answered::first_not_as_answered;
use crate::sealing::export::{Recipients, digest_of, put_whole};
use crate::sealing::exported;
use crate::sealing::manifest::{Manifest, digits};
use crate::sealing::note::NoteVerifier;
use crate::sealing::proving::Keys;
use crate::sealing::retiring::{
    RetiringError, Showing, export, months_before, refuse_apart, retire,
};
use crate::sealing::verifying::{Against, verify};
use crate::settings::Settings;
use crate::start;
use crate::store::history_months::forget_told;
use crate::store::operator::Operator;
use crate::store::retirements;

/// Which step, and by whom.
#[derive(Debug, Args)]
pub struct RetireAsked {
    /// The first step: every month before this one, as YYYY-MM, is exported.
    #[arg(long, value_name = "MONTH", required_unless_present = "confirm")]
    before: Option<String>,
    /// Whoever may read the export: a certificate in PEM; again for each.
    #[arg(long, value_name = "FILE", required_unless_present = "confirm")]
    recipient: Vec<PathBuf>,
    /// The second step: the month whose export has this SHA-256 leaves the database.
    #[arg(long, value_name = "DIGEST", conflicts_with_all = ["before", "recipient"])]
    confirm: Option<String>,
    /// Where exports are written to, and found again.
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
    /// Who says so. Two persons: one exports, another confirms.
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Which export.
#[derive(Debug, Args)]
pub struct ExportAsked {
    /// Its files as they are decrypted, in their order.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Its manifest, to compare it with.
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// The key to verify checkpoints with.
    #[arg(long, value_name = "KEY")]
    pub verifier_key: String,
}

/// Does a step, as the owner of the database.
///
/// # Errors
/// [`Failure`] when a month stays, a setting or a file cannot be used, or the database cannot be
/// reached.
pub fn run(asked: &RetireAsked, settings: &Settings) -> Result<ExitCode, Failure> {
    let now = SystemClock.now();
    let by = asked.by.trim();
    if by.is_empty() || by.chars().any(char::is_control) {
        return Err("--by: say who you are".into());
    }
    match (&asked.before, &asked.confirm) {
        (Some(before), None) => exported(settings, (before, by), asked, now),
        (_, Some(digest)) => confirmed(settings, (digest, by), &asked.folder),
        (None, None) => Err("--before or --confirm: say which step".into()),
    }
}

fn exported(
    settings: &Settings,
    (before, by): (&str, &str),
    asked: &RetireAsked,
    now: DateTime<Utc>,
) -> Result<ExitCode, Failure> {
    let before = Month::parse(before).ok_or("--before: a month, as YYYY-MM")?;
    refuse_early(settings, before, now)?;
    let read = |path: &PathBuf| {
        fs::read(path).map_err(|cause| format!("--recipient: {}: {cause}", path.display()))
    };
    let certificates: Vec<_> = asked.recipient.iter().map(read).collect::<Result<_, _>>()?;
    let recipients = Recipients::of(&certificates)
        .ok()
        .ok_or("--recipient: a file holds no certificate in PEM")?;
    let (log, row_key) = (start::log_key(settings)?, start::row_key(settings)?);
    let audit_key = start::audit_key(settings)?;
    let keys = Keys {
        row: &row_key,
        log: log.verifier(),
    };
    let against = Against {
        row_key: &row_key,
        key: log.verifier(),
        elsewhere: kept_elsewhere(settings, &[])?,
        now,
        lag_max: TimeDelta::seconds(i64::from(LAG_SECONDS)),
    };
    let showing = showing(settings, now);
    let _held = held(&asked.folder)?;
    let mut operator = Operator::connect(settings.owner_database_url()?.expose())?;
    let (manifests, retired) = operator.snapshot(|postgres| {
        let export_all = || {
            refuse_apart(postgres, SystemClock.now())?;
            let not_as_answered = first_not_as_answered(postgres, &audit_key)?;
            let wrong = verify(postgres, against)?.wrong.or(not_as_answered);
            if let Some(wrong) = wrong {
                return Err(RetiringError::Wrong(wrong));
            }
            let mut manifests = Vec::new();
            let months = months_before(postgres, before)?;
            for month in months.whole {
                let place = (asked.folder.as_path(), &recipients);
                manifests.push(export(postgres, keys, (month, showing), place, (now, by))?);
            }
            Ok((manifests, months.retired))
        };
        Ok(export_all())
    })??;
    // Each is kept before anything is told: whoever reads may go away.
    for manifest in &manifests {
        let path = asked.folder.join(format!("{}.manifest", manifest.month));
        put_whole(&path, manifest.written(&row_key).as_bytes())?;
    }
    if manifests.is_empty() && retired.is_empty() {
        line(format_args!("Nothing lies before {before}."))?;
    }
    for month in retired {
        line(format_args!(
            "{month}: it was retired already; what came to it since stays"
        ))?;
    }
    for manifest in &manifests {
        tell(manifest, &asked.folder)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(manifest: &Manifest, folder: &Path) -> Result<(), TellingError> {
    let rows: u64 = manifest.rows.values().sum();
    line(format_args!(
        "{}: {rows} rows, leaves {}, exported to {}, and still in the database.\n\
         Another person retires it with: cpis-fhir audit retire --folder {} --confirm {} --by NAME",
        manifest.month,
        manifest.leaves,
        manifest.files.join(", "),
        folder.display(),
        digits(&manifest.export_digest)
    ))
}

fn confirmed(
    settings: &Settings,
    (digest, by): (&str, &str),
    folder: &Path,
) -> Result<ExitCode, Failure> {
    let row_key = start::row_key(settings)?;
    let _held = held(folder)?;
    let (manifest, written) = manifest_of(folder, digest)?;
    let month = manifest.month;
    if Manifest::verified(&written, &row_key).is_none() {
        return Err(format!("{month}.manifest: it is not what the first step wrote").into());
    }
    if manifest.exported_by.eq_ignore_ascii_case(by) {
        return Err(format!("--by: {by} exported it; another person confirms it").into());
    }
    let found = digest_of(folder, &manifest.files)
        .map_err(|cause| format!("{month}: the export cannot be read: {cause}"))?;
    if found != manifest.export_digest {
        return Err(format!("{month}: the export is not the one that was written").into());
    }
    // To read the files may have taken long.
    let now = SystemClock.now();
    let next = Month::at(month.ends_at()).ok_or("no month is so late")?;
    refuse_early(settings, next, now)?;
    let mut operator = Operator::connect(settings.owner_database_url()?.expose())?;
    let earlier = operator.run(retirements::all)?;
    let showing = showing(settings, now);
    let told = match earlier.iter().find(|kept| kept.month == month.to_string()) {
        Some(kept) if kept.manifest == written => "it was retired already",
        Some(_) => {
            return Err(format!("{month}: it was retired already, as another export").into());
        }
        None => {
            let manifest = (&manifest, written.as_str());
            operator.all_or_nothing(|postgres| {
                retire(postgres, &row_key, manifest, showing, (now, by))
            })?;
            "retired"
        }
    };
    // Beside the retirement, whose tables nobody waits for meanwhile; whoever is cut short here
    // confirms again.
    operator.run(|postgres| forget_told(postgres, month))?;
    line(format_args!("{month}: {told}"))?;
    Ok(ExitCode::SUCCESS)
}

/// A folder of exports, for this process alone: whoever exports a month anew must not write over
/// the files that another has just looked at, and lets go of the rows for.
fn held(folder: &Path) -> Result<File, Failure> {
    let unusable = |cause| format!("--folder: {}: {cause}", folder.display());
    let held = File::open(folder).map_err(unusable)?;
    match held.try_lock() {
        Ok(()) => Ok(held),
        Err(TryLockError::WouldBlock) => Err("--folder: another step is under way there".into()),
        Err(TryLockError::Error(cause)) => Err(unusable(cause).into()),
    }
}

/// The manifest in a folder whose export has this digest.
fn manifest_of(folder: &Path, digest: &str) -> Result<(Manifest, String), Failure> {
    let unreadable = |cause| format!("--folder: {}: {cause}", folder.display());
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "manifest")
        {
            let written = fs::read_to_string(&path).map_err(unreadable)?;
            let manifest = Manifest::read(&written);
            let named = manifest.filter(|manifest| digits(&manifest.export_digest) == digest);
            if let Some(manifest) = named {
                return Ok((manifest, written));
            }
        }
    }
    Err("--confirm: no manifest in the folder is of an export with this SHA-256".into())
}

/// The months before one may leave when it began so many years ago.
fn refuse_early(settings: &Settings, before: Month, now: DateTime<Utc>) -> Result<(), Failure> {
    let years = settings.sealing.history_kept_years;
    let latest = Month::at(now).and_then(|present| present.years_before(years));
    let latest = latest.ok_or("no month lies so far back")?;
    match before <= latest {
        true => Ok(()),
        false => Err(format!(
            "the access history is kept for {years} years: nothing is retired from {latest} on"
        )
        .into()),
    }
}

fn showing(settings: &Settings, now: DateTime<Utc>) -> Showing {
    Showing {
        today: day_of(now),
        windows: start::windows(settings),
    }
}

/// Verifies an export.
///
/// # Errors
/// [`Failure`] when it is not believed, or cannot be read.
pub fn verified(asked: &ExportAsked, key: &NoteVerifier) -> Result<ExitCode, Failure> {
    let mut all: Box<dyn Read> = Box::new(std::io::empty());
    for path in &asked.files {
        let file = File::open(path).map_err(|cause| format!("{}: {cause}", path.display()))?;
        all = Box::new(all.chain(file));
    }
    let export: Box<dyn BufRead> = Box::new(BufReader::new(all));
    let exported = exported::verify(export, key)?;
    if let Some(path) = &asked.manifest {
        let written = fs::read_to_string(path)
            .map_err(|cause| format!("--manifest: {}: {cause}", path.display()))?;
        let manifest = Manifest::read(&written).ok_or("--manifest: it is no manifest")?;
        let is_of_it = exported.seen.are_of(&manifest)
            && manifest.month.to_string() == exported.month
            && manifest.tree == exported.tree;
        if !is_of_it {
            return Err("--manifest: the export holds other rows".into());
        }
    }
    let rows: u64 = exported.seen.rows.values().sum();
    line(format_args!(
        "{}: {rows} rows, leaves {}, in the tree of {} leaves signed by {}: all good",
        exported.month,
        exported.seen.leaves,
        exported.tree.size,
        key.name()
    ))?;
    Ok(ExitCode::SUCCESS)
}
