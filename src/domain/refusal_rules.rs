//! How many refusals are kept one by one, and that none is lost from the count.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::{KeptRefusals, RefusalCounts};
use crate::domain::ods_code::OdsCode;

fn noon() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn counts() -> RefusalCounts {
    RefusalCounts::of(KeptRefusals {
        strangers: 2,
        client: 3,
    })
}

#[test]
fn strangers_share_a_minute_and_each_client_has_its_own() {
    let mut counts = counts();
    let at = noon();
    let kept = |counts: &mut RefusalCounts, client: Option<&str>| {
        (0..5)
            .filter(|_| counts.keeps((client, None), "no-token", at))
            .count()
    };
    assert_eq!(kept(&mut counts, None), 2);
    assert_eq!(kept(&mut counts, Some("epr")), 3);
    assert_eq!(kept(&mut counts, Some("other")), 3);
    assert_eq!(counts.take(at, false), Vec::new());
    let counted = counts.take(at + TimeDelta::minutes(1), false);
    let mut times: Vec<_> = counted
        .iter()
        .map(|one| (one.client_id.as_deref(), one.times))
        .collect();
    times.sort_unstable();
    assert_eq!(times, [(None, 3), (Some("epr"), 2), (Some("other"), 2)]);
}

#[test]
fn a_new_minute_keeps_again_and_what_was_left_out_is_told_by_reason_and_organisation() {
    let mut counts = counts();
    let authority = OdsCode::parse("E90001").unwrap();
    for _ in 0..4 {
        counts.keeps((Some("la"), Some(&authority)), "not-notified", noon());
    }
    counts.keeps((Some("la"), Some(&authority)), "unattended", noon());
    let later = noon() + TimeDelta::seconds(61);
    assert!(counts.keeps((Some("la"), None), "unattended", later));
    let mut counted = counts.take(later, false);
    counted.sort_by_key(|one| one.reason);
    let told: Vec<_> = counted
        .iter()
        .map(|one| (one.reason, one.times, one.at - noon()))
        .collect();
    let minute = TimeDelta::minutes(1);
    assert_eq!(
        told,
        [("not-notified", 1, minute), ("unattended", 1, minute)]
    );
    assert!(
        counted
            .iter()
            .all(|one| one.organisation.as_ref() == Some(&authority))
    );
    assert_eq!(counts.take(later, true), Vec::new());
}

proptest! {
    #[test]
    fn every_refusal_is_kept_or_counted_and_no_minute_keeps_more_than_its_most(
        refusals in proptest::collection::vec((0_u8..4, 0_u8..3, 0_i64..40), 1..200)
    ) {
        let mut counts = counts();
        let (mut kept, mut counted, mut at) = (0_u64, 0_u64, noon());
        let reasons = ["no-token", "unattended", "unknown-client"];
        for (client, reason, seconds) in &refusals {
            at += TimeDelta::seconds(*seconds);
            let client = client.checked_sub(1).map(|client| format!("client-{client}"));
            let reason = reasons.get(usize::from(*reason)).unwrap();
            kept += u64::from(counts.keeps((client.as_deref(), None), reason, at));
            counted += counts.take(at, false).iter().map(|one| u64::from(one.times)).sum::<u64>();
        }
        let minutes = u64::try_from((at - noon()).num_minutes() + 1).unwrap();
        prop_assert!(kept <= minutes * (2 + 3 * 3));
        counted += counts.take(at, true).iter().map(|one| u64::from(one.times)).sum::<u64>();
        prop_assert_eq!(kept + counted, u64::try_from(refusals.len()).unwrap());
    }
}
