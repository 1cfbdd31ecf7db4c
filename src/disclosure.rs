//! The only door out: put the look on record, read the plans, queue the notifications; all or
//! nothing. Nothing is answered before the database has made it durable. Whoever looked at more
//! children than their budget has is refused before, and put into the security log.

pub mod answers;
pub mod audit_key;
mod measures;
pub mod read_back;
mod recording;
mod together;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use thiserror::Error;
use tracing::{error, warn};
use uuid::Uuid;

use crate::budgets::{Budgets, OverBudget, Saw};
use crate::disclosure::answers::{AnswerSlip, Answers, Looked};
pub use crate::disclosure::measures::DoorMeasures;
use crate::disclosure::recording::Recording;
pub use crate::disclosure::together::LooksTogether;
use crate::domain::access::{Access, Look, ShownHistory};
use crate::domain::plan::{Child, Plan};
use crate::domain::timeline::PlanPast;
use crate::security_log::SecurityLog;
use crate::store::accesses::{self, DisclosureRules, RecordedAccess};
use crate::store::security_log::{AskedBy, Refused};
use crate::store::{
    Postgres, Store, StoreError, authority_versions, identifiers, plan_versions, plans,
};

/// The door: the way to the plans, and what is told there.
pub struct Door {
    /// The query side of the database.
    pub store: Store,
    /// The same, for what one statement puts on record and shows: its answer makes it durable.
    pub looks: Store,
    /// Puts on record together what one statement can, for several looks.
    pub together: LooksTogether,
    /// What a disclosure shows, and whom it tells.
    pub rules: DisclosureRules,
    /// How many children may be looked at.
    pub budgets: Arc<Budgets>,
    /// Where refusals are put on record.
    pub security_log: Arc<SecurityLog>,
    /// What is told is put on record before.
    pub answers: Answers,
    /// How long it takes.
    pub measures: DoorMeasures,
}

/// A look that is about to go through the door, and the answer it is for.
#[derive(Debug, Clone)]
pub struct AskedLook {
    /// The look.
    pub look: Look,
    /// Where it is written down for the answer.
    pub slip: AnswerSlip,
    /// From where it comes, as far as that is known: on record where it is refused.
    pub address: Option<IpAddr>,
}

/// Why nothing is disclosed.
#[derive(Debug, Error)]
pub enum NotDisclosed {
    /// Too many children were looked at.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// The request's id stands for another one, or for one that would be answered otherwise now.
    #[error("the request's id is another request's")]
    RequestIdTaken,
    /// Something is in doubt.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for NotDisclosed {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::AskedBefore => Self::RequestIdTaken,
            error => Self::Store(error),
        }
    }
}

/// What a recorded look saw.
#[derive(Debug, Clone)]
pub struct Disclosure {
    /// The look itself, now on record.
    pub access: Access,
    /// The plans it may see, by their first day.
    pub plans: Vec<Plan>,
}

impl Disclosure {
    /// The child, known only where a plan is shown: without one, nothing tells that the service
    /// has ever heard of the child.
    #[must_use]
    pub fn child(&self) -> Option<&Child> {
        self.plans.first().map(|plan| &plan.child)
    }
}

impl Door {
    /// Discloses the plans of the child a look names. `None` when nobody is known under the id that
    /// names the child.
    ///
    /// # Errors
    /// [`NotDisclosed`] when the look is over a budget, or anything at all is in doubt; then
    /// nothing may be answered about the child.
    pub async fn disclose(&self, asked: AskedLook) -> Result<Option<Disclosure>, NotDisclosed> {
        let (recording, slip) = self.admitted(asked).await?;
        let asked_at = Instant::now();
        let recorded = self.looks.in_time(self.recorded(&recording));
        let (begun_at, recorded) = recorded.await?;
        self.measures.looked(asked_at, begun_at);
        let Some(recorded) = recorded else {
            self.budgets.count(&recording.look, Saw::Nobody);
            return Ok(None);
        };
        let plans = self.looks.judged(plans::disclosed_to(&recorded))?;
        self.seen(&recording, (&recorded, !plans.is_empty()), &slip);
        Ok(Some(Disclosure {
            access: recorded.into_access(),
            plans,
        }))
    }

    /// Puts a look on record by one statement, with others or alone. It commits by itself, and its
    /// answer's commit makes that durable.
    async fn recorded(
        &self,
        recording: &Arc<Recording>,
    ) -> Result<(Instant, Option<RecordedAccess>), StoreError> {
        if let Some((begun_at, recorded)) = self.together.recorded(recording).await {
            return Ok((begun_at, Some(recorded)));
        }
        let recording = Arc::clone(recording);
        let work = move |postgres: &mut Postgres| {
            let begun_at = Instant::now();
            Ok((begun_at, recording.recorded(postgres)?))
        };
        self.looks.run(work).await
    }

    /// Discloses the access history of the child a look names, the look itself included. It is
    /// empty for a child without a visible plan.
    ///
    /// # Errors
    /// As [`Door::disclose`].
    pub async fn disclose_history(
        &self,
        asked: AskedLook,
        shown: ShownHistory,
    ) -> Result<Option<(Disclosure, Vec<Access>)>, NotDisclosed> {
        let tell = move |postgres: &mut Postgres, recorded: &RecordedAccess, plans: Vec<Plan>| {
            let access = recorded.access().clone();
            let history = if plans.is_empty() {
                Vec::new()
            } else {
                shown.of(accesses::history_of(postgres, recorded)?, access.id)
            };
            Ok((Disclosure { access, plans }, history))
        };
        self.through(asked, tell).await
    }

    /// Discloses the plans of the child a look names with all that was known of each before, and
    /// the moment of the look.
    ///
    /// # Errors
    /// As [`Door::disclose`].
    pub async fn disclose_past(
        &self,
        asked: AskedLook,
    ) -> Result<Option<(DateTime<Utc>, Vec<PlanPast>)>, NotDisclosed> {
        let tell = |postgres: &mut Postgres, recorded: &RecordedAccess, plans| {
            Ok((recorded.access().at, pasts(postgres, recorded, plans)?))
        };
        self.through(asked, tell).await
    }

    /// A disclosure of several statements in one transaction: what every disclosure does, and one
    /// thing more that it tells.
    async fn through<T, Tell>(
        &self,
        asked: AskedLook,
        tell: Tell,
    ) -> Result<Option<T>, NotDisclosed>
    where
        T: Send + 'static,
        Tell:
            Fn(&mut Postgres, &RecordedAccess, Vec<Plan>) -> Result<T, StoreError> + Send + 'static,
    {
        let (recording, slip) = self.admitted(asked).await?;
        let asked_at = Instant::now();
        let within = Arc::clone(&recording);
        let work = move |postgres: &mut Postgres| {
            let begun_at = Instant::now();
            let Some(recorded) = within.recorded(postgres)? else {
                return Ok((begun_at, None));
            };
            let plans = plans::disclosed_to(&recorded)?;
            let has_plans = !plans.is_empty();
            let told = tell(postgres, &recorded, plans)?;
            Ok((begun_at, Some((recorded, has_plans, told))))
        };
        let (begun_at, seen) = self.store.transaction(work).await?;
        self.measures.looked(asked_at, begun_at);
        let Some((recorded, has_plans, told)) = seen else {
            self.budgets.count(&recording.look, Saw::Nobody);
            return Ok(None);
        };
        self.seen(&recording, (&recorded, has_plans), &slip);
        Ok(Some(told))
    }

    /// Lets a look through the door that is within its budgets.
    async fn admitted(
        &self,
        asked: AskedLook,
    ) -> Result<(Arc<Recording>, AnswerSlip), NotDisclosed> {
        if let Err(refused) = self.budgets.admit(&asked.look) {
            self.put_on_record(asked.look, asked.address, refused).await;
            return Err(refused.into());
        }
        let recording = Recording {
            id: identifiers::id_of(asked.look.at),
            asked: self.answers.asked(&asked.look, &asked.slip)?,
            look: asked.look,
            rules: self.rules,
        };
        Ok((Arc::new(recording), asked.slip))
    }

    /// Counts what a look that is on record saw, and writes it down for its answer.
    fn seen(
        &self,
        recording: &Recording,
        (recorded, has_plans): (&RecordedAccess, bool),
        slip: &AnswerSlip,
    ) {
        let access = recorded.access();
        let saw = Saw::Child(access.nhs_number, has_plans);
        self.budgets.count(&recording.look, saw);
        slip.write_down(Looked {
            nhs_number: access.nhs_number,
            access_id: access.id,
            at: access.at,
            digest: self.answers.key().of_access(access),
        });
    }

    /// Puts a look that is refused into the security log. It stays refused even where that fails.
    async fn put_on_record(&self, look: Look, address: Option<IpAddr>, refused: OverBudget) {
        let reason = refused.code();
        warn!(reason, "Refused a look");
        let refused = Refused {
            id: identifiers::id_of(look.at),
            at: look.at,
            request_id: look.request_id,
            route: look.interaction.code().to_owned(),
            reason,
            asked_by: AskedBy::from(look.viewer),
            address,
        };
        if let Err(cause) = self.security_log.add(refused).await {
            error!(cause = %cause, "A refused look could not be put into the security log");
        }
    }
}

/// Plans with all that was known of each before.
fn pasts(
    postgres: &mut Postgres,
    recorded: &RecordedAccess,
    plans: Vec<Plan>,
) -> Result<Vec<PlanPast>, StoreError> {
    let tellings = plan_versions::earlier(postgres, recorded, &plans)?;
    let authorities: Vec<Uuid> = plans.iter().map(|plan| plan.authority.id).collect();
    let descriptions = authority_versions::earlier(postgres, &authorities)?;
    let past = |plan: Plan| PlanPast {
        tellings: tellings
            .iter()
            .filter(|(told, _)| *told == plan.id)
            .map(|(_, telling)| telling.clone())
            .collect(),
        descriptions: descriptions
            .iter()
            .filter(|authority| authority.id == plan.authority.id)
            .cloned()
            .collect(),
        plan,
    };
    Ok(plans.into_iter().map(past).collect())
}
