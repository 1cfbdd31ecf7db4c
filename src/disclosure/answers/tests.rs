//! What waits to be put on record, without a database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::DateTime;
use uuid::Uuid;

use super::{AnswerSlip, Answers, Looked, Waiting};
use crate::disclosure::audit_key::AuditKey;
use crate::domain::nhs_number::NhsNumber;
use crate::secrets::SecretKey;
use crate::store::{Side, Store, StoreError, StoreSettings};

const SECOND: Duration = Duration::from_secs(1);

/// Answers that go to a thread of the test's own.
fn answers(
    (waiting, writer): (SyncSender<Waiting>, JoinHandle<()>),
    deadline: Duration,
) -> Answers {
    let nowhere = StoreSettings {
        url: "postgres://a@127.0.0.1:1/b".to_owned().into(),
        connections: 1,
        wait: SECOND,
        deadline: SECOND,
    };
    Answers {
        key: Arc::new(AuditKey::of(&SecretKey::of([1; 32]))),
        waiting,
        writer,
        store: Store::open(nowhere, Side::Query),
        deadline,
        measures: Arc::default(),
    }
}

fn put(answers: &Answers) -> Result<(), StoreError> {
    let slip = AnswerSlip::default();
    slip.write_down(Looked {
        access_id: Uuid::nil(),
        at: DateTime::UNIX_EPOCH,
        nhs_number: NhsNumber::parse("9990000026").unwrap(),
        digest: [0; 32],
    });
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().build().unwrap();
    runtime.block_on(answers.put_on_record(&slip, 200, b"{}"))
}

#[test]
fn where_nobody_puts_answers_on_record_it_is_seen_and_nothing_is_told() {
    let (waiting, arriving) = mpsc::sync_channel(1);
    let ended = thread::spawn(move || drop(arriving));
    let answers = answers((waiting, ended), SECOND);
    while answers.are_written() {
        thread::yield_now();
    }
    let put = put(&answers);
    assert!(matches!(put, Err(StoreError::CutShort)), "{put:?}");
    assert_eq!(answers.measures().waiting.value(), 0);
}

#[test]
fn no_more_answers_wait_than_there_is_room_for_however_long_the_database_is_silent() {
    let (waiting, arriving) = mpsc::sync_channel(2);
    let (end, ends) = mpsc::channel::<()>();
    let stuck = thread::spawn(move || {
        let _ended = ends.recv();
        drop(arriving);
    });
    let answers = answers((waiting, stuck), Duration::ZERO);
    for _ in 0..2 {
        assert!(matches!(put(&answers), Err(StoreError::Late)));
    }
    let put = put(&answers);
    assert!(matches!(put, Err(StoreError::Busy)), "{put:?}");
    assert_eq!(answers.measures().waiting.value(), 2);
    drop(end);
}
