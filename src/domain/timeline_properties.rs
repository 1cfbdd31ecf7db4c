//! What holds of every plan's timeline, as property tests.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use std::collections::HashSet;

use chrono::{DateTime, Duration, TimeDelta, Utc};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

use super::rules::{authority, day, moment, past, telling};
use super::{Change, PlanPast, Telling, Turn};
use crate::domain::calendar::start_of;

/// Tellings and descriptions on hours of their own, and the hour now.
fn pasts() -> impl Strategy<Value = (PlanPast, DateTime<Utc>)> {
    let hours = proptest::collection::btree_set(0_i64..9_000, 2..14);
    (
        hours,
        proptest::collection::vec(any::<(bool, bool, u8)>(), 14),
    )
        .prop_map(|(hours, draws)| {
            let at = |hour: i64| moment("2026-01-01T00:00:00Z") + TimeDelta::hours(hour);
            let (mut tellings, mut descriptions) = (Vec::new(), Vec::new());
            for (hour, (tells, withdrawn, days)) in hours.iter().zip(draws) {
                let version = |known: usize| i32::try_from(known).unwrap() + 1;
                if tells || tellings.is_empty() {
                    let end = day("2026-06-01") + Duration::days(i64::from(days));
                    let number = version(tellings.len());
                    let withdrawn = withdrawn && number > 1;
                    tellings.push(telling(number, &end.to_string(), withdrawn, at(*hour)));
                } else {
                    descriptions.push(authority(version(descriptions.len()), at(*hour)));
                }
            }
            if descriptions.is_empty() {
                descriptions.push(authority(1, at(-1)));
            }
            // What is disclosed stands.
            tellings.last_mut().unwrap().withdrawn = false;
            let now = at(hours.last().copied().unwrap_or_default() + 2_000);
            (past(tellings, descriptions), now)
        })
}

proptest! {
    #[test]
    fn the_newest_state_is_the_plan_as_it_is((past, now) in pasts()) {
        for turn in [Turn::Told, Turn::ToldOrEntered] {
            let states = past.states(turn, now);
            prop_assert_eq!(&states[0].plan, &past.plan);
            prop_assert_eq!(states[0].ended, None);
        }
    }

    #[test]
    fn no_two_states_are_one_version_and_each_ends_as_the_next_begins((past, now) in pasts()) {
        for turn in [Turn::Told, Turn::ToldOrEntered] {
            let states = past.states(turn, now);
            let names: HashSet<_> = states
                .iter()
                .map(|state| {
                    let plan = &state.plan;
                    let enters = turn == Turn::ToldOrEntered;
                    let phase = enters.then(|| format!("{:?}", state.phase()));
                    (plan.version, plan.authority.version, phase)
                })
                .collect();
            prop_assert_eq!(names.len(), states.len());
            for pair in states.windows(2) {
                prop_assert!(pair[0].began > pair[1].began);
                prop_assert_eq!(pair[1].ended, Some(pair[0].began));
            }
        }
    }

    #[test]
    fn a_state_is_what_was_known_at_every_moment_of_it(
        (past, now) in pasts(), back in 0_i64..9_000
    ) {
        let moment = now - TimeDelta::hours(back);
        let states = past.states(Turn::ToldOrEntered, now);
        let state = states.iter().find(|state| state.began <= moment);
        let last = Telling {
            version: past.plan.version,
            end: past.plan.end,
            withdrawn: false,
            told_at: past.plan.updated_at,
        };
        let tellings: Vec<&Telling> = past.tellings.iter().chain([&last]).collect();
        let known = tellings.iter().rev().find(|telling| telling.told_at <= moment);
        match (state, known) {
            (Some(state), Some(known)) if known.withdrawn => {
                prop_assert_eq!(state.change, Change::Withdrawn);
            }
            (Some(state), Some(known)) => {
                let described = past.descriptions.iter().chain([&past.plan.authority]);
                let oldest = past.descriptions.first().unwrap_or(&past.plan.authority);
                // Before the oldest description no version can be dated for certain.
                if oldest.updated_at <= moment {
                    let counted = described.filter(|authority| authority.updated_at <= moment);
                    prop_assert_eq!(
                        state.plan.authority.version,
                        counted.map(|authority| authority.version).max().unwrap()
                    );
                    prop_assert_eq!(state.plan.version, known.version);
                    prop_assert_eq!(state.plan.end, known.end);
                    prop_assert_eq!(state.phase(), state.plan.phase(moment));
                }
            }
            (state, known) => prop_assert!(state.is_none() || known.is_some()),
        }
    }

    #[test]
    fn a_state_begins_when_the_last_of_what_it_tells_of_came((past, now) in pasts()) {
        for state in past.states(Turn::ToldOrEntered, now) {
            let told = state.plan.updated_at.max(state.plan.authority.updated_at);
            let after = state.plan.end.day + Duration::days(1);
            let starts = [start_of(state.plan.start), start_of(after)];
            prop_assert!(told == state.began || starts.contains(&state.began));
            prop_assert!(told <= state.began);
        }
    }
}
