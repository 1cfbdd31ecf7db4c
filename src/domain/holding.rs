//! What is already held beside a file, and which of its records can be taken in next to that.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use crate::domain::nhs_number::NhsNumber;
use crate::domain::record_check::BIRTH_DATE;
use crate::domain::upload::{PlanKey, PlanRecord, RecordCode, RecordRefusal};

/// The column that holds the NHS number.
pub const NHS_NUMBER: &str = "nhs_number";
/// The column that holds the authority's identifier for the child.
pub const LOCAL_ID: &str = "local_id";

/// What the service holds of the children and plans a file names, as the file is worked through.
#[derive(Debug, Default)]
pub struct Holding {
    /// The children known already.
    pub children: HashMap<NhsNumber, HeldChild>,
    /// The authority's plans that are not withdrawn, and under which number each stands.
    pub plans: HashMap<PlanKey, NhsNumber>,
    named: HashSet<PlanKey>,
}

/// What is known of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldChild {
    /// The date of birth on record.
    pub birth_date: NaiveDate,
    /// Whether another authority holds a plan for the child, so that this one may not correct it.
    pub shared: bool,
}

impl Holding {
    /// Decides one record beside what is held, and holds it from then on.
    ///
    /// # Errors
    /// [`RecordRefusal`] when the record contradicts what is held or an earlier record of the file.
    pub fn take(&mut self, record: &PlanRecord) -> Result<(), RecordRefusal> {
        let key = record.key();
        self.check_birth_date(record)?;
        self.check_number(record, &key)?;
        if !self.named.insert(key.clone()) {
            let reason = "an earlier record of this file names the same plan: the same local_id, \
                          kind and start date";
            return Err(RecordRefusal::unsuccessful(
                LOCAL_ID,
                &record.local_id,
                reason,
            ));
        }
        if record.deleted_on.is_some() {
            self.plans.remove(&key);
        } else {
            self.plans.insert(key, record.nhs_number);
        }
        // Once a record is taken its birth date is fixed for the rest of the file.
        self.children.insert(
            record.nhs_number,
            HeldChild {
                birth_date: record.birth_date,
                shared: true,
            },
        );
        Ok(())
    }

    fn check_birth_date(&self, record: &PlanRecord) -> Result<(), RecordRefusal> {
        match self.children.get(&record.nhs_number) {
            Some(held) if held.shared && held.birth_date != record.birth_date => {
                Err(RecordRefusal::of(
                    RecordCode::NotVerified,
                    BIRTH_DATE,
                    &record.birth_date.to_string(),
                    "another date of birth stands for this NHS number: check both against PDS",
                ))
            }
            _ => Ok(()),
        }
    }

    fn check_number(&self, record: &PlanRecord, key: &PlanKey) -> Result<(), RecordRefusal> {
        match (self.plans.get(key), record.deleted_on) {
            (Some(held), _) if *held != record.nhs_number => Err(RecordRefusal::of(
                RecordCode::NotVerified,
                NHS_NUMBER,
                &record.nhs_number.reveal(),
                "this plan stands under another NHS number: withdraw it there with a delete_date, \
                 then send it under this number in a later file",
            )),
            (None, Some(_)) => Err(RecordRefusal::unsuccessful(
                LOCAL_ID,
                &record.local_id,
                "there is no such plan to withdraw: local_id, kind and start date name none held",
            )),
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
        for (shared, allowed) in [(false, true), (true, false)] {
            let mut holding = Holding::default();
            let told = record("9990000018", "2015-04-02");
            let held = HeldChild {
                birth_date: "2015-04-01".parse().unwrap(),
                shared,
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
        holding.plans.insert(first.key(), first.nhs_number);
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
        holding.plans.insert(withdrawn.key(), withdrawn.nhs_number);
        assert!(holding.take(&withdrawn).is_ok());
    }
}
