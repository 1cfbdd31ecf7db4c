//! The program itself, run as a process with nothing in its environment, and what it printed.

use std::process::{Command, Output};

/// The program, about to be run with these arguments.
pub fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cpis-fhir"));
    program.args(arguments).env_clear();
    program
}

/// What a run printed to standard output.
pub fn words(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it printed to standard error.
pub fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Asserts that the run failed, printed nothing, and said why in one line that names this.
pub fn assert_one_line(output: &Output, named: &str) {
    let told = errors(output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert_eq!(words(output), "");
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(
        told.starts_with("cpis-fhir: ") && told.contains(named),
        "{named}: {told}"
    );
}
