//! What is already held beside a file, and which of its records can be taken in next to that.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use crate::domain::calendar::eighteenth_birthday;
use crate::domain::matching::{no_match, superseded};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::number_state::NumberState;
use crate::domain::plan::PlanKind;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{PlanRecord, RecordCode, RecordRefusal};

/// What tells one plan from another within an authority, as its record has it: a file names 50,000.
type Key<'a> = (&'a str, PlanKind, NaiveDate);

/// What the service holds of the children and plans a file names, as the file is worked through.
#[derive(Debug, Default)]
pub struct Holding<'a> {
    /// The children known already.
    pub children: HashMap<NhsNumber, HeldChild>,
    /// The authority's plans that stand, and under which number each does.
    standing: HashMap<Key<'a>, NhsNumber>,
    /// The authority's plans that were withdrawn, each under its number.
    withdrawn: HashSet<(Key<'a>, NhsNumber)>,
    /// The authority's plans, the withdrawn included, that are not among the starts yet.
    not_in_starts: Vec<&'a PlanRecord>,
    /// What the authority's plans for each child are and when they start: by child, because a file
    /// may correct the dates of birth of all of its children; made when it first corrects one.
    starts: HashMap<NhsNumber, HashSet<(PlanKind, NaiveDate)>>,
    named: HashSet<Key<'a>>,
}

/// What is known of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldChild {
    /// The date of birth on record.
    pub birth_date: NaiveDate,
    /// Whether it is settled: another authority holds a plan for the child, or this file has
    /// spoken already, so that a record may not correct it.
    pub settled: bool,
    /// What became of the number.
    pub number: NumberState,
}

impl<'a> Holding<'a> {
    /// A holding of children, of whom so many plans are still to be added and so many to be taken.
    #[must_use]
    pub fn of(children: HashMap<NhsNumber, HeldChild>, (held, told): (usize, usize)) -> Self {
        Self {
            children,
            standing: HashMap::with_capacity(held.max(told)),
            named: HashSet::with_capacity(told),
            not_in_starts: Vec::with_capacity(held.saturating_add(told)),
            ..Self::default()
        }
    }

    /// Lets a record correct the dates of birth held of these children, because theirs agrees with
    /// the demographics service now: what is held is wrong, whoever told it. Two records of one
    /// file still have to say the same. A record that agreed once, or was not asked about, corrects
    /// nothing that another told: it may be the one that is out of date.
    pub fn unsettle<'n>(&mut self, agreeing: impl IntoIterator<Item = &'n NhsNumber>) {
        for number in agreeing {
            if let Some(child) = self.children.get_mut(number) {
                child.settled = false;
            }
        }
    }

    /// Holds a plan that the authority has told.
    pub fn hold(&mut self, plan: &'a PlanRecord) {
        let (key, number) = (key(plan), plan.nhs_number);
        self.not_in_starts.push(plan);
        if plan.deleted_on.is_none() {
            self.withdrawn.remove(&(key, number));
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
    pub fn take(&mut self, record: &'a PlanRecord) -> Result<(), RecordRefusal> {
        let key = key(record);
        self.check_number_stands(record)?;
        self.check_birth_date(record)?;
        self.check_number(record, key)?;
        if !self.named.insert(key) {
            return Err(RecordRefusal::again(record));
        }
        let birth_date = record.birth_date;
        self.children.insert(
            record.nhs_number,
            HeldChild {
                birth_date,
                settled: true,
                number: NumberState::Current,
            },
        );
        self.hold(record);
        Ok(())
    }

    /// Whether the number is still the child's. One that was replaced or became nobody's is refused
    /// whoever else is asked; which number replaced it only the demographics service may tell.
    fn check_number_stands(&self, record: &PlanRecord) -> Result<(), RecordRefusal> {
        let held = self.children.get(&record.nhs_number);
        match held.map(|held| held.number) {
            None | Some(NumberState::Current) => Ok(()),
            Some(NumberState::Inactive) => Err(no_match(record)),
            Some(NumberState::Replaced(_)) => Err(superseded(record, None)),
        }
    }

    fn check_birth_date(&mut self, record: &PlanRecord) -> Result<(), RecordRefusal> {
        let refuse = |reason| {
            let echo = record.birth_date.to_string();
            Err(RecordRefusal::of(
                RecordCode::NotVerified,
                RecordField::BirthDate,
                &echo,
                reason,
            ))
        };
        match self.children.get(&record.nhs_number).copied() {
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
    fn plans_fit(&mut self, record: &PlanRecord) -> bool {
        for plan in self.not_in_starts.drain(..) {
            let starts = self.starts.entry(plan.nhs_number).or_default();
            starts.insert((plan.kind, plan.start));
        }
        let last = eighteenth_birthday(record.birth_date);
        let fits = |(kind, start): &(PlanKind, NaiveDate)| {
            *start >= record.birth_date
                && (*kind == PlanKind::UnbornChildProtection || *start <= last)
        };
        self.starts
            .get(&record.nhs_number)
            .is_none_or(|starts| starts.iter().all(fits))
    }

    fn check_number(&self, record: &PlanRecord, key: Key<'_>) -> Result<(), RecordRefusal> {
        match self.standing.get(&key) {
            Some(held) if *held != record.nhs_number => Err(RecordRefusal::of(
                RecordCode::NotVerified,
                RecordField::NhsNumber,
                &record.nhs_number.reveal(),
                "this plan stands under another NHS number: withdraw it there with a delete_date, \
                 then send it under this number in a later file",
            )),
            None if record.deleted_on.is_some()
                && !self.withdrawn.contains(&(key, record.nhs_number)) =>
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

fn key(record: &PlanRecord) -> Key<'_> {
    (&record.local_id, record.kind, record.start)
}

#[cfg(test)]
#[path = "holding_rules.rs"]
mod rules;
