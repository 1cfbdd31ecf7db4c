//! Scopes narrow what a role allows, at every interaction: `search_flags`, `search_patients`,
//! `read_flag`, `everything`, `batch`, `create_episode_of_care`.

use serde_json::json;

use crate::support::{TestService, a_plan};

const NUMBER: &str = "9990000026";

fn looking(service: &TestService, scope: &str) -> String {
    service.token_saying(json!({
        "sub": "555000000901", "client_id": "an-epr", "name": "Sam Okafor", "scope": scope,
        "nhsid_useruid": "555000000901", "selected_roleid": "555000000902",
        "nhsid_nrbac_roles": [{
            "person_roleid": "555000000902", "org_code": "RQX99", "role_code": "R8000",
            "role_name": "Clinical Practitioner Access Role", "activity_codes": ["B0107"],
        }],
    }))
}

#[test]
fn a_token_for_one_kind_of_resource_opens_that_and_what_it_does_not_lead_to() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let flags = looking(&service, "openid user/Flag.rs");
    let patient = format!("patient={NUMBER}");
    let found = service.get_as(&flags, &format!("Flag?{patient}"));
    assert_eq!(found.total(), 1);
    let flag = found.ids()[0].clone();
    assert_eq!(service.get_as(&flags, &format!("Flag/{flag}")).status, 200);
    assert_eq!(
        service
            .get_as(&flags, &format!("Flag/{flag}/_history"))
            .status,
        200
    );
    assert_eq!(
        service
            .get_as(&flags, &format!("PatientFlag?{patient}"))
            .status,
        200
    );
    let accesses = service.accesses();
    let refused = [
        format!("EpisodeOfCare?{patient}"),
        format!("Patient?identifier={NUMBER}"),
        format!("Patient/{NUMBER}/EpisodeOfCare"),
        format!("Patient/{NUMBER}/$everything"),
        format!("EpisodeOfCare/{flag}"),
        format!("AuditEvent?{patient}"),
        format!("Flag?{patient}&_include=Flag:patient"),
        format!("Flag?{patient}&_include=Flag:author"),
        format!("Flag?{patient}&_include=*"),
        format!("Flag?{patient}&_revinclude=AuditEvent:entity"),
        format!("PatientFlag?{patient}&code=child-protection-information-system-flag"),
    ];
    for path in &refused {
        let issue = service.get_as(&flags, path).refusal(403, "ACCESS_DENIED");
        assert!(
            issue["diagnostics"].as_str().unwrap().contains("scopes"),
            "{path}"
        );
    }
    assert_eq!(service.accesses(), accesses);
    let logged = "select count(*) from security_log where reason = 'scope-too-narrow'";
    assert_eq!(
        service.number(logged),
        i64::try_from(refused.len()).unwrap()
    );
}

#[test]
fn what_may_be_read_need_not_be_searched_and_what_is_not_understood_opens_nothing() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let path = format!("Flag?patient={NUMBER}");
    let flag = service.get(&path).ids()[0].clone();
    let reading = looking(&service, "user/Flag.r");
    assert_eq!(
        service.get_as(&reading, &format!("Flag/{flag}")).status,
        200
    );
    service
        .get_as(&reading, &path)
        .refusal(403, "ACCESS_DENIED");
    for scope in [
        "system/Flag.rs",
        "user/Flag.read",
        "patient/*.rs",
        "user/flag.rs",
    ] {
        let token = looking(&service, scope);
        service.get_as(&token, &path).refusal(403, "ACCESS_DENIED");
    }
    for scope in ["openid", "user/*.rs", "user/*.cruds"] {
        assert_eq!(service.get_as(&looking(&service, scope), &path).total(), 1);
    }
}

#[test]
fn each_request_of_a_batch_is_held_to_the_scopes() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let batch = json!({ "resourceType": "Bundle", "type": "batch", "entry": [
        { "request": { "method": "GET", "url": format!("Flag?patient={NUMBER}") } },
        { "request": { "method": "GET", "url": format!("EpisodeOfCare?patient={NUMBER}") } },
        { "request": { "method": "GET", "url": format!("Flag?patient={NUMBER}&_include=*") } },
        { "request": { "method": "GET", "url": format!("Patient/{NUMBER}/CarePlan") } },
    ] });
    let bearer = format!("Bearer {}", looking(&service, "user/Flag.s"));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
    ];
    let answer = service.ask("POST", "", &headers, batch.to_string().as_bytes());
    let entries = answer.json()["entry"].as_array().unwrap().clone();
    let statuses: Vec<&str> = entries
        .iter()
        .map(|entry| entry["response"]["status"].as_str().unwrap())
        .collect();
    assert_eq!(
        statuses,
        ["200 OK", "403 Forbidden", "403 Forbidden", "403 Forbidden"]
    );
    let logged = "select count(*) from security_log where reason = 'scope-too-narrow'";
    assert_eq!(service.number(logged), 3);
}

#[test]
fn an_authoritys_system_writes_no_more_than_its_scopes_say() {
    let service = TestService::new();
    let system = |scope: &str| {
        service.token_saying(json!({
            "sub": "la", "client_id": "la", "organisation": "E90001", "scope": scope,
        }))
    };
    let asked = |scope: &str, method: &str, path: &str| {
        let bearer = format!("Bearer {}", system(scope));
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/fhir+json"),
        ];
        service.ask(method, path, &headers, b"{}").status
    };
    let creating = "plans.upload system/EpisodeOfCare.c";
    assert_ne!(asked(creating, "POST", "EpisodeOfCare"), 403);
    assert_eq!(asked(creating, "DELETE", "EpisodeOfCare/1"), 403);
    assert_eq!(asked(creating, "PUT", "EpisodeOfCare/1"), 403);
    assert_eq!(asked(creating, "POST", "$upload-plans"), 403);
    assert_eq!(asked(creating, "GET", "$held-plans"), 403);
    assert_eq!(asked("plans.upload", "GET", "$held-plans"), 200);
    assert_eq!(
        asked("system/EpisodeOfCare.cruds", "POST", "EpisodeOfCare"),
        403
    );
}
