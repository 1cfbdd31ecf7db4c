//! What a comparison must say, whatever is held and whatever the file says.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

use super::{Compared, Standing, compare};
use crate::domain::held_plan::HeldState;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person_name::PersonName;
use crate::domain::plan::PlanKind;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{PlanRecord, RecordRefusal, UploadRecord};

fn plan(local_id: u8, number: bool, end: bool, is_withdrawn: bool) -> PlanRecord {
    let number = if number { "9990000026" } else { "9990000034" };
    PlanRecord {
        kind: PlanKind::ChildProtection,
        nhs_number: NhsNumber::parse(number).unwrap(),
        local_id: format!("H-{local_id}"),
        birth_date: "2015-04-01".parse().unwrap(),
        start: "2026-01-10".parse().unwrap(),
        sent_end: end.then(|| "2027-01-10".parse().unwrap()),
        deleted_on: is_withdrawn.then(|| "2026-02-01".parse().unwrap()),
    }
}

fn standing(record: PlanRecord) -> Standing {
    let state = match record.deleted_on {
        Some(_) => HeldState::Withdrawn,
        None => HeldState::Current,
    };
    Standing { record, state }
}

fn sent(plan: PlanRecord) -> Result<UploadRecord, RecordRefusal> {
    let name = PersonName {
        family: "Okonkwo".into(),
        given: "Ada".into(),
    };
    Ok(UploadRecord { plan, name })
}

#[test]
fn each_plan_has_one_line_and_a_difference_names_its_fields() {
    let held = vec![
        standing(plan(1, true, true, false)),
        standing(plan(2, true, true, false)),
        standing(plan(3, true, true, false)),
    ];
    let changed = plan(2, false, false, true);
    let refusal = RecordRefusal::unsuccessful(RecordField::StartDate, "x", "no date");
    let records = vec![
        sent(plan(1, true, true, false)),
        Err(refusal.clone()),
        sent(changed.clone()),
        sent(plan(4, true, true, false)),
    ];
    let expected = vec![
        Compared::Same(1, held[0].clone()),
        Compared::Refused(2, refusal),
        Compared::Differs(
            3,
            held[1].clone(),
            changed,
            vec![
                RecordField::NhsNumber,
                RecordField::EndDate,
                RecordField::DeleteDate,
            ],
        ),
        Compared::FileOnly(4, plan(4, true, true, false)),
        Compared::HeldOnly(held[2].clone()),
    ];
    assert_eq!(compare(held, records), expected);
}

#[test]
fn a_plan_that_was_moved_to_another_number_is_compared_where_it_stands() {
    let held = vec![
        standing(plan(1, false, true, true)),
        standing(plan(1, true, true, false)),
    ];
    let lines = compare(held.clone(), vec![sent(plan(1, true, true, false))]);
    let expected = [
        Compared::Same(1, held[1].clone()),
        Compared::HeldOnly(held[0].clone()),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_plan_that_the_file_names_twice_is_compared_once_and_refused_as_an_upload_would() {
    let record = plan(1, true, true, false);
    let lines = compare(Vec::new(), vec![sent(record.clone()), sent(record.clone())]);
    let again = RecordRefusal::again(&record);
    assert_eq!(
        lines,
        [Compared::FileOnly(1, record), Compared::Refused(2, again)]
    );
}

fn plans() -> impl Strategy<Value = Vec<PlanRecord>> {
    let one = (0_u8..12, any::<bool>(), any::<bool>(), any::<bool>());
    vec(
        one.prop_map(|(id, number, end, withdrawn)| plan(id, number, end, withdrawn)),
        0..20,
    )
}

proptest! {
    #[test]
    fn no_record_and_no_held_plan_is_left_out_or_told_twice(held in plans(), file in plans()) {
        // As the database has it: a plan stands once under a key and a number.
        let mut once: Vec<Standing> = Vec::new();
        for record in held {
            let key = (record.key(), record.nhs_number);
            if once.iter().all(|held| (held.record.key(), held.record.nhs_number) != key) {
                once.push(standing(record));
            }
        }
        let lines = compare(once.clone(), file.iter().cloned().map(sent).collect());
        let of_file = lines.iter().filter(|line| !matches!(line, Compared::HeldOnly(_)));
        prop_assert_eq!(of_file.count(), file.len());
        let of_held = lines.iter().filter(|line| {
            !matches!(line, Compared::FileOnly(..) | Compared::Refused(..))
        });
        prop_assert_eq!(of_held.count(), once.len());
        for line in &lines {
            if let Compared::Same(_, standing) | Compared::HeldOnly(standing) = line {
                prop_assert!(once.contains(standing));
            }
        }
    }
}
