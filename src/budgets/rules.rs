//! What budgets promise, as tests: who tries numbers is stopped, and who works is not.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Budgets, OverBudget, Saw};
use crate::domain::access::{Interaction, Look, Subject};
use crate::domain::caller::{Practitioner, Viewer};
use crate::domain::care_setting::CareSetting;
use crate::domain::look_budget::BudgetHolder;
use crate::domain::look_finding::FindingKind;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::settings::BudgetSettings;

fn budgets() -> Budgets {
    Budgets::of(BudgetSettings::default().rules())
}

/// The first valid number at or after these nine digits.
fn number(nine: i64) -> NhsNumber {
    let mut all = (nine..).flat_map(|nine| (0..10).map(move |last| nine * 10 + last));
    all.find_map(|number| NhsNumber::from_stored(number).ok())
        .unwrap()
}

/// Numbers as they come to a department: far apart.
fn child(which: i64) -> NhsNumber {
    number(400_000_000 + which * 104_729 % 99_000_000)
}

fn look(person: i64, subject: Subject, at: DateTime<Utc>) -> Look {
    Look {
        at,
        request_id: Uuid::nil(),
        subject,
        interaction: Interaction::Search,
        asked: "Flag".into(),
        viewer: Viewer {
            client_id: "epr".into(),
            organisation: OdsCode::parse("RQX99").unwrap(),
            organisation_name: "Riverside".into(),
            practitioner: Practitioner {
                user_id: person.to_string(),
                name: "A".into(),
                role_profile_id: "1".into(),
                job_role_code: "R8000".into(),
                job_role_name: "Clinical".into(),
            },
            care_setting: CareSetting::Unscheduled,
        },
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(100) + TimeDelta::seconds(seconds)
}

/// Looks at a number, and counts what is seen if that is allowed.
fn looked(
    budgets: &Budgets,
    (person, number): (i64, NhsNumber),
    at: DateTime<Utc>,
    has_plan: bool,
) -> Result<(), OverBudget> {
    let look = look(person, Subject::NhsNumber(number), at);
    budgets.admit(&look)?;
    budgets.count(&look, Saw::Child(number, has_plan));
    Ok(())
}

#[test]
fn whoever_walks_through_numbers_is_stopped_after_ten() {
    let budgets = budgets();
    let tries = (0..1000).map(|step| {
        let number = number(450_000_000 + step);
        looked(&budgets, (1, number), at(step), false)
    });
    let passed = tries.filter(Result::is_ok).count();
    // Some neighbours have the same first valid number, which may be looked at again.
    assert!((10..=13).contains(&passed), "{passed}");
}

#[test]
fn whoever_guesses_numbers_is_stopped_at_the_budget_for_misses_and_goes_on_an_hour_later() {
    let budgets = budgets();
    let at_most = usize::try_from(BudgetSettings::default().person_misses_max).unwrap();
    let tries = (0..1000).map(|guess| looked(&budgets, (1, child(guess)), at(guess), false));
    assert_eq!(tries.filter(Result::is_ok).count(), at_most);
    let refused = looked(&budgets, (1, child(5000)), at(1000), false).unwrap_err();
    assert!(matches!(
        refused,
        OverBudget::Spent(BudgetHolder::Person, _)
    ));
    let later = at(1000) + refused.wait();
    looked(&budgets, (1, child(5000)), later, false).unwrap();
}

#[test]
fn a_child_looked_at_within_the_hour_can_be_looked_at_again_when_the_budget_is_spent() {
    let budgets = budgets();
    for guess in 0..1000 {
        let _ = looked(&budgets, (1, child(guess)), at(guess), false);
    }
    looked(&budgets, (1, child(0)), at(1001), false).unwrap();
    assert!(looked(&budgets, (2, child(0)), at(1002), false).is_ok());
    assert!(looked(&budgets, (1, child(2000)), at(1003), false).is_err());
}

#[test]
fn what_is_asked_for_by_an_id_that_was_disclosed_is_never_refused() {
    let budgets = budgets();
    for guess in 0..1000 {
        let _ = looked(&budgets, (1, child(guess)), at(guess), false);
    }
    for subject in [
        Subject::Patient(Uuid::nil()),
        Subject::Plan(Uuid::nil()),
        Subject::Access(Uuid::nil()),
    ] {
        budgets.admit(&look(1, subject, at(1001))).unwrap();
    }
}

#[test]
fn a_day_of_a_busy_department_is_never_refused_and_finds_nothing() {
    let budgets = budgets();
    // Forty children an hour, one in 70 with a plan; each is looked at by two of twelve people, and
    // by the first of them four times.
    for hour in 0..24 {
        for place in 0..40 {
            let which = hour * 40 + place;
            let moment = at(hour * 3600 + place * 90);
            let has_plan = which % 70 == 0;
            let nurse = which % 12;
            for again in [0, 30, 400, 3500] {
                let moment = moment + TimeDelta::seconds(again);
                looked(&budgets, (nurse, child(which)), moment, has_plan).unwrap();
            }
            let doctor = (which + 5) % 12;
            looked(&budgets, (doctor, child(which)), moment, has_plan).unwrap();
        }
    }
    assert_eq!(budgets.spent().findings, []);
}

#[test]
fn one_organisation_and_one_client_have_budgets_of_their_own() {
    let rules = BudgetSettings {
        organisation_children_max: 300,
        ..BudgetSettings::default()
    };
    let budgets = Budgets::of(rules.rules());
    let tries = (0..1000).map(|which| {
        let person = which / 50;
        looked(&budgets, (person, child(which)), at(which), false)
    });
    let refused: Vec<_> = tries.filter_map(Result::err).collect();
    assert_eq!(refused.len(), 700);
    assert!(
        refused
            .iter()
            .all(|one| matches!(one, OverBudget::Spent(BudgetHolder::Organisation, _)))
    );
}

#[test]
fn a_finding_comes_before_a_refusal_and_once_an_hour() {
    let budgets = budgets();
    for guess in 0..70 {
        looked(&budgets, (1, child(guess)), at(guess), false).unwrap();
    }
    let kinds = || -> Vec<FindingKind> {
        let spent = budgets.spent();
        spent.findings.iter().map(|finding| finding.kind).collect()
    };
    assert_eq!(kinds(), [FindingKind::NearBudget]);
    for guess in 70..200 {
        let _ = looked(&budgets, (1, child(guess)), at(guess), false);
    }
    assert_eq!(kinds(), [FindingKind::NearBudget, FindingKind::SpentBudget]);
}

#[test]
fn ids_that_nobody_has_count_as_misses() {
    let budgets = budgets();
    for guess in 0..200 {
        let look = look(1, Subject::Plan(Uuid::nil()), at(guess));
        budgets.count(&look, Saw::Nobody);
    }
    assert!(looked(&budgets, (1, child(0)), at(200), false).is_err());
}
