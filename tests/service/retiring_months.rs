//! A month of the access history leaves in two steps, by two persons, and the history stays
//! provable: `audit retire` and `audit verify-export`.

use std::fs::{self, File};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use serde_json::json;

use crate::support::old_months::{
    CHILD, IN_THE_NET, ROWS, WAITS, an_old_history, at, at_present, audit, audit_command, confirm,
    confirming, decrypted, export, exported, exported_net, look, old_rows, path,
};
use crate::support::{SealedService, a_plan, assert_one_line, errors, stated, wait_until, words};

fn verifier_key(sealed: &SealedService) -> String {
    words(&audit(sealed, &["verifier-key"])).trim().to_owned()
}

#[test]
fn a_month_leaves_by_another_persons_word_and_the_history_is_still_proved_to_the_last_row() {
    let sealed = an_old_history();
    let digest = exported(&sealed);
    assert_eq!(old_rows(&sealed), i64::try_from(ROWS).unwrap());
    let before = words(&audit(&sealed, &["verify"]));
    assert!(
        before.contains("9 rows") && !before.contains("retired"),
        "{before}"
    );

    let confirmed = confirm(&sealed, &digest);
    assert!(confirmed.status.success(), "{}", errors(&confirmed));
    assert_eq!(words(&confirmed), "1999-03: retired\n");
    assert_eq!(old_rows(&sealed), 0);
    let there = "select count(*) from pg_class where relname like '%1999\\_03'";
    assert_eq!(sealed.service.number(there), 0);
    // It is on record, and the record is sealed as any row is.
    at_present(&sealed);
    look(&sealed);
    assert_eq!(sealed.sealed(), 3);
    let output = audit(&sealed, &["verify"]);
    let told = words(&output);
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains("1999-03: retired, 5 rows, leaves 0-4\n"),
        "{told}"
    );
    assert!(told.contains("7 rows, 8 checkpoints: all good"), "{told}");
    let kept = "select id from accesses order by recorded_at limit 1";
    let proof = audit(&sealed, &["prove", &sealed.service.texts(kept)[0]]);
    assert!(proof.status.success(), "{}", errors(&proof));
    let gone = "select row_id from sealed_rows where leaf_index = 0";
    let proof = audit(&sealed, &["prove", &sealed.service.texts(gone)[0]]);
    assert_one_line(&proof, "it was retired: the export of 1999-03 is its proof");
    let again = confirm(&sealed, &digest);
    assert_eq!(words(&again), "1999-03: it was retired already\n");
}

#[test]
fn an_export_is_opened_by_openssl_and_verified_with_nothing_but_the_verifier_key() {
    let sealed = an_old_history();
    exported(&sealed);
    let envelope = fs::read(sealed.path("exports/1999-03.1.cms")).unwrap();
    assert!(!envelope.windows(10).any(|bytes| bytes == CHILD.as_bytes()));
    let manifest = fs::read_to_string(sealed.path("exports/1999-03.manifest")).unwrap();
    assert!(!manifest.contains(CHILD));
    let clear = decrypted(&sealed);
    assert!(fs::read_to_string(&clear).unwrap().contains(CHILD));
    let (key, named) = (
        verifier_key(&sealed),
        path(&sealed, "exports/1999-03.manifest"),
    );
    let verify = [
        "verify-export",
        &clear,
        "--manifest",
        &named,
        "--verifier-key",
        &key,
    ];
    let output = audit(&sealed, &verify);
    assert!(output.status.success(), "{}", errors(&output));
    let told = words(&output);
    assert!(
        told.starts_with("1999-03: 5 rows, leaves 0-4, in the tree of 9 leaves signed by "),
        "{told}"
    );
}

#[test]
fn whatever_is_changed_in_an_export_is_found_and_so_is_another_key() {
    let sealed = an_old_history();
    exported(&sealed);
    let (clear, key) = (decrypted(&sealed), verifier_key(&sealed));
    let verify = ["verify-export", &clear, "--verifier-key", &key];
    let whole = fs::read_to_string(&clear).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let without = |left_out: usize| {
        let lines = lines
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != left_out);
        lines
            .map(|(_, line)| format!("{line}\n"))
            .collect::<String>()
    };
    let last = lines.len() - 1;
    for (changed, found) in [
        (
            whole.replacen(CHILD, "9990000034", 1),
            "is not what was sealed",
        ),
        (
            whole.replacen("unscheduled", "scheduled", 1),
            "is not what was sealed",
        ),
        (
            whole.replacen("12:00:00+00\",\"", "12:00:01+00\",\"", 1),
            "is not what",
        ),
        (without(1), "line 2 is not what an export has there"),
        (without(last - 1), "are not in the tree of 9 leaves"),
        (without(last), "its end is missing"),
        (
            format!("{whole}{}\n", lines[1]),
            "is not what an export has there",
        ),
        (without(0), "line 1 is not what"),
    ] {
        fs::write(&clear, &changed).unwrap();
        assert_one_line(&audit(&sealed, &verify), found);
    }
    fs::write(&clear, &whole).unwrap();
    let other = verifier_key(&SealedService::new());
    let verify = ["verify-export", &clear, "--verifier-key", &other];
    assert_one_line(&audit(&sealed, &verify), "not signed by the key");
}

#[test]
fn a_history_search_after_a_retirement_shows_what_is_left_and_nothing_of_what_left() {
    let sealed = an_old_history();
    let digest = exported(&sealed);
    assert!(confirm(&sealed, &digest).status.success());
    sealed.service.tell(&[a_plan().child(CHILD)]);
    sealed.service.clock.advance(TimeDelta::days(6));
    let found = sealed.service.find("AuditEvent", CHILD, &[]);
    let moments: Vec<String> = found
        .matches()
        .iter()
        .map(|event| event["recorded"].as_str().unwrap().to_owned())
        .collect();
    // The search itself, the look of now, and April's.
    assert_eq!(moments.len(), 3, "{moments:?}");
    assert!(moments[2].starts_with("1999-04-02"), "{moments:?}");
}

#[test]
fn rows_that_lie_in_the_net_under_the_months_leave_with_their_month() {
    let sealed = an_old_history();
    at(&sealed, "1999-02-10T12:00:00Z");
    look(&sealed);
    at_present(&sealed);
    assert_eq!(sealed.sealed(), 2);
    let confirmed = confirm(&sealed, &exported_net(&sealed));
    assert!(confirmed.status.success(), "{}", errors(&confirmed));
    assert_eq!(sealed.service.number(IN_THE_NET), 0);
    assert!(audit(&sealed, &["verify"]).status.success());
    let refused = sealed.service.refusal("delete from accesses");
    assert!(refused.contains("added to and never changed"), "{refused}");
}

/// Looks go on while a month leaves, also while somebody reads its tables for long: the
/// retirement lets both go first. With `RETIRE_ROWS` the month has so many accesses more; the
/// figures are left in `target/reports/retirement.json`.
#[test]
fn looks_go_on_while_a_month_leaves_and_none_waits_for_long() {
    let sealed = an_old_history();
    let rows = add_old_accesses(&sealed, stated(("RETIRE_ROWS", 100)));
    let began = Instant::now();
    let digest = exported(&sealed);
    let exporting = began.elapsed();
    let mut reader = PgConnection::establish(&sealed.service.owner_url()).unwrap();
    reader
        .batch_execute("begin; select count(*) from accesses_1999_03")
        .unwrap();
    let folder = path(&sealed, "exports");
    let words = confirming(&folder, &digest, "Grace");
    let began = Instant::now();
    let mut retiring = audit_command(&sealed, &words).spawn().unwrap();
    let (mut longest, mut looks, mut seen_waiting) = (Duration::ZERO, 0, 0);
    while retiring.try_wait().unwrap().is_none() {
        let asked = Instant::now();
        look(&sealed);
        longest = longest.max(asked.elapsed());
        looks += 1;
        seen_waiting += sealed.service.number(WAITS);
        if seen_waiting == 3 {
            reader.batch_execute("commit").unwrap();
        }
    }
    assert!(seen_waiting >= 3 && retiring.wait().unwrap().success());
    assert_eq!(old_rows(&sealed), 0);
    assert!(longest < Duration::from_secs(2), "{longest:?}");
    let figures = json!({
        "rows": rows, "export seconds": exporting.as_secs_f32(),
        "retirement seconds": began.elapsed().as_secs_f32(), "looks meanwhile": looks,
        "longest look in milliseconds": longest.as_millis(),
    });
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("reports");
    fs::create_dir_all(&folder).unwrap();
    let figures = serde_json::to_string_pretty(&figures).unwrap();
    fs::write(folder.join("retirement.json"), figures).unwrap();
}

/// Adds accesses to March 1999, sealed; how many rows lie there then.
fn add_old_accesses(sealed: &SealedService, more: usize) -> i64 {
    sealed.service.execute(&format!(
        "insert into accesses select 9990000018, '1999-03-25T12:00:00Z', gen_random_uuid(), \
         gen_random_uuid(), 'read', 'Flag/' || n, 'client', 'RQX99', 'Hospital', '55500' || n, \
         'Person', 'profile', 'R8000', 'Job', 'scheduled' from generate_series(1, {more}) n"
    ));
    assert_eq!(sealed.sealed(), more);
    old_rows(sealed)
}

#[test]
fn no_month_is_exported_anew_over_the_files_that_another_is_confirming_nor_the_other_way_round() {
    let sealed = an_old_history();
    let digest = exported(&sealed);
    let held = File::open(sealed.path("exports")).unwrap();
    held.lock().unwrap();
    let why = "another step is under way there";
    assert_one_line(&export(&sealed, "1999-04"), why);
    assert_one_line(&confirm(&sealed, &digest), why);
    drop(held);
    assert!(confirm(&sealed, &digest).status.success());
}

#[test]
fn whoever_is_killed_in_either_step_leaves_a_month_that_can_be_exported_and_retired_again() {
    let sealed = an_old_history();
    let digest = exported(&sealed);
    // Killed while it waits for the tables: all that it did is undone.
    let mut reader = PgConnection::establish(&sealed.service.owner_url()).unwrap();
    reader
        .batch_execute("begin; select count(*) from accesses_1999_03")
        .unwrap();
    let folder = path(&sealed, "exports");
    let mut retiring = audit_command(&sealed, &confirming(&folder, &digest, "Grace"))
        .spawn()
        .unwrap();
    let waits = "select count(*) from pg_locks where mode = 'ShareRowExclusiveLock' \
        and relation = 'accesses_1999_03'::regclass";
    wait_until(|| sealed.service.number(waits) == 1);
    thread::sleep(Duration::from_millis(300));
    retiring.kill().unwrap();
    retiring.wait().unwrap();
    reader.batch_execute("commit").unwrap();
    wait_until(|| sealed.service.number(waits) == 0);
    assert_eq!(old_rows(&sealed), i64::try_from(ROWS).unwrap());
    assert_eq!(sealed.service.number("select count(*) from retirements"), 0);
    // Killed while it writes: what is there of its files is written over.
    fs::write(sealed.path("exports/1999-03.1.unfinished"), "a").unwrap();
    fs::write(sealed.path("exports/1999-03.1.cms"), "a").unwrap();
    assert_one_line(&confirm(&sealed, &digest), "not the one that was written");
    let digest = exported(&sealed);
    assert!(confirm(&sealed, &digest).status.success());
    assert_eq!(old_rows(&sealed), 0);
    let output = audit(&sealed, &["verify"]);
    assert!(
        words(&output).contains("1999-03: retired"),
        "{}",
        words(&output)
    );
}
