//! Several reads and searches in one request: `batch`.

use cpis_fhir::sandbox::role::SandboxRole;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use serde_json::{Value, json};

use crate::support::{Answer, TestService, a_plan, form, nhs};

const NUMBER: &str = "9990000026";
const OTHER: &str = "9990000034";

fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[a_plan(), a_plan().child(OTHER).local_id("H-2")]);
    service
}

fn entries(urls: &[&str]) -> Vec<Value> {
    urls.iter()
        .map(|url| json!({"request": {"method": "GET", "url": url}}))
        .collect()
}

fn body(entries: &[Value]) -> String {
    json!({"resourceType": "Bundle", "type": "batch", "entry": entries}).to_string()
}

fn post(service: &TestService, path: &str, content_type: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", content_type),
    ];
    service.ask("POST", path, &headers, body.as_bytes())
}

/// The entries of the answer to a batch of GETs.
fn answered(service: &TestService, urls: &[&str]) -> Vec<Value> {
    let answer = post(service, "", "application/fhir+json", &body(&entries(urls)));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let bundle = answer.json();
    assert_eq!(bundle["type"], "batch-response");
    bundle["entry"].as_array().cloned().unwrap_or_default()
}

fn version(resource: &Value) -> &str {
    resource["meta"]["versionId"].as_str().unwrap()
}

fn flags_of(number: &str) -> String {
    format!("Flag?{}", form(&[("patient:identifier", &nhs(number))]))
}

#[test]
fn a_batch_with_a_null_in_it_is_refused_because_fhir_has_none() {
    let service = service();
    for member in ["method", "url", "ifNoneMatch", "ifModifiedSince"] {
        let mut request = json!({"method": "GET", "url": flags_of(NUMBER)});
        request[member] = Value::Null;
        let batch = body(&[json!({ "request": request })]);
        let answer = post(&service, "", "application/fhir+json", &batch);
        answer.refusal(400, "INVALID_VALUE");
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn each_request_of_a_batch_is_answered_in_its_place_and_is_an_access_of_its_own() {
    let service = service();
    let (one, other, nobody) = (flags_of(NUMBER), flags_of(OTHER), flags_of("9990000042"));
    let answers = answered(&service, &[&one, &other, &nobody]);
    let totals: Vec<&Value> = answers.iter().map(|a| &a["resource"]["total"]).collect();
    assert_eq!(totals, [1, 1, 0]);
    for (answer, number) in answers.iter().zip([NUMBER, OTHER]) {
        assert_eq!(answer["response"]["status"], "200 OK");
        let subject = &answer["resource"]["entry"][0]["resource"]["subject"];
        assert_eq!(subject["identifier"]["value"], number);
    }
    assert_eq!(service.accesses(), 3);
    assert_eq!(service.notifications(), 2);
    let children = "select count(distinct nhs_number) from accesses";
    assert_eq!(service.number(children), 3);
    let requests = "select count(distinct request_id) from accesses";
    assert_eq!(service.number(requests), 1, "they came with one request");
}

#[test]
fn everything_that_can_be_asked_alone_can_be_asked_in_a_batch_with_the_same_answer() {
    let service = service();
    let flag = service.find("Flag", NUMBER, &[]).matches().remove(0);
    let id = flag["id"].as_str().unwrap();
    let patient = flag["subject"]["reference"].as_str().unwrap();
    let authority = flag["author"]["reference"].as_str().unwrap();
    let urls = [
        flags_of(NUMBER),
        format!("/{}", flags_of(NUMBER)),
        format!("{}/{}", service.base, flags_of(NUMBER)),
        format!("{patient}/Flag"),
        format!("{patient}/EpisodeOfCare"),
        format!("Patient?identifier={NUMBER}&_revinclude=Flag:patient"),
        format!("Flag/{id}"),
        format!("EpisodeOfCare/{id}"),
        patient.to_owned(),
        authority.to_owned(),
        format!("Flag/{id}/_history"),
        format!("EpisodeOfCare/{id}/_history?_count=1"),
        format!("{patient}/_history"),
        format!("{authority}/_history"),
        format!("Flag/_history?patient={NUMBER}"),
        format!("EpisodeOfCare/_history?patient={NUMBER}"),
        format!("Flag/{id}/_history/{}", version(&flag)),
        format!("{authority}/_history/1"),
    ];
    let asked: Vec<&str> = urls.iter().map(String::as_str).collect();
    for (url, answer) in urls.iter().zip(answered(&service, &asked)) {
        assert_eq!(answer["response"]["status"], "200 OK", "{url}");
        let alone = service.get(url);
        assert_eq!(answer["resource"], alone.json(), "{url}");
        assert_eq!(answer["response"]["etag"].as_str(), alone.header("etag"));
    }
}

#[test]
fn what_is_wrong_with_one_request_is_answered_in_its_place_and_harms_no_other() {
    let service = service();
    let (one, other) = (flags_of(NUMBER), flags_of(OTHER));
    let wrong_number = flags_of("9990000027");
    let urls = [
        one.as_str(),
        &wrong_number,
        "Flag?status=active",
        "Flag/019371b8-1c00-7000-8000-000000000001",
        "Observation?patient=1",
        "metadata",
        "",
        "Patient/1/Flag/2",
        "Patient/9990000026/Patient",
        "Flag?_page=made-up",
        "Flag/_history",
        "Patient/_history?patient=9990000026",
        "Flag/019371b8-1c00-7000-8000-000000000001/_history",
        "Flag/019371b8-1c00-7000-8000-000000000001/_history/1-1",
        "CareTeam/019371b8-1c00-7000-8000-000000000001/_history",
        "CarePlan/019371b8-1c00-7000-8000-000000000001/_history/1-1-active",
        "Patient/9990000026/Organization",
        "Patient/9990000026/PatientFlag",
        &other,
    ];
    let answers = answered(&service, &urls);
    let statuses: Vec<&str> = answers
        .iter()
        .map(|answer| &answer["response"]["status"].as_str().unwrap()[..3])
        .collect();
    let expected = [
        "200", "400", "400", "404", "400", "400", "400", "400", "400", "410", "400", "400", "404",
        "404", "400", "400", "400", "400", "200",
    ];
    assert_eq!(statuses, expected);
    for answer in &answers[1..18] {
        assert!(answer.get("resource").is_none());
        let outcome = &answer["response"]["outcome"];
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        assert_eq!(outcome["issue"][0]["severity"], "error");
        assert!(!outcome.to_string().contains("9990000027"));
    }
    assert_eq!(service.accesses(), 2);
}

#[test]
fn a_batch_writes_nothing() {
    let service = service();
    let requests: Vec<Value> = ["POST", "PUT", "DELETE", "PATCH", "HEAD"]
        .iter()
        .map(|method| json!({"request": {"method": method, "url": flags_of(NUMBER)}}))
        .collect();
    let answer = post(&service, "", "application/fhir+json", &body(&requests));
    let bundle = answer.json();
    for answer in bundle["entry"].as_array().unwrap() {
        assert_eq!(answer["response"]["status"], "400 Bad Request");
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_batch_may_be_posted_with_a_slash_at_the_end_and_as_plain_json() {
    let service = service();
    let batch = body(&entries(&[&flags_of(NUMBER)]));
    for path in [service.base.clone(), format!("{}/", service.base)] {
        for content_type in [
            "application/fhir+json",
            "application/fhir+json; charset=utf-8",
            "application/json",
            "application/fhir+json; fhirVersion=4.0",
            "application/fhir+json;FHIRVERSION=\"4.0.1\"",
        ] {
            let answer = post(&service, &path, content_type, &batch);
            assert_eq!(answer.status, 200, "{path} {content_type}");
            assert_eq!(answer.json()["entry"][0]["resource"]["total"], 1);
        }
        for other in ["text/plain", "application/fhir+json; fhirVersion=3.0"] {
            let answer = post(&service, &path, other, &batch);
            answer.refusal(415, "UNSUPPORTED_SERVICE");
        }
    }
}

#[test]
fn a_body_that_is_no_batch_is_refused_and_nothing_is_recorded() {
    let service = service();
    let transaction = body(&entries(&[&flags_of(NUMBER)])).replace("\"batch\"", "\"transaction\"");
    let no_request = body(&[json!({"fullUrl": "urn:uuid:1"})]);
    for body in ["", "{}", "[]", "null", "Flag", &transaction, &no_request] {
        let answer = post(&service, "", "application/fhir+json", body);
        let issue = answer.refusal(400, "INVALID_VALUE");
        assert_eq!(issue["code"], "structure");
    }
    let url = flags_of(NUMBER);
    let too_many = body(&entries(&[url.as_str(); 51]));
    let answer = post(&service, "", "application/fhir+json", &too_many);
    assert_eq!(answer.refusal(400, "INVALID_VALUE")["code"], "too-costly");
    let too_long = "x".repeat(256 * 1024 + 1);
    let answer = post(&service, "", "application/fhir+json", &too_long);
    answer.refusal(413, "INVALID_VALUE");
    assert_eq!(service.accesses(), 0);
}

#[test]
fn an_empty_batch_has_an_empty_answer() {
    let service = service();
    assert!(answered(&service, &[]).is_empty());
}

#[test]
fn a_batch_of_a_caller_who_may_not_look_is_refused_as_a_whole() {
    let service = service();
    let bearer = format!("Bearer {}", service.token(SandboxRole::NoActivity));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
    ];
    let batch = body(&entries(&[&flags_of(NUMBER)]));
    let answer = service.ask("POST", "", &headers, batch.as_bytes());
    answer.refusal(403, "ACCESS_DENIED");
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_page_link_can_be_followed_in_a_batch() {
    let service = service();
    service.tell(&[a_plan().kind("CLA")]);
    let next = service
        .find("Flag", NUMBER, &[("_count", "1")])
        .link("next")
        .unwrap();
    let answers = answered(&service, &[&next]);
    assert_eq!(answers[0]["resource"], service.get(&next).json());
}

#[test]
fn a_look_that_is_given_up_leaves_those_behind_it_in_the_batch_to_be_answered() {
    let service = TestService::with(|settings| settings.request_deadline_ms = 2_000);
    service.tell(&[a_plan(), a_plan().child(OTHER).local_id("H-2")]);
    // The look at the first child is under way for as long as somebody holds this.
    service.execute(&format!(
        "create function hold() returns trigger language plpgsql as $$ begin \
         perform pg_advisory_xact_lock(7); return null; end $$; \
         create trigger held after insert on accesses for each row \
         when (new.nhs_number = {NUMBER}) execute function hold()"
    ));
    let mut holder = PgConnection::establish(&service.owner_url()).unwrap();
    holder.batch_execute("select pg_advisory_lock(7)").unwrap();
    let answers = answered(&service, &[&flags_of(NUMBER), &flags_of(OTHER)]);
    let statuses: Vec<&str> = answers
        .iter()
        .map(|answer| answer["response"]["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["503 Service Unavailable", "200 OK"]);
    assert_eq!(answers[1]["resource"]["total"], 1);
}
