//! The operator's commands, run as an operator runs them: `channel`, and `notifications`.

use std::process::Output;

use chrono::TimeDelta;
use cpis_fhir::store::provision::OWNER;

use crate::support::{
    Answers, Receiver, TestService, a_plan, assert_one_line, cluster, errors, program, words,
};

const NUMBER: &str = "9990000026";

/// Runs a command as the owner of the service's database.
fn operator(service: &TestService, arguments: &[&str]) -> Output {
    program(arguments)
        .env(
            "OWNER_DATABASE_URL",
            cluster().url(OWNER, &service.database),
        )
        .output()
        .unwrap()
}

fn done(service: &TestService, arguments: &[&str]) -> String {
    let output = operator(service, arguments);
    assert!(output.status.success(), "{}", errors(&output));
    words(&output)
}

#[test]
fn a_channel_is_set_listed_and_taken_away_and_every_change_says_who_made_it() {
    let service = TestService::new();
    let list = || done(&service, &["channel", "list"]);
    assert!(list().contains("E90001 pull\n"), "{}", list());
    let by = ["--by", "A. Person"];
    let set = |asked: &[&str]| {
        let all = [&["channel", "set", "E90001"], asked, &by].concat();
        done(&service, &all)
    };
    let hook = "rest-hook https://hooks.northshire.example/cp-is secret northshire\n";
    let url = "https://hooks.northshire.example/cp-is";
    let told = set(&["rest-hook", url, "--secret", "northshire"]);
    assert_eq!(told, format!("E90001 {hook}"));
    assert!(list().contains(&told));
    assert_eq!(set(&["mesh", "X26HC005"]), "E90001 mesh X26HC005\n");
    assert_eq!(set(&["pull"]), "E90001 pull\n");
    assert!(list().contains("E90001 pull\n"));
    let kept = service.texts(
        "select concat_ws('|', changed_by, kind, endpoint, secret_name) \
         from channel_changes order by changed_at, id",
    );
    assert_eq!(
        kept,
        [
            format!("A. Person|rest-hook|{url}|northshire"),
            "A. Person|mesh|X26HC005".to_owned(),
            "A. Person|pull".to_owned(),
        ]
    );
    let held = "select count(*) from authority_channels";
    assert_eq!(service.number(held), 0);
}

#[test]
fn a_channel_that_is_wrong_is_refused_in_one_line_and_changes_nothing() {
    let service = TestService::new();
    let by = ["--by", "A. Person"];
    let set = |asked: &[&str]| {
        let all = [&["channel", "set"], asked, &by].concat();
        operator(&service, &all)
    };
    assert!(set(&["E90001", "mesh", "X26HC005"]).status.success());
    for (asked, named) in [
        (&["E90009", "pull"][..], "E90009 is not on the register"),
        (&["e9", "pull"], "ODS code"),
        (&["E90001", "fax", "1"], "rest-hook URL"),
        (&["E90001", "rest-hook"], "rest-hook URL"),
        (&["E90001", "rest-hook", "http://la.example/"], "https URL"),
        (&["E90001", "rest-hook", "https://a@la.example/"], "no user"),
        (&["E90001", "mesh", "x26"], "upper-case"),
        (&["E90001", "pull", "--secret", "a"], "rest-hook URL"),
        (
            &[
                "E90001",
                "rest-hook",
                "https://la.example/",
                "--secret",
                "../a",
            ],
            "no path",
        ),
        (
            &["E90002", "mesh", "X26HC005"],
            "another authority has this mailbox",
        ),
    ] {
        assert_one_line(&set(asked), named);
    }
    for by in ["", " ", &"a".repeat(201)] {
        let output = operator(&service, &["channel", "set", "E90001", "pull", "--by", by]);
        assert_one_line(&output, "--by");
    }
    let kept = service.texts("select kind from channel_changes");
    assert_eq!(kept, ["mesh"]);
    let held = "select concat_ws('|', kind, endpoint) from authority_channels";
    assert_eq!(service.texts(held), ["mesh|X26HC005"]);
}

/// A service with three notifications that were given up, all of one child.
fn given_up() -> (TestService, Receiver) {
    let receiver = Receiver::start();
    let service = TestService::with(|settings| {
        settings.sending.notifier_reaches_loopback = true;
        settings.sending.notifier_attempts_max = 1;
    });
    service.tell(&[a_plan()]);
    service.subscribe(&receiver.url);
    receiver.answer(Answers::With(500));
    for number in 0..3 {
        service.look(number, NUMBER);
        service.work();
        service.clock.advance(TimeDelta::minutes(16));
    }
    let lost = "select count(*) from notifications where failed_at is not null";
    assert_eq!(service.number(lost), 3);
    (service, receiver)
}

#[test]
fn what_was_given_up_is_listed_without_a_word_of_a_child_and_sent_again_under_its_ids() {
    let (service, receiver) = given_up();
    let told = done(&service, &["notifications", "list"]);
    let ids = service.texts("select id::text from notifications order by failed_at, id");
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "owed 0 given-up 3");
    for (line, id) in lines[1..].iter().zip(&ids) {
        assert!(line.starts_with(&format!("{id} E90001 queued ")), "{line}");
        assert!(line.ends_with(" attempts 1 server-error"), "{line}");
        assert!(!line.contains(NUMBER));
    }
    let resend = |asked: &[&str]| {
        let all = [&["notifications", "resend"], asked].concat();
        done(&service, &all)
    };
    assert_eq!(resend(&["--authority", "E90002"]), "0 will be sent again\n");
    let nobody = "019371b8-1c00-7000-8000-000000000001";
    assert_eq!(resend(&["--id", nobody]), "0 will be sent again\n");
    assert_eq!(
        resend(&["--id", &ids[1], "--authority", "E90002"]),
        "0 will be sent again\n"
    );
    assert_eq!(resend(&["--id", &ids[1]]), "1 will be sent again\n");
    assert_eq!(resend(&["--authority", "E90001"]), "2 will be sent again\n");
    assert_eq!(resend(&[]), "0 will be sent again\n");
    receiver.answer(Answers::Well);
    let before = receiver.notifications().len();
    service.clock.advance(TimeDelta::minutes(16));
    service.work();
    let mut again = receiver.notifications().split_off(before);
    again.sort_unstable();
    let mut all = ids;
    all.sort_unstable();
    assert_eq!(again, all);
    let told = done(&service, &["notifications", "list"]);
    assert_eq!(told, "owed 0 given-up 0\n");
}

#[test]
fn what_the_authority_has_acknowledged_meanwhile_is_not_sent_again() {
    let (service, receiver) = given_up();
    let told = service.told();
    service.acknowledge(
        cpis_fhir::sandbox::role::SandboxRole::NotifiedAuthority,
        &told.iter().collect::<Vec<_>>(),
    );
    let resent = done(&service, &["notifications", "resend"]);
    assert_eq!(resent, "0 will be sent again\n");
    receiver.answer(Answers::Well);
    let before = receiver.notifications().len();
    service.clock.advance(TimeDelta::minutes(16));
    service.work();
    assert_eq!(receiver.notifications().len(), before);
}

#[test]
fn a_command_without_its_database_or_with_a_wrong_value_says_so_in_one_line() {
    let service = TestService::new();
    let wrong = operator(&service, &["notifications", "resend", "--authority", "e9"]);
    assert_one_line(&wrong, "ODS code");
    for arguments in [
        &["channel", "list"][..],
        &["notifications", "list"],
        &["notifications", "resend"],
    ] {
        let url = "postgres://owner:sesame@127.0.0.1:1/cpis";
        let mut lost = program(arguments);
        let output = lost.env("OWNER_DATABASE_URL", url).output().unwrap();
        assert_one_line(&output, "database");
        assert!(!errors(&output).contains("sesame"));
    }
}
