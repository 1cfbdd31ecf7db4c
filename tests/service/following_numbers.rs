//! What becomes of plans when a child's NHS number is replaced, or becomes nobody's.

use chrono::TimeDelta;
use cpis_fhir::intake::following::Followed;
use cpis_fhir::sandbox::role::SandboxRole;

use crate::support::{Fault, Pds, PlanLine, TAKEN, TestService, a_plan, file, nhs};

const OLD: &str = "9990000026";
const NEW: &str = "9990000131";
const ADA: (&str, &[&str], &str) = ("Okonkwo", &["Ada", "Grace"], "2015-04-01");

/// A service with a plan of a child, told twice; and eight days later, when it is to be traced.
fn a_week_after(pds: &Pds, plans: &[PlanLine]) -> TestService {
    pds.knows(OLD, OLD, ADA);
    let service = TestService::with(|settings| settings.matching = pds.settings());
    service.tell(plans);
    service.clock.advance(TimeDelta::days(1));
    service
}

fn one_replaced() -> Followed {
    Followed {
        traced: 1,
        replaced: 1,
        ..Followed::default()
    }
}

fn notices(service: &TestService) -> Vec<String> {
    service.texts(
        "select lpad(n.nhs_number::text, 10, '0') || ' ' || a.code || ' ' || n.local_id || ' ' || \
         coalesce(n.replacement::text, 'none') from notifications n \
         join authorities a on a.id = n.authority_id \
         where n.kind = 'number' and n.delivered_at is null order by 1",
    )
}

fn upload(service: &TestService, sequence: i64, plan: PlanLine) -> Vec<(String, String)> {
    let csv = file(sequence, &[plan]);
    let answer = service.upload_as(SandboxRole::LocalAuthority, csv.as_bytes());
    let records = answer.acknowledgement().records;
    let each = records.into_iter();
    each.map(|record| (record.code, record.column)).collect()
}

fn refused(code: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), "nhs_number".to_owned())]
}

fn taken() -> Vec<(String, String)> {
    vec![(TAKEN.0.to_owned(), TAKEN.1.to_owned())]
}

#[test]
fn plans_of_a_replaced_number_are_found_under_the_new_one_and_by_the_old_at_once() {
    let pds = Pds::new();
    let service = a_week_after(&pds, &[a_plan()]);
    service.tell(&[a_plan().until("2027-01-31")]);
    let before = service.flags(OLD).remove(0);
    let patient = before["subject"]["reference"].clone();
    service.clock.advance(TimeDelta::days(8));
    pds.knows(OLD, NEW, ADA);
    pds.knows(NEW, NEW, ADA);
    assert_eq!(service.follow_numbers().unwrap(), one_replaced());
    for number in [NEW, OLD] {
        let flag = service.flags(number).remove(0);
        assert_eq!(
            (&flag["id"], &flag["subject"]["reference"]),
            (&before["id"], &patient)
        );
        let version = flag["meta"]["versionId"].as_str().unwrap();
        assert!(version.starts_with("3-"), "{version}");
    }
    let patient = service.get(
        patient
            .as_str()
            .unwrap()
            .rsplit_once("R4/")
            .map_or(patient.as_str().unwrap(), |(_, path)| path),
    );
    assert_eq!(patient.json()["identifier"][0]["value"], NEW);
    // Every version went along, and looks under the old number are shown with the child.
    let kept = "select nhs_number::text || ' ' || version from plan_versions order by version";
    assert_eq!(
        service.texts(kept),
        [format!("{NEW} 1"), format!("{NEW} 2")]
    );
    service.clock.advance(TimeDelta::days(2));
    let history = service.get(&format!("AuditEvent?patient:identifier={}", nhs(NEW)));
    assert!(history.matches().len() >= 2);
    let under_old = format!("select count(*) from accesses where nhs_number = {OLD}");
    assert_eq!(service.number(&under_old), 1);
    assert_eq!(notices(&service), [format!("{OLD} E90001 H-1 {NEW}")]);
    // The authority is refused under the old number and goes on under the new.
    assert_eq!(upload(&service, 3, a_plan()), refused("CPR05"));
    assert_eq!(
        upload(&service, 4, a_plan().child(NEW).until("2027-01-31")),
        taken()
    );
    assert_eq!((service.plans(), service.earlier_versions()), (1, 2));
    assert_eq!(service.follow_numbers().unwrap(), Followed::default());
}

#[test]
fn a_look_that_was_not_answered_before_its_number_was_replaced_is_not_answered_as_if_of_nobody() {
    let pds = Pds::new();
    let service = a_week_after(&pds, &[a_plan()]);
    service.clock.advance(TimeDelta::days(8));
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let ask = |id| {
        let headers = [("authorization", bearer.as_str()), ("x-request-id", id)];
        service.ask("GET", &format!("Flag?patient={OLD}"), &headers, b"")
    };
    let id = "7a3f9f4c-1d8e-4a55-8c1b-2f6f2f9d4e11";
    service.execute("revoke insert on access_answers from cpis_query");
    assert_eq!(ask(id).status, 503);
    service.execute("grant insert on access_answers to cpis_query");
    pds.knows(OLD, NEW, ADA);
    pds.knows(NEW, NEW, ADA);
    assert_eq!(service.follow_numbers().unwrap(), one_replaced());
    ask(id).refusal(409, "RESOURCE_VERSION_MISMATCH");
    assert_eq!(ask("7a3f9f4c-1d8e-4a55-8c1b-2f6f2f9d4e12").total(), 1);
}

#[test]
fn plans_of_a_number_that_no_other_replaced_are_hidden_from_everyone_and_nothing_leads_on() {
    let pds = Pds::new();
    let service = a_week_after(&pds, &[a_plan()]);
    let flag = service.flags(OLD).remove(0);
    let patient = flag["subject"]["reference"].as_str().unwrap().to_owned();
    service.clock.advance(TimeDelta::days(8));
    pds.has_invalidated(OLD);
    let followed = service.follow_numbers().unwrap();
    assert_eq!(
        (followed.traced, followed.inactive, followed.replaced),
        (1, 1, 0)
    );
    assert!(service.flags(OLD).is_empty());
    let plan = flag["id"].as_str().unwrap();
    let id = patient.rsplit('/').next().unwrap();
    for path in [format!("Flag/{plan}"), format!("Patient/{id}")] {
        assert_eq!(service.get(&path).status, 404, "{path}");
    }
    assert_eq!(notices(&service), [format!("{OLD} E90001 H-1 none")]);
    assert_eq!(
        service.number("select count(*) from children where replaced_by is not null"),
        0
    );
    assert_eq!(service.number("select count(*) from matchings"), 0);
    // Refused in the same words as a number nobody ever had, and without asking too.
    assert_eq!(upload(&service, 2, a_plan()), refused("CPR01"));
    let believing = TestService::with(|settings| settings.database_url = service.database_url());
    assert_eq!(upload(&believing, 3, a_plan()), refused("CPR01"));
    // A mistake can be undone where it was made.
    service.clock.advance(TimeDelta::days(8));
    pds.knows(OLD, OLD, ADA);
    assert_eq!(service.follow_numbers().unwrap().traced, 1);
    assert_eq!(service.flags(OLD).len(), 1);
    assert_eq!(notices(&service).len(), 1);
}

#[test]
fn a_plan_told_under_both_numbers_is_shown_once_and_numbers_replaced_again_lead_to_the_last() {
    let pds = Pds::new();
    pds.knows(NEW, NEW, ADA);
    let other = a_plan().of("E90002").local_id("S-9").kind("CLA");
    let service = a_week_after(
        &pds,
        &[a_plan(), a_plan().from("2026-03-01").local_id("H-2")],
    );
    service.tell(&[other]);
    let moved = a_plan().from("2026-03-01").local_id("H-2");
    service.tell(&[moved.clone().withdrawn("2026-11-21")]);
    service.tell(&[moved.child(NEW)]);
    service.clock.advance(TimeDelta::days(8));
    pds.knows(OLD, NEW, ADA);
    assert_eq!(service.follow_numbers().unwrap().replaced, 1);
    assert_eq!(service.flags(NEW).len(), 3);
    assert_eq!(service.flags(OLD).len(), 3);
    assert_eq!(
        notices(&service),
        [
            format!("{OLD} E90001 H-1 {NEW}"),
            format!("{OLD} E90002 S-9 {NEW}"),
        ]
    );
    service.clock.advance(TimeDelta::days(8));
    pds.knows(NEW, "9990000158", ADA);
    assert_eq!(service.follow_numbers().unwrap().replaced, 1);
    for number in [OLD, NEW, "9990000158"] {
        assert_eq!(service.flags(number).len(), 3, "{number}");
    }
    // And back: what was superseded in error is the child's number again.
    service.clock.advance(TimeDelta::days(8));
    pds.knows("9990000158", OLD, ADA);
    pds.knows(OLD, OLD, ADA);
    assert_eq!(service.follow_numbers().unwrap().replaced, 1);
    for number in [OLD, NEW, "9990000158"] {
        assert_eq!(service.flags(number).len(), 3, "{number}");
    }
}

#[test]
fn a_child_never_moves_to_a_person_born_on_another_day_nor_while_the_service_cannot_be_asked() {
    let pds = Pds::new();
    let service = a_week_after(&pds, &[a_plan()]);
    service.clock.advance(TimeDelta::days(8));
    let before = service.held();
    pds.fails(Fault::Garbage);
    assert!(service.follow_numbers().is_err());
    pds.fails(Fault::OtherPerson(NEW.into()));
    // Whoever took the child had ten minutes for it.
    assert_eq!(service.follow_numbers().unwrap(), Followed::default());
    service.clock.advance(TimeDelta::minutes(11));
    let followed = service.follow_numbers().unwrap();
    assert_eq!((followed.traced, followed.unclear), (1, 1));
    pds.fails(Fault::None);
    assert_eq!(service.flags(OLD).len(), 1);
    assert!(notices(&service).is_empty());
    service.execute("update children set traced_at = null");
    assert_eq!(service.held(), before);
}
