//! Looks by NHS number that wait at one moment are put on record, and shown what they may see, by
//! one statement: what it costs to begin and to commit one is shared, and so is the way there and
//! back. A look waits for nobody: where a thread is free, it goes at once, and alone.
//!
//! Nothing rests on it. Whatever goes wrong for looks together, each is then tried by itself.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::warn;

use crate::disclosure::recording::Recording;
use crate::domain::access::Subject;
use crate::domain::nhs_number::NhsNumber;
use crate::instruments::Sizes;
use crate::store::accesses::{self, DisclosureRules, RecordedAccess};
use crate::store::{Postgres, Store, StoreError};

/// The most looks of one statement: no look waits behind more, and more would save little.
const TOGETHER_MAX: usize = 16;

/// The longest a look waits for the others, and never more than half of its time: longer than the
/// database works on a statement for several. Where a connection is dead and nobody knows it yet,
/// the few there are may all be held up by it.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long every look goes alone after one lost its patience.
const AVOIDED_FOR: Duration = Duration::from_secs(5);

/// Puts looks on record together.
pub struct LooksTogether {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
    store: Store,
    sizes: Arc<Sizes>,
    avoided_until: Mutex<Option<Instant>>,
}

/// A look that waits, and where it is said what became of it.
struct Waiting {
    nhs_number: NhsNumber,
    recording: Arc<Recording>,
    done: oneshot::Sender<Became>,
}

/// What became of a look that waited: it is on record, by a statement begun at that moment; or it
/// is to be tried alone.
type Became = Option<(Instant, RecordedAccess)>;

impl LooksTogether {
    /// Puts looks on record in this store, on so many threads, each of which ends when nobody can
    /// send it any more.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn open(store: Store, rules: DisclosureRules, threads: u32) -> io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let sizes = Arc::<Sizes>::default();
        let thread = |_| {
            let (queue, store, sizes) = (Arc::clone(&queue), store.clone(), Arc::clone(&sizes));
            thread::Builder::new()
                .name("looks".to_owned())
                .spawn(move || {
                    while let Some(together) = queue.take() {
                        let put = || put(together, (&store, rules), &sizes);
                        // Whoever waited then goes alone, and the thread goes on with the next.
                        let _ended_well = catch_unwind(AssertUnwindSafe(put)).is_ok();
                    }
                })
        };
        Ok(Self {
            threads: (0..threads).map(thread).collect::<io::Result<_>>()?,
            queue,
            store,
            sizes,
            avoided_until: Mutex::default(),
        })
    }

    /// The store that looks are put on record in.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How many looks one statement was for.
    #[must_use]
    pub fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// Puts a look on record with those that wait beside it. `None` where it has to be tried alone.
    pub(super) async fn recorded(&self, recording: &Arc<Recording>) -> Became {
        let Subject::NhsNumber(nhs_number) = recording.look.subject else {
            return None;
        };
        if self.is_avoided() {
            return None;
        }
        let (done, is_done) = oneshot::channel();
        let waiting = self.store.measures().waiting.enter();
        self.queue.add(Waiting {
            nhs_number,
            recording: Arc::clone(recording),
            done,
        });
        let patience = PATIENCE.min(self.store.deadline() / 2);
        let became = timeout(patience, is_done).await;
        drop(waiting);
        match became {
            Ok(became) => became.ok().flatten(),
            // It may still be put on record: whoever tries it alone then finds it there.
            Err(_elapsed) => {
                *self.avoided() = Some(Instant::now() + AVOIDED_FOR);
                None
            }
        }
    }

    /// Whether looks go alone, because others are held up, or nobody puts them on record.
    fn is_avoided(&self) -> bool {
        let until = *self.avoided();
        until.is_some_and(|until| Instant::now() < until)
            || self.threads.iter().all(JoinHandle::is_finished)
    }

    fn avoided(&self) -> MutexGuard<'_, Option<Instant>> {
        let until = self.avoided_until.lock();
        until.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LooksTogether {
    fn drop(&mut self) {
        self.queue.end();
    }
}

/// Looks that wait, in the order in which they came.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Line>,
    changed: Condvar,
}

#[derive(Default)]
struct Line {
    looks: VecDeque<Waiting>,
    is_ended: bool,
}

impl Queue {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, look: Waiting) {
        self.line().looks.push_back(look);
        self.changed.notify_one();
    }

    fn end(&self) {
        self.line().is_ended = true;
        self.changed.notify_all();
    }

    /// Waits for looks, and takes those that can go together: of two at one number, the second has
    /// to see what the first did. None when no more can come.
    fn take(&self) -> Option<Vec<Waiting>> {
        let is_idle = |line: &mut Line| line.looks.is_empty() && !line.is_ended;
        let line = self.changed.wait_while(self.line(), is_idle);
        let mut line = line.unwrap_or_else(PoisonError::into_inner);
        let mut children = HashSet::new();
        let mut taken = Vec::new();
        for look in std::mem::take(&mut line.looks) {
            if look.done.is_closed() {
                // Nobody waits for it any more.
            } else if taken.len() < TOGETHER_MAX && children.insert(look.nhs_number.stored()) {
                taken.push(look);
            } else {
                line.looks.push_back(look);
            }
        }
        if !line.looks.is_empty() {
            self.changed.notify_one();
        }
        (!taken.is_empty() || !line.is_ended).then_some(taken)
    }
}

fn put(together: Vec<Waiting>, (store, rules): (&Store, DisclosureRules), measures: &Sizes) {
    if together.is_empty() {
        return;
    }
    let begun_at = Instant::now();
    measures.add(together.len());
    let put = store.run_blocking(&|postgres| record(postgres, &together, rules));
    let recorded = match put {
        Ok(recorded) => recorded,
        Err(cause) => {
            let count = together.len();
            warn!(cause = %cause, count, "Looks could not be put on record together");
            Vec::new()
        }
    };
    let recorded = recorded.into_iter().chain(std::iter::repeat_with(|| None));
    for (waiting, recorded) in together.into_iter().zip(recorded) {
        waiting.tell(recorded.map(|recorded| (begun_at, recorded)));
    }
}

/// Puts them on record by one statement, which is the same for one and for several.
fn record(
    postgres: &mut Postgres,
    together: &[Waiting],
    rules: DisclosureRules,
) -> Result<Vec<Option<RecordedAccess>>, StoreError> {
    if let [one] = together {
        let recorded = accesses::record(postgres, one.recording.new_look(), rules)?;
        return Ok(vec![recorded]);
    }
    let looks: Vec<_> = together
        .iter()
        .map(|waiting| (waiting.nhs_number, waiting.recording.new_look()))
        .collect();
    accesses::record_together(postgres, &looks, rules)
}

impl Waiting {
    fn tell(self, became: Became) {
        // It fails where the caller has gone away meanwhile.
        let _told = self.done.send(became);
    }
}
