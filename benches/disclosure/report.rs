//! The cells, as a table for people and as JSON for programs.

use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::Outcome;
use crate::measurement::Cell;

/// Where reports are, in the folder where cargo builds.
const FOLDER: &str = "reports";

/// Prints the cells as a Markdown table.
pub fn print(cells: &[Cell]) {
    println!(
        "\n| what | connections | requests/s | p50 ms | p99 ms | CPU server | PostgreSQL \
              | load generator | others | ratio |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for cell in cells {
        let told = |number: Option<f64>| number.map(|n| format!("{n:.2}")).unwrap_or_default();
        println!(
            "| {} | {} | {:.0} | {} | {} | {:.2} | {:.2} | {:.2} | {:.2} | {} |",
            cell.name,
            cell.connections,
            cell.requests_per_second,
            told(cell.p50_ms),
            told(cell.p99_ms),
            cell.cpu_server,
            cell.cpu_postgres,
            cell.cpu_client,
            cell.cpu_others,
            told(cell.ratio),
        );
    }
}

/// Writes what was measured to a file of this name in the folder where cargo builds.
pub fn write(measured: &impl Serialize, name: &str) -> Outcome<()> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let folder = target.ok_or("no target folder")?.join(FOLDER);
    let file = folder.join(name);
    fs::create_dir_all(folder)?;
    fs::write(&file, serde_json::to_string_pretty(measured)? + "\n")?;
    println!("Written to {}.", file.display());
    Ok(())
}
