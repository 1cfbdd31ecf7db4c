//! What the intake may ask of others' plans: three functions, which know the program's rules.

use chrono::{Days, NaiveDate};
use cpis_fhir::domain::calendar::eighteenth_birthday;
use cpis_fhir::domain::plan::{EffectiveEnd, PlanKind};
use diesel::connection::SimpleConnection as _;

use super::intake;
use crate::support::{TestService, nhs_numbers};

#[test]
fn the_intake_is_lent_its_owners_rights_for_three_questions_only() {
    let service = TestService::new();
    let lent = service.texts(
        "select p.proname from pg_proc p where p.prosecdef and p.prorettype <> 'trigger'::regtype \
         and has_function_privilege('cpis_intake', p.oid, 'execute') order by 1",
    );
    let questions = ["follow_birth_dates", "plans_of_others", "settled_by_others"];
    assert_eq!(lent, questions);
    let elsewhere = service.texts(
        "select p.proname from pg_proc p where p.prosecdef \
         and not exists (select from unnest(p.proconfig) setting \
         where setting in ('search_path=public, pg_temp', 'search_path=pg_catalog, pg_temp'))",
    );
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

#[test]
fn the_database_and_the_program_know_the_same_eighteenth_birthdays() {
    let service = TestService::new();
    let days = "select d::date || ' ' || eighteenth_birthday(d::date) \
                from generate_series('1990-01-01', '2032-12-31', interval '1 day') d";
    let told = service.texts(days);
    assert!(told.len() > 15_000);
    for line in told {
        let (born, birthday) = line.split_once(' ').unwrap();
        let expected = eighteenth_birthday(born.parse().unwrap());
        assert_eq!(expected.to_string(), birthday, "{born}");
    }
}

/// How a plan ought to end, and the values that add it and its child with another end.
struct Moved {
    expected: String,
    child: String,
    plan: String,
}

fn moved(
    number: &str,
    kind: PlanKind,
    [born, start]: [NaiveDate; 2],
    sent: Option<NaiveDate>,
) -> Moved {
    let end = EffectiveEnd::of(kind, born, sent);
    let (day, computed) = match kind {
        // It is the mother's: her date of birth says nothing of its end.
        PlanKind::UnbornChildProtection => (start, true),
        PlanKind::ChildProtection | PlanKind::LookedAfter => (end.day.max(start), end.computed),
    };
    let told = sent.map_or("null".to_owned(), |sent| format!("'{sent}'"));
    Moved {
        expected: format!("{number} {day} {computed}"),
        child: format!("({number}, gen_random_uuid(), '{born}', now())"),
        plan: format!(
            "({number}, gen_random_uuid(), 1, tried.other(), '{}', 'H-1', '{start}', {told}, \
             '{start}', true, null, tried.other(), now())",
            kind.code()
        ),
    }
}

/// Plans of every kind, that begin before and after the eighteenth birthday, and are told to end
/// never, on it, and shortly before and after it.
fn all_moved() -> Vec<Moved> {
    let mut numbers = nhs_numbers();
    let mut all = Vec::new();
    for born in ["2008-02-29", "2009-03-01", "2008-12-31", "2015-04-01"] {
        let born: NaiveDate = born.parse().unwrap();
        let birthday = eighteenth_birthday(born);
        let (before, after) = (Days::new(20), Days::new(20));
        for start in [birthday - before, birthday, birthday + after] {
            let near = [0, 1, 2].map(|days| birthday + Days::new(days) - Days::new(1));
            for sent in near.into_iter().map(Some).chain([None]) {
                for kind in PlanKind::ALL {
                    // An unborn child's plan always has a due date.
                    let sent = sent.or((kind == PlanKind::UnbornChildProtection).then_some(start));
                    // A record that ends before it starts is refused.
                    if sent.is_some_and(|sent| sent < start) {
                        continue;
                    }
                    let number = numbers.next().unwrap();
                    all.push(moved(&number, kind, [born, start], sent));
                }
            }
        }
    }
    all
}

#[test]
fn a_corrected_date_of_birth_moves_others_ends_to_where_the_program_has_them_and_nowhere_else() {
    let service = TestService::new();
    let all = all_moved();
    let values = |part: fn(&Moved) -> &str| all.iter().map(part).collect::<Vec<_>>().join(", ");
    service.execute(&format!(
        "create schema tried; create function tried.other() returns uuid language sql \
         return (select id from authorities where code = 'E90002'); \
         insert into uploads (id, authority_id, sequence, digest, created_at, received_at, \
         client_id, code, records, refused, form) select tried.other(), tried.other(), 1, \
         decode(repeat('00', 32), 'hex'), now(), now(), 'c', 'CPF02', 1, 0, 'csv'; \
         insert into children (nhs_number, id, birth_date, updated_at) values {}; \
         insert into plans values {}",
        values(|moved| &moved.child),
        values(|moved| &moved.plan)
    ));
    let ends = "select lpad(nhs_number::text, 10, '0') || ' ' || effective_end_date || ' ' || \
                end_is_computed from plans order by nhs_number";
    let before = service.texts(ends);
    let mut intake = intake(&service);
    let mut follow = |code: &str| {
        intake
            .batch_execute(&format!(
                "begin; select set_config('cpis.authority', id::text, true) from authorities \
                 where code = '{code}'; select follow_birth_dates(array(select nhs_number \
                 from children), now()); commit"
            ))
            .unwrap();
    };
    // They are its own: it tells their ends itself.
    follow("E90002");
    assert_eq!(service.texts(ends), before);
    follow("E90001");
    let expected: Vec<&str> = all.iter().map(|moved| moved.expected.as_str()).collect();
    assert_eq!(service.texts(ends), expected);
    let kept = service.earlier_versions();
    assert!(kept > 0);
    assert_eq!(
        service.number("select count(*) from plans where version = 2"),
        kept
    );
    let notified = "select count(*) from notifications n join plans p on p.id = n.plan_id \
                    and p.effective_end_date = n.plan_end and p.effective_end_date <> p.start_date";
    assert_eq!(service.number(notified), service.notifications());
    follow("E90001");
    assert_eq!(
        service.earlier_versions(),
        kept,
        "what is right is not moved again"
    );
}
