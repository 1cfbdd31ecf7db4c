//! After a file was taken in: the number of every child held is traced again and again, because a
//! number can be replaced by another, or become nobody's (REPC_MT000005GB01).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use thiserror::Error;
use tokio::task::spawn_blocking;
use tracing::{info, warn};

use crate::demographics::{TraceTime, Unavailable};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::Trace;
use crate::intake::matching::Matching;
use crate::store::number_changes::{self, TakenChild};
use crate::store::{Postgres, Store, StoreError};

/// How many children are traced at once: few enough that uploads find their turn in between.
const CHILDREN: i64 = 50;

/// Why numbers could not be followed. Those that were taken come up again within ten minutes.
#[derive(Debug, Error)]
pub enum FollowingError {
    /// The demographics service cannot be asked.
    #[error(transparent)]
    Demographics(#[from] Unavailable),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of tracing some of the children held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Followed {
    /// How many were traced.
    pub traced: usize,
    /// How many have another number now.
    pub replaced: usize,
    /// How many have a number that no other replaced.
    pub inactive: usize,
    /// How many numbers are nobody's, or another person's: nothing was done about them.
    pub unclear: usize,
}

/// What is to be done about a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Nothing,
    Hide,
    Show,
    Replace(NhsNumber),
    Unclear,
}

/// Traces the children whose turn it is, at most fifty, and does what follows.
///
/// # Errors
/// [`FollowingError`] when a number has no answer that can be trusted, or the database fails.
pub async fn follow_numbers(
    store: &Store,
    matching: &Arc<Matching>,
    now: DateTime<Utc>,
) -> Result<Followed, FollowingError> {
    let days = matching.check_days;
    let taken = store
        .run(move |postgres| number_changes::take(postgres, now, days, CHILDREN))
        .await?;
    let numbers: Vec<NhsNumber> = taken.iter().map(|child| child.nhs_number).collect();
    let asked = Arc::clone(matching);
    let traces = spawn_blocking(move || {
        let time = TraceTime {
            now,
            deadline: Instant::now() + asked.wait,
        };
        asked.demographics.trace(&numbers, time)
    })
    .await
    .unwrap_or(Err(Unavailable::CutShort))?;
    let mut followed = Followed::default();
    for child in taken {
        let step = step(&child, &traces)?;
        followed.count(step);
        if step == Step::Unclear {
            warn!(child.id = %child.id, "A child's NHS number is nobody's, or another person's");
        }
        store
            .transaction(move |postgres| take_step(postgres, child.nhs_number, step, now))
            .await?;
    }
    followed.log();
    Ok(followed)
}

/// What follows from a trace. A child is moved only to a person of the same date of birth, and to
/// none whose record is sensitive: a wrong answer must not flag another child, and what is
/// sensitive is not held.
fn step(child: &TakenChild, traces: &HashMap<NhsNumber, Trace>) -> Result<Step, Unavailable> {
    let trace = traces
        .get(&child.nhs_number)
        .ok_or(Unavailable::Unreadable)?;
    Ok(match trace {
        Trace::Found(_) if child.inactive => Step::Show,
        Trace::Found(_) => Step::Nothing,
        Trace::Inactive if child.inactive => Step::Nothing,
        Trace::Inactive => Step::Hide,
        Trace::Superseded(person)
            if !person.sensitive && person.birth_date == Some(child.birth_date) =>
        {
            Step::Replace(person.nhs_number)
        }
        Trace::Superseded(_) | Trace::NotFound => Step::Unclear,
    })
}

fn take_step(
    postgres: &mut Postgres,
    number: NhsNumber,
    step: Step,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    match step {
        Step::Nothing | Step::Unclear => number_changes::traced(postgres, &[number.stored()], at),
        Step::Hide => number_changes::hide(postgres, number, at),
        Step::Show => number_changes::show(postgres, number, at),
        Step::Replace(replacement) => number_changes::replace(postgres, number, replacement, at),
    }
}

impl Followed {
    fn count(&mut self, step: Step) {
        self.traced += 1;
        match step {
            Step::Nothing | Step::Show => {}
            Step::Hide => self.inactive += 1,
            Step::Replace(_) => self.replaced += 1,
            Step::Unclear => self.unclear += 1,
        }
    }

    fn log(self) {
        let Self {
            traced,
            replaced,
            inactive,
            unclear: _,
        } = self;
        if replaced + inactive > 0 {
            info!(
                traced,
                replaced, inactive, "NHS numbers of children held have changed"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use std::collections::HashMap;

    use uuid::Uuid;

    use super::{Step, step};
    use crate::domain::nhs_number::NhsNumber;
    use crate::domain::person::{Person, Trace};
    use crate::store::number_changes::TakenChild;

    fn child(inactive: bool) -> TakenChild {
        TakenChild {
            id: Uuid::nil(),
            nhs_number: NhsNumber::parse("9990000026").unwrap(),
            birth_date: "2015-04-01".parse().unwrap(),
            inactive,
        }
    }

    fn replacement() -> Person {
        Person {
            nhs_number: NhsNumber::parse("9990000034").unwrap(),
            family_name: "Okonkwo".into(),
            given_names: vec!["Ada".into()],
            birth_date: "2015-04-01".parse().ok(),
            sensitive: false,
        }
    }

    fn taken(child: &TakenChild, trace: Trace) -> Step {
        step(child, &HashMap::from([(child.nhs_number, trace)])).unwrap()
    }

    #[test]
    fn a_child_moves_to_the_new_number_only_of_a_person_born_on_the_same_day() {
        let child = child(false);
        let moved = taken(&child, Trace::Superseded(replacement()));
        assert_eq!(moved, Step::Replace(replacement().nhs_number));
        for other in [
            Person {
                birth_date: "2015-04-02".parse().ok(),
                ..replacement()
            },
            Person {
                birth_date: None,
                ..replacement()
            },
            Person {
                sensitive: true,
                ..replacement()
            },
        ] {
            assert_eq!(taken(&child, Trace::Superseded(other)), Step::Unclear);
        }
    }

    #[test]
    fn plans_are_hidden_once_and_shown_again_when_the_number_is_found() {
        assert_eq!(taken(&child(false), Trace::Inactive), Step::Hide);
        assert_eq!(taken(&child(true), Trace::Inactive), Step::Nothing);
        assert_eq!(taken(&child(true), Trace::Found(replacement())), Step::Show);
        assert_eq!(
            taken(&child(false), Trace::Found(replacement())),
            Step::Nothing
        );
    }

    #[test]
    fn a_number_that_is_nobodys_changes_nothing_and_one_without_an_answer_stops_the_work() {
        assert_eq!(taken(&child(false), Trace::NotFound), Step::Unclear);
        assert!(step(&child(false), &HashMap::new()).is_err());
    }
}
