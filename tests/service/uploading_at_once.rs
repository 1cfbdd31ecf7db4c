//! Uploads that come at the same time as others and as searches: `intake`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use cpis_fhir::sandbox::role::SandboxRole::{LocalAuthority, SecondLocalAuthority};
use cpis_fhir::settings::Settings;

use crate::support::{PlanLine, TestService, a_plan, file, nhs_numbers};

#[test]
fn the_same_file_sent_by_many_at_once_is_taken_in_once_and_acknowledged_alike() {
    let service = patient_service();
    let sent = file(1, &children_of("E90001", 0, 200));
    let answers: Vec<String> = at_once(8, |_| {
        let answer = service.upload_as(LocalAuthority, sent.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.text
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(service.plans(), 200);
    assert_eq!(service.number("select count(*) from uploads"), 1);
    assert_eq!(service.number("select records from uploads"), 200);
    assert_eq!(service.number("select count(*) from upload_records"), 0);
}

#[test]
fn of_different_files_sent_at_once_under_one_number_exactly_one_is_taken_in() {
    let service = patient_service();
    let statuses = at_once(8, |place| {
        let sent = file(1, &children_of("E90001", place * 10, 10));
        service.upload_as(LocalAuthority, sent.as_bytes()).status
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 409).count(),
        7,
        "{statuses:?}"
    );
    assert_eq!(service.plans(), 10);
}

#[test]
fn files_of_one_authority_that_race_each_other_all_come_in_when_each_is_sent_until_its_turn() {
    let service = patient_service();
    service.tell(&children_of("E90001", 0, 1));
    at_once(6, |place| {
        let sequence = i64::try_from(place + 2).unwrap();
        let sent = file(sequence, &children_of("E90001", place * 50, 50));
        loop {
            let answer = service.upload_as(LocalAuthority, sent.as_bytes());
            if answer.status != 409 {
                assert_eq!(answer.acknowledgement().counts, [50, 50, 0]);
                break;
            }
        }
    });
    assert_eq!(service.plans(), 300);
    assert_eq!(
        service.number("select count(distinct sequence) from uploads"),
        7
    );
}

#[test]
fn files_of_several_authorities_about_the_same_children_neither_lose_a_row_nor_lock_each_other() {
    let service = patient_service();
    at_once(2, |place| {
        let (role, code) = [(LocalAuthority, "E90001"), (SecondLocalAuthority, "E90002")][place];
        for sequence in 1..=8 {
            let mut plans = children_of(code, 0, 150);
            // Each tells the children from another end, as no lock order could foresee.
            if place == 1 {
                plans.reverse();
            }
            for plan in &mut plans {
                plan.end = format!("2027-01-{sequence:02}");
            }
            let answer = service.upload_as(role, file(sequence, &plans).as_bytes());
            assert_eq!(answer.acknowledgement().counts, [150, 150, 0]);
        }
    });
    assert_eq!(service.number("select count(*) from children"), 150);
    assert_eq!(
        service.number("select count(*) from plans where version = 8"),
        300
    );
    assert_eq!(service.earlier_versions(), 300 * 7);
}

#[test]
fn two_authorities_that_race_to_say_a_childs_date_of_birth_are_not_both_believed() {
    let service = patient_service();
    let results = at_once(2, |place| {
        let (role, code, born) = [
            (LocalAuthority, "E90001", "2015-04-01"),
            (SecondLocalAuthority, "E90002", "2015-04-02"),
        ][place];
        let plans: Vec<PlanLine> = children_of(code, 0, 100)
            .into_iter()
            .map(|plan| plan.born(born))
            .collect();
        let answer = service.upload_as(role, file(1, &plans).as_bytes());
        answer.acknowledgement().code
    });
    let mut results = results;
    results.sort();
    assert_eq!(results, ["CPF02", "CPF04"]);
    assert_eq!(service.plans(), 100);
    assert_eq!(
        service.number("select count(distinct birth_date) from children"),
        1
    );
}

#[test]
fn a_search_that_races_uploads_sees_each_file_whole_or_not_at_all() {
    let service = patient_service();
    let protected = a_plan();
    let looked_after = a_plan().kind("CLA");
    service.tell(&[protected.clone(), looked_after.clone()]);
    service.tell(&[looked_after.clone().withdrawn("2026-11-22")]);
    let uploading = AtomicBool::new(true);
    thread::scope(|threads| {
        let searching: Vec<_> = (0..3)
            .map(|_| {
                threads.spawn(|| {
                    let mut searches = 0;
                    while uploading.load(Ordering::SeqCst) || searches == 0 {
                        let shown = service.flags("9990000026");
                        assert_eq!(shown.len(), 1, "one plan stands at any moment");
                        searches += 1;
                    }
                    searches
                })
            })
            .collect();
        for _ in 0..10 {
            let withdrawn = protected.clone().withdrawn("2026-11-22");
            service.tell(&[withdrawn, looked_after.clone()]);
            let withdrawn = looked_after.clone().withdrawn("2026-11-22");
            service.tell(&[protected.clone(), withdrawn]);
        }
        uploading.store(false, Ordering::SeqCst);
        let searches: i64 = searching
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum();
        assert_eq!(service.accesses(), searches);
    });
}

/// A service in which nobody is turned away for having waited, however slow the machine.
fn patient_service() -> TestService {
    TestService::with(|settings: &mut Settings| {
        settings.database_wait_ms = 60_000;
        settings.request_deadline_ms = 60_000;
        settings.uploads_at_once = 64;
    })
}

/// Plans of so many children, from this one on.
fn children_of(authority: &str, first: usize, count: usize) -> Vec<PlanLine> {
    nhs_numbers()
        .skip(first)
        .take(count)
        .map(|number| {
            a_plan()
                .of(authority)
                .child(&number)
                .local_id(&format!("H-{number}"))
        })
        .collect()
}

/// Does the same in so many threads at once.
fn at_once<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let work = &work;
    thread::scope(|threads| {
        let started: Vec<_> = (0..count)
            .map(|place| threads.spawn(move || work(place)))
            .collect();
        started
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}
