//! What keeps a month of the access history where it is: `audit retire` refuses, and changes
//! nothing; and what `audit verify` says of a month that left without it.

use std::fs;

use chrono::TimeDelta;
use cpis_fhir::store::provision::SERVER;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

use crate::support::old_months::{
    CHILD, ROWS, an_old_history, at_present, audit, audit_command, confirm, confirming, export,
    exported, look, old_rows, path,
};
use crate::support::{SealedService, a_plan, assert_one_line, cluster, errors, words};

/// Nothing left, and nothing is on record of it.
fn assert_all_is_there(sealed: &SealedService) {
    assert_eq!(old_rows(sealed), i64::try_from(ROWS).unwrap());
    assert_eq!(sealed.service.number("select count(*) from retirements"), 0);
}

#[test]
fn what_is_not_confirmed_to_the_letter_by_another_person_stays() {
    let sealed = an_old_history();
    let digest = exported(&sealed);
    let folder = path(&sealed, "exports");
    let other = digest.replace(|digit| digit != '0', "0");
    let by = |digest: &str, by| audit(&sealed, &confirming(&folder, digest, by));
    assert_one_line(
        &by(&other, "Grace"),
        "no manifest in the folder is of an export",
    );
    assert_one_line(&by(&digest, "ada"), "another person confirms it");
    assert_one_line(&by(&digest, " "), "--by");
    let (export, manifest) = (
        sealed.path("exports/1999-03.1.cms"),
        sealed.path("exports/1999-03.manifest"),
    );
    let whole = fs::read(&export).unwrap();
    let mut changed = whole.clone();
    changed[1_000] ^= 1;
    for kept in [changed, whole[..whole.len() - 1].to_vec(), Vec::new()] {
        fs::write(&export, kept).unwrap();
        assert_one_line(&confirm(&sealed, &digest), "not the one that was written");
    }
    fs::remove_file(&export).unwrap();
    assert_one_line(&confirm(&sealed, &digest), "the export cannot be read");
    fs::write(&export, whole).unwrap();
    let written = fs::read_to_string(&manifest).unwrap();
    for (from, to) in [
        ("exported-by Ada", "exported-by Eve"),
        ("rows access 2", "rows access 1"),
        ("leaves 0-4", "leaves 0-3"),
        ("month 1999-03", "month 1999-04"),
        ("tree-size 9", "tree-size 8"),
    ] {
        assert!(written.contains(from), "{written}");
        fs::write(&manifest, written.replace(from, to)).unwrap();
        assert_one_line(
            &confirm(&sealed, &digest),
            "it is not what the first step wrote",
        );
    }
    fs::write(&manifest, written).unwrap();
    assert_all_is_there(&sealed);
    assert!(confirm(&sealed, &digest).status.success());
}

#[test]
fn a_month_that_must_be_kept_is_not_exported_and_the_years_cannot_be_set_below_the_floor() {
    let sealed = an_old_history();
    assert_one_line(&export(&sealed, "2020-01"), "is kept for 26 years");
    assert_one_line(&export(&sealed, "1999-4"), "--before: a month, as YYYY-MM");
    let years = |years: &str, words: &[&str]| {
        let mut command = audit_command(&sealed, words);
        command
            .env("CPIS_HISTORY_KEPT_YEARS", years)
            .output()
            .unwrap()
    };
    assert_one_line(&years("25", &["verify"]), "history_kept_years");
    // Whoever confirms is held to the years that are set then.
    let digest = exported(&sealed);
    let folder = path(&sealed, "exports");
    let words = confirming(&folder, &digest, "Grace");
    assert_one_line(&years("100", &words), "is kept for 100 years");
    assert_all_is_there(&sealed);
}

#[test]
fn a_month_with_a_child_whose_plan_can_be_seen_stays_in_either_step() {
    let sealed = an_old_history();
    let digest = exported(&sealed);
    sealed.service.tell(&[a_plan().child(CHILD)]);
    let shown = "1999-03 stays: a child who was looked at then has a plan that can be seen";
    assert_one_line(&confirm(&sealed, &digest), shown);
    assert_one_line(&export(&sealed, "1999-04"), shown);
    // On the last day of its window it can be seen, and on the next it cannot.
    for (days, is_shown) in [(364, true), (365, false)] {
        sealed.service.execute(&format!(
            "update plans set start_date = '2020-01-01', effective_end_date = \
             (now() at time zone 'Europe/London')::date - {days}"
        ));
        assert_eq!(
            !export(&sealed, "1999-04").status.success(),
            is_shown,
            "{days}"
        );
    }
    // Under the number that replaced the child's it is the same child.
    sealed.service.execute(&format!(
        "insert into children values (9990000034, gen_random_uuid(), '2015-04-01', now()); \
         update plans set nhs_number = 9990000034, effective_end_date = '2098-01-01'; \
         update children set replaced_by = 9990000034 where nhs_number = {CHILD}"
    ));
    assert_one_line(&export(&sealed, "1999-04"), shown);
    assert_all_is_there(&sealed);
}

#[test]
fn a_month_of_which_an_authority_is_still_owed_something_stays() {
    let sealed = an_old_history();
    sealed.service.tell(&[a_plan().child(CHILD)]);
    look(&sealed);
    sealed.sealed();
    sealed.service.execute(
        "update plans set deleted_on = '2026-11-22'; \
         update notifications set accessed_at = '1999-03-10T12:00:00Z' where kind = 'access'",
    );
    assert_one_line(&export(&sealed, "1999-04"), "is still owed a notification");
    sealed
        .service
        .execute("update notifications set delivered_at = queued_at");
    let digest = exported(&sealed);
    assert!(confirm(&sealed, &digest).status.success());
    let told = "select count(*) from notifications where kind = 'access'";
    assert_eq!(sealed.service.number(told), 0);
}

#[test]
fn a_month_that_does_not_verify_or_is_not_sealed_whole_stays_in_either_step() {
    let sealed = an_old_history();
    let digest = exported(&sealed);
    let late = "insert into security_log (id, logged_at, route, reason) \
        values (gen_random_uuid(), '1999-03-05T00:00:00Z', 'several', 'no-token')";
    sealed.tamper(late);
    assert_one_line(&confirm(&sealed, &digest), "1 of its rows are not sealed");
    assert_one_line(
        &export(&sealed, "1999-04"),
        "while the history does not verify",
    );
    sealed.tamper("delete from security_log where route = 'several'");
    let asked = "update accesses set asked = asked";
    sealed.tamper(&format!("{asked} || ' ' where recorded_at < '1999-03-15'"));
    for output in [confirm(&sealed, &digest), export(&sealed, "1999-04")] {
        assert_one_line(&output, "is not what was sealed");
    }
    sealed.tamper("update accesses set asked = rtrim(asked) where recorded_at < '1999-03-15'");
    // Anything that is wrong anywhere keeps the evidence where it is.
    sealed.tamper("update accesses set asked = asked || ' ' where recorded_at > '2026-01-01'");
    assert_one_line(
        &export(&sealed, "1999-04"),
        "while the history does not verify",
    );
    sealed.tamper("update accesses set asked = rtrim(asked) where recorded_at > '2026-01-01'");
    // A row more than was exported, sealed by now, is not what was confirmed.
    sealed.service.execute(late);
    sealed.sealed();
    assert_one_line(&confirm(&sealed, &digest), "it is not what was exported");
    assert_eq!(old_rows(&sealed), 6);
}

#[test]
fn a_month_stays_in_either_step_where_the_clocks_of_machine_database_and_seals_do_not_agree() {
    let sealed = an_old_history();
    let digest = exported(&sealed);
    let refused_as = |why: &str| {
        assert_one_line(&export(&sealed, "1999-04"), why);
        assert_one_line(&confirm(&sealed, &digest), why);
        assert_all_is_there(&sealed);
    };
    for apart in ["6 minutes", "-6 minutes", "26 years"] {
        sealed.service.execute(&format!(
            "create or replace function public.clock_timestamp() returns timestamptz \
             language sql as $$ select now() + interval '{apart}' $$; \
             alter database {} set search_path = public, pg_catalog",
            sealed.service.database
        ));
        refused_as("nothing is retired by this machine's clock");
    }
    let reset = format!(
        "alter database {} reset search_path",
        sealed.service.database
    );
    sealed.service.execute(&reset);
    // As where the clocks of machine and database went wrong together.
    for hours in [-2, 2] {
        at_present(&sealed);
        sealed.service.clock.advance(TimeDelta::hours(hours));
        look(&sealed);
        sealed.sealed();
        refused_as("and the newest seal is of");
    }
    at_present(&sealed);
    look(&sealed);
    sealed.sealed();
    let confirmed = confirm(&sealed, &digest);
    assert!(confirmed.status.success(), "{}", errors(&confirmed));
}

#[test]
fn a_login_that_owns_nothing_retires_nothing() {
    let sealed = an_old_history();
    let digest = exported(&sealed);
    let folder = path(&sealed, "exports");
    let reader = format!("reader_of_{}", sealed.service.database);
    let url = {
        let cluster = cluster();
        cluster.url(cluster.superuser(), &sealed.service.database)
    };
    let mut superuser = PgConnection::establish(&url).unwrap();
    superuser
        .batch_execute(&format!(
            "drop role if exists {reader}; create role {reader} login in role cpis_sealer; \
             grant select on plans, children, notifications to {reader}"
        ))
        .unwrap();
    for login in [SERVER, reader.as_str()] {
        let url = cluster().url(login, &sealed.service.database);
        let mut command = audit_command(&sealed, &confirming(&folder, &digest, "Grace"));
        let output = command.env("OWNER_DATABASE_URL", url).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        if login == reader {
            assert_one_line(&output, "only the owner of the database retires a month");
        }
    }
    assert_all_is_there(&sealed);
}

#[test]
fn a_month_that_left_without_a_record_of_ours_is_tampering() {
    let sealed = an_old_history();
    let digest = exported(&sealed);
    let verified = |sealed: &SealedService| words(&audit(sealed, &["verify"]));
    sealed.service.execute(
        "create table kept as select * from accesses where recorded_at < '1999-04-01'; \
         alter table accesses detach partition accesses_1999_03",
    );
    let told = verified(&sealed);
    assert!(told.contains("(leaf 0): the row is gone"), "{told}");
    // By a record that was made up, it is that which is found.
    let manifest = fs::read_to_string(sealed.path("exports/1999-03.manifest")).unwrap();
    sealed.service.execute(&format!(
        "insert into retirements values (gen_random_uuid(), now(), '1999-03', '{manifest}', \
         'Grace', sha256(''))"
    ));
    let told = verified(&sealed);
    assert!(
        told.contains("the retirement of 1999-03 is none of ours"),
        "{told}"
    );

    let sealed = an_old_history();
    let output = exported(&sealed);
    assert_ne!(output, digest);
    let confirmed = confirm(&sealed, &output);
    assert!(confirmed.status.success(), "{}", errors(&confirmed));
    at_present(&sealed);
    sealed.sealed();
    // A leaf that is said to be another's, so that a newer row could go with the month.
    let moved = |from: &str, to: &str| {
        sealed.tamper(&format!(
            "update sealed_rows set row_at = '{to}' where row_at = '{from}' and kind = 'access'"
        ));
        verified(&sealed)
    };
    let told = moved("1999-03-10T12:00:00Z", "1999-03-11T12:00:00Z");
    assert!(
        told.contains("what is kept of the rows of 1999-03 is not what was retired"),
        "{told}"
    );
    moved("1999-03-11T12:00:00Z", "1999-03-10T12:00:00Z");
    sealed.tamper("delete from accesses where recorded_at = '1999-04-02T12:00:00Z'");
    let told = moved("1999-04-02T12:00:00Z", "1999-03-30T12:00:00Z");
    assert!(told.contains("(leaf 5): the row is gone"), "{told}");
    // Without the record of a month that left, the month is gone.
    sealed
        .service
        .execute("alter table retirements disable trigger user");
    sealed.service.execute("delete from retirements");
    let told = verified(&sealed);
    assert!(told.contains("(leaf 0): the row is gone"), "{told}");
}
