//! What is already held beside a file, and which of its records can be taken in next to that.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use crate::domain::calendar::eighteenth_birthday;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::plan::PlanKind;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{PlanKey, PlanRecord, RecordCode, RecordRefusal};

/// What the service holds of the children and plans a file names, as the file is worked through.
#[derive(Debug, Default)]
pub struct Holding {
    /// The children known already.
    pub children: HashMap<NhsNumber, HeldChild>,
    /// The authority's plans that stand, and under which number each does.
    standing: HashMap<PlanKey, NhsNumber>,
    /// The authority's plans that were withdrawn, each under its number.
    withdrawn: HashSet<(PlanKey, NhsNumber)>,
    /// What the authority's plans for each child are and when they start, the withdrawn included:
    /// by child, because a file may correct the dates of birth of all of its children.
    starts: HashMap<NhsNumber, HashSet<(PlanKind, NaiveDate)>>,
    named: HashSet<PlanKey>,
}

/// What is known of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldChild {
    /// The date of birth on record.
    pub birth_date: NaiveDate,
    /// Whether it is settled: another authority holds a plan for the child, or this file has
    /// spoken already, so that a record may not correct it.
    pub settled: bool,
}

impl Holding {
    /// A holding of children whose plans are still to be added.
    #[must_use]
    pub fn of(children: HashMap<NhsNumber, HeldChild>) -> Self {
        Self {
            children,
            ..Self::default()
        }
    }

    /// Lets a record correct every date of birth held, because each record agreed with the
    /// demographics service: what is held is wrong, whoever told it. Two records of one file still
    /// have to say the same.
    pub fn unsettle(&mut self) {
        for child in self.children.values_mut() {
            child.settled = false;
        }
    }

    /// Holds a plan that the authority has told.
    pub fn hold(&mut self, plan: &PlanRecord) {
        let (key, number) = (plan.key(), plan.nhs_number);
        self.starts
            .entry(number)
            .or_default()
            .insert((plan.kind, plan.start));
        if plan.deleted_on.is_none() {
            self.withdrawn.remove(&(key.clone(), number));
            self.standing.insert(key, number);
            return;
        }
        // The same plan may stand under another number, to which it was moved.
        if self.standing.get(&key) == Some(&number) {
            self.standing.remove(&key);
        }
        self.withdrawn.insert((key, number));
    }

    /// Decides one record beside what is held, and holds it from then on.
    ///
    /// # Errors
    /// [`RecordRefusal`] when the record contradicts what is held or an earlier record of the file.
    pub fn take(&mut self, record: &PlanRecord) -> Result<(), RecordRefusal> {
        let key = record.key();
        self.check_birth_date(record)?;
        self.check_number(record, &key)?;
        if !self.named.insert(key) {
            let reason = "an earlier record of this file names the same plan: the same local_id, \
                          kind and start date";
            return Err(RecordRefusal::unsuccessful(
                RecordField::LocalId,
                &record.local_id,
                reason,
            ));
        }
        let birth_date = record.birth_date;
        self.children.insert(
            record.nhs_number,
            HeldChild {
                birth_date,
                settled: true,
            },
        );
        self.hold(record);
        Ok(())
    }

    fn check_birth_date(&self, record: &PlanRecord) -> Result<(), RecordRefusal> {
        let refuse = |reason| {
            let echo = record.birth_date.to_string();
            Err(RecordRefusal::of(
                RecordCode::NotVerified,
                RecordField::BirthDate,
                &echo,
                reason,
            ))
        };
        match self.children.get(&record.nhs_number) {
            Some(held) if held.birth_date == record.birth_date => Ok(()),
            Some(held) if held.settled => {
                refuse("another date of birth stands for this NHS number: check both against PDS")
            }
            Some(_) if !self.plans_fit(record) => refuse(
                "with this date of birth another plan held for the child would be impossible",
            ),
            _ => Ok(()),
        }
    }

    /// Whether every plan held for the record's child could stand with the record's birth date.
    fn plans_fit(&self, record: &PlanRecord) -> bool {
        let last = eighteenth_birthday(record.birth_date);
        let fits = |(kind, start): &(PlanKind, NaiveDate)| {
            *start >= record.birth_date
                && (*kind == PlanKind::UnbornChildProtection || *start <= last)
        };
        self.starts
            .get(&record.nhs_number)
            .is_none_or(|starts| starts.iter().all(fits))
    }

    fn check_number(&self, record: &PlanRecord, key: &PlanKey) -> Result<(), RecordRefusal> {
        match self.standing.get(key) {
            Some(held) if *held != record.nhs_number => Err(RecordRefusal::of(
                RecordCode::NotVerified,
                RecordField::NhsNumber,
                &record.nhs_number.reveal(),
                "this plan stands under another NHS number: withdraw it there with a delete_date, \
                 then send it under this number in a later file",
            )),
            None if record.deleted_on.is_some()
                && !self.withdrawn.contains(&(key.clone(), record.nhs_number)) =>
            {
                Err(RecordRefusal::unsuccessful(
                    RecordField::LocalId,
                    &record.local_id,
                    "there is no such plan to withdraw: local_id, kind and start date name none",
                ))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use chrono::NaiveDate;

    use super::{HeldChild, Holding};
    use crate::domain::nhs_number::NhsNumber;
    use crate::domain::plan::PlanKind;
    use crate::domain::upload::{PlanRecord, RecordCode};

    fn record(nhs_number: &str, born: &str) -> PlanRecord {
        PlanRecord {
            kind: PlanKind::ChildProtection,
            nhs_number: NhsNumber::parse(nhs_number).unwrap(),
            local_id: "H-1".into(),
            birth_date: born.parse().unwrap(),
            start: NaiveDate::from_ymd_opt(2026, 1, 10).unwrap(),
            sent_end: None,
            deleted_on: None,
        }
    }

    #[test]
    fn a_plan_named_twice_in_a_file_is_taken_once() {
        let mut holding = Holding::default();
        assert!(holding.take(&record("9990000018", "2015-04-01")).is_ok());
        let again = holding
            .take(&record("9990000018", "2015-04-01"))
            .unwrap_err();
        assert_eq!(again.code, RecordCode::Unsuccessful);
    }

    #[test]
    fn a_birth_date_is_corrected_only_where_no_other_authority_holds_a_plan() {
        for (settled, allowed) in [(false, true), (true, false)] {
            let mut holding = Holding::default();
            let told = record("9990000018", "2015-04-02");
            let held = HeldChild {
                birth_date: "2015-04-01".parse().unwrap(),
                settled,
            };
            holding.children.insert(told.nhs_number, held);
            let answer = holding.take(&told);
            assert_eq!(answer.is_ok(), allowed, "{answer:?}");
        }
    }

    #[test]
    fn one_file_cannot_give_a_child_two_birth_dates() {
        let mut holding = Holding::default();
        assert!(holding.take(&record("9990000018", "2015-04-01")).is_ok());
        let mut other = record("9990000018", "2015-04-02");
        other.local_id = "H-2".into();
        assert_eq!(
            holding.take(&other).unwrap_err().code,
            RecordCode::NotVerified
        );
    }

    #[test]
    fn a_plan_moves_to_another_number_only_after_it_was_withdrawn_under_the_first() {
        let mut holding = Holding::default();
        let first = record("9990000018", "2015-04-01");
        holding.hold(&first);
        let moved = record("9990000026", "2015-04-01");
        assert_eq!(
            holding.take(&moved).unwrap_err().code,
            RecordCode::NotVerified
        );
    }

    #[test]
    fn only_a_plan_that_is_held_can_be_withdrawn() {
        let mut holding = Holding::default();
        let mut withdrawn = record("9990000018", "2015-04-01");
        withdrawn.deleted_on = Some(withdrawn.start);
        assert!(holding.take(&withdrawn).is_err());
        holding.hold(&record("9990000018", "2015-04-01"));
        assert!(holding.take(&withdrawn).is_ok());
    }

    #[test]
    fn withdrawing_a_withdrawn_plan_again_changes_nothing_and_is_no_fault() {
        let mut holding = Holding::default();
        let mut withdrawn = record("9990000018", "2015-04-01");
        withdrawn.deleted_on = Some(withdrawn.start);
        holding.hold(&withdrawn);
        assert!(holding.take(&withdrawn).is_ok());
    }

    #[test]
    fn a_birth_date_that_would_make_another_held_plan_impossible_is_refused() {
        let mut holding = Holding::default();
        let mut told = record("9990000018", "2026-02-01");
        told.start = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        let held = HeldChild {
            birth_date: "2015-04-01".parse().unwrap(),
            settled: false,
        };
        holding.children.insert(told.nhs_number, held);
        let earlier = record("9990000018", "2015-04-01");
        holding.hold(&earlier);
        assert_eq!(
            holding.take(&told).unwrap_err().code,
            RecordCode::NotVerified
        );
    }
}
