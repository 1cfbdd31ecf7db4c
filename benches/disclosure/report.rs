//! The cells, as a table for people and as JSON for programs.

use std::fs;
use std::path::Path;

use crate::Outcome;
use crate::measurement::Cell;

/// The file, in the folder where cargo builds.
const FILE: &str = "reports/bench.json";

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

/// Writes the cells to `reports/bench.json` in the folder where cargo builds.
pub fn write(cells: &[Cell], target: &Path) -> Outcome<()> {
    let file = target.join(FILE);
    fs::create_dir_all(file.parent().unwrap_or(target))?;
    fs::write(&file, serde_json::to_string_pretty(cells)? + "\n")?;
    println!("Written to {}.", file.display());
    Ok(())
}
