//! The commands of the one program, run as an operator or an authority runs them: `commands`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};

use cpis_fhir::clock::{Clock as _, SystemClock};
use cpis_fhir::sandbox::role::SandboxRole::{LocalAuthority, SecondLocalAuthority};

use crate::support::{TestService, a_plan, assert_one_line, errors, file, program, words};

#[test]
fn upload_prints_the_acknowledgement_and_succeeds_only_where_every_row_was_taken_in() {
    let service = TestService::new();
    let folder = tempfile::tempdir().unwrap();
    let token = service.token(LocalAuthority);
    let good = written(folder.path(), &file(1, &[a_plan()]));
    let first = upload(&service, &good, &token);
    assert!(first.status.success(), "{}", errors(&first));
    let printed = words(&first);
    assert!(
        printed.contains("1,CPF02,Successful File Upload,"),
        "{printed}"
    );
    assert!(
        printed.contains("\n1,CPR06,Successful Record Upload,,,"),
        "{printed}"
    );
    assert_eq!(words(&upload(&service, &good, &token)), printed);
    let partial = written(folder.path(), &file(2, &[a_plan(), a_plan().kind("X")]));
    let partial = upload(&service, &partial, &token);
    assert_eq!(partial.status.code(), Some(1));
    assert!(words(&partial).contains("2,CPR07,Unsuccessful Record Upload,plan_kind,X,"));
    assert_eq!(service.plans(), 1);
}

#[test]
fn upload_prints_why_a_file_was_refused_and_fails() {
    let service = TestService::new();
    let folder = tempfile::tempdir().unwrap();
    let token = service.token(LocalAuthority);
    let torn = written(
        folder.path(),
        &file(1, &[a_plan()]).replace("1,1,2026", "1,2,2026"),
    );
    let answer = upload(&service, &torn, &token);
    assert_eq!(answer.status.code(), Some(1));
    assert!(words(&answer).contains("CPF01"), "{}", words(&answer));
    let good = written(folder.path(), &file(1, &[a_plan()]));
    for token in [service.token(SecondLocalAuthority), "nonsense".to_owned()] {
        let answer = upload(&service, &good, &token);
        assert_eq!(answer.status.code(), Some(1));
        assert!(
            words(&answer).contains("ACCESS_DENIED"),
            "{}",
            words(&answer)
        );
    }
    let nowhere = upload(&service, &folder.path().join("none.csv"), &token);
    assert_one_line(&nowhere, "none.csv");
    let mut unreachable = program(&["upload", good.to_str().unwrap()]);
    unreachable
        .args(["--url", "http://127.0.0.1:1"])
        .env("CPIS_TOKEN", &token);
    let unreachable = unreachable.output().unwrap();
    assert_one_line(&unreachable, "http://127.0.0.1:1");
    assert!(!errors(&unreachable).contains(&token));
    assert_eq!(service.plans(), 0);
}

#[test]
fn upload_without_a_token_says_where_one_is_taken_from() {
    let output = program(&["upload", "plans.csv"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("--token"), "{}", errors(&output));
}

#[test]
fn health_prints_the_status_and_fails_where_nothing_answers() {
    let service = TestService::new();
    let output = program(&["health", "--url", &service.root])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    let status: serde_json::Value = serde_json::from_str(&words(&output)).unwrap();
    assert_eq!(status["status"], "pass");
    let output = program(&["health", "--url", "http://127.0.0.1:1"])
        .output()
        .unwrap();
    assert_one_line(&output, "http://127.0.0.1:1");
}

#[test]
fn token_prints_a_token_that_a_service_of_the_same_keys_accepts() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let token = |role: &str, algorithm: &str| {
        let arguments = ["token", role, "--data", data, "--algorithm", algorithm];
        let output = program(&arguments).output().unwrap();
        assert!(output.status.success(), "{}", errors(&output));
        let printed = words(&output);
        assert_eq!(printed.lines().count(), 1);
        printed.trim().to_owned()
    };
    let clinician = token("clinician", "ES256");
    let keys = folder.path().join("keys").join("jwks.json");
    let service = TestService::with(|settings| settings.token_keys_file = Some(keys));
    service.clock.set(SystemClock.now());
    let path = "Flag?patient:identifier=9990000026";
    for token in [
        clinician,
        token("clinician", "RS512"),
        token("clinician", "PS256"),
    ] {
        assert_eq!(service.get_as(&token, path).total(), 0);
    }
    let none = service.get_as(&token("no-activity", "ES256"), path);
    none.refusal(403, "ACCESS_DENIED");
    let file = written(folder.path(), &file(1, &[a_plan()]));
    let told = upload(&service, &file, &token("local-authority", "ES256"));
    assert!(told.status.success(), "{}", words(&told));
    for arguments in [
        &["token", "clinician", "--data", data, "--algorithm", "HS256"][..],
        &["token", "nobody", "--data", data],
    ] {
        let output = program(arguments).output().unwrap();
        assert!(!output.status.success() && output.stdout.is_empty());
    }
}

fn upload(service: &TestService, file: &Path, token: &str) -> Output {
    let mut upload = program(&["upload", file.to_str().unwrap(), "--url", &service.base]);
    upload.env("CPIS_TOKEN", token).output().unwrap()
}

fn written(folder: &Path, csv: &str) -> PathBuf {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::SeqCst);
    let path = folder.join(format!("plans-{number}.csv"));
    fs::write(&path, csv).unwrap();
    path
}
