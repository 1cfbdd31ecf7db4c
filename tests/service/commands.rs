//! The commands of the one program, run as an operator or an authority runs them: `commands`.

use cpis_fhir::clock::{Clock as _, SystemClock};

use crate::support::{TestService, a_plan, assert_one_line, errors, file, program, words};

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
    let bearer = format!("Bearer {}", token("local-authority", "ES256"));
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "text/csv"),
    ];
    let csv = file(1, &[a_plan()]);
    let told = service.ask("POST", "$upload-plans", &headers, csv.as_bytes());
    assert!(told.text.contains("CPF02"), "{}", told.text);
    for arguments in [
        &["token", "clinician", "--data", data, "--algorithm", "HS256"][..],
        &["token", "nobody", "--data", data],
    ] {
        let output = program(arguments).output().unwrap();
        assert!(!output.status.success() && output.stdout.is_empty());
    }
}
