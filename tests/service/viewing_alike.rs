//! A child's plans are the same in every view of them: `search_flags`, `search_episodes_of_care`,
//! `search_care_teams`, `search_care_plans`, `search_patient_flags`.

use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::Value;

use crate::support::{Answer, TestService, a_doctor, a_plan, file};

const NONE: &str = "9990000018";
const ONE: &str = "9990000026";
const TWO: &str = "9990000034";

/// What CP-IS tells of a plan, however it is asked.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Facts {
    nhs_number: String,
    kind: String,
    start: String,
    end: String,
    authority: String,
    emergency: String,
    office: Option<String>,
}

/// The views, each as it is asked for.
const VIEWS: [(&str, &str); 5] = [
    ("Flag", "&_include=Flag:author"),
    ("EpisodeOfCare", "&_include=EpisodeOfCare:organization"),
    ("CareTeam", ""),
    ("CarePlan", "&_include=CarePlan:care-team"),
    (
        "PatientFlag",
        "&code=child-protection-information-system-flag",
    ),
];

fn service() -> TestService {
    let service = TestService::new();
    let plans = [
        a_plan().child(ONE).until("2027-01-09"),
        a_plan().child(TWO).local_id("H-2").from("2026-02-01"),
    ];
    let told = file(1, &plans).replace("01632 960001,\n", "01632 960001,01632 960002\n");
    let answer = service.upload_as(SandboxRole::LocalAuthority, told.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text);
    service.tell(&[a_plan()
        .kind("CLA")
        .child(TWO)
        .of("E90002")
        .from("2025-03-01")]);
    service
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What is told under a reference, in the same answer.
fn told<'a>(answer: &'a [Value], reference: &Value) -> &'a Value {
    let (kind, id) = reference["reference"]
        .as_str()
        .unwrap()
        .split_once('/')
        .unwrap();
    let is_it = |found: &&Value| found["resourceType"] == kind && found["id"] == id;
    answer.iter().find(is_it).unwrap()
}

fn number(telecom: &Value, r#use: &str) -> Option<String> {
    let numbers = telecom.as_array()?;
    let number = numbers.iter().find(|number| number["use"] == r#use)?;
    Some(text(&number["value"]))
}

/// The numbers of an Organization or a CareTeam: for emergencies, and in office hours.
fn numbers(whom: &Value) -> (String, Option<String>) {
    let emergency = match whom["resourceType"].as_str() {
        Some("Organization") => Some(text(&whom["contact"][0]["telecom"][0]["value"])),
        _ => number(&whom["telecom"], "mobile"),
    };
    (emergency.unwrap(), number(&whom["telecom"], "work"))
}

fn facts(plan: &Value, all: &[Value]) -> Facts {
    let first = |name: &str| plan[name][0]["coding"][0]["code"].clone();
    let (kind, child, authority, whom) = match plan["resourceType"].as_str().unwrap() {
        "Flag" => (
            plan["code"]["coding"][0]["code"].clone(),
            &plan["subject"],
            &plan["author"]["display"],
            told(all, &plan["author"]),
        ),
        "EpisodeOfCare" => (
            first("type"),
            &plan["patient"],
            &plan["managingOrganization"]["display"],
            told(all, &plan["managingOrganization"]),
        ),
        "CareTeam" => (first("category"), &plan["subject"], &plan["name"], plan),
        _ => {
            let team = told(all, &plan["careTeam"][0]);
            assert_eq!(team["period"], plan["period"]);
            assert_eq!(team["category"], plan["category"]);
            assert_eq!(team["name"], plan["author"]["display"]);
            (first("category"), &plan["subject"], &team["name"], team)
        }
    };
    let (emergency, office) = numbers(whom);
    Facts {
        nhs_number: text(&child["identifier"]["value"]),
        kind: text(&kind),
        start: text(&plan["period"]["start"]),
        end: text(&plan["period"]["end"]),
        authority: text(authority),
        emergency,
        office,
    }
}

/// The plans an answer tells: its matches, or what its one flag leads to.
fn plans(view: &str, answer: &Answer) -> Vec<Facts> {
    let matches = answer.matches();
    let all = [answer.matches(), answer.entries("include")].concat();
    let mut plans: Vec<Facts> = if view == "PatientFlag" {
        let details = matches
            .iter()
            .flat_map(|flag| flag["extension"].as_array().unwrap());
        details
            .map(|detail| facts(told(&all, &detail["valueReference"]), &all))
            .collect()
    } else {
        matches.iter().map(|plan| facts(plan, &all)).collect()
    };
    plans.sort();
    plans
}

#[test]
fn every_view_tells_the_same_facts_leaves_one_access_and_tells_the_same_authorities() {
    let service = service();
    let mut doctors = 0..;
    for (child, known, authorities) in [(NONE, 0, 0), (ONE, 1, 1), (TWO, 2, 2)] {
        let mut alike: Option<Vec<Facts>> = None;
        for (view, more) in VIEWS {
            // One author's second look within a day tells nobody: let each look be another's.
            let doctor = service.token_saying(a_doctor(doctors.next().unwrap()));
            let (looks, notices) = (service.accesses(), service.notifications());
            let answer = service.get_as(&doctor, &format!("{view}?patient={child}{more}"));
            assert_eq!(service.accesses() - looks, 1, "{view} of {child}");
            assert_eq!(
                service.notifications() - notices,
                authorities,
                "{view} of {child}"
            );
            let told = plans(view, &answer);
            assert_eq!(told.len(), known, "{view} of {child}");
            let first = alike.get_or_insert_with(|| plans(view, &answer));
            assert_eq!(*first, told, "{view} of {child}");
        }
        let offices = alike
            .into_iter()
            .flatten()
            .filter(|plan| plan.office.is_some());
        assert_eq!(offices.count(), known.min(1), "of {child}");
    }
}
