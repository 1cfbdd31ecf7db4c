//! What a search asks beyond the child, and the shape of its answer: `search_flags`.

use cpis_fhir::sandbox::role::SandboxRole;

use crate::support::{Answer, TestService, a_plan, form, nhs};

const NUMBER: &str = "9990000026";
const SNOMED: &str = "http://snomed.info/sct";
const ENGLAND: &str = "https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient";
const CPIS: &str = "child-protection-information-system-flag";

/// A child with one plan of each kind: CPP all through 2026, CLA from 1 February to 1 June, UCPP
/// from 1 October.
fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[
        a_plan().from("2026-01-01").until("2026-12-31"),
        a_plan().kind("CLA").from("2026-02-01").until("2026-06-01"),
        a_plan().kind("UCPP").from("2026-10-01").until("2027-02-01"),
    ]);
    service
}

/// The kinds of plan found, in order.
fn kinds(answer: &Answer) -> Vec<&'static str> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let kind = |flag: &serde_json::Value| match flag["code"]["coding"][0]["code"].as_str() {
        Some("342191000000101") => "CPP",
        Some("764841000000100") => "CLA",
        _ => "UCPP",
    };
    answer.matches().iter().map(kind).collect()
}

fn all_found(service: &TestService, table: &[(&str, &str, &[&str])]) {
    for (name, value, expected) in table {
        let answer = service.find("Flag", NUMBER, &[(name, value)]);
        assert_eq!(kinds(&answer), *expected, "{name}={value}");
        assert_eq!(answer.json()["total"], expected.len());
    }
}

const ALL: &[&str] = &["CPP", "CLA", "UCPP"];

#[test]
fn a_flag_is_found_by_status_and_category() {
    all_found(
        &service(),
        &[
            ("status", "active", ALL),
            ("status", "http://hl7.org/fhir/flag-status|active", ALL),
            ("status", "inactive", &[]),
            ("status", "active,inactive", ALL),
            ("status:not", "inactive", ALL),
            ("status:not", "active", &[]),
            ("category", "safety", ALL),
            ("category", CPIS, ALL),
            ("category", &format!("{ENGLAND}|{CPIS}"), ALL),
            ("category", &format!("{ENGLAND}|"), ALL),
            ("category", "female-genital-mutilation-flag", &[]),
            ("_security", "SDV", &["CPP", "UCPP"]),
            ("_security:not", "SDV", &["CLA"]),
        ],
    );
}

#[test]
fn a_flag_is_found_by_code_also_by_the_code_of_the_patient_flags_api() {
    all_found(
        &service(),
        &[
            ("code", CPIS, ALL),
            ("code", &format!("{ENGLAND}|{CPIS}"), ALL),
            ("code", "764841000000100", &["CLA"]),
            ("code", &format!("{SNOMED}|764841000000100"), &["CLA"]),
            ("code", &format!("{SNOMED}|"), ALL),
            ("code", "342191000000101,818901000000100", &["CPP", "UCPP"]),
            ("code:not", "342191000000101", &["CLA", "UCPP"]),
            ("code", "|764841000000100", &[]),
            ("code", &format!("{SNOMED}|{CPIS}"), &[]),
            ("code", "female-genital-mutilation-flag", &[]),
        ],
    );
    let patient_flags = form(&[("patient", NUMBER), ("code", CPIS)]);
    let answer = service().get(&format!("Flag?{patient_flags}"));
    assert_eq!(answer.total(), 3);
}

#[test]
fn a_flag_is_found_by_the_days_its_plan_counts() {
    all_found(
        &service(),
        &[
            ("date", "2026", &["CPP", "CLA"]),
            ("date", "eq2026-02-01", &[]),
            ("date", "ne2026", &["UCPP"]),
            ("date", "gt2026-12-31", &["UCPP"]),
            ("date", "ge2026-12-31", &["CPP", "UCPP"]),
            ("date", "lt2026-02-01", &["CPP"]),
            ("date", "le2026-02-01", &["CPP", "CLA"]),
            ("date", "sa2026-01-31", &["CLA", "UCPP"]),
            ("date", "sa2026-02-01", &["UCPP"]),
            ("date", "eb2026-06-02", &["CLA"]),
            ("date", "eb2026-06-01", &[]),
            ("date", "ap2026-03", &["CPP", "CLA"]),
            ("date", "ge2026-06-01T22:59:59Z", ALL),
            ("date", "ge2026-06-01T23:00:00Z", &["CPP", "UCPP"]),
            ("date", "ge2026-06-02T00:00:00+01:00", &["CPP", "UCPP"]),
            ("date", "eb2026-06-02,sa2026-09-30", &["CLA", "UCPP"]),
        ],
    );
    let today = [("date", "le2026-11-22"), ("date", "ge2026-11-22")];
    let open_today = service().find("Flag", NUMBER, &today);
    assert_eq!(kinds(&open_today), ["CPP", "UCPP"]);
}

#[test]
fn a_flag_is_found_by_when_it_last_changed_by_author_and_by_id() {
    let service = service();
    let all = service.find("Flag", NUMBER, &[]);
    let author = all.matches()[0]["author"]["reference"].clone();
    let author = author.as_str().unwrap();
    let ids = all.ids();
    let two = format!("{},{}", ids[0], ids[2]);
    all_found(
        &service,
        &[
            ("_lastUpdated", "ge2026-11-22", ALL),
            ("_lastUpdated", "2026-11-22T12:00:00Z", ALL),
            ("_lastUpdated", "lt2026-11-22T12:00:00Z", &[]),
            ("_lastUpdated", "gt2026-11-22", &[]),
            ("author", author, ALL),
            ("author", &format!("{}/{author}", service.base), ALL),
            (
                "author:Organization",
                author.trim_start_matches("Organization/"),
                ALL,
            ),
            ("author:identifier", "E90001", ALL),
            (
                "author",
                "Organization/019371b8-1c00-7000-8000-000000000001",
                &[],
            ),
            ("identifier", "H-1", ALL),
            ("_id", &ids[1], &["CLA"]),
            ("_id", &two, &["CPP", "UCPP"]),
            ("_id", "abc", &[]),
        ],
    );
    let alone = service.get(&format!("Flag?_id={}", ids[1]));
    assert_eq!(kinds(&alone), ["CLA"], "an id alone names the child");
    let several = service.get(&format!("Flag?_id={two}"));
    several.refusal(400, "INVALID_SEARCH_DATA");
}

#[test]
fn a_look_that_finds_nothing_of_what_it_asked_is_recorded_and_told_all_the_same() {
    let service = service();
    assert_eq!(
        service
            .find("Flag", NUMBER, &[("status", "inactive")])
            .total(),
        0
    );
    assert_eq!(service.accesses(), 1);
    assert_eq!(service.notifications(), 1);
}

#[test]
fn a_value_that_cannot_be_read_is_refused_with_its_parameter() {
    let service = service();
    for (name, value) in [
        ("date", "23May2026"),
        ("date", "ge2026-13"),
        ("date", "2026-02-30"),
        ("date", "yesterday"),
        ("_lastUpdated", "2026-1-1"),
        ("code", "a|b|c"),
        ("code", "|"),
        ("_count", "-1"),
        ("_count", "many"),
        ("_count", "99999999999"),
        ("_total", "exact"),
    ] {
        let answer = service.find("Flag", NUMBER, &[(name, value)]);
        let issue = answer.refusal(400, "INVALID_SEARCH_DATA");
        assert_eq!(issue["expression"][0], name);
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn an_unsupported_modifier_is_refused_even_under_lenient_handling() {
    let service = service();
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    for (name, value) in [
        ("code:in", "http://example.org"),
        ("code:below", "1"),
        ("status:exact", "active"),
        ("date:not", "2026"),
        ("author:Patient", "1"),
        ("author.phone", "1"),
        ("author.partof.name", "Northshire"),
        ("author:Device.name", "Northshire"),
        ("_id:exact", "1"),
        ("_lastUpdated:exact", "2026"),
        ("_has:Flag:patient:code", "1"),
        ("_has:AuditEvent", "1"),
        ("_has:AuditEvent:entity:agent.name", "1"),
    ] {
        let query = form(&[("patient:identifier", &nhs(NUMBER)), (name, value)]);
        for prefer in ["handling=lenient", "handling=strict"] {
            let headers = [("authorization", bearer.as_str()), ("prefer", prefer)];
            let answer = service.ask("GET", &format!("Flag?{query}"), &headers, b"");
            let issue = answer.refusal(400, "UNSUPPORTED_SERVICE");
            assert_eq!(issue["expression"][0], name);
        }
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn an_unknown_parameter_is_refused_when_strict_and_else_left_out_of_the_self_link() {
    let service = service();
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let used = form(&[("patient:identifier", &nhs(NUMBER)), ("status", "active")]);
    for unknown in [
        ("colour", "blue"),
        ("_sort", "colour"),
        ("_include", "Flag:encounter"),
        ("_revinclude", "Provenance:target"),
        ("encounter", "1"),
        ("CODE", "1"),
    ] {
        let query = format!("Flag?{used}&{}", form(&[unknown]));
        let asked = |prefer| {
            let headers = [("authorization", bearer.as_str()), ("prefer", prefer)];
            service.ask("GET", &query, &headers, b"")
        };
        for prefer in ["handling=lenient", "return=minimal", "respond-async"] {
            let lenient = asked(prefer);
            assert_eq!(lenient.total(), 3, "{unknown:?}");
            let expected = format!("{}/Flag?{used}", service.base);
            assert_eq!(lenient.link("self"), Some(expected));
        }
        for prefer in ["handling=strict", "return=minimal, handling=strict"] {
            let issue = asked(prefer).refusal(400, "UNSUPPORTED_SERVICE");
            assert_eq!(issue["expression"][0], unknown.0);
        }
        asked("handling=maybe").refusal(400, "INVALID_VALUE");
    }
}

#[test]
fn a_named_query_is_refused_because_there_is_none() {
    let service = service();
    for prefer in ["handling=lenient", "handling=strict"] {
        let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
        let headers = [("authorization", bearer.as_str()), ("prefer", prefer)];
        let query = format!("Flag?patient={NUMBER}&_query=current");
        let refused = service.ask("GET", &query, &headers, b"");
        let issue = refused.refusal(400, "UNSUPPORTED_SERVICE");
        assert_eq!(issue["expression"][0], "_query");
    }
    assert_eq!(service.accesses(), 0);
}
