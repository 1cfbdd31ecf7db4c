//! What an operator, an auditor and whoever holds a proof do with the sealed access history:
//! `audit`.

use std::fs;
use std::process::Output;

use crate::support::{SealedService, a_plan, assert_one_line, errors, program, words};

const CHILD: &str = "9990000026";

fn audit(sealed: &SealedService, arguments: &[&str]) -> Output {
    let mut command = program(&[&["audit"], arguments].concat());
    command.envs(sealed.environment()).output().unwrap()
}

/// A service with a few accesses, all of them sealed.
fn a_history() -> SealedService {
    let sealed = SealedService::new();
    sealed.service.tell(&[a_plan().child(CHILD)]);
    for _ in 0..5 {
        assert_eq!(
            sealed.service.get(&format!("Flag?patient={CHILD}")).total(),
            1
        );
        sealed.sealed();
    }
    sealed
}

fn an_access(sealed: &SealedService, leaf: usize) -> String {
    let sql = format!("select row_id from sealed_rows where leaf_index = {leaf}");
    sealed.service.texts(&sql).remove(0)
}

#[test]
fn verify_says_how_much_is_good_or_names_the_first_row_that_is_not() {
    let sealed = a_history();
    let output = audit(&sealed, &["verify"]);
    assert!(output.status.success(), "{}", errors(&output));
    assert_eq!(words(&output), "10 rows, 10 checkpoints: all good\n");
    let id = an_access(&sealed, 4);
    sealed.tamper(&format!(
        "update accesses set asked = 'nothing' where id = '{id}'"
    ));
    let output = audit(&sealed, &["verify"]);
    assert_eq!(output.status.code(), Some(2));
    let told = words(&output);
    assert!(
        told.starts_with("4 rows and 4 checkpoints are good. Then: "),
        "{told}"
    );
    assert!(
        told.contains(&format!("access {id} of 2026-11-22 12:00:00+00 (leaf 4)")),
        "{told}"
    );
    assert!(!told.contains(CHILD) && errors(&output).is_empty());
}

#[test]
fn verify_takes_the_checkpoints_that_a_witness_kept_and_finds_what_the_service_forgot() {
    let sealed = a_history();
    let witness = sealed.path("witness");
    fs::copy(sealed.path("checkpoints"), &witness).unwrap();
    let verifier = words(&audit(&sealed, &["verifier-key"]));
    assert!(verifier.starts_with("cpis.example/accesses+"), "{verifier}");
    // Everything of the last access is taken away, here and in the service's own file.
    sealed.tamper(
        "delete from accesses where id = (select row_id from sealed_rows where leaf_index = 8); \
         delete from access_answers where access_id = \
         (select row_id from sealed_rows where leaf_index = 9); \
         delete from sealed_rows where leaf_index >= 8; \
         delete from sealed_checkpoints where tree_size = 10",
    );
    let four: String = sealed
        .notes()
        .iter()
        .take(4)
        .map(|note| format!("{note}\n"))
        .collect();
    fs::write(sealed.path("checkpoints"), four).unwrap();
    assert!(audit(&sealed, &["verify"]).status.success());
    let witness = witness.to_str().unwrap();
    let arguments = [
        "verify",
        "--checkpoints",
        witness,
        "--verifier-key",
        verifier.trim(),
    ];
    let output = audit(&sealed, &arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(words(&output).contains("10 leaves were signed, and from leaf 8 on they are gone"));
}

#[test]
fn a_proof_is_checked_with_nothing_but_the_key_and_shows_only_what_was_opened() {
    let sealed = a_history();
    let id = an_access(&sealed, 2);
    let proof = audit(&sealed, &["prove", &id, "--open", "practitioner_name"]);
    assert!(proof.status.success(), "{}", errors(&proof));
    let path = sealed.path("access.tlog-proof");
    fs::write(&path, words(&proof)).unwrap();
    let verifier = words(&audit(&sealed, &["verifier-key"]));
    let path = path.to_str().unwrap();
    let check = ["audit", "check", path, "--verifier-key", verifier.trim()];
    let checked = program(&check).output().unwrap();
    assert!(checked.status.success(), "{}", errors(&checked));
    let told = words(&checked);
    assert!(
        told.starts_with("Leaf 2 of 10, signed by cpis.example/accesses: access"),
        "{told}"
    );
    let name = sealed
        .service
        .texts("select practitioner_name from accesses limit 1");
    for shown in [
        format!("id: {id}"),
        "nhs_number: (hidden)".to_owned(),
        "asked: (hidden)".to_owned(),
        format!("practitioner_name: {}", name[0]),
    ] {
        assert!(told.contains(&shown), "{shown}: {told}");
    }
    assert!(!told.contains(CHILD) && !words(&proof).contains(CHILD));
    let other = words(&audit(&SealedService::new(), &["verifier-key"]));
    let check = ["audit", "check", path, "--verifier-key", other.trim()];
    assert_one_line(&program(&check).output().unwrap(), "not signed by the key");
}

#[test]
fn what_is_not_sealed_is_not_proved_and_a_row_that_was_changed_neither() {
    let sealed = a_history();
    assert_eq!(
        sealed.service.get(&format!("Flag?patient={CHILD}")).total(),
        1
    );
    let newest = "select id from accesses where id not in (select row_id from sealed_rows)";
    let newest = sealed.service.texts(newest).remove(0);
    assert_one_line(
        &audit(&sealed, &["prove", &newest]),
        "no access of this id is sealed",
    );
    let id = an_access(&sealed, 1);
    sealed.tamper(&format!(
        "update accesses set client_id = 'another' where id = '{id}'"
    ));
    assert_one_line(&audit(&sealed, &["prove", &id]), "not what was sealed");
}

#[test]
fn a_setting_that_is_missing_or_wrong_is_named_and_no_key_is_printed() {
    let sealed = a_history();
    for (missing, named) in [
        ("CPIS_SEALING_KEY_FILE", "sealing_key_file"),
        ("CPIS_AUDIT_KEY_FILE", "audit_key_file"),
        ("CPIS_SEALING_ORIGIN", "sealing_origin"),
    ] {
        let mut command = program(&["audit", "verify"]);
        let environment = sealed.environment();
        let command = command.envs(environment.into_iter().filter(|(name, _)| *name != missing));
        assert_one_line(&command.output().unwrap(), named);
    }
    let mut command = program(&["audit", "verifier-key"]);
    let command = command
        .envs(sealed.environment())
        .env("CPIS_SEALING_ORIGIN", "a+b");
    assert_one_line(&command.output().unwrap(), "sealing_origin");
    let arguments = ["verify", "--verifier-key", "a"];
    assert_one_line(&audit(&sealed, &arguments), "--verifier-key");
}
