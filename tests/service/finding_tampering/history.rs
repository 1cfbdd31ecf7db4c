//! A sealed access history that is changed again and again, each time in a transaction that is then
//! undone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use actix_web::rt::System;
use chrono::TimeDelta;
use cpis_fhir::sealing::checkpoint::TreeHead;
use cpis_fhir::sealing::note::{NoteKey, NoteVerifier};
use cpis_fhir::sealing::row::{Place, RowKey, SealedRow};
use cpis_fhir::sealing::sealer::columns;
use cpis_fhir::sealing::verifying::{Against, Notes, verify};
use cpis_fhir::sealing::wrong::{Verified, Wrong};
use cpis_fhir::store::sealable_rows::{SEALED_KINDS, SealedKind, of_leaves};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query};

use super::changes::{Change, Expected};
use super::statements::drawn_below;
use crate::support::{Draws, SealedService, cluster, old_months};

/// More than a subtree whose root is kept, in two partitions, some of them looks over HTTP.
const ROWS: usize = 280;
const LOOKS: usize = 24;
/// Every how many of them somebody is refused as well.
const REFUSED: usize = 10;

/// The leaves that are retired are the first of all.
pub const RETIRED: u64 = 5;

/// A history, and everything that was signed of it.
pub struct History {
    sealed: SealedService,
    /// A superuser's connection.
    postgres: PgConnection,
    key: NoteKey,
    verifier: NoteVerifier,
    row_key: RowKey,
    /// The leaves of each kind of row.
    leaves: BTreeMap<String, Vec<u64>>,
    /// The file's notes, before any change.
    notes: Vec<String>,
    /// The sizes that were signed.
    pub sizes: Vec<u64>,
    /// The file's notes as they are verified against, and those of another who kept some.
    pub file: Vec<String>,
    pub witness: Vec<String>,
}

impl History {
    /// A history with a checkpoint every few rows.
    pub fn of(draws: &mut Draws) -> Self {
        let sealed = with_a_retired_month();
        let sealer = sealed.sealer();
        let mut rows = 0;
        while rows < ROWS {
            let batch = (1 + draws.below(7)).min(ROWS - rows);
            for number in rows..rows + batch {
                if number % (ROWS / LOOKS) == 0 {
                    assert_eq!(sealed.service.get("Flag?patient=9990000026").status, 200);
                } else {
                    sealed.service.execute(&row(number, &sealed));
                }
                if number % REFUSED == 0 {
                    sealed.service.execute(&refusal(number, &sealed));
                }
            }
            rows += batch;
            let round = System::new().block_on(sealer.seal(sealed.service.now()));
            assert!(round.unwrap().rows >= batch);
            sealed.service.clock.advance(TimeDelta::hours(5));
        }
        take_rules_away(&sealed);
        let url = {
            let cluster = cluster();
            cluster.url(cluster.superuser(), &sealed.service.database)
        };
        let (notes, verifier) = (sealed.notes(), sealed.verifier());
        let mut leaves: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for leaf in sealed.service.texts(&format!(
            "select kind || ' ' || leaf_index from sealed_rows where leaf_index >= {RETIRED}"
        )) {
            let (kind, leaf) = leaf.split_once(' ').unwrap();
            let of_kind = leaves.entry(kind.to_owned()).or_default();
            of_kind.push(leaf.parse().unwrap());
        }
        let size = |note: &String| TreeHead::verified(note, &verifier).unwrap().size;
        Self {
            postgres: PgConnection::establish(&url).unwrap(),
            leaves,
            key: sealed.key(),
            row_key: sealed.row_key(),
            sizes: notes.iter().map(size).collect(),
            file: notes.clone(),
            witness: notes.iter().step_by(3).cloned().collect(),
            notes,
            verifier,
            sealed,
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.sizes.last().copied().unwrap()
    }

    /// A leaf of a kind of row.
    pub fn leaf_of(&self, kind: &SealedKind, draws: &mut Draws) -> u64 {
        let leaves = &self.leaves[kind.name];
        leaves[draws.below(leaves.len())]
    }

    /// Another leaf than this one, of whichever kind, whose row is there.
    pub fn any_other_leaf(&self, leaf: u64, draws: &mut Draws) -> u64 {
        let leaves = self.rows() - RETIRED;
        let step = 1 + drawn_below(draws, leaves - 1);
        RETIRED + (leaf - RETIRED + step) % leaves
    }

    /// Another than this one.
    pub fn another_leaf_of(&self, kind: &SealedKind, leaf: u64, draws: &mut Draws) -> u64 {
        let leaves = &self.leaves[kind.name];
        let place = leaves.iter().position(|one| *one == leaf).unwrap();
        leaves[(place + 1 + draws.below(leaves.len() - 1)) % leaves.len()]
    }

    /// Makes a change, verifies, and undoes it: what was to be expected, and what was found.
    pub fn changed(&mut self, change: &Change, draws: &mut Draws) -> (Expected, Option<Wrong>) {
        self.execute("begin; set local session_replication_role = replica; set local jit = off");
        let expected = change.make(self, draws);
        let verified = self.verify();
        self.execute("rollback");
        self.file.clone_from(&self.notes);
        self.witness = self.notes.iter().step_by(3).cloned().collect();
        (expected, verified.wrong)
    }

    /// Verifies the history as it is without any change.
    pub fn verified(&mut self) -> Verified {
        self.execute("begin transaction isolation level repeatable read, read only");
        let verified = self.verify();
        self.execute("rollback");
        verified
    }

    fn verify(&mut self) -> Verified {
        let sources = [&self.file, &self.witness];
        let elsewhere = sources.map(|notes| -> Notes { Box::new(notes.iter().cloned().map(Ok)) });
        let against = Against {
            row_key: &self.row_key,
            key: &self.verifier,
            elsewhere: elsewhere.into(),
            now: self.sealed.service.now(),
            lag_max: TimeDelta::seconds(60),
        };
        verify(&mut self.postgres, against).unwrap()
    }

    /// Runs SQL as the superuser.
    pub fn execute(&mut self, sql: &str) {
        let done = self.postgres.batch_execute(sql);
        assert!(done.is_ok(), "{sql}: {done:?}");
    }

    /// A whole number from the database.
    pub fn number(&mut self, sql: &str) -> u64 {
        #[derive(QueryableByName)]
        struct Number {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        let sql = format!("select ({sql})::bigint as number");
        let row = sql_query(sql).get_result::<Number>(&mut self.postgres);
        u64::try_from(row.unwrap().number).unwrap()
    }

    /// Signs a tree as the service would.
    pub fn sign(&self, size: u64, root: [u8; 32]) -> String {
        TreeHead { size, root }.sign(&self.key).unwrap()
    }

    /// Signs with a key of somebody else's who calls it the same.
    pub fn forge(&self, size: u64) -> String {
        let other = NoteKey::generate().unwrap();
        let other = NoteKey::from_pem(self.verifier.name(), &other).unwrap();
        TreeHead {
            size,
            root: [3; 32],
        }
        .sign(&other)
        .unwrap()
    }

    /// Seals leaves from one on anew, as only somebody with the key of rows can.
    pub fn seal_anew(&mut self, from: u64) {
        let rows = self.rows();
        let range = (i64::try_from(from).unwrap(), i64::try_from(rows).unwrap());
        let kind = &SEALED_KINDS[0];
        self.execute("set local timezone = 'UTC'");
        let mut anew = String::new();
        for (index, row) in of_leaves(&mut self.postgres, kind, range).unwrap() {
            let place = Place {
                kind: kind.name.into(),
                index: u64::try_from(index).unwrap(),
                sealed_at: "2026-11-22 12:00:00+00".into(),
            };
            let hash = SealedRow::of(place, &columns(kind, &row), &self.row_key).hash();
            let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            write!(
                anew,
                "update sealed_rows set sealed_at = '2026-11-22T12:00:00Z', \
                 leaf_hash = '\\x{digits}' where leaf_index = {index};"
            )
            .unwrap();
        }
        self.execute(&anew);
        self.execute(&format!(
            "delete from sealed_checkpoints where tree_size > {from}; delete from sealed_subtrees"
        ));
    }
}

/// A row as a look adds it: every column has a value of its own.
fn row(number: usize, sealed: &SealedService) -> String {
    format!(
        "insert into accesses select 9990000026, '{}', gen_random_uuid(), gen_random_uuid(), \
         'read', 'Flag/{number}', 'client-{number}', 'RQX99', 'Hospital {number}', \
         '55500{number}', 'Person {number}', 'profile-{number}', 'R80{number}', 'Job {number}', \
         'scheduled'",
        sealed.service.now()
    )
}

/// A refusal, of which every column has a value too.
fn refusal(number: usize, sealed: &SealedService) -> String {
    format!(
        "insert into security_log (id, logged_at, request_id, route, reason, client_id, \
         organisation_code, practitioner_id, times, address) select gen_random_uuid(), '{}', \
         gen_random_uuid(), 'GET /FHIR/R4/Flag', 'reason-{number}', 'client-{number}', 'RQX99', \
         '55500{number}', 1, '192.0.2.{number}'",
        sealed.service.now()
    )
}

/// A history of which a month was retired.
fn with_a_retired_month() -> SealedService {
    let sealed = old_months::an_old_history();
    let digest = old_months::exported(&sealed);
    assert!(old_months::confirm(&sealed, &digest).status.success());
    old_months::at(&sealed, "2026-11-22T12:00:00Z");
    let december = "select plan_access_months('2026-12-01', 1)";
    sealed.service.execute(december);
    sealed
}

/// What a rule of the database refuses can be done by who may take the rule away.
fn take_rules_away(sealed: &SealedService) {
    sealed.service.execute(
        "alter table accesses drop constraint an_access_is_to_an_nhs_number, \
         drop constraint an_access_is_an_interaction_of_fhir, \
         drop constraint an_access_has_a_care_setting, \
         drop constraint an_access_names_a_person; \
         alter table access_answers drop constraint an_answer_has_a_status; \
         alter table security_log drop constraint a_refusal_is_counted_at_least_once, \
         drop constraint a_refusal_of_one_request_counts_once, \
         drop constraint a_count_of_refusals_names_no_person, \
         drop constraint an_address_is_one, \
         drop constraint a_count_of_refusals_names_no_address; \
         alter table retirements drop constraint a_retirement_is_of_a_month; \
         alter table sealed_rows drop constraint leaves_count_from_zero, \
         drop constraint a_leaf_hash_is_a_sha_256; \
         alter table sealed_checkpoints drop constraint a_checkpoint_is_of_a_tree_with_leaves",
    );
}
