//! The plans of an authority that requests are about, as they are held, and what a request comes to
//! beside them (<https://hl7.org/fhir/R4/http.html#cond-update>).

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::domain::calendar::day_of;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::plan::PlanPhase;
use crate::domain::plan_write::{
    Condition, Effect, PlanCriteria, PlanVersion, PlanWrite, Standing, Which, WriteRefusal,
};
use crate::domain::record_field::RecordField;
use crate::domain::upload::{PlanKey, PlanRecord, RecordRefusal, UploadRecord};

/// The plans.
#[derive(Debug, Clone, Default)]
pub struct HeldPlans {
    /// The authority's own, the withdrawn included.
    pub own: Vec<HeldPlan>,
    /// Ids of plans that were named and are another authority's.
    pub of_others: HashSet<Uuid>,
    /// When they are looked at.
    pub at: DateTime<Utc>,
    /// How often the authority has described itself.
    pub described: i32,
}

/// A plan as it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPlan {
    /// Its id.
    pub id: Uuid,
    /// How often it was told.
    pub told: i32,
    /// Its last day.
    pub end: NaiveDate,
    /// When it was last told.
    pub updated_at: DateTime<Utc>,
    /// What was told.
    pub record: PlanRecord,
}

impl HeldPlan {
    fn stands(&self) -> bool {
        self.record.deleted_on.is_none()
    }
}

impl HeldPlans {
    /// What a request would tell of a plan.
    ///
    /// # Errors
    /// [`WriteRefusal`] when it is not met.
    pub fn resolve(&self, write: &PlanWrite) -> Result<PlanRecord, WriteRefusal> {
        match write {
            PlanWrite::Create { record, unless } => self.create(plan(record)?, unless.as_ref()),
            PlanWrite::Update {
                which,
                record,
                condition,
            } => {
                let sent = plan(record)?;
                self.check_update(which, sent, condition)?;
                Ok(sent.clone())
            }
            PlanWrite::Withdraw { which, condition } => self.withdraw(which, condition),
        }
    }

    /// How a plan stands that these were held beside before.
    #[must_use]
    pub fn standing(&self, told: &PlanRecord, before: &Self) -> Option<Standing> {
        let held = self.named(&told.key(), told.nhs_number)?;
        let earlier = before.named(&told.key(), told.nhs_number);
        let effect = match earlier {
            Some(earlier) if earlier.told == held.told => Effect::Nothing,
            Some(earlier) if earlier.stands() && held.stands() => Effect::Updated,
            _ if held.stands() => Effect::Created,
            _ => Effect::Withdrawn,
        };
        Some(Standing {
            id: held.id,
            version: self.version(held),
            updated_at: held.updated_at,
            effect,
        })
    }

    /// How the plan stands that a request names, whether or not it stands any more.
    #[must_use]
    pub fn named_by(&self, write: &PlanWrite) -> Option<Standing> {
        let held = match write {
            PlanWrite::Create { record, .. } | PlanWrite::Update { record, .. } => {
                let sent = &record.as_ref().ok()?.plan;
                self.named(&sent.key(), sent.nhs_number)?
            }
            PlanWrite::Withdraw { which, .. } => match which {
                Which::Plan(id) => self.of_id(*id).ok()?,
                Which::Found(criteria, _) => self.withdrawn(criteria)?,
            },
        };
        Some(Standing {
            id: held.id,
            version: self.version(held),
            updated_at: held.updated_at,
            effect: Effect::Nothing,
        })
    }

    fn create(
        &self,
        sent: &PlanRecord,
        unless: Option<&PlanCriteria>,
    ) -> Result<PlanRecord, WriteRefusal> {
        if let Some(criteria) = unless {
            match self.found(criteria).as_slice() {
                [] => {}
                [one] => return Ok(one.record.clone()),
                _ => return Err(WriteRefusal::Unclear),
            }
        }
        let key = sent.key();
        let held = self
            .own
            .iter()
            .find(|held| held.stands() && held.record.key() == key);
        match held {
            // The same again, as after an answer that was lost, is no conflict.
            Some(held) if held.record != *sent => Err(WriteRefusal::HeldAlready),
            _ => Ok(sent.clone()),
        }
    }

    fn check_update(
        &self,
        which: &Which,
        sent: &PlanRecord,
        condition: &Condition,
    ) -> Result<(), WriteRefusal> {
        let key = sent.key();
        match which {
            Which::Plan(id) => {
                let held = self.of_id(*id)?;
                self.check(condition, Some(held))?;
                if held.record.key() == key {
                    Ok(())
                } else {
                    Err(WriteRefusal::Record(another_plan(&key)))
                }
            }
            Which::Found(criteria, _) if !criteria.find(&key) => Err(WriteRefusal::Unclear),
            Which::Found(criteria, id) => match self.found(criteria).as_slice() {
                [] => self.check(condition, None),
                [one] if id.as_ref().is_some_and(|id| *id != one.id.to_string()) => {
                    Err(WriteRefusal::AnotherId)
                }
                [one] if one.record.key() == key => self.check(condition, Some(one)),
                _ => Err(WriteRefusal::Unclear),
            },
        }
    }

    fn withdraw(&self, which: &Which, condition: &Condition) -> Result<PlanRecord, WriteRefusal> {
        let held = match which {
            Which::Plan(id) => self.of_id(*id)?,
            Which::Found(criteria, _) => match self.found(criteria).as_slice() {
                [] => self.withdrawn(criteria).ok_or(WriteRefusal::NotFound)?,
                [one] => one,
                _ => return Err(WriteRefusal::Unclear),
            },
        };
        // What was withdrawn already stays as it is, whichever version the caller had seen.
        if !held.stands() {
            return Ok(held.record.clone());
        }
        self.check(condition, Some(held))?;
        Ok(PlanRecord {
            deleted_on: Some(day_of(self.at)),
            ..held.record.clone()
        })
    }

    fn check(&self, condition: &Condition, held: Option<&HeldPlan>) -> Result<(), WriteRefusal> {
        let standing = held.filter(|held| held.stands());
        if condition.holds(standing.map(|held| self.version(held))) {
            Ok(())
        } else {
            Err(WriteRefusal::AnotherVersion)
        }
    }

    fn of_id(&self, id: Uuid) -> Result<&HeldPlan, WriteRefusal> {
        let own = self.own.iter().find(|held| held.id == id);
        own.ok_or(match self.of_others.contains(&id) {
            true => WriteRefusal::AnotherAuthority,
            false => WriteRefusal::NotFound,
        })
    }

    /// The plans that stand and that criteria find.
    fn found(&self, criteria: &PlanCriteria) -> Vec<&HeldPlan> {
        let standing = self.own.iter().filter(|held| held.stands());
        standing
            .filter(|held| criteria.find(&held.record.key()))
            .collect()
    }

    /// The plan withdrawn last of those that criteria find.
    fn withdrawn(&self, criteria: &PlanCriteria) -> Option<&HeldPlan> {
        let withdrawn = self.own.iter().filter(|held| !held.stands());
        withdrawn
            .filter(|held| criteria.find(&held.record.key()))
            .max_by_key(|held| held.updated_at)
    }

    fn named(&self, key: &PlanKey, number: NhsNumber) -> Option<&HeldPlan> {
        self.own
            .iter()
            .find(|held| held.record.nhs_number == number && held.record.key() == *key)
    }

    fn version(&self, held: &HeldPlan) -> PlanVersion {
        PlanVersion {
            told: held.told,
            described: self.described,
            phase: PlanPhase::of(held.record.start, held.end, self.at),
        }
    }
}

fn plan(record: &Result<UploadRecord, RecordRefusal>) -> Result<&PlanRecord, WriteRefusal> {
    match record {
        Ok(record) => Ok(&record.plan),
        Err(refusal) => Err(WriteRefusal::Record(refusal.clone())),
    }
}

fn another_plan(key: &PlanKey) -> RecordRefusal {
    let reason = "the plan of this id has another local id, kind or first day, which is what it is \
                  known by: withdraw it, and tell the other as a new one";
    RecordRefusal::unsuccessful(RecordField::LocalId, &key.local_id, reason)
}

#[cfg(test)]
#[path = "held_plans_rules.rs"]
mod rules;
