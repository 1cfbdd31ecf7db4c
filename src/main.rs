//! The command line: reads what was asked, and runs it.

use std::process::ExitCode;

use clap::Parser;
use cpis_fhir::commands::{Arguments, run};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("cpis-fhir: {failure}");
            ExitCode::FAILURE
        }
    }
}
