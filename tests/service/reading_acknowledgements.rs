//! What an earlier file was answered can be read again by whoever sent it: `read_acknowledgement`.

use cpis_fhir::sandbox::role::SandboxRole::{
    self, Clinician, LocalAuthority, SecondLocalAuthority,
};

use crate::support::{Answer, TestService, a_plan, file};

fn read(service: &TestService, role: SandboxRole, query: &str) -> Answer {
    service.get_as(&service.token(role), &format!("$acknowledgement{query}"))
}

#[test]
fn an_acknowledgement_reads_again_as_it_was_given_by_number_or_the_last() {
    let service = TestService::new();
    let first = service.upload_as(
        LocalAuthority,
        file(41, &[a_plan(), a_plan().kind("X")]).as_bytes(),
    );
    let second = service.upload_as(LocalAuthority, file(42, &[a_plan()]).as_bytes());
    for (query, expected) in [
        ("?file_sequence=41", &first),
        ("?file_sequence=42", &second),
        ("", &second),
        ("?file_sequence=", &second),
    ] {
        let again = read(&service, LocalAuthority, query);
        assert_eq!(again.acknowledgement(), expected.acknowledgement());
        assert_eq!(again.text, expected.text, "{query}");
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn an_acknowledgement_is_read_by_nobody_but_the_authority_whose_file_it_answered() {
    let service = TestService::new();
    service.upload_as(LocalAuthority, file(7, &[a_plan()]).as_bytes());
    let other = read(&service, SecondLocalAuthority, "?file_sequence=7");
    other.refusal(404, "RESOURCE_NOT_FOUND");
    read(&service, SecondLocalAuthority, "").refusal(404, "RESOURCE_NOT_FOUND");
    read(&service, LocalAuthority, "?file_sequence=8").refusal(404, "RESOURCE_NOT_FOUND");
    read(&service, Clinician, "?file_sequence=7").refusal(403, "ACCESS_DENIED");
    let logged = "select count(*) from security_log where reason = 'not-a-local-authority'";
    assert_eq!(service.number(logged), 1);
}

#[test]
fn a_file_is_asked_for_by_a_number_and_by_one_only() {
    let service = TestService::new();
    for query in [
        "=last",
        "=-1",
        "=1.0",
        "=1&file_sequence=1",
        "=99999999999999999999",
    ] {
        let answer = read(&service, LocalAuthority, &format!("?file_sequence{query}"));
        answer.refusal(400, "INVALID_VALUE");
        assert_eq!(answer.json()["issue"][0]["expression"][0], "file_sequence");
    }
}
