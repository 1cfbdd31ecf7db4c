//! Writes the two halves of a record: a plan, and whose it is (COCT_TP145100GB01, 145101GB01,
//! 146100GB01 to 146102GB01).

use super::document::Document;
use super::vocabulary::{CHILD, COMPONENTS, LOCAL_ID, NHS_NUMBER, PlanTemplate, Template};

/// What is written of a person.
pub(super) struct PersonWords<'a> {
    /// The NHS number.
    pub(super) nhs_number: Option<&'a str>,
    /// The authority's own identifier.
    pub(super) local_id: Option<&'a str>,
    /// The authority that gave it.
    pub(super) authority: Option<&'a str>,
    /// The date of birth.
    pub(super) birth: &'a str,
    /// All given names.
    pub(super) given: &'a str,
    /// The family name.
    pub(super) family: &'a str,
}

/// Writes a plan with its start, its end and its withdrawal, where there are such.
pub(super) fn push_plan(document: &mut Document, plan: PlanTemplate, dates: [Option<&str>; 3]) {
    document.within("pertinentInformation", |document| {
        document.template(plan.template, |document| {
            for ((component, name), date) in COMPONENTS.into_iter().zip(plan.dates).zip(dates) {
                let Some(date) = date else { continue };
                document.within(component, |document| {
                    document.within(name, |document| {
                        document.empty("value", &[("value", date)]);
                    });
                });
            }
        });
    });
}

/// Writes whose a plan is.
pub(super) fn push_person(document: &mut Document, template: Template, person: &PersonWords<'_>) {
    document.within("subject", |document| {
        document.template(template, |document| {
            if template == CHILD {
                push_identifiers(document, person);
                document.within("childPerson", |document| push_description(document, person));
            } else {
                document.within("parentMotherPerson", |document| {
                    push_description(document, person);
                    document.within("playedMother", |document| {
                        push_identifiers(document, person);
                    });
                });
            }
        });
    });
}

fn push_identifiers(document: &mut Document, person: &PersonWords<'_>) {
    if let Some(number) = person.nhs_number {
        document.empty("id", &[("root", NHS_NUMBER), ("extension", number)]);
    }
    if let Some(local_id) = person.local_id {
        let mut attributes = vec![("root", LOCAL_ID), ("extension", local_id)];
        attributes.extend(
            person
                .authority
                .map(|name| ("assigningAuthorityName", name)),
        );
        document.empty("id", &attributes);
    }
}

fn push_description(document: &mut Document, person: &PersonWords<'_>) {
    document.empty("birthTime", &[("value", person.birth)]);
    document.within("name", |document| {
        document.text("given", person.given);
        document.text("family", person.family);
    });
}
