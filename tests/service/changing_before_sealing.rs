//! An access that was changed before it was sealed is not the one that was answered: `audit verify`
//! finds it by the digest that its answer holds.

use chrono::TimeDelta;

use crate::support::{SealedService, program, words};

const SEARCH: &str = "Flag?patient=9990000026";

/// What `audit verify` says, and with which status it ends.
fn verified(sealed: &SealedService) -> (String, Option<i32>) {
    let mut verify = program(&["audit", "verify"]);
    let output = verify.envs(sealed.environment()).output().unwrap();
    (words(&output), output.status.code())
}

/// Changes the history as who administers the database could.
fn change(sealed: &SealedService, change: &str) {
    sealed.service.execute(&format!(
        "alter table accesses disable trigger user; {change}; \
         alter table accesses enable trigger user"
    ));
}

#[test]
fn an_access_that_was_changed_before_it_was_sealed_is_named() {
    for set in [
        "organisation_code = 'RYH99'",
        "care_setting = 'scheduled'",
        "nhs_number = 9990000034",
    ] {
        let sealed = SealedService::new();
        assert_eq!(sealed.service.get(SEARCH).status, 200);
        sealed.sealed();
        let (told, status) = verified(&sealed);
        assert!(told.contains("all good"), "{told}");
        assert_eq!(status, Some(0));

        sealed.service.clock.advance(TimeDelta::seconds(1));
        assert_eq!(sealed.service.get(SEARCH).status, 200);
        let newest = "select id::text from accesses order by recorded_at desc limit 1";
        let id = sealed.service.texts(newest).remove(0);
        change(
            &sealed,
            &format!("update accesses set {set} where id = '{id}'"),
        );
        sealed.sealed();
        let (told, status) = verified(&sealed);
        assert!(told.contains(&format!("access {id}")), "{told}");
        assert!(told.contains("not the one that was answered"), "{told}");
        assert_eq!(status, Some(2));
    }
}

#[test]
fn an_access_that_was_taken_away_before_it_was_sealed_is_named() {
    let sealed = SealedService::new();
    assert_eq!(sealed.service.get(SEARCH).status, 200);
    change(&sealed, "delete from accesses");
    sealed.sealed();
    let (told, status) = verified(&sealed);
    assert!(
        told.contains("not the one that was answered, or is gone"),
        "{told}"
    );
    assert_eq!(status, Some(2));
}
