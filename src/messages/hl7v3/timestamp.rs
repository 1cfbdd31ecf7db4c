//! Moments and days as HL7 v3 writes them: `YYYYMMDD[HHMM[SS[.f]]][+-ZZZZ]` (data type TS).
//!
//! Without an offset a time is London's, as every date rule of CP-IS is.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};

use crate::domain::calendar::{day_of, moment_of};
use crate::domain::record_check::YEARS;

/// The day a text names; none where it is no real day, or an unlikely one.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let said = Said::of(text)?;
    let day = match said.time {
        Some(_) => day_of(said.moment()?),
        None => said.date,
    };
    YEARS.contains(&day.year()).then_some(day)
}

/// The moment a text names, to the microsecond; none where it says no time of the day.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let said = Said::of(text)?;
    said.time?;
    let moment = said.moment()?;
    DateTime::from_timestamp_micros(moment.timestamp_micros())
}

/// A moment as it is written, to the second: HL7 v3 readers of fractions are rare.
pub(super) fn written(moment: DateTime<Utc>) -> String {
    moment.format("%Y%m%d%H%M%S+0000").to_string()
}

/// A moment to the microsecond, for an upload that must read back the same.
pub(super) fn written_exactly(moment: DateTime<Utc>) -> String {
    moment.format("%Y%m%d%H%M%S%.6f+0000").to_string()
}

/// A day as it is written: its midnight, as the templates of plans demand.
pub(super) fn written_day(day: NaiveDate) -> String {
    day.format("%Y%m%d0000").to_string()
}

/// Whether a text has the shape that the schema demands of a plan's dates, a real day or none.
pub(super) fn has_shape_of_date(text: &str) -> bool {
    let two = |from: usize, least: u8, most: u8| {
        let pair = text.get(from..from.saturating_add(2));
        let pair = pair.filter(|pair| digits(pair));
        pair.and_then(|pair| pair.parse::<u8>().ok())
            .is_some_and(|number| (least..=most).contains(&number))
    };
    text.len() == 12
        && two(0, 19, 20)
        && two(2, 0, 99)
        && two(4, 1, 12)
        && two(6, 1, 31)
        && two(8, 0, 23)
        && two(10, 0, 59)
}

/// Whether a text has the shape that the schema demands of any moment, a real one or none.
pub(super) fn has_shape_of_moment(text: &str) -> bool {
    let (clock, offset) = match text.split_once(['+', '-']) {
        Some((clock, offset)) => (clock, Some(offset)),
        None => (text, None),
    };
    let (whole, fraction) = match clock.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (clock, None),
    };
    let least = if offset.is_some() { 9 } else { 1 };
    digits(whole)
        && (least..=14).contains(&whole.len())
        && fraction.is_none_or(|fraction| whole.len() == 14 && digits(fraction))
        && offset.is_none_or(|offset| offset.len() <= 4 && digits(offset))
}

struct Said {
    date: NaiveDate,
    time: Option<NaiveTime>,
    offset: Option<FixedOffset>,
}

impl Said {
    fn of(text: &str) -> Option<Self> {
        let (clock, offset) = match text.find(['+', '-']) {
            Some(at) => {
                let (clock, offset) = text.split_at_checked(at)?;
                (clock, Some(self::offset(offset)?))
            }
            None => (text, None),
        };
        let (whole, fraction) = match clock.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (clock, None),
        };
        if !digits(whole) || fraction.is_some_and(|fraction| !digits(fraction)) {
            return None;
        }
        let (date, time) = whole.split_at_checked(8)?;
        let time = match (time.len(), fraction) {
            (0, None) if offset.is_none() => None,
            (4 | 6, None) => Some(self::time(time, "0")?),
            (6, Some(fraction)) => Some(self::time(time, fraction)?),
            _ => return None,
        };
        Some(Self {
            date: NaiveDate::parse_from_str(date, "%Y%m%d").ok()?,
            time,
            offset,
        })
    }

    /// Nothing where the offset leads out of the calendar.
    fn moment(&self) -> Option<DateTime<Utc>> {
        let time = self.time?;
        match self.offset {
            None => Some(moment_of(self.date, time)),
            Some(offset) => offset
                .from_local_datetime(&self.date.and_time(time))
                .single()
                .map(|moment| moment.to_utc()),
        }
    }
}

fn time(clock: &str, fraction: &str) -> Option<NaiveTime> {
    let two = |from: usize| clock.get(from..from.checked_add(2)?)?.parse::<u32>().ok();
    let seconds = if clock.len() == 6 { two(4)? } else { 0 };
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    NaiveTime::from_hms_micro_opt(two(0)?, two(2)?, seconds, micros.parse().ok()?)
}

fn offset(text: &str) -> Option<FixedOffset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let clock = text.get(1..)?;
    let shaped = clock.len() == 4 && digits(clock);
    let two = |from: usize, to: usize| clock.get(from..to)?.parse::<i32>().ok();
    let (hours, minutes) = shaped.then(|| Some((two(0, 2)?, two(2, 4)?))).flatten()?;
    let real = hours <= 14 && minutes < 60;
    real.then(|| FixedOffset::east_opt(sign * (hours * 3_600 + minutes * 60)))
        .flatten()
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration, NaiveDate, Utc};
    use proptest::prelude::{any, prop_assert, prop_assert_eq, prop_oneof, proptest};

    use super::{day, has_shape_of_date, moment, written, written_day, written_exactly};

    fn on(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    #[test]
    fn a_day_is_the_one_in_london_however_precisely_it_is_said() {
        for (text, expected) in [
            ("20000926", "2000-09-26"),
            ("201209260900", "2012-09-26"),
            ("201209260000", "2012-09-26"),
            ("20120926235959", "2012-09-26"),
            ("201209262330+0000", "2012-09-27"),
            ("201212262330+0000", "2012-12-26"),
            ("201209270030+0100", "2012-09-27"),
            ("20120926233000.25-0000", "2012-09-27"),
        ] {
            assert_eq!(day(text), on(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_real_day_is_none() {
        for text in [
            "",
            "2012",
            "201209",
            "20120931",
            "20120230",
            "2012-09-26",
            "2012092609",
            "201209262400",
            "201209260960",
            "20120926+0100",
            "201209260900+1500",
            "201209260900+01",
            "18991231",
            "21510101",
            "201209260900.5",
            " 20120926",
            "２０１２0926",
            "20120926090000.",
            "0x120926",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_without_an_offset_is_london_s() {
        let at = |text: &str| moment(text).map(|moment| moment.to_rfc3339());
        assert_eq!(
            at("202607010900").as_deref(),
            Some("2026-07-01T08:00:00+00:00")
        );
        assert_eq!(
            at("202611200200").as_deref(),
            Some("2026-11-20T02:00:00+00:00")
        );
        assert_eq!(
            at("20260701090000+0000").as_deref(),
            Some("2026-07-01T09:00:00+00:00")
        );
        assert_eq!(at("20260701"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(micros in -2_000_000_000_000_000_i64..5_000_000_000_000_000) {
            let known = DateTime::from_timestamp_micros(micros).unwrap_or_default();
            prop_assert_eq!(moment(&written_exactly(known)), Some(known));
            let second = DateTime::from_timestamp(known.timestamp(), 0);
            prop_assert_eq!(moment(&written(known)), second);
        }

        #[test]
        fn a_written_day_reads_back_and_has_the_schema_s_shape(days in 0_i64..47_000) {
            let known = NaiveDate::default() + Duration::days(days);
            prop_assert_eq!(day(&written_day(known)), Some(known));
            prop_assert!(has_shape_of_date(&written_day(known)));
        }

        #[test]
        fn no_text_panics(
            text in prop_oneof![any::<String>(), "[0-9]{0,15}[.]?[0-9]{0,3}[+-]?[0-9]{0,5}"]
        ) {
            let _: (Option<NaiveDate>, Option<DateTime<Utc>>) = (day(&text), moment(&text));
        }
    }
}
