//! Which records agree with the demographics service, and what the others are refused with.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use chrono::Days;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::{MatchRate, compare};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::{Person, Trace};
use crate::domain::person_name::PersonName;
use crate::domain::plan::PlanKind;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{PlanRecord, RecordCode, UploadRecord};

fn record() -> UploadRecord {
    UploadRecord {
        plan: PlanRecord {
            kind: PlanKind::ChildProtection,
            nhs_number: NhsNumber::parse("9990000026").unwrap(),
            local_id: "H-1".into(),
            birth_date: "2015-04-01".parse().unwrap(),
            start: "2026-01-10".parse().unwrap(),
            sent_end: None,
            deleted_on: None,
        },
        name: PersonName {
            family: "Okonkwo".into(),
            given: "Ada Grace".into(),
        },
    }
}

fn person() -> Person {
    Person {
        nhs_number: NhsNumber::parse("9990000026").unwrap(),
        family_name: "OKONKWO".into(),
        given_names: vec!["Ada".into(), "Grace".into()],
        birth_date: "2015-04-01".parse().ok(),
        sensitive: false,
    }
}

fn refused(trace: &Trace) -> (RecordCode, Option<RecordField>, String, String) {
    let refusal = compare(&record(), trace).unwrap_err();
    (refusal.code, refusal.field, refusal.echo, refusal.reason)
}

#[test]
fn a_record_whose_details_agree_is_matched() {
    assert_eq!(compare(&record(), &Trace::Found(person())), Ok(()));
}

#[test]
fn a_detail_that_differs_is_named_and_no_name_is_echoed() {
    let others = [
        (
            Person {
                birth_date: "2015-04-02".parse().ok(),
                ..person()
            },
            RecordField::BirthDate,
            "2015-04-01",
        ),
        (
            Person {
                birth_date: None,
                ..person()
            },
            RecordField::BirthDate,
            "2015-04-01",
        ),
        (
            Person {
                family_name: "Okafor".into(),
                ..person()
            },
            RecordField::FamilyName,
            "",
        ),
        (
            Person {
                given_names: vec!["Zoe".into()],
                ..person()
            },
            RecordField::GivenNames,
            "",
        ),
    ];
    for (person, field, echo) in others {
        let (code, named, echoed, reason) = refused(&Trace::Found(person));
        assert_eq!((code, named), (RecordCode::NotVerified, Some(field)));
        assert_eq!(echoed, echo);
        assert!(
            !reason.contains("Ok") && !reason.contains("Zoe"),
            "{reason}"
        );
    }
}

#[test]
fn of_a_sensitive_record_a_refusal_holds_nothing_whatever_else_differs() {
    let hidden = Person {
        sensitive: true,
        ..person()
    };
    let misnamed = Person {
        family_name: "Okafor".into(),
        ..hidden.clone()
    };
    for trace in [
        Trace::Found(hidden.clone()),
        Trace::Found(misnamed),
        Trace::Superseded(hidden),
    ] {
        let (code, field, echo, _) = refused(&trace);
        assert_eq!(
            (code, field, echo.as_str()),
            (RecordCode::Sensitive, None, "")
        );
    }
}

#[test]
fn the_number_that_replaced_another_is_told_only_to_who_knows_the_person() {
    let replaced = Person {
        nhs_number: NhsNumber::parse("9990000034").unwrap(),
        ..person()
    };
    let (code, field, echo, reason) = refused(&Trace::Superseded(replaced.clone()));
    assert_eq!(
        (code, field),
        (RecordCode::Superseded, Some(RecordField::NhsNumber))
    );
    assert_eq!(echo, "9990000026");
    assert!(reason.contains("9990000034"), "{reason}");
    let stranger = Person {
        family_name: "Okafor".into(),
        ..replaced
    };
    let (code, _, _, reason) = refused(&Trace::Superseded(stranger));
    assert_eq!(code, RecordCode::Superseded);
    assert!(!reason.contains("999"), "{reason}");
}

#[test]
fn an_inactive_number_is_refused_exactly_as_one_that_nobody_ever_had() {
    assert_eq!(refused(&Trace::Inactive), refused(&Trace::NotFound));
    assert_eq!(refused(&Trace::Inactive).0, RecordCode::NoMatch);
}

#[test]
fn a_match_rate_is_low_below_95_in_100() {
    for (compared, matched, is_low) in [
        (0, 0, false),
        (20, 19, false),
        (100, 94, true),
        (1, 0, true),
    ] {
        assert_eq!(
            MatchRate { compared, matched }.is_low(),
            is_low,
            "{compared}"
        );
    }
}

proptest! {
    #[test]
    fn another_surname_or_date_of_birth_never_matches(
        family in "[a-z]{1,9}", days in 1_u64..20_000, born_otherwise in proptest::bool::ANY
    ) {
        let mut other = person();
        if born_otherwise {
            other.birth_date = other.birth_date.map(|day| day + Days::new(days));
        } else {
            other.family_name = format!("{family}x");
        }
        let refusal = compare(&record(), &Trace::Found(other)).unwrap_err();
        prop_assert_eq!(refusal.code, RecordCode::NotVerified);
        prop_assert!(refusal.field != Some(RecordField::GivenNames));
    }
}
