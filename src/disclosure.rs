//! The only door out: put the look on record, read the plans, queue the notifications; all or
//! nothing. Nothing is answered before the database has made it durable.

pub mod read_back;

use uuid::Uuid;

use crate::domain::access::{Access, Look, ShownHistory};
use crate::domain::plan::{Child, Plan};
use crate::domain::timeline::PlanPast;
use crate::store::accesses::{self, DisclosureRules};
use crate::store::{Store, StoreError, authority_versions, identifiers, plan_versions, plans};

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

/// Discloses the plans of the child a look names. `None` when nobody is known under the id that
/// names the child.
///
/// # Errors
/// [`StoreError`] when anything at all is in doubt; then nothing may be answered about the child.
pub async fn disclose(
    store: &Store,
    look: Look,
    rules: DisclosureRules,
) -> Result<Option<Disclosure>, StoreError> {
    let id = identifiers::id_of(look.at);
    // One statement, so it commits by itself; its answer comes after the commit.
    store
        .run(move |postgres| {
            let Some(recorded) = accesses::record(postgres, id, &look, rules)? else {
                return Ok(None);
            };
            let plans = plans::disclosed_to(&recorded)?;
            Ok(Some(Disclosure {
                access: recorded.access().clone(),
                plans,
            }))
        })
        .await
}

/// Discloses the access history of the child a look names, the look itself included. It is empty
/// for a child without a visible plan.
///
/// # Errors
/// As [`disclose`].
pub async fn disclose_history(
    store: &Store,
    look: Look,
    rules: DisclosureRules,
    shown: ShownHistory,
) -> Result<Option<(Disclosure, Vec<Access>)>, StoreError> {
    let id = identifiers::id_of(look.at);
    store
        .transaction(move |postgres| {
            let Some(recorded) = accesses::record(postgres, id, &look, rules)? else {
                return Ok(None);
            };
            let plans = plans::disclosed_to(&recorded)?;
            let history = if plans.is_empty() {
                Vec::new()
            } else {
                shown.of(accesses::history_of(postgres, &recorded)?, id)
            };
            Ok(Some((
                Disclosure {
                    access: recorded.access().clone(),
                    plans,
                },
                history,
            )))
        })
        .await
}

/// Discloses the plans of the child a look names with all that was known of each before.
///
/// # Errors
/// As [`disclose`].
pub async fn disclose_past(
    store: &Store,
    look: Look,
    rules: DisclosureRules,
) -> Result<Option<Vec<PlanPast>>, StoreError> {
    let id = identifiers::id_of(look.at);
    store
        .transaction(move |postgres| {
            let Some(recorded) = accesses::record(postgres, id, &look, rules)? else {
                return Ok(None);
            };
            let plans = plans::disclosed_to(&recorded)?;
            let tellings = plan_versions::earlier(postgres, &recorded, &plans)?;
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
            Ok(Some(plans.into_iter().map(past).collect()))
        })
        .await
}
