//! What a request comes to beside what is held.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use uuid::Uuid;

use super::{HeldPlan, HeldPlans};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person_name::PersonName;
use crate::domain::plan::PlanKind;
use crate::domain::plan_write::{Condition, Effect, PlanCriteria, PlanWrite, Which, WriteRefusal};
use crate::domain::upload::{PlanRecord, UploadRecord};

const ID: Uuid = Uuid::from_u128(1);
const OTHERS: Uuid = Uuid::from_u128(2);

fn record(kind: PlanKind, end: Option<&str>) -> PlanRecord {
    PlanRecord {
        kind,
        nhs_number: NhsNumber::parse("9990000026").unwrap(),
        local_id: "H-1".into(),
        birth_date: "2015-04-01".parse().unwrap(),
        start: "2026-01-10".parse().unwrap(),
        sent_end: end.map(|end| end.parse().unwrap()),
        deleted_on: None,
    }
}

fn held(id: Uuid, told: i32, record: PlanRecord) -> HeldPlan {
    HeldPlan {
        id,
        told,
        end: "2027-01-01".parse().unwrap(),
        updated_at: "2026-01-10T00:00:00Z".parse().unwrap(),
        record,
    }
}

fn plans(own: Vec<HeldPlan>) -> HeldPlans {
    HeldPlans {
        own,
        of_others: [OTHERS].into(),
        at: "2026-11-22T12:00:00Z".parse().unwrap(),
        described: 1,
    }
}

fn one() -> HeldPlans {
    plans(vec![held(ID, 1, record(PlanKind::ChildProtection, None))])
}

fn withdrawn() -> HeldPlans {
    let mut plan = record(PlanKind::ChildProtection, None);
    plan.deleted_on = Some("2026-11-01".parse().unwrap());
    plans(vec![held(ID, 2, plan)])
}

fn sent(plan: PlanRecord) -> UploadRecord {
    let name = PersonName {
        family: "Okonkwo".into(),
        given: "Ada".into(),
    };
    UploadRecord { plan, name }
}

fn create(plan: PlanRecord, unless: Option<PlanCriteria>) -> PlanWrite {
    PlanWrite::Create {
        record: Ok(sent(plan)),
        unless,
    }
}

fn update(which: Which, plan: PlanRecord) -> PlanWrite {
    PlanWrite::Update {
        which,
        record: Ok(sent(plan)),
        condition: Condition::None,
    }
}

fn withdraw(which: Which) -> PlanWrite {
    PlanWrite::Withdraw {
        which,
        condition: Condition::None,
    }
}

fn criteria(kind: Option<PlanKind>) -> PlanCriteria {
    PlanCriteria {
        local_id: "H-1".into(),
        kind,
        start: None,
    }
}

#[test]
fn a_plan_is_created_once_and_again_only_as_it_is_or_once_it_was_withdrawn() {
    let plan = record(PlanKind::ChildProtection, None);
    let longer = record(PlanKind::ChildProtection, Some("2026-12-31"));
    for held in [plans(Vec::new()), one(), withdrawn()] {
        assert_eq!(held.resolve(&create(plan.clone(), None)), Ok(plan.clone()));
    }
    let refused = one().resolve(&create(longer.clone(), None));
    assert_eq!(refused, Err(WriteRefusal::HeldAlready));
    let unless = Some(criteria(None));
    assert_eq!(
        one().resolve(&create(longer.clone(), unless.clone())),
        Ok(plan)
    );
    assert_eq!(
        withdrawn().resolve(&create(longer.clone(), unless)),
        Ok(longer)
    );
}

#[test]
fn an_update_is_of_the_one_plan_it_names() {
    let longer = record(PlanKind::ChildProtection, Some("2026-12-31"));
    let by = |which: Which| one().resolve(&update(which, longer.clone()));
    assert_eq!(by(Which::Plan(ID)), Ok(longer.clone()));
    assert_eq!(by(Which::Plan(OTHERS)), Err(WriteRefusal::AnotherAuthority));
    assert_eq!(by(Which::Plan(Uuid::nil())), Err(WriteRefusal::NotFound));
    assert_eq!(by(Which::Found(criteria(None), None)), Ok(longer.clone()));
    let id = |id: Uuid| Which::Found(criteria(None), Some(id.to_string()));
    assert_eq!(by(id(ID)), Ok(longer.clone()));
    assert_eq!(by(id(OTHERS)), Err(WriteRefusal::AnotherId));
    let other = Which::Found(criteria(Some(PlanKind::LookedAfter)), None);
    assert_eq!(
        by(other),
        Err(WriteRefusal::Unclear),
        "the criteria are not the record's"
    );
    let mut several = one();
    several
        .own
        .push(held(OTHERS, 1, record(PlanKind::LookedAfter, None)));
    let several = several.resolve(&update(Which::Found(criteria(None), None), longer));
    assert_eq!(several, Err(WriteRefusal::Unclear));
}

#[test]
fn criteria_that_find_only_another_plan_are_unclear_and_would_not_change_its_kind() {
    let looked_after = record(PlanKind::LookedAfter, None);
    let wide = update(Which::Found(criteria(None), None), looked_after.clone());
    assert_eq!(one().resolve(&wide), Err(WriteRefusal::Unclear));
    let narrow = Which::Found(criteria(Some(PlanKind::LookedAfter)), None);
    assert_eq!(
        one().resolve(&update(narrow, looked_after.clone())),
        Ok(looked_after)
    );
}

#[test]
fn a_withdrawal_says_its_day_and_another_of_the_same_changes_nothing() {
    for which in [Which::Plan(ID), Which::Found(criteria(None), None)] {
        let told = one().resolve(&withdraw(which.clone())).unwrap();
        assert_eq!(told.deleted_on.unwrap().to_string(), "2026-11-22");
        let again = withdrawn().resolve(&withdraw(which)).unwrap();
        assert_eq!(again.deleted_on.unwrap().to_string(), "2026-11-01");
    }
    let none = plans(Vec::new()).resolve(&withdraw(Which::Found(criteria(None), None)));
    assert_eq!(none, Err(WriteRefusal::NotFound));
}

#[test]
fn what_was_done_is_told_from_what_was_held_before() {
    let plan = record(PlanKind::ChildProtection, None);
    let effect = |before: &HeldPlans, after: &HeldPlans| {
        after
            .standing(&plan, before)
            .map(|standing| standing.effect)
    };
    let later = plans(vec![held(ID, 3, plan.clone())]);
    assert_eq!(effect(&plans(Vec::new()), &one()), Some(Effect::Created));
    assert_eq!(effect(&one(), &one()), Some(Effect::Nothing));
    assert_eq!(effect(&one(), &later), Some(Effect::Updated));
    assert_eq!(effect(&one(), &withdrawn()), Some(Effect::Withdrawn));
    assert_eq!(effect(&withdrawn(), &later), Some(Effect::Created));
    assert_eq!(effect(&one(), &plans(Vec::new())), None);
}
