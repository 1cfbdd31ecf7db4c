//! The sandbox's register of made-up people: its children, and a person for each way in which a
//! record can fail to match.

use chrono::NaiveDate;

use crate::demographics::register::SandboxRegister;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::Person;
use crate::sandbox::children::{CHILDREN, birth_date};

/// How old each of the sandbox's children is on the first of April.
const AGES: [i32; CHILDREN.len()] = [9, 10, 13, 16, 5, 8, 11, 7, 3];

/// A person without a plan, to upload one for.
#[derive(Debug, Clone, Copy)]
pub struct SandboxPerson {
    /// The NHS number.
    pub nhs_number: &'static str,
    /// The family name.
    pub family_name: &'static str,
    /// The given names, with a space between each two.
    pub given_names: &'static str,
    /// The age on the first of April.
    pub age: i32,
}

/// A person whose record is sensitive: CPR02.
pub const SENSITIVE: SandboxPerson = person("9990000115", ["Marsh", "Lena"], 12);
/// A number that another replaced: CPR05.
pub const SUPERSEDED: &str = "9990000123";
/// The person who has the number that replaced it.
pub const REPLACEMENT: SandboxPerson = person("9990000131", ["Cole", "Idris"], 6);
/// A number that no other replaced: CPR01.
pub const INACTIVE: &str = "9990000158";
/// A person with several given names, and accents in them.
pub const SEVERAL_NAMES: SandboxPerson =
    person("9990000166", ["Núñez-Ortega", "Zoë Anne-Marie Rose"], 14);

/// People whose date of birth does not move with the years, for those who upload a file that was
/// written once: NHS number, family name, given names, date of birth.
const OF_ONE_DAY: [[&str; 4]; 2] = [
    ["9990000107", "Osei", "Kofi", "2015-04-01"],
    ["9990000182", "Rowan", "Jess", "2016-04-01"],
];

const fn person(
    nhs_number: &'static str,
    [family_name, given_names]: [&'static str; 2],
    age: i32,
) -> SandboxPerson {
    SandboxPerson {
        nhs_number,
        family_name,
        given_names,
        age,
    }
}

/// The register on a day, from which the ages count.
#[must_use]
pub fn register(today: NaiveDate) -> SandboxRegister {
    let children = CHILDREN.iter().zip(AGES).map(|(child, age)| SandboxPerson {
        nhs_number: child.nhs_number,
        family_name: child.family_name,
        given_names: child.given_names,
        age,
    });
    let people = children.chain([SENSITIVE, REPLACEMENT, SEVERAL_NAMES]);
    let of_one_day = OF_ONE_DAY.iter().filter_map(born_on_one_day);
    let register = people
        .filter_map(|person| registered(&person, today))
        .chain(of_one_day)
        .fold(SandboxRegister::default(), SandboxRegister::with);
    let replacement = registered(&REPLACEMENT, today).zip(NhsNumber::parse(SUPERSEDED).ok());
    let register = match replacement {
        Some((person, number)) => register.with_superseded(number, person),
        None => register,
    };
    match NhsNumber::parse(INACTIVE) {
        Ok(number) => register.with_inactive(number),
        Err(_) => register,
    }
}

/// A person as the register has them; none where the number is not one, which a test rules out.
fn registered(person: &SandboxPerson, today: NaiveDate) -> Option<Person> {
    let given_names = person.given_names.split(' ').map(str::to_owned).collect();
    Some(Person {
        nhs_number: NhsNumber::parse(person.nhs_number).ok()?,
        family_name: person.family_name.to_owned(),
        given_names,
        birth_date: Some(birth_date(today, person.age)),
        sensitive: person.nhs_number == SENSITIVE.nhs_number,
    })
}

/// The same of a person whose date of birth is always the same.
fn born_on_one_day(
    [nhs_number, family_name, given_names, birth_date]: &[&str; 4],
) -> Option<Person> {
    Some(Person {
        nhs_number: NhsNumber::parse(nhs_number).ok()?,
        family_name: (*family_name).to_owned(),
        given_names: given_names.split(' ').map(str::to_owned).collect(),
        birth_date: Some(birth_date.parse().ok()?),
        sensitive: false,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use std::time::Instant;

    use chrono::{DateTime, Utc};

    use super::{
        INACTIVE, OF_ONE_DAY, REPLACEMENT, SENSITIVE, SEVERAL_NAMES, SUPERSEDED, register,
    };
    use crate::demographics::{Demographics, TraceTime};
    use crate::domain::calendar::day_of;
    use crate::domain::matching::compare;
    use crate::domain::nhs_number::NhsNumber;
    use crate::domain::person::Trace;
    use crate::domain::plan::Windows;
    use crate::messages::reading_rules::ReadingRules;
    use crate::messages::upload_csv::read;
    use crate::sandbox::children::uploads;

    fn now() -> DateTime<Utc> {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn traced(number: NhsNumber) -> Trace {
        let time = TraceTime {
            now: now(),
            deadline: Instant::now(),
        };
        let demographics = Demographics::Register(register(day_of(now())));
        let mut traces = demographics.trace(&[number], time).unwrap();
        traces.remove(&number).unwrap()
    }

    #[test]
    fn the_register_knows_every_child_as_the_sandboxs_uploads_tell_it() {
        for upload in uploads(day_of(now()), now()) {
            let rules = ReadingRules {
                windows: Windows {
                    after_end_days: 364,
                    after_due_date_days: 28,
                },
                now: upload.told_at,
                records_max: 100,
            };
            for record in read(upload.csv.as_bytes(), &rules).unwrap().records {
                let record = record.unwrap();
                assert_eq!(compare(&record, &traced(record.plan.nhs_number)), Ok(()));
            }
        }
    }

    #[test]
    fn there_is_a_number_for_each_way_not_to_match() {
        let trace = |number: &str| traced(NhsNumber::parse(number).unwrap());
        let is_found = |trace: &Trace| matches!(trace, Trace::Found(_));
        assert!(matches!(trace(SENSITIVE.nhs_number), Trace::Found(person) if person.sensitive));
        assert!(matches!(trace(SUPERSEDED), Trace::Superseded(person)
            if person.nhs_number.reveal() == REPLACEMENT.nhs_number));
        assert!(is_found(&trace(REPLACEMENT.nhs_number)));
        assert!(is_found(&trace(SEVERAL_NAMES.nhs_number)));
        for [number, ..] in OF_ONE_DAY {
            assert!(is_found(&trace(number)), "{number}");
        }
        assert_eq!(trace(INACTIVE), Trace::Inactive);
        assert_eq!(trace("9990000174"), Trace::NotFound);
    }
}
