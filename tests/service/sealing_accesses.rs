//! The access history becomes a signed Merkle tree, whatever the processes, the transactions, the
//! clock and the disk do meanwhile: `health`.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Barrier;
use std::thread;

use actix_web::rt::System;
use chrono::TimeDelta;
use cpis_fhir::sealing::checkpoint::TreeHead;
use cpis_fhir::sealing::sealer::{Round, SealingError};
use cpis_fhir::sealing::wrong::Wrong;
use cpis_fhir::store::provision::OWNER;
use cpis_fhir::store::sealable_rows::SEALED_KINDS;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

use crate::support::{SealedService, cluster};

const CHILD: &str = "9990000026";

/// A row as a look adds it, for tests that hold its transaction open.
const A_LOOK: &str = "insert into accesses (nhs_number, recorded_at, id, request_id, interaction, \
    asked, client_id, organisation_code, organisation_name, practitioner_id, practitioner_name, \
    role_profile_id, job_role_code, job_role_name, care_setting) values (9990000026, \
    '2026-11-22T12:00:00Z', gen_random_uuid(), gen_random_uuid(), 'read', 'a', 'c', 'RQX99', 'O', \
    '1', 'P', '2', 'R8000', 'J', 'scheduled')";

fn look(sealed: &SealedService, times: usize) {
    for _ in 0..times {
        let answer = sealed.service.get(&format!("Flag?patient={CHILD}"));
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

fn unsealed(sealed: &SealedService) -> i64 {
    sealed.service.accesses() + sealed.service.number("select count(*) from access_answers")
        - sealed.service.number("select count(*) from sealed_rows")
}

#[test]
fn every_access_becomes_a_leaf_and_what_is_signed_is_in_the_database_and_in_the_file() {
    let sealed = SealedService::new();
    assert_eq!(sealed.seal().unwrap(), Round::default());
    look(&sealed, 3);
    let round = sealed.seal().unwrap();
    assert_eq!((round.rows, round.signed), (6, Some(6)));
    assert_eq!(sealed.seal().unwrap(), Round::default());
    look(&sealed, 2);
    assert_eq!(sealed.seal().unwrap().signed, Some(10));
    let notes = sealed.notes();
    let sizes: Vec<u64> = notes
        .iter()
        .map(|note| TreeHead::verified(note, &sealed.verifier()).unwrap().size)
        .collect();
    assert_eq!(sizes, [6, 10]);
    let kept = "select note from sealed_checkpoints order by tree_size";
    assert_eq!(sealed.service.texts(kept), notes);
    let verified = sealed.verified();
    assert_eq!(verified.wrong, None);
    // Each is kept twice.
    assert_eq!(
        (verified.rows, verified.checkpoints, verified.late),
        (10, 4, 0)
    );
    for note in notes {
        assert!(!note.contains("999"), "{note}");
    }
}

#[test]
fn a_look_that_is_committed_late_is_sealed_when_it_is_committed() {
    let sealed = SealedService::new();
    let url = cluster().url(OWNER, &sealed.service.database);
    let mut slow = PgConnection::establish(&url).unwrap();
    slow.batch_execute(&format!("begin; {A_LOOK}")).unwrap();
    let sealer = sealed.sealer();
    let seal = || {
        System::new()
            .block_on(sealer.seal(sealed.service.now()))
            .unwrap()
    };
    look(&sealed, 2);
    assert_eq!(seal().rows, 4);
    look(&sealed, 1);
    assert_eq!(seal().rows, 2);
    assert_eq!(sealed.verified().wrong, None);
    slow.batch_execute("commit").unwrap();
    assert_eq!(seal().rows, 1);
    assert_eq!(unsealed(&sealed), 0);
    assert_eq!(sealed.verified().wrong, None);
    // What nobody commits is never sealed, and keeps nothing else from being sealed.
    slow.batch_execute(&format!("begin; {A_LOOK}; rollback"))
        .unwrap();
    look(&sealed, 1);
    assert_eq!(seal().rows, 2);
}

#[test]
fn a_clock_that_steps_and_a_month_that_begins_leave_nothing_unsealed() {
    let sealed = SealedService::new();
    let sealer = sealed.sealer();
    let seal = || {
        System::new()
            .block_on(sealer.seal(sealed.service.now()))
            .unwrap()
    };
    sealed
        .service
        .execute("select plan_access_months('2026-12-01', 2)");
    for days in [0, 20, -15, 90, -1] {
        sealed.service.clock.advance(TimeDelta::days(days));
        look(&sealed, 2);
        assert_eq!(seal().rows, 4, "{days}");
        assert_eq!(sealed.verified().wrong, None, "{days}");
    }
}

#[test]
fn rows_from_before_there_was_sealing_are_sealed_first() {
    let sealed = SealedService::new();
    look(&sealed, 2);
    sealed.tamper("update accesses set transaction_id = 0");
    sealed.service.clock.advance(TimeDelta::days(-7));
    look(&sealed, 1);
    assert_eq!(sealed.sealed(), 6);
    let last = "select transaction_id > 0 from sealed_rows join accesses on id = row_id \
        where kind = 'access' order by leaf_index";
    assert_eq!(sealed.service.texts(last), ["false", "false", "true"]);
    assert_eq!(sealed.verified().wrong, None);
}

#[test]
fn a_database_that_came_over_into_another_cluster_is_sealed_on_though_transactions_count_anew() {
    let sealed = SealedService::new();
    look(&sealed, 3);
    assert_eq!(sealed.sealed(), 6);
    look(&sealed, 1);
    // As it is when it came over: all that is there is of transactions that are yet to come here.
    sealed.tamper(
        "update accesses set transaction_id = transaction_id + 1000000000 \
         where id not in (select row_id from sealed_rows); \
         update access_answers set transaction_id = transaction_id + 1000000000 \
         where access_id not in (select row_id from sealed_rows)",
    );
    sealed
        .service
        .execute("update sealing set sealed_below = 1000000000");
    look(&sealed, 1);
    let sealer = sealed.sealer();
    let seal = || {
        System::new()
            .block_on(sealer.seal(sealed.service.now()))
            .unwrap()
    };
    assert_eq!(seal().rows, 4);
    look(&sealed, 1);
    assert_eq!(seal().rows, 2);
    assert_eq!(unsealed(&sealed), 0);
    assert_eq!(sealed.verified().wrong, None);
    assert!(sealed.service.number("select sealed_below from sealing") < 1_000_000_000);
}

#[test]
fn however_many_processes_seal_at_once_every_row_is_sealed_once_and_one_tree_is_signed() {
    let sealed = SealedService::new();
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let sealer = sealed.sealer();
                start.wait();
                for _ in 0..20 {
                    System::new()
                        .block_on(sealer.seal(sealed.service.now()))
                        .unwrap();
                }
            });
        }
        start.wait();
        look(&sealed, 30);
    });
    sealed.seal().unwrap();
    assert_eq!(unsealed(&sealed), 0);
    let verified = sealed.verified();
    assert_eq!((verified.wrong, verified.rows), (None, 60));
}

#[test]
fn what_a_crash_left_unwritten_of_what_was_signed_is_written_in_the_next_round() {
    let sealed = SealedService::new();
    look(&sealed, 1);
    sealed.sealed();
    look(&sealed, 1);
    sealed.sealed();
    // In the file and not in the database; then in the database and not in the file.
    sealed.tamper("delete from sealed_checkpoints where tree_size = 4");
    assert_eq!(sealed.seal().unwrap().signed, None);
    assert_eq!(
        sealed
            .service
            .number("select max(tree_size) from sealed_checkpoints"),
        4
    );
    let [first, second] = <[String; 2]>::try_from(sealed.notes()).unwrap();
    fs::write(sealed.path("checkpoints"), format!("{first}\n")).unwrap();
    sealed.sealed();
    assert_eq!(sealed.notes(), [first, second]);
    assert_eq!(sealed.verified().wrong, None);
}

#[test]
fn a_history_that_was_changed_is_never_signed_again() {
    let sealed = SealedService::new();
    look(&sealed, 4);
    sealed.sealed();
    let refused = |sealed: &SealedService| {
        look(sealed, 1);
        matches!(sealed.seal(), Err(SealingError::Changed { size: 8 }))
    };
    sealed.tamper("update sealed_rows set leaf_hash = sha256(leaf_hash) where leaf_index = 2");
    assert!(refused(&sealed));
    assert_eq!(sealed.notes().len(), 1);
    // The same where the database's own checkpoints were taken away: the file remembers.
    sealed.tamper("delete from sealed_checkpoints");
    assert!(refused(&sealed));
    // And where an old backup came back that had fewer leaves.
    sealed.tamper(
        "delete from sealed_rows where leaf_index > 1; \
        delete from accesses where id not in (select row_id from sealed_rows)",
    );
    assert!(matches!(
        sealed.verified().wrong,
        Some(Wrong::TailGone { from: 2, size: 8 })
    ));
    assert!(matches!(
        sealed.seal(),
        Err(SealingError::Changed { size: 8 })
    ));
}

#[test]
fn what_was_sealed_later_than_it_should_have_been_is_told_and_is_not_wrong() {
    let sealed = SealedService::new();
    look(&sealed, 2);
    sealed.service.clock.advance(TimeDelta::seconds(61));
    sealed.sealed();
    let verified = sealed.verified();
    assert_eq!((verified.wrong, verified.late), (None, 4));
}

#[test]
fn every_column_of_a_table_that_is_sealed_is_sealed() {
    let sealed = SealedService::new();
    for kind in &SEALED_KINDS {
        let columns = sealed.service.texts(&format!(
            "select column_name from information_schema.columns \
             where table_name = '{}' and table_schema = 'public'",
            kind.table
        ));
        let in_database: BTreeSet<&str> = columns.iter().map(String::as_str).collect();
        let in_leaves: BTreeSet<&str> = kind.columns.iter().map(|(name, _)| *name).collect();
        assert_eq!(in_leaves, in_database, "{}", kind.name);
    }
}
