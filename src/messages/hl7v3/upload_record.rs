//! What a record of an upload says, before its values are checked (REPC_MT000002GB01, CP-ISRecord).
//!
//! A record tells one to three plans, and whose they are: the child's, and for an unborn child's
//! plan the mother's. One who is pregnant and a child may stand in it as both.

use super::element::{Element, Fault, Place, Said, Sequence};
use super::vocabulary::{
    CHILD, COMPONENTS, CONTENT, LOCAL_ID, NHS_NUMBER, PLANS, PlanTemplate, Template, UNBORN_CHILD,
    subject_template,
};

/// The most plans of a record.
const PLANS_MAX: usize = 3;

/// A record as it is written.
pub(super) struct Record<'part> {
    /// Its plans, in its order.
    pub(super) plans: Vec<WrittenPlan<'part>>,
    /// Whose they are, in its order.
    pub(super) people: Vec<Person<'part>>,
}

/// A plan as it is written.
pub(super) struct WrittenPlan<'part> {
    /// How a plan of its kind is written.
    pub(super) template: PlanTemplate,
    /// Where it stands.
    pub(super) place: Place,
    /// Where its kind stands.
    pub(super) kind_place: Place,
    /// Its first day.
    pub(super) start: Said<'part>,
    /// Its last day, or the due date.
    pub(super) end: Option<Said<'part>>,
    /// The day of its withdrawal.
    pub(super) deleted: Option<Said<'part>>,
}

/// Whose a plan is, as it is written.
pub(super) struct Person<'part> {
    /// Whether it is a child or a mother.
    pub(super) template: Template,
    /// Where the person stands.
    pub(super) place: Place,
    /// The NHS number.
    pub(super) nhs_number: Option<Said<'part>>,
    /// The authority's own identifier.
    pub(super) local_id: Option<Said<'part>>,
    /// The authority that gave it: its ODS code, a colon, its name.
    pub(super) authority: Option<Said<'part>>,
    /// The date of birth.
    pub(super) birth: Said<'part>,
    /// All given names.
    pub(super) given: Said<'part>,
    /// The family name.
    pub(super) family: Said<'part>,
}

impl<'part> Record<'part> {
    /// Takes a record apart.
    ///
    /// # Errors
    /// [`Fault`] when it is not of the schema's shape, or does not say whose each plan is.
    pub(super) fn of(part: &'part Element) -> Result<Self, Fault> {
        let mut outer = part.sequence()?;
        let record = outer.next("CP-ISRecord")?;
        outer.end()?;
        let mut elements = record.sequence()?;
        let (mut plans, mut people) = (Vec::new(), Vec::<Person<'_>>::new());
        while let Some(pertinent) = elements.next_if("pertinentInformation") {
            if plans.len() == PLANS_MAX {
                return Err(pertinent.fault("a record has at most three plans"));
            }
            plans.push(plan(pertinent)?);
        }
        while let Some(subject) = elements.next_if("subject") {
            let person = person(subject)?;
            if people.iter().any(|known| known.template == person.template) {
                return Err(subject.fault("a record has one child and one mother at most"));
            }
            people.push(person);
        }
        elements.end()?;
        if plans.is_empty() {
            return Err(record.fault("pertinentInformation is mandatory here"));
        }
        let read = Self { plans, people };
        match read
            .plans
            .iter()
            .find(|plan| read.person_of(plan).is_none())
        {
            Some(plan) => Err(Fault {
                place: plan.place,
                reason: "no subject says whose plan this is: the child, or the mother".to_owned(),
            }),
            None => Ok(read),
        }
    }

    /// Whose a plan of the record is.
    pub(super) fn person_of(&self, plan: &WrittenPlan<'_>) -> Option<&Person<'part>> {
        let expected = subject_template(plan.template.kind);
        self.people
            .iter()
            .find(|person| person.template == expected)
    }
}

fn plan(pertinent: &Element) -> Result<WrittenPlan<'_>, Fault> {
    let mut elements = pertinent.sequence()?;
    let (content_id, root) = elements.template()?;
    elements.end()?;
    let template = PLANS
        .into_iter()
        .find(|known| known.template.element() == root.name)
        .ok_or_else(|| root.fault("it is no plan that an upload may tell"))?;
    check_content_id(content_id, template.template)?;
    let mut components = root.sequence()?;
    let [start, end, deleted] = COMPONENTS;
    let [start_date, end_date, delete_date] = template.dates;
    let plan = WrittenPlan {
        template,
        place: pertinent.place(),
        kind_place: root.place(),
        start: date(components.next(start)?, start_date)?
            .ok_or_else(|| root.fault("the first day is mandatory"))?,
        end: optional_date(&mut components, end, end_date)?,
        deleted: optional_date(&mut components, deleted, delete_date)?,
    };
    components.end()?;
    Ok(plan)
}

fn optional_date<'part>(
    components: &mut Sequence<'part>,
    component: &str,
    name: &str,
) -> Result<Option<Said<'part>>, Fault> {
    match components.next_if(component) {
        Some(component) => date(component, name),
        None => Ok(None),
    }
}

/// The date in a component; none where either says that there is none.
fn date<'part>(component: &'part Element, name: &str) -> Result<Option<Said<'part>>, Fault> {
    if component.is_nil()? {
        return Ok(None);
    }
    let mut elements = component.sequence()?;
    let date = elements.next(name)?;
    elements.end()?;
    if date.is_nil()? {
        return Ok(None);
    }
    let mut elements = date.sequence()?;
    let value = elements.next("value")?;
    elements.end()?;
    value.leaf(&["value"])?;
    let said = value.said("value")?;
    match said.text.is_empty() {
        // It must not pass for a date that was left out.
        true => Err(value.fault("a date is not empty")),
        false => Ok(Some(said)),
    }
}

fn person(subject: &Element) -> Result<Person<'_>, Fault> {
    let mut elements = subject.sequence()?;
    let (content_id, root) = elements.template()?;
    elements.end()?;
    let template = [CHILD, UNBORN_CHILD]
        .into_iter()
        .find(|known| known.element() == root.name)
        .ok_or_else(|| root.fault("it is neither a child nor a mother"))?;
    check_content_id(content_id, template)?;
    if template == CHILD {
        child(root)
    } else {
        mother(root)
    }
}

fn child(root: &Element) -> Result<Person<'_>, Fault> {
    let mut elements = root.sequence()?;
    let identifiers = identifiers(&mut elements)?;
    let described = elements.next("childPerson")?;
    elements.end()?;
    let mut elements = described.sequence()?;
    let description = description(&mut elements)?;
    elements.end()?;
    Ok(described_person(CHILD, root, identifiers, description))
}

fn mother(root: &Element) -> Result<Person<'_>, Fault> {
    let mut elements = root.sequence()?;
    let described = elements.next("parentMotherPerson")?;
    elements.end()?;
    let mut elements = described.sequence()?;
    let description = description(&mut elements)?;
    let played = elements.next("playedMother")?;
    elements.end()?;
    let mut elements = played.sequence()?;
    let identifiers = identifiers(&mut elements)?;
    elements.end()?;
    Ok(described_person(
        UNBORN_CHILD,
        root,
        identifiers,
        description,
    ))
}

#[derive(Default)]
struct Identifiers<'part> {
    nhs_number: Option<Said<'part>>,
    local_id: Option<Said<'part>>,
    authority: Option<Said<'part>>,
}

fn identifiers<'part>(elements: &mut Sequence<'part>) -> Result<Identifiers<'part>, Fault> {
    let mut found = Identifiers::default();
    while let Some(id) = elements.next_if("id") {
        id.leaf(&["root", "extension", "assigningAuthorityName"])?;
        let value = id.said("extension")?;
        let authority = id.said_if_any("assigningAuthorityName");
        let replaced = match id.said("root")?.text {
            NHS_NUMBER if authority.is_none() => found.nhs_number.replace(value),
            LOCAL_ID => {
                found.authority = authority;
                found.local_id.replace(value)
            }
            NHS_NUMBER => return Err(id.fault("no authority assigns an NHS number")),
            _ => return Err(id.fault("its root is that of no identifier of CP-IS")),
        };
        if replaced.is_some() {
            return Err(id.fault("an identifier of one kind stands twice"));
        }
    }
    Ok(found)
}

/// Date of birth, given names, family name.
fn description<'part>(elements: &mut Sequence<'part>) -> Result<[Said<'part>; 3], Fault> {
    let birth = elements.next("birthTime")?;
    birth.leaf(&["value"])?;
    let name = elements.next("name")?;
    let mut names = name.sequence()?;
    let given = names.next("given")?;
    let family = names.next("family")?;
    names.end()?;
    for part in [given, family] {
        part.only(&["partType"])?;
        if !part.children.is_empty() {
            return Err(part.fault("a name has no elements in it"));
        }
    }
    Ok([birth.said("value")?, given.words(), family.words()])
}

fn described_person<'part>(
    template: Template,
    root: &Element,
    identifiers: Identifiers<'part>,
    [birth, given, family]: [Said<'part>; 3],
) -> Person<'part> {
    Person {
        template,
        place: root.place(),
        nhs_number: identifiers.nhs_number,
        local_id: identifiers.local_id,
        authority: identifiers.authority,
        birth,
        given,
        family,
    }
}

fn check_content_id(content_id: &Element, template: Template) -> Result<(), Fault> {
    content_id.leaf(&["root", "extension"])?;
    let says_so = content_id.said("root")?.text == CONTENT
        && content_id.said("extension")?.text == template.content_id();
    if says_so {
        Ok(())
    } else {
        Err(content_id.fault("it does not name the template that follows it"))
    }
}
