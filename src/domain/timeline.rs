//! The timeline of a plan: the states it was in, one after another, as its authority told it and
//! described itself, and as the calendar moved it from phase to phase.

use chrono::{DateTime, Utc};

use crate::domain::calendar::start_of;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::plan::{EffectiveEnd, Plan, PlanPhase};

/// What an authority told of a plan at a moment. What tells the plan from others never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// How often the authority had told the plan, from 1.
    pub version: i32,
    /// Its last day.
    pub end: EffectiveEnd,
    /// Whether the authority withdrew the plan as entered in error.
    pub withdrawn: bool,
    /// When.
    pub told_at: DateTime<Utc>,
}

/// A plan, and what was known of it before.
#[derive(Debug, Clone)]
pub struct PlanPast {
    /// The plan as it is.
    pub plan: Plan,
    /// What was told before, the oldest first.
    pub tellings: Vec<Telling>,
    /// How its authority described itself before, the oldest first.
    pub descriptions: Vec<LocalAuthority>,
}

/// What begins a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The authority told the plan, or described itself anew.
    Told,
    /// That, or the plan entered a phase at a midnight in London.
    ToldOrEntered,
}

/// What a state is beside the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The first.
    Created,
    /// Another.
    Updated,
    /// The end of it, as entered in error.
    Withdrawn,
    /// Its return after that.
    Restored,
}

/// A plan as it was from one moment until another.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanState {
    /// The plan as it was.
    pub plan: Plan,
    /// When the state began.
    pub began: DateTime<Utc>,
    /// When the next one did; none for the present state.
    pub ended: Option<DateTime<Utc>>,
    /// How it came about.
    pub change: Change,
}

impl PlanPast {
    /// The states until a moment, newest first. The oldest description known of the authority
    /// stands for all time before it.
    #[must_use]
    pub fn states(&self, turn: Turn, now: DateTime<Utc>) -> Vec<PlanState> {
        let (tellings, descriptions) = (self.all_tellings(), self.all_descriptions());
        let mut states: Vec<PlanState> = Vec::new();
        for (place, telling) in tellings.iter().enumerate() {
            let next = tellings.get(place.saturating_add(1));
            let until = next.map(|next| next.told_at);
            for began in self.turns(telling, &descriptions, turn) {
                let is_passed = began > now || until.is_some_and(|until| began >= until);
                if is_passed && began != telling.told_at {
                    continue;
                }
                let authority = self.described(&descriptions, began);
                let plan = self.as_told(telling, authority);
                add(&mut states, turn, telling, PlanState::of(plan, began));
            }
        }
        let mut ended = None;
        for state in states.iter_mut().rev() {
            state.ended = ended.replace(state.began);
        }
        states.reverse();
        states
    }

    /// The moments at which a telling's states begin, the telling itself first.
    fn turns(
        &self,
        telling: &Telling,
        descriptions: &[LocalAuthority],
        turn: Turn,
    ) -> Vec<DateTime<Utc>> {
        let mut moments = vec![telling.told_at];
        if telling.withdrawn {
            return moments;
        }
        moments.extend(descriptions.iter().map(|authority| authority.updated_at));
        if turn == Turn::ToldOrEntered {
            let after = telling.end.day.succ_opt();
            moments.extend(
                [Some(self.plan.start), after]
                    .into_iter()
                    .flatten()
                    .map(start_of),
            );
        }
        moments.retain(|moment| *moment >= telling.told_at);
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    fn as_told(&self, telling: &Telling, authority: LocalAuthority) -> Plan {
        Plan {
            version: telling.version,
            end: telling.end,
            authority,
            updated_at: telling.told_at,
            ..self.plan.clone()
        }
    }

    /// Every telling, the last one included, none before the one it follows. A later upload may
    /// have read the clock first, and then what it told began with what it replaced.
    fn all_tellings(&self) -> Vec<Telling> {
        let last = Telling {
            version: self.plan.version,
            end: self.plan.end,
            withdrawn: false,
            told_at: self.plan.updated_at,
        };
        let mut tellings: Vec<Telling> = self
            .tellings
            .iter()
            .filter(|telling| telling.version < last.version)
            .cloned()
            .collect();
        tellings.push(last);
        tellings.sort_by_key(|telling| telling.version);
        let mut latest = DateTime::<Utc>::MIN_UTC;
        for telling in &mut tellings {
            latest = latest.max(telling.told_at);
            telling.told_at = latest;
        }
        tellings
    }

    /// Every description, the last one included, by version.
    fn all_descriptions(&self) -> Vec<LocalAuthority> {
        let last = &self.plan.authority;
        let mut descriptions: Vec<LocalAuthority> = self
            .descriptions
            .iter()
            .filter(|authority| authority.id == last.id && authority.version < last.version)
            .cloned()
            .collect();
        descriptions.push(last.clone());
        descriptions.sort_by_key(|authority| authority.version);
        descriptions
    }

    /// The description that counted at a moment, not dated after it.
    fn described(&self, descriptions: &[LocalAuthority], moment: DateTime<Utc>) -> LocalAuthority {
        let counted = descriptions
            .iter()
            .rev()
            .find(|authority| authority.updated_at <= moment)
            .or(descriptions.first())
            .unwrap_or(&self.plan.authority);
        LocalAuthority {
            updated_at: counted.updated_at.min(moment),
            ..counted.clone()
        }
    }
}

impl PlanState {
    fn of(plan: Plan, began: DateTime<Utc>) -> Self {
        Self {
            plan,
            began,
            ended: None,
            change: Change::Updated,
        }
    }

    /// Where the plan stood when the state began.
    #[must_use]
    pub fn phase(&self) -> PlanPhase {
        self.plan.phase(self.began)
    }

    /// Whether two states of a plan have all that names a version in common.
    fn is_version_of(&self, other: &Self, turn: Turn) -> bool {
        self.plan.version == other.plan.version
            && self.plan.authority.version == other.plan.authority.version
            && (turn == Turn::Told || self.phase() == other.phase())
    }
}

/// Adds a state to those before it.
fn add(states: &mut Vec<PlanState>, turn: Turn, telling: &Telling, mut state: PlanState) {
    state.change = match states.last() {
        Some(last) if telling.withdrawn && last.change == Change::Withdrawn => return,
        _ if telling.withdrawn => Change::Withdrawn,
        None if telling.version == 1 => Change::Created,
        Some(last) if last.change == Change::Withdrawn => Change::Restored,
        _ => Change::Updated,
    };
    match states.last_mut() {
        // The oldest description known stood for the time before it too: the version is dated by
        // the description itself, as whoever reads the plan is told.
        Some(last) if last.is_version_of(&state, turn) => {
            state.change = last.change;
            *last = state;
        }
        _ => states.push(state),
    }
}

#[cfg(test)]
#[path = "timeline_properties.rs"]
mod properties;
#[cfg(test)]
#[path = "timeline_rules.rs"]
mod rules;
