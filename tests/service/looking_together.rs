//! Looks that come at one moment are put on record by one statement, and none sees, tells or waits
//! for what is another's: `disclosure::together`.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use cpis_fhir::domain::nhs_number::NhsNumber;
use cpis_fhir::sandbox::role::SandboxRole;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

use crate::support::{
    Monitoring, Pds, TestService, a_person, a_plan, cluster, texts_of, wait_until,
};
use crate::telling_of_changes::{NEW, OLD, replace, service_of};

const CALLERS: usize = 12;
const LOOKS_EACH: usize = 12;
/// As many children as one caller looks at: so that looks at one child meet, too.
const CHILDREN: usize = 12;

/// What holds the telling of a child that nobody else can then tell of.
const HOLD: &str = "begin; select from tellings where nhs_number = 9990000026 for update";

#[test]
fn looks_that_come_at_one_moment_share_statements_and_each_sees_its_own_child_alone() {
    let service = unhurried();
    let children = numbers(CHILDREN);
    let plans: Vec<_> = (0..)
        .zip(&children)
        .filter(|(place, _)| place % 3 != 0)
        .collect();
    for authority in ["E90001", "E90002"] {
        let of_it = plans.iter().map(|(place, child)| {
            let local_id = format!("{authority}-{place}");
            a_plan().child(child).of(authority).local_id(&local_id)
        });
        service.tell(&of_it.collect::<Vec<_>>());
    }
    thread::scope(|threads| {
        for caller in 0..CALLERS {
            let (service, children, plans) = (&service, &children, &plans);
            threads.spawn(move || {
                let person = a_person().known_as(&format!("5550000{caller:05}"));
                let token = service.token_of(&person);
                for look in 0..LOOKS_EACH {
                    let (place, child) = one_of(children, caller + look);
                    let answer = service.get_as(&token, &format!("Flag?patient={child}"));
                    assert_eq!(answer.status, 200, "{}", answer.text);
                    let has_plan = plans.iter().any(|(planned, _)| *planned == place);
                    assert_eq!(answer.total(), if has_plan { 2 } else { 0 });
                    for other in children.iter().filter(|other| *other != child) {
                        assert!(!answer.text.contains(other), "{child}: {}", answer.text);
                    }
                }
            });
        }
    });
    let looks = i64::try_from(CALLERS * LOOKS_EACH).unwrap();
    assert_eq!(service.accesses(), looks);
    let of_one = "select count(*) from (select from accesses a join access_answers w \
                  on w.access_id = a.id group by a.nhs_number, a.practitioner_id \
                  having count(*) = 1) looked";
    assert_eq!(service.number(of_one), looks);
    let statements = service.number("select count(distinct transaction_id) from accesses");
    assert!(statements < looks, "no two of {looks} shared one");
    let told = Monitoring::of(&service).scrape();
    assert!(told.told("cpis_looks_together_sum") > told.told("cpis_looks_together_count"));
    // Every author is told of to both authorities of every child with plans, under the plan's own
    // identifier and its own access.
    let told = i64::try_from(2 * CALLERS * plans.len()).unwrap();
    assert_eq!(service.notifications(), told);
    let right = "select count(*) from notifications n join accesses a on a.id = n.access_id \
                 and a.nhs_number = n.nhs_number and a.recorded_at = n.accessed_at \
                 join plans p on p.nhs_number = n.nhs_number and p.authority_id = n.authority_id \
                 and p.local_id = n.local_id and p.upload_id = n.upload_id";
    assert_eq!(service.number(right), told);
}

#[test]
fn a_look_that_is_locked_out_keeps_no_other_waiting_and_is_answered_once_it_can_be() {
    let (service, children) = children_with_plans();
    let held = "9990000026";
    assert_eq!(service.get(&format!("Flag?patient={held}")).total(), 1);
    let superuser = cluster().superuser().to_owned();
    let mut holder =
        PgConnection::establish(&cluster().url(&superuser, &service.database)).unwrap();
    holder.batch_execute(HOLD).unwrap();
    let before = service.accesses();
    thread::scope(|threads| {
        // More than there are statements at a time.
        let locked_out: Vec<_> = (0..4)
            .map(|_| threads.spawn(|| service.get(&format!("Flag?patient={held}")).status))
            .collect();
        let waits = "select count(*)::text as text from pg_stat_activity \
                     where wait_event_type = 'Lock' and datname = current_database()";
        wait_until(|| texts_of(&cluster().url(&superuser, &service.database), waits)[0] != "0");
        for child in children.iter().filter(|child| *child != held) {
            assert_eq!(service.get(&format!("Flag?patient={child}")).total(), 1);
        }
        assert!(locked_out.iter().all(|caller| !caller.is_finished()));
        holder.batch_execute("rollback").unwrap();
        for caller in locked_out {
            assert_eq!(caller.join().unwrap(), 200);
        }
    });
    assert!(failures(&service) >= 1.0);
    let looks = i64::try_from(4 + CHILDREN - 1).unwrap();
    assert_eq!(service.accesses() - before, looks);
}

#[test]
fn where_one_of_several_looks_is_refused_by_the_database_the_others_are_answered() {
    let (service, children) = children_with_plans();
    let refused = "9990000026";
    refuse_one(&service);
    let answers: BTreeMap<String, BTreeSet<u16>> = thread::scope(|threads| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let (service, children) = (&service, &children);
                threads.spawn(move || {
                    let of = |look| {
                        let (_, child) = one_of(children, caller + look);
                        (
                            child.clone(),
                            service.get(&format!("Flag?patient={child}")).status,
                        )
                    };
                    (0..LOOKS_EACH).map(of).collect::<Vec<_>>()
                })
            })
            .collect();
        let mut answers: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
        for (child, status) in callers
            .into_iter()
            .flat_map(|caller| caller.join().unwrap())
        {
            answers.entry(child).or_default().insert(status);
        }
        answers
    });
    for (child, statuses) in answers {
        let expected = if child == refused { 503 } else { 200 };
        assert_eq!(statuses, BTreeSet::from([expected]), "{child}");
    }
    assert!(failures(&service) >= 1.0);
    let told = Monitoring::of(&service).scrape();
    assert!(told.told("cpis_looks_together_sum") > told.told("cpis_looks_together_count"));
    let of_it = format!("select count(*) from accesses where nhs_number = {refused}");
    assert_eq!(service.number(&of_it), 0);
}

#[test]
fn a_look_that_was_asked_before_costs_no_connection() {
    let (service, children) = children_with_plans();
    let look = |child: &str| service.get(&format!("Flag?patient={child}")).status;
    assert_eq!(look(&children[1]), 200);
    let connected = "select pid::text from pg_stat_activity where usename = 'cpis_server' \
                     and datname = current_database() order by pid";
    let superuser = cluster().superuser().to_owned();
    let url = cluster().url(&superuser, &service.database);
    let before = texts_of(&url, connected);
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let id = "5b2d1f7a-6c1e-4d0a-9c33-0d7c8a1e4f10";
    let same = [("authorization", bearer.as_str()), ("x-request-id", id)];
    for (child, status) in [
        (&children[1], 200),
        (&children[2], 409),
        (&children[3], 409),
    ] {
        let answer = service.ask("GET", &format!("Flag?patient={child}"), &same, b"");
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    let after = texts_of(&url, connected);
    assert!(
        before.iter().all(|one| after.contains(one)),
        "{before:?} {after:?}"
    );
    assert_eq!(look(&children[2]), 200);
}

#[test]
fn looks_at_one_child_by_its_old_number_and_its_new_one_tell_an_authority_once() {
    let pds = Pds::new();
    let service = service_of(&pds);
    replace(&service, &pds);
    thread::scope(|threads| {
        for caller in 0..CALLERS {
            let service = &service;
            threads.spawn(move || {
                for look in 0..LOOKS_EACH {
                    let number = [OLD, NEW][(caller + look) % 2];
                    let answer = service.get(&format!("Flag?patient={number}"));
                    assert_eq!(answer.total(), 1, "{}", answer.text);
                }
            });
        }
    });
    let looks = i64::try_from(CALLERS * LOOKS_EACH).unwrap();
    assert_eq!(service.accesses(), looks);
    let of_looks = "select count(*) from notifications where access_id is not null";
    assert_eq!(service.number(of_looks), 1);
    let told = Monitoring::of(&service).scrape();
    assert!(told.told("cpis_looks_together_sum") > told.told("cpis_looks_together_count"));
}

/// Lets the database refuse whatever tells of one child.
fn refuse_one(service: &TestService) {
    service.execute(
        "create function refuse_one() returns trigger language plpgsql as \
         'begin if new.nhs_number = 9990000026 then raise ''no''; end if; return new; end'; \
         create trigger refused before insert on tellings for each row \
         execute function refuse_one()",
    );
}

/// How often looks could not be put on record together.
fn failures(service: &TestService) -> f64 {
    let told = Monitoring::of(service).scrape();
    let failed = "cpis_database_failures_total{side=\"looks-together\",reason=\"statement\"}";
    told.value(failed).unwrap_or_default()
}

/// A service in which nobody is turned away for having waited, however slow the machine.
fn unhurried() -> TestService {
    TestService::with(|settings| {
        settings.database_wait_ms = 60_000;
        settings.request_deadline_ms = 60_000;
    })
}

/// Such a service, and children who have a plan each.
fn children_with_plans() -> (TestService, Vec<String>) {
    let service = unhurried();
    let children = numbers(CHILDREN);
    let plans = children
        .iter()
        .map(|child| a_plan().child(child).local_id(child));
    service.tell(&plans.collect::<Vec<_>>());
    (service, children)
}

/// So many NHS numbers, the first of them 9990000026.
fn numbers(count: usize) -> Vec<String> {
    (9_990_000_026_u64..)
        .map(|number| number.to_string())
        .filter(|number| NhsNumber::parse(number).is_ok())
        .take(count)
        .collect()
}

/// One of the children, by turns, with its place.
fn one_of(children: &[String], turn: usize) -> (usize, &String) {
    let place = turn % children.len();
    (place, &children[place])
}
