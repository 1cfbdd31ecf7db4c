//! Looks that one statement puts on record although little is alike of them: their days, their care
//! settings, the numbers of one child, and how long it takes (`disclosure::together`).
//!
//! Looks come together where all statements are busy. Those of two children that nobody else asks
//! for are held up as they commit, until the others wait.

use std::iter;
use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use cpis_fhir::sandbox::role::SandboxRole;

use crate::support::{
    Answer, Pds, TestService, a_person, a_plan, cluster, nhs_numbers_from, texts_of, until_shared,
    wait_until,
};
use crate::telling_of_changes::{NEW, OLD, replace, service_of};

/// Children whose looks keep every statement busy: as many as there are statements at a time.
const BUSY: [&str; 2] = ["9990000018", "9990000034"];

/// Lets a look at a child commit only when it is held no longer. No patience ends a commit.
const HOLD_COMMITS: &str = "create table held (nhs_number bigint); \
     create function hold() returns trigger language plpgsql security definer as \
     'begin while exists (select from held where nhs_number = new.nhs_number) loop \
     perform pg_sleep(0.005); end loop; return null; end'; \
     create constraint trigger holds after insert on accesses deferrable initially deferred \
     for each row execute function hold()";

/// How many commits are held up.
const HELD: &str = "wait_event = 'PgSleep'";

/// How many wait for another transaction to end.
const LOCKED_OUT: &str = "wait_event_type = 'Lock'";

/// A look at a child, by whom and when.
struct Asked {
    token: String,
    at: DateTime<Utc>,
    child: String,
}

#[test]
fn looks_on_either_side_of_midnight_share_a_statement_and_each_sees_by_its_own_day() {
    let service = holding();
    service.execute("select plan_access_months('2026-11-01', 3)");
    let mut children = nhs_numbers_from(999_200_000);
    // It is shown until the last day of November.
    let of = |child: &String| {
        a_plan()
            .child(child)
            .local_id(child)
            .from("2025-01-10")
            .until("2025-12-01")
    };
    let [before, after] = ["2026-11-30T23:59:59.900Z", "2026-12-01T00:00:00.100Z"];
    until_shared(|| {
        let pair: Vec<String> = children.by_ref().take(2).collect();
        let plans: Vec<_> = pair.iter().map(of).collect();
        service.clock.set("2026-11-22T12:00:00Z".parse().unwrap());
        service.tell(&plans);
        let asked = iter::zip(&pair, [before, after]).map(|(child, at)| {
            service.clock.set(at.parse().unwrap());
            asked_by(&service, SandboxRole::Clinician, child)
        });
        let asked: Vec<_> = asked.collect();
        let totals = asked_together(&service, &asked).map(|answer| answer.total());
        assert_eq!(totals.collect::<Vec<_>>(), [1, 0]);
        let days = "select array_agg(recorded_at::date order by recorded_at)::text from accesses \
                    where nhs_number in ";
        assert_eq!(
            service.texts(&format!("{days} {}", among(&pair))),
            ["{2026-11-30,2026-12-01}"]
        );
        assert_eq!(count(&service, "distinct tableoid", &pair), 2);
        assert_eq!(told_of(&service, &pair), [pair[0].clone()]);
        count(&service, "distinct transaction_id", &pair) == 1
    });
}

#[test]
fn looks_of_both_care_settings_share_a_statement_and_only_the_unscheduled_one_tells() {
    let service = holding();
    let mut children = nhs_numbers_from(999_200_000);
    let mut roles = [SandboxRole::Clinician, SandboxRole::ScheduledClinician];
    until_shared(|| {
        let pair: Vec<String> = children.by_ref().take(2).collect();
        tell_of(&service, &pair);
        let asked = iter::zip(&pair, roles).map(|(child, role)| asked_by(&service, role, child));
        let asked: Vec<_> = asked.collect();
        let answers: Vec<_> = asked_together(&service, &asked).collect();
        assert!(answers.iter().all(|answer| answer.total() == 1));
        let by_child = service.texts(&format!(
            "select care_setting from accesses where nhs_number in {} order by nhs_number",
            among(&pair)
        ));
        let [first, second] = roles.map(|role| match role {
            SandboxRole::Clinician => "unscheduled",
            _ => "scheduled",
        });
        assert_eq!(by_child, [first, second]);
        let unscheduled = roles
            .iter()
            .position(|role| *role == SandboxRole::Clinician);
        assert_eq!(
            told_of(&service, &pair),
            [pair[unscheduled.unwrap()].clone()]
        );
        let shared = count(&service, "distinct transaction_id", &pair) == 1;
        // In either order.
        let was_the_last = unscheduled == Some(1);
        if shared {
            roles.reverse();
        }
        shared && was_the_last
    });
}

#[test]
fn looks_at_one_child_by_two_numbers_share_a_statement_and_the_first_tells_for_both() {
    let pds = Pds::new();
    let service = service_of(&pds);
    service.execute(HOLD_COMMITS);
    replace(&service, &pds);
    let mut authors = 0..;
    until_shared(|| {
        let author = format!("5550000{:05}", authors.next().unwrap());
        let asked = [OLD, NEW].map(|child| {
            service.clock.advance(TimeDelta::seconds(1));
            let token = service.token_of(&a_person().known_as(&author));
            let (at, child) = (service.now(), child.to_owned());
            Asked { token, at, child }
        });
        for answer in asked_together(&service, &asked) {
            assert_eq!(answer.total(), 1, "{}", answer.text);
        }
        let of_author = format!("from accesses where practitioner_id = '{author}'");
        assert_eq!(service.number(&format!("select count(*) {of_author}")), 2);
        let told = format!(
            "select (n.accessed_at - (select min(recorded_at) {of_author}))::text \
             from notifications n where n.access_id in (select id {of_author})"
        );
        assert_eq!(service.texts(&told), ["00:00:00"]);
        service.number(&format!(
            "select count(distinct transaction_id) {of_author}"
        )) == 1
    });
}

#[test]
fn a_statement_that_commits_after_its_looks_lost_patience_is_each_looks_only_one() {
    let service = holding();
    let mut children = nhs_numbers_from(999_200_000);
    until_shared(|| {
        let three: Vec<String> = children.by_ref().take(3).collect();
        tell_of(&service, &three);
        let asked = three
            .iter()
            .map(|child| asked_by(&service, SandboxRole::Clinician, child));
        let asked: Vec<_> = asked.collect();
        let slow = three[0].clone();
        hold(&service, &[&slow]);
        let answers = asked_while_busy(&service, &asked, |ended| {
            // Each is tried alone and finds its statement at work, or the slow one always was.
            let is_alone = || ended() == 2 && at_work(&service, HELD) > 0;
            wait_until(|| ended() + at_work(&service, LOCKED_OUT) >= 3 || is_alone());
            let_go(&service, &[&slow]);
        });
        for answer in answers {
            assert_eq!(answer.total(), 1, "{}", answer.text);
        }
        assert_eq!(count(&service, "*", &three), 3);
        let answered = "select count(*) from access_answers where access_id in \
                        (select id from accesses where nhs_number in ";
        assert_eq!(service.number(&format!("{answered} {})", among(&three))), 3);
        assert_eq!(told_of(&service, &three), three);
        count(&service, "distinct transaction_id", &three) == 1
    });
}

/// A service in which commits can be held up, and nobody is turned away for having waited.
fn holding() -> TestService {
    let service = TestService::with(|settings| {
        settings.database_wait_ms = 60_000;
        settings.request_deadline_ms = 60_000;
    });
    service.execute(HOLD_COMMITS);
    service
}

fn hold(service: &TestService, children: &[&str]) {
    for child in children {
        service.execute(&format!("insert into held values ({child})"));
    }
}

fn let_go(service: &TestService, children: &[&str]) {
    let children = children.join(", ");
    service.execute(&format!(
        "delete from held where nhs_number in ({children})"
    ));
}

fn tell_of(service: &TestService, children: &[String]) {
    let plans = children
        .iter()
        .map(|child| a_plan().child(child).local_id(child));
    service.tell(&plans.collect::<Vec<_>>());
}

/// A look at the present moment.
fn asked_by(service: &TestService, role: SandboxRole, child: &str) -> Asked {
    Asked {
        token: service.token(role),
        at: service.now(),
        child: child.to_owned(),
    }
}

/// What looks are answered with that come while every statement is busy.
fn asked_together(service: &TestService, asked: &[Asked]) -> impl Iterator<Item = Answer> {
    asked_while_busy(service, asked, |_ended| {}).into_iter()
}

/// The same; when the statements are busy no longer, something happens, which is told how many of
/// the looks have ended.
fn asked_while_busy(
    service: &TestService,
    asked: &[Asked],
    then: impl FnOnce(&dyn Fn() -> usize),
) -> Vec<Answer> {
    let waiting = || {
        service
            .within
            .door
            .together
            .store()
            .measures()
            .waiting
            .value()
    };
    let flags = |token: &str, child: &str| service.get_as(token, &format!("Flag?patient={child}"));
    hold(service, &BUSY);
    thread::scope(|threads| {
        let token = service.token(SandboxRole::Clinician);
        for (child, busy) in iter::zip(BUSY, 1..) {
            let (flags, token) = (&flags, token.clone());
            threads.spawn(move || flags(&token, child));
            wait_until(|| at_work(service, HELD) >= busy);
        }
        let mut callers = Vec::new();
        for Asked { token, at, child } in asked {
            let (flags, before) = (&flags, waiting());
            service.clock.set(*at);
            let caller = threads.spawn(move || flags(token, child));
            // One that goes alone waits for nothing but its own commit.
            let is_held = || at_work(service, HELD) > BUSY.len();
            wait_until(|| waiting() > before || caller.is_finished() || is_held());
            callers.push(caller);
        }
        let_go(service, &BUSY);
        then(&|| callers.iter().filter(|caller| caller.is_finished()).count());
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .collect()
    })
}

/// How many of the service's connections are at this.
fn at_work(service: &TestService, what: &str) -> usize {
    let superuser = cluster().superuser().to_owned();
    let url = cluster().url(&superuser, &service.database);
    let sql = format!(
        "select count(*) from pg_stat_activity where datname = current_database() and {what}"
    );
    texts_of(&url, &sql)[0].parse().unwrap()
}

/// These NHS numbers as a list of SQL's.
fn among(children: &[String]) -> String {
    format!("({})", children.join(", "))
}

/// How much of this is on record of looks at these children.
fn count(service: &TestService, what: &str, children: &[String]) -> i64 {
    let children = among(children);
    service.number(&format!(
        "select count({what}) from accesses where nhs_number in {children}"
    ))
}

/// Of which of these children their authority is told, each time it is.
fn told_of(service: &TestService, children: &[String]) -> Vec<String> {
    let children = among(children);
    service.texts(&format!(
        "select a.nhs_number::text from notifications n join accesses a on a.id = n.access_id \
         where a.nhs_number in {children} order by 1"
    ))
}
