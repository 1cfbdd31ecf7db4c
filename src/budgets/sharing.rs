//! Tells the other processes what was spent in this one, takes in what was spent there, and puts
//! findings on record: beside the requests, once a second.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::{error, warn};

use crate::budgets::Budgets;
use crate::domain::look_budget::{BudgetHolder, Slot, Spending};
use crate::domain::look_finding::LookFinding;
use crate::store::look_tallies::{self, Account, SharedTally};
use crate::store::{Store, StoreError, look_findings};

/// How often what was spent is shared.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// Shares what was spent since the last time, and puts what was found on record. Nothing is lost
/// where that fails: it is done the next time.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub async fn share(budgets: &Budgets, store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
    let told = budgets.untold();
    if !told.is_empty() {
        let tallies: Vec<SharedTally> = told.iter().flat_map(tallies).collect();
        let first = Slot::of(now).first_counted();
        let held = store
            .transaction(move |postgres| look_tallies::share(postgres, &tallies, first))
            .await?;
        budgets.take_in(&told, held);
    }
    let findings = budgets.findings();
    if !findings.is_empty() {
        let kept = findings.clone();
        let stored = store
            .run(move |postgres| look_findings::add(postgres, &kept))
            .await;
        if let Err(cause) = stored {
            budgets.put_back(findings);
            return Err(cause);
        }
        for finding in findings {
            budgets.found.one(finding.kind.name());
            warn!(
                kind = finding.kind.name(),
                holder = finding.holder.name(),
                count = finding.count,
                "Looks at children may be browsing"
            );
        }
    }
    budgets.forget(now);
    Ok(())
}

/// Shares for ever; says once that it fails, and again only after it worked.
pub async fn share_for_ever(budgets: &Budgets, store: &Store, now: impl Fn() -> DateTime<Utc>) {
    let mut fails = false;
    loop {
        let shared = share(budgets, store, now()).await;
        if let Err(cause) = &shared
            && !fails
        {
            error!(cause = %cause, "What was looked at could not be shared between processes");
        }
        fails = shared.is_err();
        tokio::time::sleep(INTERVAL).await;
    }
}

/// An account with what the others have not been told of it.
type Untold = (Account, Spending);

fn tallies((account, spending): &Untold) -> impl Iterator<Item = SharedTally> {
    spending.iter().map(|(slot, tally)| SharedTally {
        account: account.clone(),
        slot: *slot,
        tally: *tally,
    })
}

impl Budgets {
    fn untold(&self) -> Vec<Untold> {
        let spent = self.spent();
        let all = BudgetHolder::ALL.into_iter().zip(&spent.ledgers);
        all.flat_map(|(holder, ledgers)| {
            let untold = ledgers
                .iter()
                .filter(|(_, ledger)| !ledger.unshared().is_empty());
            untold.map(move |(key, ledger)| {
                let key = key.clone();
                (Account { holder, key }, ledger.unshared().clone())
            })
        })
        .collect()
    }

    fn take_in(&self, told: &[Untold], held: Vec<SharedTally>) {
        let mut by_account: HashMap<Account, Spending> = HashMap::new();
        for SharedTally {
            account,
            slot,
            tally,
        } in held
        {
            by_account.entry(account).or_default().insert(slot, tally);
        }
        let mut spent = self.spent();
        for (account, told) in told {
            let held = by_account.remove(account).unwrap_or_default();
            spent.ledger(account.holder, &account.key).share(told, held);
        }
    }

    fn findings(&self) -> Vec<LookFinding> {
        std::mem::take(&mut self.spent().findings)
    }

    fn put_back(&self, findings: Vec<LookFinding>) {
        self.spent().findings.extend(findings);
    }

    fn forget(&self, now: DateTime<Utc>) {
        let slot = Slot::of(now);
        let mut spent = self.spent();
        if spent.forgot_in == Some(slot) {
            return;
        }
        spent.forgot_in = Some(slot);
        for ledgers in &mut spent.ledgers {
            ledgers.retain(|_, ledger| ledger.forget(slot));
        }
        spent.people.retain(|_, person| person.forget(slot));
        let hour = slot.0.div_euclid(12);
        spent.found.retain(|(_, _, _, found)| found.0 >= hour);
    }
}
