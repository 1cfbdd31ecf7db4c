//! What the service publishes of itself is read and searched by anybody: `read_definition`,
//! `search_definitions`.

use cpis_fhir::fhir::definitions::KINDS;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::Value;

use crate::support::{Answer, TestService, a_plan, list, resources, statement};

const NUMBER: &str = "9990000026";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn ask(service: &TestService, path: &str) -> Answer {
    service.ask("GET", path, &[], b"")
}

fn strictly(service: &TestService, path: &str) -> Answer {
    service.ask("GET", path, &[("prefer", "handling=strict")], b"")
}

#[test]
fn every_definition_is_found_and_read_by_anybody_and_is_no_access() {
    let service = TestService::new();
    for kind in KINDS {
        let found = ask(&service, kind);
        assert_eq!(found.status, 200, "{kind}: {}", found.text);
        assert_eq!(found.header("cache-control"), Some("max-age=300"));
        assert!(found.total() > 0, "{kind}");
        for definition in found.matches() {
            let id = definition["id"].as_str().unwrap();
            let read = ask(&service, &format!("{kind}/{id}"));
            assert_eq!(read.status, 200, "{kind}/{id}");
            assert_eq!(read.json(), definition);
            assert_eq!(read.header("cache-control"), Some("max-age=300"));
            let version = definition["meta"]["versionId"].as_str().unwrap();
            assert_eq!(read.header("etag").unwrap(), format!("W/\"{version}\""));
        }
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn every_promised_parameter_finds_one_definition_by_its_own_value() {
    let service = TestService::new();
    for resource in resources(&statement(&service)) {
        let kind = resource["type"].as_str().unwrap();
        if !KINDS.contains(&kind) {
            continue;
        }
        let one = ask(&service, kind).matches()[0].clone();
        for parameter in list(&resource["searchParam"]) {
            let name = parameter["name"].as_str().unwrap();
            let value = one[name.trim_start_matches('_')].as_str().unwrap();
            let search = format!("{kind}?{name}={value}");
            let answer = strictly(&service, &search);
            assert!(answer.matches().contains(&one), "{search}");
            let self_link = answer.link("self").unwrap();
            assert!(self_link.contains(&format!("{name}=")), "{self_link}");
            let other = strictly(&service, &format!("{kind}?{name}=none-has-this"));
            assert_eq!(other.total(), 0, "{kind}?{name}");
            let body = format!("{name}={value}");
            let path = format!("{kind}/_search");
            let posted = service.ask("POST", &path, &[FORM], body.as_bytes());
            assert_eq!(posted.json(), answer.json(), "{search} posted");
        }
    }
}

#[test]
fn following_the_next_links_visits_each_definition_once() {
    let service = TestService::new();
    let total = ask(&service, "StructureDefinition").total();
    let mut seen: Vec<Value> = Vec::new();
    let mut next = Some("StructureDefinition?_count=2".to_owned());
    while let Some(path) = next {
        let page = strictly(&service, &path);
        assert_eq!(page.total(), total);
        assert!((1..=2).contains(&page.matches().len()), "{path}");
        seen.extend(page.matches());
        next = page.link("next").map(|url| {
            let relative = url.strip_prefix(&format!("{}/", service.base));
            relative.unwrap().to_owned()
        });
    }
    let mut ids: Vec<&str> = seen.iter().map(|one| one["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    let expected = usize::try_from(total).unwrap();
    assert_eq!((ids.len(), seen.len()), (expected, expected));
    let counted = ask(&service, "StructureDefinition?_summary=count");
    assert_eq!((counted.total(), counted.matches().len()), (total, 0));
    assert!(counted.json().get("entry").is_none());
}

#[test]
fn the_capability_statement_that_is_read_names_this_service() {
    let service = TestService::new();
    let read = ask(&service, "CapabilityStatement/cpis-fhir").json();
    assert_eq!(read["implementation"]["url"], service.base);
    let mut told = statement(&service);
    told["meta"] = read["meta"].clone();
    assert_eq!(read, told);
}

#[test]
fn whatever_an_answer_claims_of_ours_is_found_here_by_its_url() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    service.get(&format!("Flag?patient={NUMBER}"));
    let answers = ["Flag", "EpisodeOfCare", "AuditEvent"].map(|kind| {
        let include = match kind {
            "Flag" => "&_include=Flag:author&_include=Flag:patient",
            _ => "",
        };
        service.get(&format!("{kind}?patient={NUMBER}{include}"))
    });
    let refusal = service.get("Flag?patient=9990000019");
    let mut claims: Vec<Value> = answers
        .iter()
        .flat_map(|answer| [answer.entries("match"), answer.entries("include")].concat())
        .flat_map(|resource| list(&resource["meta"]["profile"]))
        .collect();
    claims.extend(list(&refusal.json()["meta"]["profile"]));
    let ours: std::collections::BTreeSet<&str> = claims
        .iter()
        .map(|claim| claim.as_str().unwrap())
        .filter(|claim| claim.starts_with("https://cpis-fhir.invalid/"))
        .collect();
    assert_eq!(ours.len(), 6, "{ours:?}");
    for url in ours {
        let found = strictly(&service, &format!("StructureDefinition?url={url}"));
        assert_eq!(found.total(), 1, "{url}");
    }
}

#[test]
fn what_is_not_published_is_refused_as_anywhere() {
    let service = TestService::new();
    ask(&service, "ValueSet/none").refusal(404, "RESOURCE_NOT_FOUND");
    ask(&service, "ValueSet/CodeSystem").refusal(404, "RESOURCE_NOT_FOUND");
    ask(&service, "ConceptMap").refusal(404, "UNSUPPORTED_SERVICE");
    ask(&service, "ValueSet?url:below=https://cpis-fhir.invalid")
        .refusal(400, "UNSUPPORTED_SERVICE");
    strictly(&service, "ValueSet?date=2026").refusal(400, "UNSUPPORTED_SERVICE");
    ask(&service, "ValueSet?_count=many").refusal(400, "INVALID_SEARCH_DATA");
    ask(&service, "ValueSet?_summary=some").refusal(400, "INVALID_SEARCH_DATA");
    strictly(&service, "ValueSet?_summary=text").refusal(400, "UNSUPPORTED_SERVICE");
    let long = format!("ValueSet?name={}", "a".repeat(5_000));
    ask(&service, &long).refusal(400, "INVALID_SEARCH_DATA");
    let token = service.token(SandboxRole::Clinician);
    let bearer = format!("Bearer {token}");
    let with_token = service.ask("GET", "ValueSet", &[("authorization", &bearer)], b"");
    assert_eq!(with_token.status, 200, "a token does no harm");
    let put = service.ask("PUT", "ValueSet/plan-kind", &[], b"{}");
    put.refusal(405, "UNSUPPORTED_SERVICE");
}

#[test]
fn a_posted_search_of_definitions_is_answered_whatever_the_caller_holds() {
    let service = TestService::new();
    let posted = |headers: &[(&str, &str)]| {
        service.ask("POST", "ValueSet/_search", headers, b"_id=plan-kind")
    };
    let first = posted(&[FORM]);
    let etag = first.header("etag").unwrap();
    let again = posted(&[FORM, ("if-none-match", etag)]);
    assert_eq!((again.status, again.json()), (200, first.json()));
}

#[test]
fn a_part_that_is_none_is_refused_of_a_definition_as_of_any_resource() {
    let service = TestService::new();
    for query in [
        "_summary=zzz",
        "_summary=count",
        "_summary=true&_elements=url",
    ] {
        let answer = ask(&service, &format!("StructureDefinition/plan-flag?{query}"));
        answer.refusal(400, "INVALID_SEARCH_DATA");
    }
}
