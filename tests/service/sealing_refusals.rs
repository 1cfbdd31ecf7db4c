//! Refusals are sealed with the access history: whoever changes one in the security log, or takes
//! it away, is found by it.

use chrono::TimeDelta;
use cpis_fhir::sealing::wrong::Wrong;

use crate::support::SealedService;

const SEARCH: &str = "Flag?patient=9990000026";

/// A service that refused somebody three times, and looked once.
fn refused() -> SealedService {
    let sealed = SealedService::new();
    for _ in 0..3 {
        assert_eq!(sealed.service.ask("GET", SEARCH, &[], b"").status, 401);
        sealed.service.clock.advance(TimeDelta::seconds(1));
    }
    assert_eq!(sealed.service.get("Flag?patient=9990000026").status, 200);
    assert_eq!(sealed.sealed(), 5);
    sealed
}

#[test]
fn a_refusal_that_is_changed_or_taken_away_after_it_was_sealed_is_found_by_its_leaf() {
    let sealed = refused();
    let verified = sealed.verified();
    assert_eq!((verified.rows, verified.wrong), (5, None));
    let leaves = "select leaf_index from sealed_rows where kind = 'refusal' order by leaf_index";
    let leaf: u64 = sealed.service.texts(leaves)[1].parse().unwrap();
    let of_leaf = format!("id = (select row_id from sealed_rows where leaf_index = {leaf})");
    let reason = sealed
        .service
        .texts("select reason from security_log")
        .remove(0);
    for (change, is_found) in [
        ("update security_log set reason = 'none'".to_owned(), true),
        (
            format!("update security_log set reason = '{reason}'"),
            false,
        ),
        ("delete from security_log".to_owned(), true),
    ] {
        sealed.tamper(&format!("{change} where {of_leaf}"));
        let found = sealed.verified().wrong.and_then(|wrong| wrong.leaf());
        assert_eq!(found, is_found.then_some(leaf), "{change}");
    }
}

#[test]
fn a_refusal_that_nobody_made_is_found_where_it_was_added_later() {
    let sealed = refused();
    sealed.tamper(
        "insert into security_log (id, logged_at, route, reason, transaction_id) \
         values (gen_random_uuid(), '2026-11-01T00:00:00Z', 'several', 'no-token', 0)",
    );
    let wrong = sealed.verified().wrong;
    assert!(
        matches!(&wrong, Some(Wrong::RowNotSealed(row)) if row.kind == "refusal"),
        "{wrong:?}"
    );
}

#[test]
fn refusals_lie_in_their_months_and_those_from_before_there_were_months_beside_them() {
    let sealed = SealedService::new();
    sealed
        .service
        .execute("select plan_access_months('2026-12-01', 1)");
    assert_eq!(sealed.service.ask("GET", SEARCH, &[], b"").status, 401);
    sealed
        .service
        .clock
        .set("2026-12-05T12:00:00Z".parse().unwrap());
    assert_eq!(sealed.service.ask("GET", SEARCH, &[], b"").status, 401);
    let lying = "select tableoid::regclass from security_log order by logged_at";
    assert_eq!(
        sealed.service.texts(lying),
        ["security_log_of_unplanned_months", "security_log_2026_12"]
    );
    assert_eq!(sealed.sealed(), 2);
    assert_eq!(sealed.verified().wrong, None);
}
