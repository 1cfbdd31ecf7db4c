//! An authority's system writes several plans in one request: `batch`.

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole::LocalAuthority;
use serde_json::{Value, json};

use crate::support::{Answer, TestService, a_plan, bundle, file, record_code};

fn answers(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["entry"].as_array().unwrap().clone()
}

fn statuses(answer: &Answer) -> Vec<String> {
    let of = |entry: &Value| entry["response"]["status"].as_str().unwrap()[..3].to_owned();
    answers(answer).iter().map(of).collect()
}

#[test]
fn a_batch_is_taken_in_as_a_file_is_each_request_for_itself() {
    let service = TestService::new();
    let plans = [
        a_plan(),
        a_plan().child("9990000035").local_id("H-2"),
        a_plan().child("9990000034").local_id("H-3"),
        a_plan(),
    ];
    let entries = plans.map(|plan| plan.entry());
    let answer = service.write(("POST", ""), &[], &bundle("batch", &entries));
    assert_eq!(statuses(&answer), ["201", "422", "201", "422"]);
    assert_eq!(answer.json()["type"], "batch-response");
    assert_eq!(answer.json()["meta"]["tag"][0]["code"], "CPF03");
    let told = answers(&answer);
    let codes: Vec<String> = told
        .iter()
        .map(|told| record_code(&told["response"]["outcome"]))
        .collect();
    assert_eq!(codes, ["CPR06", "CPR04", "CPR06", "CPR07"]);
    let at = &told[1]["response"]["outcome"]["issue"][0]["expression"];
    assert_eq!(
        *at,
        json!(["Bundle.entry[1].resource.contained.identifier"])
    );
    assert_eq!(service.codes(), ["CPR04|nhs_number", "CPR07|local_id"]);
    let location = told[0]["response"]["location"].as_str().unwrap();
    assert_eq!(
        service.get(location).header("etag"),
        told[0]["response"]["etag"].as_str()
    );
    let again = service.write(("POST", ""), &[], &bundle("batch", &[a_plan().entry()]));
    assert_eq!(statuses(&again), ["200"]);
    assert_eq!(
        answers(&again)[0]["response"]["etag"],
        told[0]["response"]["etag"]
    );
    assert_eq!(service.earlier_versions(), 0);
}

#[test]
fn a_transaction_is_taken_in_whole_or_not_at_all() {
    let service = TestService::new();
    let good = [
        a_plan().entry(),
        a_plan().child("9990000034").local_id("H-3").entry(),
    ];
    let bad = a_plan().child("9990000035").local_id("H-2").entry();
    let stale = json!({ "request": {
        "method": "DELETE", "url": "EpisodeOfCare/01890000-0000-7000-8000-000000000000",
    } });
    let reads =
        json!({ "request": { "method": "GET", "url": "EpisodeOfCare?patient=9990000026" } });
    for (wrong, status) in [(&bad, 422), (&stale, 404), (&reads, 400)] {
        let entries = [good[0].clone(), wrong.clone(), good[1].clone()];
        let answer = service.write(("POST", ""), &[], &bundle("transaction", &entries));
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.json()["resourceType"], "OperationOutcome");
        assert_eq!(service.plans(), 0);
        assert_eq!(service.number("select count(*) from uploads"), 0);
    }
    let answer = service.write(("POST", ""), &[], &bundle("transaction", &good));
    assert_eq!(statuses(&answer), ["201", "201"]);
    assert_eq!(answer.json()["type"], "transaction-response");
    assert_eq!(answer.json()["meta"]["tag"][0]["code"], "CPF02");
    assert_eq!(service.plans(), 2);
}

#[test]
fn every_way_to_write_a_plan_can_stand_in_a_bundle() {
    let service = TestService::new();
    let create = json!({
        "resource": a_plan().resource(),
        "request": { "method": "POST", "url": "EpisodeOfCare",
                     "ifNoneExist": a_plan().criteria() },
    });
    let first = service.write(
        ("POST", ""),
        &[],
        &bundle("batch", std::slice::from_ref(&create)),
    );
    assert_eq!(statuses(&first), ["201"]);
    let response = answers(&first)[0]["response"].clone();
    let location = response["location"].as_str().unwrap();
    let path = location
        .trim_start_matches(&service.base)
        .trim_start_matches('/');
    let id = path.split('/').nth(1).unwrap();
    let mut longer = a_plan().until("2026-12-31").resource();
    longer["id"] = json!(id);
    let update = |etag: &Value| {
        let url = format!("EpisodeOfCare/{id}");
        let request = json!({ "method": "PUT", "url": url, "ifMatch": etag });
        bundle(
            "batch",
            &[json!({ "resource": longer, "request": request })],
        )
    };
    let updated = service.write(("POST", ""), &[], &update(&response["etag"]));
    assert_eq!(statuses(&updated), ["200"], "{}", updated.text);
    let stale = service.write(("POST", ""), &[], &update(&response["etag"]));
    assert_eq!(statuses(&stale), ["412"], "{}", stale.text);
    let nobodys = format!("EpisodeOfCare?{}", a_plan().local_id("H-9").criteria());
    let entries = [
        create,
        json!({ "request": { "method": "DELETE",
                             "url": nobodys } }),
        json!({ "request": { "method": "GET", "url": format!("EpisodeOfCare/{id}") } }),
        json!({ "request": { "method": "POST", "url": "Flag" },
                "resource": { "resourceType": "Flag" } }),
        json!({ "request": { "method": "PUT", "url": format!("EpisodeOfCare/{id}") } }),
    ];
    let answer = service.write(("POST", ""), &[], &bundle("batch", &entries));
    assert_eq!(statuses(&answer), ["200", "404", "400", "400", "400"]);
    let deletes =
        json!({ "request": { "method": "DELETE", "url": format!("EpisodeOfCare/{id}") } });
    let answer = service.write(
        ("POST", ""),
        &[("prefer", "return=minimal")],
        &bundle("batch", &[deletes]),
    );
    assert_eq!(statuses(&answer), ["204"]);
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_bundle_may_have_a_number_among_the_authoritys_files_and_then_follows_their_order() {
    let service = TestService::new();
    let csv = file(1, &[a_plan()]);
    assert_eq!(
        service.upload_as(LocalAuthority, csv.as_bytes()).status,
        200
    );
    let numbered = |number: &str, plan: &crate::support::PlanLine| {
        let mut bundle = bundle("batch", &[plan.entry(), a_plan().child("1").entry()]);
        bundle["identifier"] = json!({
            "system": "https://cpis-fhir.invalid/Id/upload-file-sequence/E90001", "value": number,
        });
        bundle["timestamp"] = json!("2026-11-22T02:00:00Z");
        service.write(("POST", ""), &[], &bundle)
    };
    let longer = a_plan().until("2026-12-31");
    for early in ["1", "3"] {
        assert_eq!(numbered(early, &longer).status, 409);
    }
    let first = numbered("2", &longer);
    assert_eq!(statuses(&first), ["200", "422"]);
    let held = service.held();
    let again = numbered("2", &longer);
    assert_eq!(statuses(&again), ["200", "422"]);
    assert_eq!(
        again.json()["identifier"],
        first.json()["identifier"],
        "its first acknowledgement"
    );
    assert_eq!(numbered("2", &a_plan()).status, 409);
    for bad in ["0", "two", "-1", "12345678901"] {
        assert_eq!(numbered(bad, &a_plan()).status, 400, "{bad}");
    }
    assert_eq!(service.held(), held);
    let kept =
        service.texts("select concat_ws('|', form, sequence) from uploads order by sequence");
    assert_eq!(kept, ["csv|1", "fhir|2"]);
}

#[test]
fn a_bundle_in_xml_says_the_same_as_in_json() {
    let service = TestService::new();
    let query = a_plan().criteria().replace('&', "&amp;");
    let xml = format!(
        "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"transaction\"/><entry><resource>\
         <EpisodeOfCare><contained><Patient><id value=\"child\"/><identifier>\
         <system value=\"https://fhir.nhs.uk/Id/nhs-number\"/><value value=\"9990000026\"/>\
         </identifier><name><family value=\"Okonkwo\"/><given value=\"Ada\"/>\
         <given value=\"Grace\"/></name><birthDate value=\"2015-04-01\"/></Patient></contained>\
         <identifier>\
         <system value=\"https://cpis-fhir.invalid/Id/local-authority-child-id/E90001\"/>\
         <value value=\"H-1\"/></identifier><status value=\"active\"/><type><coding>\
         <system value=\"http://snomed.info/sct\"/><code value=\"342191000000101\"/></coding>\
         </type>\
         <patient><reference value=\"#child\"/></patient><managingOrganization><identifier>\
         <system value=\"https://fhir.nhs.uk/Id/ods-organization-code\"/><value value=\"E90001\"/>\
         </identifier></managingOrganization><period><start value=\"2026-01-10\"/></period>\
         </EpisodeOfCare></resource><request><method value=\"PUT\"/>\
         <url value=\"EpisodeOfCare?{query}\"/></request></entry></Bundle>"
    );
    let bearer = format!("Bearer {}", service.token(LocalAuthority));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+xml"),
        ("accept", "application/fhir+xml"),
    ];
    let answer = service.ask("POST", "", &headers, xml.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(
        answer.text.contains("<status value=\"201 Created\"/>"),
        "{}",
        answer.text
    );
    let unchanged = service.write(("POST", ""), &[], &bundle("batch", &[a_plan().entry()]));
    assert_eq!(statuses(&unchanged), ["200"], "nothing differs");
    assert_eq!(service.earlier_versions(), 0);
}

#[test]
fn the_same_plans_as_csv_and_as_fhir_are_the_same_state_and_the_same_codes() {
    let lines = [
        a_plan(),
        a_plan()
            .kind("CLA")
            .until("2026-12-31")
            .local_id("H-2")
            .child("9990000034"),
        a_plan()
            .kind("UCPP")
            .born("1998-07-23")
            .until("2027-02-14")
            .local_id("H-3")
            .child("9990000042"),
        a_plan().child("9990000035").local_id("H-4"),
        a_plan().kind("CiN").local_id("H-5"),
        a_plan().born("2015-04-02").local_id("H-6"),
        a_plan(),
        a_plan().withdrawn("2026-11-20").local_id("H-7"),
        a_plan().from("").local_id("H-8"),
        a_plan().of("E90002").local_id("H-9"),
    ];
    let later = [
        a_plan().withdrawn("2026-11-21"),
        a_plan()
            .kind("CLA")
            .until("2026-12-30")
            .local_id("H-2")
            .child("9990000034"),
        a_plan()
            .kind("CLA")
            .until("2026-12-30")
            .local_id("H-2")
            .child("9990000026"),
    ];
    let (csv, fhir) = (TestService::new(), TestService::new());
    for (number, lines) in (1..).zip([&lines[..], &later[..]]) {
        let answer = csv.upload_as(LocalAuthority, file(number, lines).as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text);
        let entries: Vec<Value> = lines
            .iter()
            .map(|line| {
                json!({
                    "resource": without_blanks(line.resource()),
                    "request": { "method": "PUT", "url": line.url_of("E90001") },
                })
            })
            .collect();
        let answer = fhir.write(("POST", ""), &[], &bundle("batch", &entries));
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(fhir.codes(), csv.codes());
        assert_eq!(fhir.told_state(), csv.told_state());
        for service in [&csv, &fhir] {
            service.clock.advance(TimeDelta::seconds(1));
        }
    }
    assert_eq!(fhir.earlier_versions(), csv.earlier_versions());
}

/// FHIR has no empty strings: what a file leaves blank is not there.
fn without_blanks(mut resource: Value) -> Value {
    if resource["period"]["start"] == "" {
        resource["period"] = json!({ "end": "2026-12-31" });
    }
    resource
}
