//! What a record must say by itself before it can be taken in: the rules that need no database.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::calendar::day_of;
use crate::domain::plan::{EffectiveEnd, PlanKind, Windows};
use crate::domain::record_field::RecordField;
use crate::domain::upload::{PlanRecord, RecordRefusal};

/// The years a date may lie in: outside them a typing slip is certain.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2150;

/// Reads a day written `YYYY-MM-DD`.
#[must_use]
pub fn day(text: &str) -> Option<NaiveDate> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        return None;
    };
    let (month, day) = (number([m1, m2])?, number([d1, d2])?);
    let year = i32::try_from(number([y1, y2, y3, y4])?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, month, day)?;
    YEARS.contains(&year).then_some(day)
}

/// The number that digits write, the first counting most.
fn number<const DIGITS: usize>(digits: [u8; DIGITS]) -> Option<u32> {
    digits.into_iter().try_fold(0, |number, digit| {
        let value = char::from(digit).to_digit(10)?;
        Some(number * 10 + value)
    })
}

/// Checks one record by itself.
///
/// # Errors
/// [`RecordRefusal`] naming the field at fault.
pub fn check(
    record: &PlanRecord,
    windows: Windows,
    now: DateTime<Utc>,
) -> Result<(), RecordRefusal> {
    let today = day_of(now);
    check_days(record, today)?;
    let end = EffectiveEnd::of(record.kind, record.birth_date, record.sent_end).day;
    let oldest = windows.earliest_end_shown(record.kind, today);
    // A withdrawal may reach further back than anything shown: it only ever hides.
    if record.deleted_on.is_none() && end < oldest {
        let reason = format!("the plan ended before {oldest} and would not be shown to anyone");
        return refuse(RecordField::EndDate, record.sent_end, &reason);
    }
    Ok(())
}

fn check_days(record: &PlanRecord, today: NaiveDate) -> Result<(), RecordRefusal> {
    let PlanRecord {
        kind,
        birth_date,
        start,
        sent_end,
        deleted_on,
        ..
    } = record;
    let end = EffectiveEnd::of(*kind, *birth_date, *sent_end).day;
    if *birth_date > today {
        return refuse(
            RecordField::BirthDate,
            Some(*birth_date),
            "a date of birth is not in the future",
        );
    }
    if *kind == PlanKind::UnbornChildProtection && sent_end.is_none() {
        return refuse(
            RecordField::EndDate,
            None,
            "an unborn child's plan (UCPP) ends on the due date: send it",
        );
    }
    if start < birth_date {
        return refuse(
            RecordField::StartDate,
            Some(*start),
            "a plan does not start before the date of birth",
        );
    }
    if sent_end.is_some_and(|sent| sent < *start) {
        return refuse(
            RecordField::EndDate,
            *sent_end,
            "a plan does not end before it starts",
        );
    }
    if end < *start {
        return refuse(
            RecordField::StartDate,
            Some(*start),
            "a plan starts before the eighteenth birthday",
        );
    }
    if deleted_on.is_some_and(|deleted| deleted > today) {
        return refuse(
            RecordField::DeleteDate,
            *deleted_on,
            "a plan is withdrawn today or earlier, never ahead",
        );
    }
    Ok(())
}

fn refuse<T>(
    field: RecordField,
    echo: Option<NaiveDate>,
    reason: &str,
) -> Result<T, RecordRefusal> {
    let echo = echo.map(|day| day.to_string()).unwrap_or_default();
    Err(RecordRefusal::unsuccessful(field, &echo, reason))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use chrono::{DateTime, Duration, NaiveDate, Utc};
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::{check, day};
    use crate::domain::nhs_number::NhsNumber;
    use crate::domain::plan::{PlanKind, Windows};
    use crate::domain::record_field::RecordField;
    use crate::domain::upload::{PlanRecord, RecordRefusal};

    const WINDOWS: Windows = Windows {
        after_end_days: 364,
        after_due_date_days: 28,
    };

    fn record(kind: PlanKind, born: &str, start: &str, end: Option<&str>) -> PlanRecord {
        PlanRecord {
            kind,
            nhs_number: NhsNumber::parse("9990000018").unwrap(),
            local_id: "H-1".into(),
            birth_date: day(born).unwrap(),
            start: day(start).unwrap(),
            sent_end: end.map(|end| day(end).unwrap()),
            deleted_on: None,
        }
    }

    fn checked(record: PlanRecord) -> Result<PlanRecord, RecordRefusal> {
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        check(&record, WINDOWS, now).map(|()| record)
    }

    fn field_at_fault(record: PlanRecord) -> Option<RecordField> {
        checked(record).unwrap_err().field
    }

    #[test]
    fn a_child_s_plan_needs_no_end_and_an_unborn_child_s_plan_needs_its_due_date() {
        for kind in [PlanKind::ChildProtection, PlanKind::LookedAfter] {
            assert!(checked(record(kind, "2015-04-01", "2026-01-10", None)).is_ok());
        }
        let unborn = record(
            PlanKind::UnbornChildProtection,
            "1998-04-01",
            "2026-09-01",
            None,
        );
        assert_eq!(field_at_fault(unborn), Some(RecordField::EndDate));
    }

    #[test]
    fn days_in_an_impossible_order_are_refused_with_their_column() {
        let kind = PlanKind::ChildProtection;
        let born_ahead = record(kind, "2026-11-23", "2026-11-24", None);
        assert_eq!(field_at_fault(born_ahead), Some(RecordField::BirthDate));
        let early = record(kind, "2015-04-01", "2015-03-31", None);
        assert_eq!(field_at_fault(early), Some(RecordField::StartDate));
        let backwards = record(kind, "2015-04-01", "2026-02-01", Some("2026-01-31"));
        assert_eq!(field_at_fault(backwards), Some(RecordField::EndDate));
        let grown_up = record(kind, "2008-01-01", "2026-02-01", None);
        assert_eq!(field_at_fault(grown_up), Some(RecordField::StartDate));
        let mut ahead = record(kind, "2015-04-01", "2026-02-01", None);
        ahead.deleted_on = day("2026-11-23");
        assert_eq!(field_at_fault(ahead), Some(RecordField::DeleteDate));
    }

    #[test]
    fn an_end_older_than_the_window_is_refused_but_may_still_be_withdrawn() {
        let mut old = record(
            PlanKind::LookedAfter,
            "2015-04-01",
            "2024-01-01",
            Some("2025-11-22"),
        );
        assert_eq!(field_at_fault(old.clone()), Some(RecordField::EndDate));
        old.deleted_on = day("2026-11-22");
        assert!(checked(old).is_ok());
        let held = record(
            PlanKind::LookedAfter,
            "2015-04-01",
            "2024-01-01",
            Some("2025-11-23"),
        );
        assert!(checked(held).is_ok());
    }

    #[test]
    fn only_real_days_in_one_form_are_days() {
        for bad in [
            "",
            "2026-02-29",
            "2026-2-01",
            "01/02/2026",
            "20260201",
            "0026-01-01",
            "+2026-1-1",
        ] {
            assert_eq!(day(bad), None, "{bad}");
        }
        assert!(day("2024-02-29").is_some());
    }

    proptest! {
        #[test]
        fn a_day_reads_back_and_no_text_panics(days in 0_i64..60_000, text in any::<String>()) {
            let known = NaiveDate::default() + Duration::days(days);
            prop_assert_eq!(day(&known.to_string()), Some(known));
            prop_assert!(day(&text).is_none_or(|read| read.to_string() == text));
        }
    }
}
