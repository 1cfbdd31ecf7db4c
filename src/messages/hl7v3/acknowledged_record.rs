//! A record of an upload in its acknowledgement (REPC_MT000003GB01): what became of each plan and
//! where it stands, and the record as it was sent, but for the plans that were taken in.

use super::document::Document;
use super::element::{Element, Place};
use super::timestamp::{has_shape_of_date, has_shape_of_moment};
use super::upload::path_of_record;
use super::upload_record::{Person, Record, WrittenPlan};
use super::vocabulary::RECORD_RESPONSE;
use super::written_record::{PersonWords, push_person, push_plan};
use crate::domain::record_field::RecordField;
use crate::domain::upload::{RecordCode, RecordRefusal};

/// What became of one plan.
type Outcome<'file> = &'file Result<(), RecordRefusal>;

/// A record with what became of its plans.
pub(super) struct AcknowledgedRecord<'part, 'file> {
    part: &'part Element,
    path: String,
    shape: Shape<'part, 'file>,
}

enum Shape<'part, 'file> {
    /// It can be told whose and which plans it has.
    Whole(Record<'part>, Vec<Outcome<'file>>),
    /// It cannot, for something at this place.
    Broken(Place, Option<Outcome<'file>>),
}

impl<'part, 'file> AcknowledgedRecord<'part, 'file> {
    /// The record of this number, from 1, with the next of the results: one for each plan, or one
    /// for all where the record could not be taken apart.
    pub(super) fn of(
        part: &'part Element,
        number: usize,
        results: &mut impl Iterator<Item = Outcome<'file>>,
    ) -> Self {
        let shape = match Record::of(part) {
            Ok(record) => {
                let outcomes = results.take(record.plans.len()).collect();
                Shape::Whole(record, outcomes)
            }
            Err(fault) => Shape::Broken(fault.place, results.next()),
        };
        Self {
            part,
            path: path_of_record(number),
            shape,
        }
    }

    /// Whether every plan of the record was taken in.
    pub(super) fn is_taken_in(&self) -> bool {
        match &self.shape {
            Shape::Whole(record, outcomes) => {
                outcomes.len() == record.plans.len() && outcomes.iter().all(|one| one.is_ok())
            }
            Shape::Broken(..) => false,
        }
    }

    /// Writes what became of each plan, and where it or its fault stands.
    pub(super) fn push_details(&self, document: &mut Document) {
        match &self.shape {
            Shape::Broken(place, outcome) => {
                let refusal = outcome.and_then(|outcome| outcome.as_ref().err());
                self.push_refusal(document, refusal, *place);
            }
            Shape::Whole(record, outcomes) => {
                for (plan, outcome) in record.plans.iter().zip(outcomes) {
                    match outcome {
                        Ok(()) => {
                            let location = self.part.path(&self.path, plan.place);
                            push_detail(document, RecordCode::Successful, None, &location);
                        }
                        Err(refusal) => {
                            let place = place_of(refusal.field, plan, record.person_of(plan));
                            self.push_refusal(document, Some(refusal), place);
                        }
                    }
                }
            }
        }
    }

    fn push_refusal(&self, document: &mut Document, refusal: Option<&RecordRefusal>, place: Place) {
        let code = refusal.map_or(RecordCode::Unsuccessful, |refusal| refusal.code);
        let reason = refusal.map(|refusal| refusal.reason.as_str());
        push_detail(document, code, reason, &self.part.path(&self.path, place));
    }

    /// Writes whose the record is where it was taken in; or else what was refused, as it was sent.
    /// A record that the schema itself would refuse cannot be written in a message that follows it.
    pub(super) fn push_message(&self, document: &mut Document) {
        let Shape::Whole(record, outcomes) = &self.shape else {
            return;
        };
        let refused = record.plans.iter().zip(outcomes);
        let refused: Vec<_> = refused
            .filter(|(_, outcome)| outcome.is_err())
            .map(|(plan, _)| plan)
            .collect();
        if !record.people.iter().all(can_be_written) || !refused.iter().all(|plan| fits(plan)) {
            return;
        }
        let element = match refused.is_empty() {
            true => "validCP-ISRecord",
            false => "invalidCP-ISRecord",
        };
        document.within("message", |document| {
            document.within("cP-ISLAAcknowledgementResponse", |document| {
                document.within("pertinentInformation1", |document| {
                    document.within(element, |document| {
                        refused.iter().for_each(|plan| push_as_sent(document, plan));
                        let people = record.people.iter();
                        people.for_each(|person| push_whose(document, person));
                    });
                });
            });
        });
    }
}

/// Writes what became of something, why, and where it stands.
pub(super) fn push_detail(
    document: &mut Document,
    code: RecordCode,
    reason: Option<&str>,
    location: &str,
) {
    document.within("acknowledgementRecordDetail", |document| {
        let attributes = [
            ("code", code.code()),
            ("codeSystem", RECORD_RESPONSE),
            ("displayName", code.meaning()),
        ];
        match reason {
            Some(reason) => {
                document.open_with("code", &attributes);
                document.text("originalText", reason);
                document.close("code");
            }
            None => document.empty("code", &attributes),
        }
        document.text("location", location);
    });
}

/// Where a field of a plan stands, or what it should stand in.
fn place_of(
    field: Option<RecordField>,
    plan: &WrittenPlan<'_>,
    person: Option<&Person<'_>>,
) -> Place {
    let of_person = |said: fn(&Person<'_>) -> Option<Place>| match person {
        Some(person) => said(person).unwrap_or(person.place),
        None => plan.place,
    };
    match field {
        None => plan.place,
        Some(RecordField::PlanKind) => plan.kind_place,
        Some(RecordField::StartDate) => plan.start.place,
        Some(RecordField::EndDate) => plan.end.map_or(plan.kind_place, |said| said.place),
        Some(RecordField::DeleteDate) => plan.deleted.map_or(plan.kind_place, |said| said.place),
        Some(RecordField::NhsNumber) => {
            of_person(|person| person.nhs_number.map(|said| said.place))
        }
        Some(RecordField::LocalId) => of_person(|person| person.local_id.map(|said| said.place)),
        Some(RecordField::Authority) => of_person(|person| person.authority.map(|said| said.place)),
        Some(RecordField::BirthDate) => of_person(|person| Some(person.birth.place)),
        Some(RecordField::FamilyName) => of_person(|person| Some(person.family.place)),
        Some(RecordField::GivenNames) => of_person(|person| Some(person.given.place)),
    }
}

fn can_be_written(person: &Person<'_>) -> bool {
    let identifiers = [person.nhs_number, person.local_id];
    let mut said = identifiers.iter().chain([&person.authority]).flatten();
    said.all(|said| !said.text.is_empty())
        && identifiers.iter().any(Option::is_some)
        && has_shape_of_moment(person.birth.text)
}

fn fits(plan: &WrittenPlan<'_>) -> bool {
    let dates = [Some(plan.start), plan.end, plan.deleted];
    dates
        .iter()
        .flatten()
        .all(|said| has_shape_of_date(said.text))
}

fn push_as_sent(document: &mut Document, plan: &WrittenPlan<'_>) {
    let dates = [Some(plan.start), plan.end, plan.deleted];
    push_plan(
        document,
        plan.template,
        dates.map(|said| said.map(|said| said.text)),
    );
}

fn push_whose(document: &mut Document, person: &Person<'_>) {
    let words = PersonWords {
        nhs_number: person.nhs_number.map(|said| said.text),
        local_id: person.local_id.map(|said| said.text),
        authority: person.authority.map(|said| said.text),
        birth: person.birth.text,
        given: person.given.text,
        family: person.family.text,
    };
    push_person(document, person.template, &words);
}
