//! Round after round: the rows copied, told for the first time, and told again unchanged.

use std::fs;
use std::path::Path;
use std::time::Duration;

use cpis_fhir::clock::{Clock, SystemClock};
use cpis_fhir::domain::plan::Windows;
use cpis_fhir::messages::hl7v3::written_upload;
use cpis_fhir::messages::reading_rules::ReadingRules;
use cpis_fhir::reception::UploadForm;
use serde::Serialize;

use crate::Outcome;
use crate::copying;
use crate::file::Rows;
use crate::service::{AUTHORITY, Service};

/// How many rows a file has: the largest authorities'.
const ROWS: u32 = 50_000;

/// The file, in the folder where cargo builds.
const FILE: &str = "reports/bench-intake.json";

/// A kind of load, in rows a second of each round.
#[derive(Debug, Clone, Serialize)]
struct Line {
    name: &'static str,
    rows_per_second: Vec<f64>,
    /// The median of the rounds, each beside the copy of its own.
    ratio: f64,
    /// What the ratio is meant to be at least.
    goal: Option<f64>,
}

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Rounds {
    rows: u32,
    lines: Vec<Line>,
}

impl Rounds {
    /// Measures so many rounds, each with other children than those before.
    pub fn measure(service: &mut Service, rounds: u32) -> Outcome<Self> {
        let mut postgres = service.owner()?;
        copying::prepare(&mut postgres)?;
        let (mut copied, mut first, mut again) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..rounds {
            let rows = Rows::of(
                AUTHORITY,
                usize::try_from(round * ROWS)?,
                usize::try_from(ROWS)?,
            );
            let sequence = round * 2 + 1;
            service.rest(&mut postgres)?;
            copied.push(rate(copying::copy(&mut postgres, &rows)?));
            service.rest(&mut postgres)?;
            let file = rows.file(AUTHORITY, sequence);
            first.push(rate(service.upload(
                UploadForm::Csv,
                file.as_bytes(),
                ROWS,
            )?));
            service.check(&mut postgres, ROWS * (round + 1), sequence)?;
            service.rest(&mut postgres)?;
            let file = rows.file(AUTHORITY, sequence + 1);
            again.push(rate(service.upload(
                UploadForm::Csv,
                file.as_bytes(),
                ROWS,
            )?));
            service.check(&mut postgres, ROWS * (round + 1), sequence + 1)?;
        }
        let rows = Rows::of(
            AUTHORITY,
            usize::try_from(rounds * ROWS)?,
            usize::try_from(ROWS)?,
        );
        let file = hl7v3(&rows.file(AUTHORITY, rounds * 2 + 1))?;
        service.rest(&mut postgres)?;
        let told = rate(service.upload(UploadForm::Hl7V3, &file, ROWS)?);
        service.check(&mut postgres, ROWS * (rounds + 1), rounds * 2 + 1)?;
        let last = copied.last().copied().unwrap_or_default();
        let lines = vec![
            line("COPY", &copied, copied.clone(), None),
            line("first upload", &copied, first, Some(0.2)),
            line("no-change upload", &copied, again, Some(0.4)),
            // Once, beside the last of the copies.
            line("HL7 v3 first upload", &[last], vec![told], None),
        ];
        Ok(Self { rows: ROWS, lines })
    }

    /// Prints the lines as a Markdown table.
    pub fn print(&self) {
        println!("\n| {} rows | rows/s | ratio | goal |", self.rows);
        println!("|---|---:|---:|---:|");
        for line in &self.lines {
            let goal = line.goal.map(|goal| goal.to_string()).unwrap_or_default();
            let rate = median(&line.rows_per_second);
            println!("| {} | {rate:.0} | {:.2} | {goal} |", line.name, line.ratio);
        }
    }

    /// Writes what was measured to `reports/bench-intake.json` in the folder where cargo builds.
    pub fn write(&self, target: &Path) -> Outcome<()> {
        let file = target.join(FILE);
        fs::create_dir_all(file.parent().unwrap_or(target))?;
        fs::write(&file, serde_json::to_string_pretty(self)? + "\n")?;
        println!("Written to {}.", file.display());
        Ok(())
    }
}

fn line(name: &'static str, copied: &[f64], measured: Vec<f64>, goal: Option<f64>) -> Line {
    let ratios: Vec<f64> = measured
        .iter()
        .zip(copied)
        .map(|(rate, ceiling)| rate / ceiling)
        .collect();
    Line {
        name,
        rows_per_second: measured,
        ratio: median(&ratios),
        goal,
    }
}

/// A file of CSV as one of HL7 v3.
fn hl7v3(csv: &str) -> Outcome<Vec<u8>> {
    let rules = ReadingRules {
        windows: Windows {
            after_end_days: 364,
            after_due_date_days: 28,
        },
        now: SystemClock.now(),
        records_max: usize::MAX,
    };
    Ok(written_upload::write(
        &UploadForm::Csv.read(csv.as_bytes(), &rules)?,
    ))
}

fn rate(took: Duration) -> f64 {
    f64::from(ROWS) / took.as_secs_f64()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
