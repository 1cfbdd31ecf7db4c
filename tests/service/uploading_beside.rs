//! What others wait for while a long file is taken in: whoever looks, for nothing; whoever tells
//! plans, only where it is of the same authority or changes the same child. `intake/taking.rs`.

use std::thread;

use cpis_fhir::sandbox::role::SandboxRole::{self, LocalAuthority, SecondLocalAuthority};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use serde_json::Value;

use crate::support::{
    Answer, PlanLine, TestService, a_plan, bundle, cluster, file, nhs_numbers, wait_until,
};

/// A file of this authority stops where it has told its plans, and goes on when it is let go of.
struct Stopped(PgConnection);

impl Stopped {
    fn at(service: &TestService, authority: &str) -> Self {
        let mut owner = PgConnection::establish(&service.owner_url()).unwrap();
        owner
            .batch_execute(&format!(
                "create function stop() returns trigger language plpgsql as $$ begin \
                 perform pg_advisory_xact_lock_shared(1); return null; end $$; \
                 create function is_stopped() returns boolean language sql as \
                 $$ select exists (select from authorities \
                 where id = own_authority() and code = '{authority}') $$; \
                 create trigger stops after insert on plans for each statement \
                 when (is_stopped()) execute function stop(); \
                 create trigger stops_too after update on plans for each statement \
                 when (is_stopped()) execute function stop(); \
                 select pg_advisory_lock(1)"
            ))
            .unwrap();
        Self(owner)
    }

    fn go_on(mut self) {
        self.0
            .batch_execute("select pg_advisory_unlock(1)")
            .unwrap();
    }
}

/// Waits until a transaction of the service's waits for a lock of this kind.
fn wait_for_lock(service: &TestService, kind: &str) {
    let waiting = format!(
        "select count(*) from pg_locks l join pg_stat_activity a on a.pid = l.pid \
         where not l.granted and l.locktype = '{kind}' and a.datname = current_database()"
    );
    wait_until(|| service.number(&waiting) > 0);
}

/// A service in which as many may write at once as here do.
fn service() -> TestService {
    TestService::with(|settings| settings.intake_connections = 8)
}

fn plans_of(authority: &str, places: std::ops::Range<usize>) -> Vec<PlanLine> {
    let numbers = nhs_numbers().skip(places.start).take(places.len());
    numbers
        .map(|number| {
            let plan = a_plan().of(authority).child(&number);
            plan.local_id(&format!("H-{number}"))
        })
        .collect()
}

fn put(service: &TestService, role: SandboxRole, plan: &PlanLine) -> Answer {
    let path = format!("EpisodeOfCare?{}", plan.criteria());
    service.write_as(role, ("PUT", &path), &[], &plan.resource())
}

fn told_to_come_again(answer: &Answer) {
    answer.refusal(503, "UNABLE_TO_CALL_SERVICE");
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert!(
        answer.text.contains("nothing was taken in"),
        "{}",
        answer.text
    );
}

#[test]
fn beside_a_long_file_looks_are_answered_and_others_tell_plans_of_all_children_it_leaves_alone() {
    let service = service();
    let (theirs, ours) = (plans_of("E90001", 0..20), plans_of("E90002", 40..45));
    service.tell(&theirs);
    service.tell(&ours);
    let mut long = theirs.clone();
    for plan in &mut long[..10] {
        plan.end = "2027-03-31".into();
    }
    long.extend(plans_of("E90001", 20..30));
    let stopped = Stopped::at(&service, "E90001");
    let csv = file(2, &long);
    thread::scope(|threads| {
        let upload = threads.spawn(|| service.upload_as(LocalAuthority, csv.as_bytes()));
        wait_for_lock(&service, "advisory");
        // Of a child whose plan it changes, of one it adds, and of one it leaves alone.
        for (place, shown) in [(0, 1), (25, 0), (15, 1)] {
            let number = &plans_of("E90001", place..place + 1)[0].nhs_number;
            assert_eq!(service.flags(number).len(), shown, "{place}");
        }
        let ended = ours[0].clone().until("2027-01-31");
        assert_eq!(put(&service, SecondLocalAuthority, &ended).status, 200);
        for place in [15, 50] {
            let plan = &plans_of("E90002", place..place + 1)[0];
            assert_eq!(put(&service, SecondLocalAuthority, plan).status, 201);
        }
        let entries: Vec<Value> = ours[1..3].iter().map(PlanLine::entry).collect();
        let together = service.write_as(
            SecondLocalAuthority,
            ("POST", ""),
            &[],
            &bundle("transaction", &entries),
        );
        assert_eq!(together.status, 200, "{}", together.text);
        let beside = file(2, &plans_of("E90002", 60..70));
        let beside = service.upload_as(SecondLocalAuthority, beside.as_bytes());
        assert_eq!(beside.acknowledgement().counts, [10, 10, 0]);
        assert!(!upload.is_finished(), "the long file was still under way");
        stopped.go_on();
        let taken = upload.join().unwrap();
        assert_eq!(taken.acknowledgement().counts, [30, 30, 0]);
    });
    let changed = "select count(*) from plans where version = 2 \
                   and effective_end_date = '2027-03-31'";
    assert_eq!(service.number(changed), 10);
}

#[test]
fn who_must_wait_for_a_long_file_is_told_to_come_again_and_has_changed_nothing() {
    let service = service();
    let (theirs, ours) = (plans_of("E90001", 0..10), plans_of("E90002", 0..1));
    service.tell(&theirs);
    service.tell(&ours);
    let mut long: Vec<PlanLine> = theirs
        .iter()
        .map(|plan| plan.clone().until("2027-03-31"))
        .collect();
    long.extend(plans_of("E90001", 10..12));
    let held = service.held();
    let waiting = [
        // Of the same authority; of a child that the file changes; of one that it adds.
        (LocalAuthority, plans_of("E90001", 30..31).remove(0)),
        (SecondLocalAuthority, ours[0].clone().until("2027-02-28")),
        (SecondLocalAuthority, plans_of("E90002", 10..11).remove(0)),
    ];
    let stopped = Stopped::at(&service, "E90001");
    let csv = file(2, &long);
    thread::scope(|threads| {
        let upload = threads.spawn(|| service.upload_as(LocalAuthority, csv.as_bytes()));
        wait_for_lock(&service, "advisory");
        let service = &service;
        let refused: Vec<_> = waiting
            .iter()
            .map(|(role, plan)| threads.spawn(move || put(service, *role, plan)))
            .collect();
        for refused in refused {
            told_to_come_again(&refused.join().unwrap());
        }
        assert_eq!(service.held(), held);
        stopped.go_on();
        assert_eq!(upload.join().unwrap().acknowledgement().code, "CPF02");
    });
    for (role, plan) in &waiting {
        let answer = put(&service, *role, plan);
        assert!([200, 201].contains(&answer.status), "{}", answer.text);
    }
}

#[test]
fn a_child_that_another_adds_meanwhile_has_the_date_of_birth_of_whoever_came_first() {
    let service = service();
    let [first] = &plans_of("E90002", 0..1)[..] else {
        unreachable!()
    };
    let second = first.clone().of("E90001").born("2015-04-02");
    let stopped = Stopped::at(&service, "E90002");
    thread::scope(|threads| {
        let first = threads.spawn(|| put(&service, SecondLocalAuthority, first));
        wait_for_lock(&service, "advisory");
        let (csv, service) = (file(1, &[second]), &service);
        let second = threads.spawn(move || service.upload_as(LocalAuthority, csv.as_bytes()));
        wait_for_lock(service, "transactionid");
        stopped.go_on();
        assert_eq!(first.join().unwrap().status, 201);
        let second = second.join().unwrap().acknowledgement();
        assert_eq!(second.results(), [("CPR03", "birth_date", "2015-04-02")]);
    });
    assert_eq!(service.plans(), 1);
}

#[test]
fn a_date_of_birth_that_another_tells_as_well_meanwhile_is_settled() {
    let service = service();
    let [plan] = &plans_of("E90001", 0..1)[..] else {
        unreachable!()
    };
    service.tell(std::slice::from_ref(plan));
    let (theirs, corrected) = (plan.clone().of("E90002"), plan.clone().born("2015-04-02"));
    let stopped = Stopped::at(&service, "E90002");
    thread::scope(|threads| {
        let theirs = threads.spawn(|| put(&service, SecondLocalAuthority, &theirs));
        wait_for_lock(&service, "advisory");
        let (csv, service) = (file(2, &[corrected]), &service);
        let corrected = threads.spawn(move || service.upload_as(LocalAuthority, csv.as_bytes()));
        wait_for_lock(service, "transactionid");
        stopped.go_on();
        assert_eq!(theirs.join().unwrap().status, 201);
        let corrected = corrected.join().unwrap().acknowledgement();
        assert_eq!(corrected.results(), [("CPR03", "birth_date", "2015-04-02")]);
    });
    assert_eq!(service.earlier_versions(), 0);
}

#[test]
fn a_plan_of_a_child_whose_number_becomes_nobodys_meanwhile_is_refused() {
    let service = service();
    let [plan] = &plans_of("E90001", 0..1)[..] else {
        unreachable!()
    };
    service.tell(std::slice::from_ref(plan));
    let superuser = cluster().superuser().to_owned();
    let url = cluster().url(&superuser, &service.database);
    let mut following = PgConnection::establish(&url).unwrap();
    following
        .batch_execute("begin; update children set inactive_since = now()")
        .unwrap();
    thread::scope(|threads| {
        let csv = file(2, &[plan.clone().until("2027-03-31")]);
        let service = &service;
        let late = threads.spawn(move || service.upload_as(LocalAuthority, csv.as_bytes()));
        wait_for_lock(service, "transactionid");
        following.batch_execute("commit").unwrap();
        let late = late.join().unwrap().acknowledgement();
        assert_eq!(late.records[0].code, "CPR01");
    });
    assert_eq!(service.earlier_versions(), 0);
}
