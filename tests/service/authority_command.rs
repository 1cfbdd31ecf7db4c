//! The command of a local authority's IT team, run as they run it: `commands/authority`.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use cpis_fhir::sandbox::role::SandboxRole::{
    LocalAuthority, NotifiedAuthority, SecondLocalAuthority,
};
use cpis_fhir::store::provision::OWNER;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::support::{
    TestService, a_plan, assert_one_line, cluster, errors, file, hl7v3_file, program, words,
};

/// A service, and a folder for the files that are sent to it.
struct Desk {
    service: TestService,
    folder: TempDir,
    token: String,
}

impl Desk {
    fn new() -> Self {
        let service = TestService::new();
        Self {
            token: service.token(LocalAuthority),
            folder: tempfile::tempdir().unwrap(),
            service,
        }
    }

    fn written(&self, csv: &str) -> PathBuf {
        let path = self.folder.path().join("plans.csv");
        fs::write(&path, csv).unwrap();
        path
    }

    /// Runs the command, against this service and with the authority's token.
    fn run(&self, arguments: &[&str]) -> Output {
        self.run_as(&self.token, arguments)
    }

    fn run_as(&self, token: &str, arguments: &[&str]) -> Output {
        let all = [&["authority", "--url", &self.service.base], arguments].concat();
        program(&all).env("CPIS_TOKEN", token).output().unwrap()
    }

    fn upload(&self, csv: &str, more: &[&str]) -> Output {
        let path = self.written(csv);
        self.run(&[&["upload", path.to_str().unwrap()], more].concat())
    }
}

#[test]
fn upload_says_what_became_of_a_file_and_succeeds_only_where_every_row_was_taken_in() {
    let desk = Desk::new();
    let good = file(1, &[a_plan()]);
    let first = desk.upload(&good, &[]);
    assert!(first.status.success(), "{}", errors(&first));
    let printed = words(&first);
    assert!(printed.starts_with("File 1: CPF02 Successful File Upload\n1 records, 1 taken in"));
    assert_eq!(words(&desk.upload(&good, &[])), printed);
    let partial = file(2, &[a_plan(), a_plan().kind("X").child("9990000034")]);
    let told = desk.upload(&partial, &[]);
    assert_eq!(told.status.code(), Some(1));
    assert!(
        words(&told).contains("record 2, plan_kind: CPR07"),
        "{}",
        words(&told)
    );
    assert!(!words(&told).contains("9990000034"));
    let raw = words(&desk.upload(&partial, &["--csv"]));
    assert!(
        raw.contains("\n2,CPR07,Unsuccessful Record Upload,plan_kind,X,"),
        "{raw}"
    );
    assert_eq!(desk.service.plans(), 1);
}

#[test]
fn upload_says_of_a_file_of_hl7v3_what_it_says_of_one_of_csv() {
    let desk = Desk::new();
    let path = desk.folder.path().join("plans.xml");
    let upload = |text: &str| {
        fs::write(&path, text).unwrap();
        desk.run(&["upload", path.to_str().unwrap()])
    };
    let good = hl7v3_file(1, &[a_plan()]);
    let first = upload(&good);
    assert!(first.status.success(), "{}", errors(&first));
    let printed = words(&first);
    assert!(printed.starts_with("File 1: CPF02 Successful File Upload\n1 records, 1 taken in"));
    let partial = hl7v3_file(2, &[a_plan(), a_plan().child("9990000035")]);
    let told = upload(&partial);
    assert_eq!(told.status.code(), Some(1));
    assert!(
        words(&told).contains("record 2, nhs_number: CPR04"),
        "{}",
        words(&told)
    );
    let gap = hl7v3_file(9, &[a_plan()]);
    assert_one_line(&upload(&gap), "CPF01: files are taken in one after another");
}

#[test]
fn notifications_are_not_called_nothing_while_some_cannot_be_told_yet() {
    let desk = Desk::new();
    desk.service.tell(&[a_plan()]);
    let url = cluster().url(OWNER, &desk.service.database);
    let mut uploading = PgConnection::establish(&url).unwrap();
    uploading
        .batch_execute("begin; select pg_current_xact_id()")
        .unwrap();
    desk.service.flags("9990000026");
    let token = desk.service.token(NotifiedAuthority);
    let told = desk.run_as(&token, &["notifications"]);
    assert_eq!((told.status.code(), words(&told).as_str()), (Some(1), ""));
    assert!(
        errors(&told).contains("ask again in a minute"),
        "{}",
        errors(&told)
    );
    uploading.batch_execute("commit").unwrap();
}

#[test]
fn a_long_file_arrives_whole() {
    let desk = Desk::new();
    let rows: Vec<_> = (0..5_000)
        .map(|number| a_plan().local_id(&format!("H-{number}")).kind("X"))
        .collect();
    let told = desk.upload(&file(1, &rows), &[]);
    assert!(
        words(&told).contains("5000 records, 0 taken in, 5000 refused"),
        "{}",
        errors(&told)
    );
}

#[test]
fn upload_says_in_one_line_why_a_file_was_refused() {
    let desk = Desk::new();
    let good = file(1, &[a_plan()]);
    assert_one_line(
        &desk.upload(&good.replace("1,1,2026", "1,2,2026"), &[]),
        "CPF01",
    );
    let path = desk.written(&good);
    let path = path.to_str().unwrap();
    for token in [
        desk.service.token(SecondLocalAuthority),
        "nonsense".to_owned(),
    ] {
        assert_one_line(&desk.run_as(&token, &["upload", path]), "ACCESS_DENIED");
    }
    assert_one_line(&desk.run(&["upload", "none.csv"]), "none.csv");
    let mut unreachable = program(&["authority", "--url", "http://127.0.0.1:1", "upload", path]);
    let unreachable = unreachable.env("CPIS_TOKEN", &desk.token).output().unwrap();
    assert_one_line(&unreachable, "http://127.0.0.1:1");
    assert!(!errors(&unreachable).contains(&desk.token));
    let nobody = program(&["authority", "upload", path]).output().unwrap();
    assert_one_line(&nobody, "--token");
    assert_eq!(desk.service.plans(), 0);
}

#[test]
fn a_held_file_is_confirmed_by_the_number_that_its_refusal_tells() {
    let desk = Desk::new();
    let plans: Vec<_> = (0..12)
        .map(|number| a_plan().local_id(&format!("H-{number}")))
        .collect();
    assert!(desk.upload(&file(1, &plans), &[]).status.success());
    let withdrawn: Vec<_> = plans
        .into_iter()
        .map(|plan| plan.withdrawn("2026-11-20"))
        .collect();
    let csv = file(2, &withdrawn);
    assert_one_line(&desk.upload(&csv, &[]), "confirm-ending=12");
    assert_one_line(
        &desk.upload(&csv, &["--confirm-ending", "11"]),
        "confirm-ending=12",
    );
    assert!(
        desk.upload(&csv, &["--confirm-ending", "12"])
            .status
            .success()
    );
}

#[test]
fn a_token_is_sent_to_no_other_machine_in_the_clear() {
    for url in [
        "http://cpis.example/FHIR/R4",
        "http://192.0.2.1",
        "http://127.0.0.1@192.0.2.1",
    ] {
        let mut asked = program(&["authority", "held-plans", "--url", url]);
        let output = asked.env("CPIS_TOKEN", "sesame").output().unwrap();
        assert_one_line(&output, "in the clear");
        assert!(!errors(&output).contains("sesame"));
    }
}

#[test]
fn follow_waits_for_a_file_and_tells_what_became_of_it() {
    let desk = Desk::new();
    assert_one_line(
        &desk.run(&["follow", "1", "--wait", "0"]),
        "no such file was taken in",
    );
    let late = std::thread::scope(|scope| {
        let followed = scope.spawn(|| desk.run(&["follow", "1", "--wait", "60"]));
        std::thread::sleep(std::time::Duration::from_millis(500));
        desk.service.tell(&[a_plan()]);
        followed.join().unwrap()
    });
    assert!(
        words(&late).starts_with("File 1: CPF02"),
        "{}",
        errors(&late)
    );
    assert!(words(&desk.run(&["follow", "--csv"])).contains("\n1,CPR06,"));
}

#[test]
fn what_is_held_is_printed_and_a_file_is_compared_with_it_before_it_is_sent() {
    let desk = Desk::new();
    let told = [a_plan(), a_plan().child("9990000034").local_id("H-2")];
    desk.service.tell(&told);
    let held = words(&desk.run(&["held-plans"]));
    assert_eq!(held.lines().count(), 3, "{held}");
    assert!(held.contains("CPP,9990000034,H-2,E90001,"), "{held}");
    let compare = |csv: &str, more: &[&str]| {
        let path = desk.written(csv);
        desk.run(&[&["compare", path.to_str().unwrap()], more].concat())
    };
    let same = compare(&file(9, &told), &[]);
    assert!(same.status.success(), "{}", errors(&same));
    assert_eq!(words(&same), "2 same\n");
    let other = file(9, &[a_plan().until("2027-01-01"), a_plan().local_id("H-3")]);
    let differs = compare(&other, &[]);
    assert_eq!(differs.status.code(), Some(1));
    assert_eq!(words(&differs), "1 differs\n1 file-only\n1 held-only\n");
    assert!(words(&compare(&other, &["--csv"])).contains("differs,end_date,1,"));
    assert_eq!(desk.service.plans(), 2);
}

#[test]
fn notifications_are_printed_without_nhs_numbers_and_acknowledged_where_that_is_asked() {
    let desk = Desk::new();
    desk.service.tell(&[a_plan()]);
    assert_eq!(desk.service.get("Flag?patient=9990000026").total(), 1);
    desk.service.settle();
    let token = desk.service.token(NotifiedAuthority);
    let pull = |more: &[&str]| desk.run_as(&token, &[&["notifications"], more].concat());
    let told = pull(&["--acknowledge"]);
    let printed = words(&told);
    assert!(
        printed.contains("Dr Amina Clarke") && printed.contains("H-1"),
        "{}",
        errors(&told)
    );
    assert!(!printed.contains("9990000026"), "{printed}");
    assert!(words(&pull(&[])).starts_with("Nothing"));
    assert!(words(&pull(&["--since", "2026-11-22"])).contains("H-1"));
    assert_one_line(&desk.run(&["notifications"]), "ACCESS_DENIED");
}
