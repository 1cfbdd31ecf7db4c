//! What the sandbox promises of its children, as tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::{prop_assert_eq, proptest};

use super::{CHILDREN, uploads};
use crate::domain::calendar::day_of;
use crate::domain::holding::Holding;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::plan::{EffectiveEnd, Windows};
use crate::domain::upload::{PlanRecord, Upload};
use crate::messages::reading_rules::ReadingRules;
use crate::messages::upload_csv::read;

const WINDOWS: Windows = Windows {
    after_end_days: 364,
    after_due_date_days: 28,
};

fn told(now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Upload)> {
    let reading = |told_at| ReadingRules {
        windows: WINDOWS,
        now: told_at,
        records_max: 100,
    };
    uploads(day_of(now), now)
        .into_iter()
        .map(|file| {
            (
                file.told_at,
                read(file.csv.as_bytes(), &reading(file.told_at)).unwrap(),
            )
        })
        .collect()
}

/// What each child's search shows once every file is taken in.
fn visible(now: DateTime<Utc>) -> BTreeMap<String, usize> {
    let mut plans: HashMap<_, PlanRecord> = HashMap::new();
    for (_, upload) in told(now) {
        let code = upload.authority.code.as_str().to_owned();
        let records = upload.records.into_iter();
        let records: Vec<PlanRecord> = records.map(|record| record.unwrap().plan).collect();
        let mut held = Holding::default();
        for (_, plan) in plans.iter().filter(|((of, _), _)| *of == code) {
            held.hold(plan);
        }
        for record in &records {
            held.take(record).unwrap();
        }
        drop(held);
        for record in &records {
            plans.insert((code.clone(), record.key()), record.clone());
        }
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for plan in plans.values().filter(|plan| plan.deleted_on.is_none()) {
        let end = EffectiveEnd::of(plan.kind, plan.birth_date, plan.sent_end).day;
        let shown = WINDOWS.shows(plan.kind, end, now);
        *counts.entry(plan.nhs_number.reveal()).or_default() += usize::from(shown);
    }
    counts
}

fn promised(visible: &BTreeMap<String, usize>) -> Vec<usize> {
    let shown = |child: &super::SandboxChild| visible.get(child.nhs_number).copied();
    CHILDREN
        .iter()
        .map(|child| shown(child).unwrap_or_default())
        .collect()
}

#[test]
fn each_child_s_number_is_an_nhs_number_and_each_plan_is_of_a_child_listed() {
    for child in CHILDREN {
        assert!(
            NhsNumber::parse(child.nhs_number).is_ok(),
            "{}",
            child.holds
        );
    }
    let listed = |number: &String| CHILDREN.iter().any(|child| child.nhs_number == number);
    assert!(visible(DateTime::UNIX_EPOCH).keys().all(listed));
}

#[test]
fn each_authority_s_files_are_numbered_from_1_in_the_order_they_are_told() {
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let mut last: HashMap<String, (i64, DateTime<Utc>)> = HashMap::new();
    for (told_at, upload) in told(now) {
        assert_eq!(upload.created_at, told_at);
        let code = upload.authority.code.as_str().to_owned();
        let (sequence, before) = last.remove(&code).unwrap_or_default();
        assert_eq!(upload.sequence, sequence + 1);
        assert!(told_at > before && told_at <= now);
        last.insert(code, (upload.sequence, told_at));
    }
    assert_eq!(last.len(), 2);
}

proptest! {
    #[test]
    fn whenever_the_sandbox_starts_no_record_is_refused_and_each_child_shows_as_listed(
        minutes in 0_i64..60_000_000
    ) {
        let now = DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let listed: Vec<usize> = CHILDREN.iter().map(|child| child.visible_plans).collect();
        prop_assert_eq!(promised(&visible(now)), listed);
    }
}
