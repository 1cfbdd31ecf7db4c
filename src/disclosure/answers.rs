//! What a look is answered with goes on record before it is told: the digest of the exact body,
//! bound to the access it goes back to. What waits at one moment is put on record in one
//! transaction, which makes durable what those looks wrote before, too.

#[cfg(test)]
mod tests;
mod writer;

use std::io;
use std::mem;
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;
use tokio::time::timeout;
use uuid::Uuid;

use self::writer::Writer;
use crate::disclosure::audit_key::AuditKey;
use crate::disclosure::measures::AnswerMeasures;
use crate::domain::access::Look;
use crate::domain::durability::Durability;
use crate::domain::nhs_number::NhsNumber;
use crate::secrets::DIGEST_BYTES;
use crate::store::access_answers::{AccessAnswer, NewAnswer};
use crate::store::request_looks::Asked;
use crate::store::{Store, StoreError};

/// The most answers that wait: twice as many as callers may be there at once. Those whose callers
/// were told otherwise meanwhile stand among them for as long as the database is silent.
const WAITING_MAX: usize = 8_192;

/// The looks that one answer goes back to. The door writes them down; whoever sends the answer puts
/// it on record with them.
#[derive(Debug, Clone, Default)]
pub struct AnswerSlip(Arc<Mutex<Looks>>);

/// What stands on a slip.
#[derive(Debug, Default)]
struct Looks {
    /// How many looks were asked for. One that is given up keeps its place, for it may be on record
    /// there all the same.
    asked: i16,
    /// Those that were seen to be on record.
    recorded: Vec<Looked>,
}

/// One look, as an answer goes back to it.
#[derive(Debug, Clone)]
pub(super) struct Looked {
    /// The child's number.
    pub nhs_number: NhsNumber,
    /// The access it became.
    pub access_id: Uuid,
    /// Its moment.
    pub at: DateTime<Utc>,
    /// The digest of the access.
    pub digest: [u8; DIGEST_BYTES],
}

impl AnswerSlip {
    /// Writes a look down.
    pub(super) fn write_down(&self, look: Looked) {
        self.looks().recorded.push(look);
    }

    /// The place of the next look among those of its request.
    fn place(&self) -> Option<i16> {
        let mut looks = self.looks();
        let place = looks.asked;
        looks.asked = place.checked_add(1)?;
        Some(place)
    }

    /// Whether the answer goes back to no look.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.looks().recorded.is_empty()
    }

    fn looks(&self) -> MutexGuard<'_, Looks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers that wait to be put on record, and where it is said that they are.
struct Waiting {
    answers: Vec<NewAnswer>,
    since: Instant,
    done: oneshot::Sender<Put>,
}

/// What became of answers that waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Put {
    /// They are on record, and durable.
    OnRecord,
    /// The same request was answered otherwise before.
    AnsweredOtherwise,
    /// Nobody knows.
    InDoubt,
}

/// Puts answers on record.
pub struct Answers {
    /// What makes the digests.
    key: Arc<AuditKey>,
    waiting: SyncSender<Waiting>,
    writer: JoinHandle<()>,
    store: Store,
    deadline: Duration,
    measures: Arc<AnswerMeasures>,
}

impl Answers {
    /// Puts answers on record in this store, each durable within a deadline, on a thread of its
    /// own, which ends when nobody can send it any more.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn open(
        key: AuditKey,
        (store, durability): (Store, Durability),
        deadline: Duration,
    ) -> io::Result<Self> {
        let (waiting, arriving) = mpsc::sync_channel(WAITING_MAX);
        let measures = Arc::<AnswerMeasures>::default();
        let durably = (store.clone(), durability);
        let mut writer = Writer::of(durably, deadline, Arc::clone(&measures));
        let writer = thread::Builder::new()
            .name("answers".to_owned())
            .spawn(move || writer.put_for_ever(&arriving))?;
        Ok(Self {
            key: Arc::new(key),
            waiting,
            writer,
            store,
            deadline,
            measures,
        })
    }

    /// Whether there is still a thread that puts answers on record: without it nothing is told.
    #[must_use]
    pub fn are_written(&self) -> bool {
        !self.writer.is_finished()
    }

    /// The store that answers are put on record in.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What is measured of it.
    #[must_use]
    pub fn measures(&self) -> &AnswerMeasures {
        &self.measures
    }

    /// The key of the digests.
    pub(super) fn key(&self) -> &Arc<AuditKey> {
        &self.key
    }

    /// What a look asks, and at which place of its request.
    pub(super) fn asked(&self, look: &Look, slip: &AnswerSlip) -> Result<Asked, StoreError> {
        Ok(Asked {
            place: slip.place().ok_or(StoreError::Unrecorded)?,
            question: self.key.of_question(look),
        })
    }

    /// Puts an answer on record for every look it goes back to. Nothing is done where it goes back
    /// to none.
    ///
    /// # Errors
    /// [`StoreError`] when it is in doubt whether all of that is durable: then it must not be told.
    pub async fn put_on_record(
        &self,
        slip: &AnswerSlip,
        status: u16,
        body: &[u8],
    ) -> Result<(), StoreError> {
        let looks = mem::take(&mut slip.looks().recorded);
        if looks.is_empty() {
            return Ok(());
        }
        let answers = self.answers(looks, status, body)?;
        let (done, is_done) = oneshot::channel();
        let waiting = Waiting {
            answers,
            since: Instant::now(),
            done,
        };
        self.measures.waiting.rise();
        self.waiting.try_send(waiting).map_err(|refused| {
            self.measures.waiting.fall();
            match refused {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Disconnected(_) => StoreError::CutShort,
            }
        })?;
        match timeout(self.deadline, is_done).await {
            Ok(Ok(Put::OnRecord)) => Ok(()),
            Ok(Ok(Put::AnsweredOtherwise)) => Err(StoreError::AskedBefore),
            Ok(_) => Err(StoreError::Unrecorded),
            Err(_elapsed) => Err(StoreError::Late),
        }
    }

    fn answers(
        &self,
        looks: Vec<Looked>,
        status: u16,
        body: &[u8],
    ) -> Result<Vec<NewAnswer>, StoreError> {
        let status = i16::try_from(status).ok().ok_or(StoreError::Unrecorded)?;
        let answer = |look: Looked| NewAnswer {
            nhs_number: look.nhs_number,
            answer: AccessAnswer {
                access_id: look.access_id,
                recorded_at: look.at,
                status,
                body_digest: self.key.of_answer(look.access_id, status, body),
                access_digest: look.digest,
            },
        };
        Ok(looks.into_iter().map(answer).collect())
    }
}
