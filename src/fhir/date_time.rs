//! The stretch of time that a FHIR date or dateTime stands for
//! (<https://hl7.org/fhir/R4/search.html#date>): a year, a month, a London day, or a moment as
//! precise as it is written.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::domain::calendar::{moment_of, start_of};

/// A stretch of time, without its last moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first moment; none for a stretch without beginning.
    pub from: Option<DateTime<Utc>>,
    /// The first moment after it; none for a stretch without end.
    pub until: Option<DateTime<Utc>>,
}

impl Period {
    /// A moment, as the millisecond it is in.
    #[must_use]
    pub fn of_moment(moment: DateTime<Utc>) -> Self {
        let until = moment.checked_add_signed(TimeDelta::milliseconds(1));
        Self {
            from: Some(moment),
            until,
        }
    }
}

/// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or a day with `THH:MM[:SS[.s]]` and an optional offset:
/// the first moment it stands for, and the first after it. Without an offset London time counts.
#[must_use]
pub fn stretch(text: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (first, after) = match (text.len(), text.split_once('T')) {
        (_, Some((day, time))) => return moment_stretch(day, time),
        (4, None) if digits_only(text) => {
            let first = NaiveDate::from_ymd_opt(text.parse().ok()?, 1, 1)?;
            (first, first.checked_add_months(Months::new(12))?)
        }
        (7, None) => {
            let first = day_of_text(&format!("{text}-01"))?;
            (first, first.checked_add_months(Months::new(1))?)
        }
        (10, None) => {
            let first = day_of_text(text)?;
            (first, first.checked_add_days(Days::new(1))?)
        }
        _ => return None,
    };
    Some((start_of(first), start_of(after)))
}

fn day_of_text(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 10
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-');
    shaped
        .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .flatten()
}

fn moment_stretch(day: &str, time: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    day_of_text(day)?;
    let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, offset) = time.split_at_checked(zone)?;
    let (full, precision) = match clock.len() {
        5 => (format!("{clock}:00"), TimeDelta::minutes(1)),
        8 => (clock.to_owned(), TimeDelta::seconds(1)),
        10.. => (clock.to_owned(), TimeDelta::milliseconds(1)),
        _ => return None,
    };
    let from = if offset.is_empty() {
        let time = NaiveTime::parse_from_str(&full, "%H:%M:%S%.f").ok()?;
        moment_of(day_of_text(day)?, time)
    } else {
        DateTime::parse_from_rfc3339(&format!("{day}T{full}{offset}"))
            .ok()?
            .to_utc()
    };
    Some((from, from.checked_add_signed(precision)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::stretch;

    #[test]
    fn times_without_an_offset_are_london_s() {
        let local = stretch("2026-07-01T10:00");
        assert!(local.is_some());
        assert_eq!(local, stretch("2026-07-01T09:00Z"));
        assert_eq!(local, stretch("2026-07-01T11:00+02:00"));
    }

    #[test]
    fn what_is_no_date_stands_for_nothing() {
        for bad in [
            "",
            "23May2009",
            "2026-13",
            "2026-02-30",
            "26",
            "gt",
            "2026-1-1",
            "2026-01-01T",
            "2026-01-01T25:00",
            "2026-01-01T10",
            "20260101",
            "xx2026",
            "+026-01-01",
        ] {
            assert_eq!(stretch(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic_and_time_never_runs_backwards(
            text in any::<String>(), tail in "[0-9T:.Z+-]{0,30}"
        ) {
            for text in [text, tail] {
                prop_assert!(stretch(&text).is_none_or(|(from, until)| from < until));
            }
        }
    }
}
