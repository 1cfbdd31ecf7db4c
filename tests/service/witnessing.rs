//! What a witness and whoever looks are told of the sealed access history: `read_checkpoint`,
//! `read_consistency`, `read_access_proof`, and the command that a witness runs.

use std::fs;
use std::process::Output;

use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::sealing::checkpoint::TreeHead;
use cpis_fhir::sealing::merkle::is_consistent;
use cpis_fhir::sealing::proof::{Proof, read_hash_lines};

use crate::support::{Answer, SealedService, TestService, a_plan, assert_one_line, program, words};

const CHILD: &str = "9990000026";

fn look(sealed: &SealedService, times: usize) {
    for _ in 0..times {
        assert_eq!(
            sealed.service.get(&format!("Flag?patient={CHILD}")).status,
            200
        );
    }
    sealed.sealed();
}

fn ask(service: &TestService, path: &str) -> Answer {
    service.ask("GET", &format!("{}/audit/{path}", service.root), &[], b"")
}

fn checkpoint(sealed: &SealedService) -> (TreeHead, Answer) {
    let answer = ask(&sealed.service, "checkpoint");
    let head = TreeHead::verified(&answer.text, &sealed.verifier()).unwrap();
    (head, answer)
}

fn witness(sealed: &SealedService, service: &TestService) -> Output {
    let kept = sealed.path("witness");
    let key = sealed.verifier().to_string();
    let arguments = [
        "audit",
        "witness",
        "--url",
        &service.root,
        "--verifier-key",
        &key,
    ];
    let mut command = program(&arguments);
    command.arg("--checkpoints").arg(kept).output().unwrap()
}

#[test]
fn anybody_is_told_the_newest_checkpoint_and_that_the_tree_only_grew_and_nothing_else() {
    let sealed = SealedService::new();
    for path in ["checkpoint", "consistency/0/0", "consistency/1/2"] {
        let answer = ask(&sealed.service, path);
        let nothing = path == "consistency/0/0";
        assert_eq!(answer.status, if nothing { 200 } else { 404 }, "{path}");
    }
    look(&sealed, 3);
    let (first, answer) = checkpoint(&sealed);
    assert_eq!((first.size, answer.status), (6, 200));
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(vec![answer.text.clone()], sealed.notes());
    look(&sealed, 8);
    let (second, _) = checkpoint(&sealed);
    let proof = ask(&sealed.service, "consistency/6/22");
    let hashes = read_hash_lines(&proof.text).unwrap();
    let (old, new) = ((first.size, &first.root), (second.size, &second.root));
    assert!(is_consistent(old, new, &hashes));
    assert!(!is_consistent(new, old, &hashes));
    for wrong in [
        "22/6",
        "6/23",
        "06/22",
        "-1/22",
        "6/18446744073709551616",
        "a/b",
    ] {
        let answer = ask(&sealed.service, &format!("consistency/{wrong}"));
        answer.refusal(404, "RESOURCE_NOT_FOUND");
    }
    assert_eq!(sealed.service.accesses(), 11);
    let head = sealed.service.ask(
        "HEAD",
        &format!("{}/audit/checkpoint", sealed.service.root),
        &[],
        b"",
    );
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

#[test]
fn a_service_without_the_keys_has_no_such_path() {
    let service = TestService::new();
    for path in ["checkpoint", "consistency/0/1"] {
        ask(&service, path).refusal(404, "UNSUPPORTED_SERVICE");
    }
}

#[test]
fn whoever_may_read_an_access_is_told_its_proof_and_that_is_a_look_of_its_own() {
    let sealed = SealedService::new();
    sealed.service.tell(&[a_plan().child(CHILD)]);
    look(&sealed, 1);
    let events = sealed.service.get(&format!("AuditEvent?patient={CHILD}"));
    let id = events.ids().pop().unwrap();
    sealed.sealed();
    let url = format!("{}/audit/accesses/{id}/proof", sealed.service.root);
    let before = sealed.service.accesses();
    let answer = sealed.service.get(&url);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(sealed.service.accesses(), before + 1);
    let proof = Proof::read(&answer.text).unwrap();
    proof.check(&sealed.verifier()).unwrap();
    assert!(proof.openings.is_empty() && !answer.text.contains(CHILD));
    for role in [SandboxRole::NoActivity, SandboxRole::LocalAuthority] {
        let refused = sealed.service.get_as(&sealed.service.token(role), &url);
        refused.refusal(403, "ACCESS_DENIED");
    }
    sealed
        .service
        .ask("GET", &url, &[], b"")
        .refusal(401, "ACCESS_DENIED");
    assert_eq!(sealed.service.accesses(), before + 1);
    // Of a child without a visible plan nobody is told who looked.
    let nobodys = sealed.service.get("Flag?patient=9990000018");
    assert_eq!(nobodys.total(), 0);
    let id = "select id from accesses where nhs_number = 9990000018";
    let id = sealed.service.texts(id).remove(0);
    sealed.sealed();
    let url = format!("{}/audit/accesses/{id}/proof", sealed.service.root);
    sealed.service.get(&url).refusal(404, "RESOURCE_NOT_FOUND");
}

#[test]
fn a_witness_keeps_what_grows_and_finds_a_service_that_tells_another_history_in_one_round() {
    let sealed = SealedService::new();
    assert_one_line(&witness(&sealed, &sealed.service), "404");
    look(&sealed, 2);
    let output = witness(&sealed, &sealed.service);
    assert!(
        words(&output).contains("Kept the checkpoint of 4 leaves"),
        "{output:?}"
    );
    look(&sealed, 5);
    let output = witness(&sealed, &sealed.service);
    assert_eq!(
        words(&output),
        "Good: 14 leaves, grown out of the 4 kept last.\n"
    );
    let output = witness(&sealed, &sealed.service);
    assert_eq!(
        words(&output),
        "Good: 14 leaves, grown out of the 14 kept last.\n"
    );
    // Another history under the same key: as large, larger, and smaller.
    for looks in [7, 9, 3] {
        let lying = sealed.with_the_same_keys();
        look(&lying, looks);
        let output = witness(&sealed, &lying.service);
        assert_eq!(output.status.code(), Some(2), "{looks}: {output:?}");
        assert!(words(&output).contains("tells another history than before"));
    }
    let kept = fs::read_to_string(sealed.path("witness")).unwrap();
    assert_eq!(kept.matches("\u{2014}").count(), 2);
    let stranger = SealedService::new();
    look(&stranger, 1);
    assert_one_line(
        &witness(&sealed, &stranger.service),
        "not signed by the key",
    );
}
