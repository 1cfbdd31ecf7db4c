//! Looks that come to a month of long ago, by a clock that was wrong, while it leaves the database
//! or after it left: `audit retire` takes nothing away that it did not export.

use std::fs;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

use crate::support::old_months::{
    CHILD, IN_THE_NET, WAITS, an_old_history, at, at_present, audit, audit_command, confirm,
    confirming, export, exported, exported_net, look, old_rows, path,
};
use crate::support::{SealedService, a_plan, errors, wait_until, words};

#[test]
fn a_look_that_comes_while_its_month_leaves_the_net_is_not_lost_once_it_was_answered() {
    let sealed = an_old_history();
    at(&sealed, "1999-02-10T12:00:00Z");
    look(&sealed);
    at_present(&sealed);
    sealed.sealed();
    let digest = exported_net(&sealed);
    // Whoever reads the tables keeps the month from leaving until the look has come.
    let mut reader = PgConnection::establish(&sealed.service.owner_url()).unwrap();
    let reads = "begin; lock table accesses in access share mode";
    reader.batch_execute(reads).unwrap();
    let folder = path(&sealed, "exports");
    let words = confirming(&folder, &digest, "Grace");
    let mut retiring = audit_command(&sealed, &words).spawn().unwrap();
    wait_until(|| sealed.service.number(WAITS) > 0);
    at(&sealed, "1999-02-11T12:00:00Z");
    let status = sealed.service.get(&format!("Flag?patient={CHILD}")).status;
    reader.batch_execute("commit").unwrap();
    assert!(retiring.wait().unwrap().success());
    assert_eq!(sealed.service.number(IN_THE_NET), i64::from(status == 200));
}

#[test]
fn what_is_owed_of_a_look_that_came_late_stays_owed_however_often_its_month_is_confirmed() {
    let sealed = an_old_history();
    let digest = exported(&sealed);
    assert!(confirm(&sealed, &digest).status.success());
    sealed.service.tell(&[a_plan().child(CHILD)]);
    at(&sealed, "1999-03-25T12:00:00Z");
    look(&sealed);
    assert_eq!(sealed.service.notifications(), 1);
    assert!(confirm(&sealed, &digest).status.success());
    assert_eq!(sealed.service.notifications(), 1);
}

#[test]
fn what_comes_to_a_month_after_it_was_retired_stays_and_keeps_no_other_month_from_leaving() {
    let sealed = an_old_history();
    assert!(confirm(&sealed, &exported(&sealed)).status.success());
    let kept = || ["cms", "manifest"].map(|of| fs::read(exported_file(&sealed, of)).unwrap());
    let before = kept();
    // As by a clock that was wrong for a while.
    at(&sealed, "1999-03-25T12:00:00Z");
    look(&sealed);
    at_present(&sealed);
    sealed.sealed();
    let again = export(&sealed, "1999-04");
    assert!(again.status.success(), "{}", errors(&again));
    assert_eq!(
        words(&again),
        "1999-03: it was retired already; what came to it since stays\n"
    );
    assert_eq!(kept(), before);
    assert_eq!(old_rows(&sealed), 2);
    let verified = audit(&sealed, &["verify"]);
    assert!(verified.status.success(), "{}", errors(&verified));
}

fn exported_file(sealed: &SealedService, of: &str) -> std::path::PathBuf {
    let name = if of == "cms" {
        "1999-03.1.cms"
    } else {
        "1999-03.manifest"
    };
    sealed.path("exports").join(name)
}
