//! Headers that try to be believed, to be repeated, or to be written into the log: `api::caller`,
//! `api::request_id`, `telemetry`.

use cpis_fhir::sandbox::role::SandboxRole;

use crate::sending_nonsense::assert_still_right;
use crate::support::{TestService, a_plan, lines, said};

const NUMBER: &str = "9990000026";

/// A word that must come back nowhere.
const CANARY: &str = "canarybird";

/// Headers that something in front, or behind, might believe.
const NAMES: [&str; 20] = [
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "Forwarded",
    "X-Real-IP",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-HTTP-Method-Override",
    "X-User",
    "X-Role",
    "X-Organisation",
    "NHSD-Session-URID",
    "NHSD-End-User-Organisation-ODS",
    "X-Client-Cert",
    "Client-Cert",
    "X-SSL-Client-Verify",
    "X-Request-ID",
    "X-Correlation-ID",
    "TraceID",
    "User-Agent",
];

/// Values that say more than a header may.
fn values() -> [String; 11] {
    [
        CANARY.to_owned(),
        format!("a\r\nX-Canary: {CANARY}"),
        format!("a\nX-Canary: {CANARY}"),
        format!("a\rX-Canary: {CANARY}"),
        format!("a%0d%0aX-Canary: {CANARY}"),
        format!("a\u{560a}X-Canary: {CANARY}"),
        format!("\0{CANARY}"),
        format!("{CANARY}\u{1b}[31m"),
        format!("\u{202e}{CANARY}"),
        format!("\",\"level\":\"{CANARY}"),
        format!("{CANARY}{}", "a".repeat(60_000)),
    ]
}

#[test]
fn no_header_gives_an_identity_is_told_back_as_another_or_is_written_into_the_log() {
    let service = TestService::with(|settings| settings.transport.keep_alive_seconds = 1);
    service.tell(&[a_plan().child(NUMBER)]);
    let before = service.accesses();
    let mut asked = 0;
    for name in NAMES {
        for value in values() {
            let request = format!(
                "GET /FHIR/R4/Flag?patient={NUMBER} HTTP/1.1\r\nHost: a\r\n{name}: {value}\r\n\
                 Connection: close\r\n\r\n"
            );
            let told = String::from_utf8_lossy(&said(&service, request.as_bytes())).into_owned();
            // Nobody is known without a token, whatever else is said.
            assert!(
                told.starts_with("HTTP/1.1 4"),
                "{name}: {value:.60?}: {told}"
            );
            let answers = told.matches("\r\ncontent-length: ").count();
            assert_eq!(answers, 1, "{name}: {told}");
            let is_mirrored = matches!(name, "X-Correlation-ID" | "TraceID");
            let head = told.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
            assert!(!head.contains("x-canary: "), "{name}: {head}");
            assert!(is_mirrored || !told.contains(CANARY), "{name}: {told}");
            asked += 1;
        }
    }
    assert!(asked >= 200, "{asked}");
    assert_eq!(service.accesses(), before);
    let logged = lines();
    assert!(!logged.contains(CANARY));
    assert!(!logged.contains("\u{1b}"));
    // A caller who is known stays who the token says.
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let path = format!("Flag?patient={NUMBER}");
    for name in NAMES.into_iter().filter(|name| *name != "X-Request-ID") {
        let headers = [("authorization", bearer.as_str()), (name, "E90001")];
        assert_eq!(
            service.ask("GET", &path, &headers, b"").status,
            200,
            "{name}"
        );
    }
    let organisations = service.texts("select distinct organisation_code from accesses");
    assert_eq!(organisations.len(), 1);
    assert_still_right(&service);
}
