//! What a look is answered with goes on record before it is told: the digest of the exact body,
//! bound to the access it goes back to. What waits at one moment is put on record in one
//! transaction, which makes durable what those looks wrote before, too.

mod writer;

use std::io;
use std::mem;
use std::sync::mpsc::{self, Sender};
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
    waiting: Sender<Waiting>,
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
        let (waiting, arriving) = mpsc::channel();
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
        self.waiting.send(waiting).map_err(|_ended| {
            self.measures.waiting.fall();
            StoreError::CutShort
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use std::sync::{Arc, mpsc};
    use std::thread;
    use std::time::Duration;

    use chrono::DateTime;
    use uuid::Uuid;

    use super::{AnswerSlip, Answers, Looked};
    use crate::disclosure::audit_key::AuditKey;
    use crate::domain::nhs_number::NhsNumber;
    use crate::secrets::SecretKey;
    use crate::store::{Side, Store, StoreError, StoreSettings};

    #[test]
    fn where_nobody_puts_answers_on_record_it_is_seen_and_nothing_is_told() {
        let second = Duration::from_secs(1);
        let nowhere = StoreSettings {
            url: "postgres://a@127.0.0.1:1/b".to_owned().into(),
            connections: 1,
            wait: second,
            deadline: second,
        };
        let (waiting, arriving) = mpsc::channel();
        let answers = Answers {
            key: Arc::new(AuditKey::of(&SecretKey::of([1; 32]))),
            waiting,
            writer: thread::spawn(move || drop(arriving)),
            store: Store::open(nowhere, Side::Query),
            deadline: second,
            measures: Arc::default(),
        };
        while answers.are_written() {
            thread::yield_now();
        }
        let slip = AnswerSlip::default();
        slip.write_down(Looked {
            nhs_number: NhsNumber::parse("9990000026").unwrap(),
            access_id: Uuid::nil(),
            at: DateTime::UNIX_EPOCH,
            digest: [0; 32],
        });
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().build().unwrap();
        let put = runtime.block_on(answers.put_on_record(&slip, 200, b"{}"));
        assert!(matches!(put, Err(StoreError::CutShort)), "{put:?}");
        assert_eq!(answers.measures().waiting.value(), 0);
    }
}
