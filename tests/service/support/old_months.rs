//! An access history that reaches back to the last century, and what an operator does with it.

use std::fs;
use std::process::{Command, Output};

use chrono::{DateTime, Utc};
use cpis_fhir::clock::{Clock as _, SystemClock};

use super::{SealedService, errors, program, words};

/// A child whose accesses are old, and newer.
pub const CHILD: &str = "9990000026";

/// What is exported of the old month: two looks, their answers, and a refusal.
pub const ROWS: usize = 5;

/// A sealed history of one month of 1999, of the one after it, and of now; and a certificate and
/// its key for exports, beside an empty folder for them.
pub fn an_old_history() -> SealedService {
    let sealed = SealedService::new();
    sealed
        .service
        .execute("select plan_access_months('1999-03-01', 1)");
    add_old_looks(&sealed);
    at(&sealed, "1999-04-02T12:00:00Z");
    look(&sealed);
    sealed.sealed();
    at_present(&sealed);
    look(&sealed);
    sealed.sealed();
    fs::create_dir(sealed.path("exports")).unwrap();
    let (key, certificate) = (path(&sealed, "keeper.key"), path(&sealed, "keeper.pem"));
    let made = openssl(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=keeper",
        "-keyout",
        &key,
        "-out",
        &certificate,
    ]);
    assert!(made.status.success(), "{}", errors(&made));
    sealed
}

/// Two looks and a refusal in March 1999, sealed.
fn add_old_looks(sealed: &SealedService) {
    for day in ["1999-03-10T12:00:00Z", "1999-03-20T12:00:00Z"] {
        at(sealed, day);
        look(sealed);
    }
    let refused = sealed.service.ask("GET", "Flag", &[], b"");
    assert_eq!(refused.status, 401);
    assert_eq!(sealed.sealed(), ROWS);
}

/// One look at the child.
pub fn look(sealed: &SealedService) {
    let answer = sealed.service.get(&format!("Flag?patient={CHILD}"));
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Sets the service's clock.
pub fn at(sealed: &SealedService, moment: &str) {
    let moment: DateTime<Utc> = moment.parse().unwrap();
    sealed.service.clock.set(moment);
}

/// Sets it to the machine's, which is an operator's.
pub fn at_present(sealed: &SealedService) {
    sealed.service.clock.set(SystemClock.now());
}

/// A file of the service's, as a word.
pub fn path(sealed: &SealedService, name: &str) -> String {
    sealed.path(name).to_str().unwrap().to_owned()
}

/// `audit` with these words, as the operator.
pub fn audit(sealed: &SealedService, words: &[&str]) -> Output {
    audit_command(sealed, words).output().unwrap()
}

/// The same, about to be run.
pub fn audit_command(sealed: &SealedService, words: &[&str]) -> Command {
    let mut command = program(&[&["audit"], words].concat());
    command.envs(sealed.environment());
    command
}

/// The first step, for the months before one.
pub fn export(sealed: &SealedService, before: &str) -> Output {
    let (certificate, folder) = (path(sealed, "keeper.pem"), path(sealed, "exports"));
    audit(
        sealed,
        &[
            "retire",
            "--before",
            before,
            "--recipient",
            &certificate,
            "--folder",
            &folder,
            "--by",
            "Ada",
        ],
    )
}

/// The first step for March 1999, which must go well; the digest to confirm.
pub fn exported(sealed: &SealedService) -> String {
    let output = export(sealed, "1999-04");
    assert!(output.status.success(), "{}", errors(&output));
    let told = words(&output);
    let digest = told.split("--confirm ").nth(1).unwrap();
    digest.split(' ').next().unwrap().to_owned()
}

/// How many accesses lie in months that were not planned.
pub const IN_THE_NET: &str =
    "select count(*) from accesses where recorded_at < '1999-03-01T00:00:00Z'";

/// How many wait to take tables away.
pub const WAITS: &str =
    "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and not granted";

/// The first step for February 1999, whose two rows lie in the net; the digest to confirm.
pub fn exported_net(sealed: &SealedService) -> String {
    let told = words(&export(sealed, "1999-03"));
    assert!(told.starts_with("1999-02: 2 rows, leaves 9-10"), "{told}");
    told.split("--confirm ").nth(1).unwrap()[..64].to_owned()
}

/// The second step's words, by another person.
pub fn confirming<'a>(folder: &'a str, digest: &'a str, by: &'a str) -> [&'a str; 7] {
    [
        "retire",
        "--confirm",
        digest,
        "--folder",
        folder,
        "--by",
        by,
    ]
}

/// The second step.
pub fn confirm(sealed: &SealedService, digest: &str) -> Output {
    let folder = path(sealed, "exports");
    audit(sealed, &confirming(&folder, digest, "Grace"))
}

/// An export of March 1999 as whoever has the key decrypts it, in a file.
pub fn decrypted(sealed: &SealedService) -> String {
    let (key, clear) = (path(sealed, "keeper.key"), path(sealed, "clear"));
    let export = path(sealed, "exports/1999-03.1.cms");
    let opened = openssl(&[
        "cms", "-decrypt", "-binary", "-inform", "DER", "-in", &export, "-inkey", &key, "-out",
        &clear,
    ]);
    assert!(opened.status.success(), "{}", errors(&opened));
    clear
}

/// How many rows lie in March 1999.
pub fn old_rows(sealed: &SealedService) -> i64 {
    let within = "between '1999-03-01T00:00:00Z' and '1999-03-31T23:59:59Z'";
    let rows = |table: &str, moment: &str| {
        let sql = format!("select count(*) from {table} where {moment} {within}");
        sealed.service.number(&sql)
    };
    rows("accesses", "recorded_at")
        + rows("access_answers", "recorded_at")
        + rows("security_log", "logged_at")
}

fn openssl(arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).output().unwrap()
}
