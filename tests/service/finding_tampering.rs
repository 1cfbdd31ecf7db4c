//! Whatever somebody with all rights in the database changes of the sealed access history is found,
//! by its first bad row, and nothing is found where nobody changed anything.
//!
//! `make tamper` makes ten thousand changes, and leaves its figures in
//! `target/reports/tamper.json`. The same seed makes the same changes.

mod changes;
mod history;
mod retirement;
mod statements;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use actix_web::rt::System;
use chrono::TimeDelta;
use serde_json::json;

use self::changes::{Change, Expected};
use self::history::History;
use crate::support::{Draws, SealedService, stated};

/// How many changes are made, one after another, each of an unchanged history.
const RUNS: (&str, usize) = ("TAMPER_RUNS", 150);
/// How often nothing is changed.
const CLEAN_RUNS: (&str, usize) = ("TAMPER_CLEAN_RUNS", 25);
const SEED: (&str, usize) = ("TAMPER_SEED", 1);

/// What came of one kind of change.
#[derive(Default)]
struct Tally {
    made: usize,
    found: usize,
    named: usize,
}

#[test]
fn every_change_is_found_by_its_first_bad_row() {
    let (runs, seed) = (stated(RUNS), stated(SEED));
    let mut draws = Draws::of(seed);
    let mut history = History::of(&mut draws);
    let began = Instant::now();
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for run in 0..runs {
        let change = Change::drawn(&mut draws, run);
        let (expected, wrong) = history.changed(&change, &mut draws);
        let tally = tallies.entry(change.name()).or_default();
        tally.made += 1;
        tally.found += usize::from(wrong.is_some());
        let is_named = wrong.as_ref().is_some_and(|wrong| expected.is(wrong));
        tally.named += usize::from(is_named);
        assert!(
            is_named,
            "seed {seed}, run {run}, {change:?}: {expected:?}, {wrong:?}"
        );
    }
    assert_eq!(history.verified().wrong, None);
    let kinds = tallies.iter().map(|(name, tally)| {
        let Tally { made, found, named } = tally;
        json!({ "change": name, "made": made, "found": found, "first bad row named": named })
    });
    report(
        "changes",
        &json!({
            "seed": seed, "made": runs, "rows": history.rows(),
            "seconds": began.elapsed().as_secs(),
            "changes": kinds.collect::<Vec<_>>(),
        }),
    );
}

#[test]
fn nothing_is_found_where_nothing_was_changed_whatever_else_happens() {
    let (runs, seed) = (stated(CLEAN_RUNS), stated(SEED));
    let mut draws = Draws::of(seed);
    let sealed = SealedService::new();
    let kept = [sealed.sealer(), sealed.sealer()];
    let mut alarms = 0;
    for run in 0..runs {
        for _ in 0..draws.below(4) {
            let child = draws.one_of(&["9990000018", "9990000026", "9990000034"]);
            assert_eq!(
                sealed.service.get(&format!("Flag?patient={child}")).status,
                200
            );
        }
        match draws.below(6) {
            0 => sealed.service.clock.advance(TimeDelta::days(40)),
            1 => sealed.service.clock.advance(TimeDelta::seconds(-30)),
            2 => sealed.service.execute("vacuum analyze accesses"),
            3 => sealed.service.execute(&format!(
                "select plan_access_months('{}', 1)",
                sealed.service.now()
            )),
            _ => {}
        }
        let seal = |which: usize| {
            let sealing = kept[which % 2].seal(sealed.service.now());
            System::new().block_on(sealing).unwrap();
        };
        match draws.below(4) {
            0 => thread::scope(|scope| {
                scope.spawn(|| seal(0));
                seal(1);
            }),
            1 => {
                sealed.sealed();
            }
            which => seal(which),
        }
        let verified = sealed.verified();
        alarms += usize::from(verified.wrong.is_some());
        assert_eq!(verified.wrong, None, "seed {seed}, run {run}");
        let answers = sealed.service.number("select count(*) from access_answers");
        let there = sealed.service.accesses() + answers;
        assert_eq!(i64::try_from(verified.rows).unwrap(), there);
    }
    report(
        "clean",
        &json!({ "seed": seed, "runs": runs, "false alarms": alarms }),
    );
}

/// Leaves figures where `make tamper` says that they are.
fn report(name: &str, figures: &serde_json::Value) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("reports");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("tamper.json");
    // The two tests run beside each other, and each adds its own.
    let lock = folder.join("tamper.lock");
    while fs::create_dir(&lock).is_err() {
        thread::sleep(Duration::from_millis(10));
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let mut report: serde_json::Map<_, _> = serde_json::from_str(&text).unwrap_or_default();
    report.insert(name.to_owned(), figures.clone());
    fs::write(&path, serde_json::to_string_pretty(&report).unwrap()).unwrap();
    fs::remove_dir(&lock).unwrap();
}

#[test]
fn a_verifier_that_compares_nothing_would_be_found_out() {
    // The expectations themselves can fail: nothing found is never what a change expects.
    let mut draws = Draws::of(1);
    let mut history = History::of(&mut draws);
    assert_eq!(history.verified().wrong, None);
    let (_, wrong) = history.changed(&Change::RowDeleted, &mut draws);
    assert!(!Expected::Leaf(history.rows()).is(&wrong.unwrap()));
}
