//! The one thread that puts answers on record: all that wait at a time in one transaction, and none
//! is told before that is known to be durable.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

use tracing::error;

use super::{Put, Waiting};
use crate::disclosure::measures::AnswerMeasures;
use crate::domain::durability::Durability;
use crate::store::access_answers::{self, NewAnswer, OnRecord};
use crate::store::{Postgres, Store, StoreError, durability};

/// The most answers of one transaction: no answer waits behind more than the callers who may be
/// there at once.
const TOGETHER_MAX: usize = 256;

/// How often it is asked whether the database keeps what it commits: an operator can change that
/// while it runs.
const CHECKED_EVERY: Duration = Duration::from_secs(10);

/// How long it waits before it asks again whether a standby has what was committed.
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(20);

/// Puts answers on record.
pub(super) struct Writer {
    store: Store,
    durability: Durability,
    deadline: Duration,
    checked_at: Option<Instant>,
    measures: Arc<AnswerMeasures>,
}

impl Writer {
    /// Puts answers on record in this store.
    pub(super) fn of(
        (store, durability): (Store, Durability),
        deadline: Duration,
        measures: Arc<AnswerMeasures>,
    ) -> Self {
        Self {
            store,
            durability,
            deadline,
            checked_at: None,
            measures,
        }
    }

    /// Puts on record what arrives, until nobody can send any more.
    pub(super) fn put_for_ever(&mut self, arriving: &Receiver<Waiting>) {
        while let Ok(first) = arriving.recv() {
            let mut together = vec![first];
            while together.len() < TOGETHER_MAX
                && let Ok(next) = arriving.try_recv()
            {
                together.push(next);
            }
            self.put_together(together);
        }
    }

    fn put_together(&mut self, together: Vec<Waiting>) {
        // Whom nobody waits for any more was answered otherwise.
        let (given_up, together): (Vec<Waiting>, Vec<Waiting>) = together
            .into_iter()
            .partition(|waiting| waiting.done.is_closed());
        given_up
            .iter()
            .for_each(|_given_up| self.measures.waiting.fall());
        let answers: Vec<NewAnswer> = together
            .iter()
            .flat_map(|waiting| waiting.answers.iter().cloned())
            .collect();
        if answers.is_empty() {
            return;
        }
        let begun_at = Instant::now();
        for waiting in &together {
            let queued = begun_at.saturating_duration_since(waiting.since);
            self.measures.queue.add(queued);
        }
        self.measures.together.add(answers.len());
        let put = self.put(&answers);
        self.measures.commit.add(begun_at.elapsed());
        if let Err(cause) = &put {
            let count = answers.len();
            error!(cause = %cause, count, "Answers could not be put on record, and are not told");
        }
        for waiting in together {
            let became = match &put {
                Ok(added) if waiting.are_among(added) => Put::OnRecord,
                Ok(_) => self.compared(&waiting.answers),
                Err(_) => Put::InDoubt,
            };
            // Before it is told: whoever asks after an answer finds it counted.
            self.measures.waiting.fall();
            // It fails where the caller has gone away meanwhile.
            let _told = waiting.done.send(became);
        }
    }

    /// Whether these are the answers that are on record, although they were not added: the first
    /// that was put there stands, whichever of a request and its repetition was faster.
    fn compared(&self, answers: &[NewAnswer]) -> Put {
        let on_record = |postgres: &mut Postgres| access_answers::on_record(postgres, answers);
        match self.store.run_blocking(&on_record) {
            Ok(OnRecord::These) => Put::OnRecord,
            Ok(OnRecord::Others) => Put::AnsweredOtherwise,
            Ok(OnRecord::None) => {
                error!("Answers whose accesses were lost are not put on record, and are not told");
                Put::InDoubt
            }
            Err(cause) => {
                error!(cause = %cause, "Answers on record could not be compared, and are not told");
                Put::InDoubt
            }
        }
    }

    /// Makes answers durable; the digests of those that were not there before.
    fn put(&mut self, answers: &[NewAnswer]) -> Result<HashSet<Vec<u8>>, StoreError> {
        self.check()?;
        let added = self
            .store
            .run_blocking(&|postgres| access_answers::add(postgres, answers))?;
        match self.durability {
            Durability::Single | Durability::Managed => {}
            Durability::Replicated => self.replicated()?,
        }
        Ok(added)
    }

    /// Makes sure now and then that the database keeps what it commits; of a managed one its
    /// provider knows.
    fn check(&mut self) -> Result<(), StoreError> {
        let is_due = self
            .checked_at
            .is_none_or(|checked| checked.elapsed() >= CHECKED_EVERY);
        if self.durability == Durability::Managed || !is_due {
            return Ok(());
        }
        self.checked_at = None;
        if !self
            .store
            .run_blocking(&durability::keeps_what_is_committed)?
        {
            return Err(StoreError::Undurable);
        }
        self.checked_at = Some(Instant::now());
        Ok(())
    }

    /// Waits until a standby says that it has all that was committed until now.
    fn replicated(&self) -> Result<(), StoreError> {
        let position = self.store.run_blocking(&durability::log_position)?;
        let since = Instant::now();
        loop {
            let is_there =
                |postgres: &mut _| durability::is_replicated_through(postgres, &position);
            if self.store.run_blocking(&is_there)? {
                return Ok(());
            }
            if since.elapsed() > self.deadline {
                return Err(StoreError::Undurable);
            }
            thread::sleep(ASKED_AGAIN_AFTER);
        }
    }
}

impl Waiting {
    fn are_among(&self, added: &HashSet<Vec<u8>>) -> bool {
        let mut answers = self.answers.iter().map(|new| &new.answer);
        answers.all(|answer| added.contains(answer.body_digest.as_slice()))
    }
}
