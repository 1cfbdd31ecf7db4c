//! A command whose reader goes away, as `head` does, ends there and says nothing of it: `telling`.

use std::fs;
use std::io::pipe;

use cpis_fhir::sandbox::role::SandboxRole::{LocalAuthority, NotifiedAuthority};
use cpis_fhir::store::provision::SERVER;

use crate::support::{SealedService, a_mailbox, a_plan, cluster, errors, file, program};

/// What a program exits with that SIGPIPE ends, as shells tell it.
const READER_GONE: i32 = 141;

/// Runs a command whose reader has gone before it begins; what it exits with, having said nothing.
fn unread(arguments: &[&str], environment: &[(&str, &str)]) -> i32 {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let mut command = program(arguments);
    let output = command
        .envs(environment.iter().copied())
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(errors(&output), "", "{arguments:?}");
    output.status.code().unwrap()
}

/// A service of which every list has a line.
fn service() -> SealedService {
    let sealed = SealedService::new();
    let service = &sealed.service;
    service.tell(&[a_plan()]);
    service.set_channel("E90001", &a_mailbox("X26HC005"));
    service.look(0, "9990000026");
    sealed.sealed();
    sealed
}

#[test]
fn an_operators_commands_end_quietly_when_nobody_reads_them() {
    let sealed = service();
    let server = cluster().url(SERVER, &sealed.service.database);
    let environment = sealed.environment();
    let mut all: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    all.push(("DATABASE_URL", &server));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    for arguments in [
        &["health", "--url", &sealed.service.root][..],
        &["token", "clinician", "--data", data],
        &["migrate"],
        &["channel", "list"],
        &["organisation", "list"],
        &["notifications", "list"],
        &["findings", "list"],
        &["refusals", "list"],
        &["refusals", "count"],
        &["alert-reports"],
        &["held-uploads", "list"],
        &["audit", "verifier-key"],
        &["audit", "verify"],
    ] {
        assert_eq!(unread(arguments, &all), READER_GONE, "{arguments:?}");
    }
    for arguments in [&["client", "list"][..], &["job-role", "list"]] {
        let code = unread(arguments, &all);
        assert!([0, READER_GONE].contains(&code), "{arguments:?}: {code}");
    }
    assert_eq!(unread(&["--help"], &[]), 0);
}

#[test]
fn an_authoritys_commands_end_quietly_and_acknowledge_nothing_that_nobody_read() {
    let sealed = service();
    let service = &sealed.service;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plans.csv");
    fs::write(&path, file(2, &[a_plan()])).unwrap();
    let path = path.to_str().unwrap();
    let ours = service.token(LocalAuthority);
    let notified = service.token(NotifiedAuthority);
    for (token, asked) in [
        (&ours, &["held-plans"][..]),
        (&ours, &["compare", path]),
        (&ours, &["compare", path, "--csv"]),
        (&ours, &["upload", path]),
        (&ours, &["follow", "2"]),
        (&notified, &["notifications", "--acknowledge"]),
    ] {
        let arguments = [&["authority", "--url", &service.base], asked].concat();
        let code = unread(&arguments, &[("CPIS_TOKEN", token)]);
        assert_eq!(code, READER_GONE, "{asked:?}");
    }
    assert_eq!(service.number("select count(*) from uploads"), 2);
    let acknowledged = "select count(*) from notifications where delivered_at is not null";
    assert_eq!(service.number(acknowledged), 0);
}
