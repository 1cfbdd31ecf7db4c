//! `authority compare`: how a file differs from what is held, before it is sent
//! (`docs/reconciling.md`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use csv::ReaderBuilder;

use crate::commands::Failure;
use crate::commands::authority::service::{AuthorityService, Told};
use crate::commands::authority::upload::media_type;
use crate::commands::telling::{line, text};

/// Counts what is the same and what differs, or prints the comparison as it came. Succeeds where
/// all is the same.
///
/// # Errors
/// [`Failure`] when the file cannot be read, or the service does not answer or refuses it.
pub fn run(service: &AuthorityService, file: &Path, csv: bool) -> Result<ExitCode, Failure> {
    let bytes = fs::read(file).map_err(|cause| format!("{}: {cause}", file.display()))?;
    let length = u64::try_from(bytes.len())?;
    let told = service.post(
        "$compare-plans",
        media_type(file),
        (bytes.as_slice(), length),
    )?;
    let Told::Answer(answer) = told else {
        return Err("there is no service that compares files at this URL".into());
    };
    let counts = counts(&answer.text)?;
    match csv {
        true => text(answer.text)?,
        false => {
            for (result, plans) in &counts {
                line(format_args!("{plans} {result}"))?;
            }
        }
    }
    let is_same = counts.keys().all(|result| result == "same");
    Ok(match is_same {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// How many lines have each result.
fn counts(comparison: &str) -> Result<BTreeMap<String, usize>, Failure> {
    let mut counts = BTreeMap::new();
    let mut lines = ReaderBuilder::new().from_reader(comparison.as_bytes());
    let place = lines.headers()?.iter().position(|name| name == "result");
    let place = place.ok_or("the answer is no comparison")?;
    for line in lines.records() {
        let line = line?;
        let result = line.get(place).unwrap_or_default().to_owned();
        *counts.entry(result).or_insert(0) += 1;
    }
    Ok(counts)
}
