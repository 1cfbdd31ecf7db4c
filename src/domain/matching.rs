//! Whether a record's NHS number is its child's: the surname and the date of birth must agree with
//! the demographics service, and the first names by one of four steps (CP-IS NHS number matching).

use crate::domain::names::{first_names_agree, same_family_name};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::{Person, Trace};
use crate::domain::record_field::RecordField;
use crate::domain::upload::{PlanRecord, RecordCode, RecordRefusal, UploadRecord};

/// Compares a record with what the demographics service knows of its NHS number.
///
/// # Errors
/// [`RecordRefusal`] with the official code. No name is echoed, because a refusal is kept and a
/// name never is; and of a sensitive record nothing at all.
pub fn compare(record: &UploadRecord, trace: &Trace) -> Result<(), RecordRefusal> {
    match trace {
        // An inactive number is refused in the same words as one that nobody ever had.
        Trace::NotFound | Trace::Inactive => Err(no_match(&record.plan)),
        Trace::Found(person) | Trace::Superseded(person) if person.sensitive => Err(sensitive()),
        Trace::Found(person) => agree(record, person),
        Trace::Superseded(person) => {
            // Only who knows the person by name and date of birth is told the other number.
            let replacement = agree(record, person).is_ok().then_some(person);
            Err(superseded(
                &record.plan,
                replacement.map(|person| person.nhs_number),
            ))
        }
    }
}

/// The refusal of a number that is nobody's.
#[must_use]
pub fn no_match(plan: &PlanRecord) -> RecordRefusal {
    let echo = plan.nhs_number.reveal();
    let reason = "nobody has this NHS number: find the child's and send the plan under it";
    RecordRefusal::of(RecordCode::NoMatch, RecordField::NhsNumber, &echo, reason)
}

/// The refusal of a number that another replaced, which is told where it may be.
#[must_use]
pub fn superseded(plan: &PlanRecord, replacement: Option<NhsNumber>) -> RecordRefusal {
    let reason = replacement.map_or_else(
        || "this NHS number was replaced by another: find it and send the plan under it".to_owned(),
        |number| {
            let number = number.reveal();
            format!("this NHS number was replaced by {number}: send the plan under that")
        },
    );
    let echo = plan.nhs_number.reveal();
    RecordRefusal::of(
        RecordCode::Superseded,
        RecordField::NhsNumber,
        &echo,
        &reason,
    )
}

fn sensitive() -> RecordRefusal {
    RecordRefusal {
        code: RecordCode::Sensitive,
        field: None,
        echo: String::new(),
        reason: "the person's record is sensitive: nothing of this record was kept".to_owned(),
    }
}

fn agree(record: &UploadRecord, person: &Person) -> Result<(), RecordRefusal> {
    let differs = |field, echo: &str, reason| {
        Err(RecordRefusal::of(
            RecordCode::NotVerified,
            field,
            echo,
            reason,
        ))
    };
    if person.birth_date != Some(record.plan.birth_date) {
        return differs(
            RecordField::BirthDate,
            &record.plan.birth_date.to_string(),
            "the date of birth is not that of the NHS number: compare both with PDS",
        );
    }
    if !same_family_name(&record.name.family, &person.family_name) {
        return differs(
            RecordField::FamilyName,
            "",
            "the family name is not that of the NHS number: compare both with PDS",
        );
    }
    if first_names_agree(&record.name.given, &person.given_names).is_none() {
        return differs(
            RecordField::GivenNames,
            "",
            "the given names are not those of the NHS number: compare both with PDS",
        );
    }
    Ok(())
}

/// How many of an authority's records agreed with the demographics service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatchRate {
    /// How many were compared.
    pub compared: usize,
    /// How many of them agreed.
    pub matched: usize,
}

impl MatchRate {
    /// What an authority must reach before it goes live, in per cent.
    pub const EXPECTED_PERCENT: usize = 95;

    /// Whether the rate is lower than what is expected of an authority.
    #[must_use]
    pub fn is_low(self) -> bool {
        self.matched.saturating_mul(100) < self.compared.saturating_mul(Self::EXPECTED_PERCENT)
    }
}

#[cfg(test)]
#[path = "matching_rules.rs"]
mod rules;
