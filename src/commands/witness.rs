//! `audit witness`: keeps what a service signed of its access history, and finds it out where it
//! tells another history than before. For authorities and auditors; it needs no database.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use ureq::Agent;

use crate::commands::Failure;
use crate::commands::asking::Asking;
use crate::commands::telling::line;
use crate::sealing::checkpoint::TreeHead;
use crate::sealing::file::CheckpointFile;
use crate::sealing::merkle::is_consistent;
use crate::sealing::note::NoteVerifier;
use crate::sealing::proof::read_hash_lines;

/// The longest that the service may take for one answer.
const WAIT: Duration = Duration::from_secs(30);

/// What a witness that was told another history exits with.
const FOUND: u8 = 2;

/// Asks for the newest checkpoint, and keeps it where it grew out of the one kept last.
///
/// # Errors
/// [`Failure`] when the service cannot be asked, or what it says is no checkpoint of the key's.
pub fn run(
    (url, asking): (&str, &Asking),
    file: &Path,
    key: &NoteVerifier,
) -> Result<ExitCode, Failure> {
    let agent = asking.agent(WAIT)?;
    let root = url.trim_end_matches('/');
    let note = asked(&agent, &format!("{root}/audit/checkpoint"))?;
    let told = TreeHead::verified(&note, key).map_err(|cause| format!("{url}: {cause}"))?;
    let kept = CheckpointFile::at(file);
    let last = kept.last()?;
    let Some(last) = last else {
        kept.add(&note)?;
        line(format_args!(
            "Kept the checkpoint of {} leaves, the first.",
            told.size
        ))?;
        return Ok(ExitCode::SUCCESS);
    };
    let last = TreeHead::verified(&last, key)
        .map_err(|cause| format!("{}: the last checkpoint: {cause}", file.display()))?;
    if !is_grown(&agent, root, (last, told))? {
        line(format_args!(
            "The service tells another history than before: it signed {} leaves once, and what it \
             now signs of {} did not grow out of them.\n\nIt says now:\n\n{note}",
            last.size, told.size
        ))?;
        return Ok(ExitCode::from(FOUND));
    }
    if told.size > last.size {
        kept.add(&note)?;
    }
    line(format_args!(
        "Good: {} leaves, grown out of the {} kept last.",
        told.size, last.size
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn is_grown(
    agent: &Agent,
    root: &str,
    (last, told): (TreeHead, TreeHead),
) -> Result<bool, Failure> {
    if told.size <= last.size {
        return Ok(told == last);
    }
    let path = format!("{root}/audit/consistency/{}/{}", last.size, told.size);
    let proof = asked(agent, &path)?;
    let proof = read_hash_lines(&proof).ok_or_else(|| format!("{path}: no proof is told"))?;
    let (last, told) = ((last.size, &last.root), (told.size, &told.root));
    Ok(is_consistent(last, told, &proof))
}

fn asked(agent: &Agent, url: &str) -> Result<String, Failure> {
    let mut response = agent.get(url).call()?;
    let status = response.status();
    if !status.is_success() {
        return Err(format!("{url}: status {status}").into());
    }
    Ok(response.body_mut().read_to_string()?)
}
