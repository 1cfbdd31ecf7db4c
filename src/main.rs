//! The command line: reads what was asked, and runs it.

use std::process::ExitCode;

use clap::Parser;
use cpis_fhir::commands::telling::failed;
use cpis_fhir::commands::{Arguments, run};

fn main() -> ExitCode {
    run(Arguments::parse()).unwrap_or_else(|failure| failed(&failure))
}
