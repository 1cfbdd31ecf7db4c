//! A month of the calendar in UTC: what is on record lies in months, and leaves in whole ones.

use std::fmt;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};

/// A month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    first_day: NaiveDate,
    next_first_day: NaiveDate,
}

impl Month {
    /// Reads `YYYY-MM`, of four and two digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let are_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
        let is_written_so = year.len() == 4 && month.len() == 2;
        (is_written_so && are_digits(year) && are_digits(month)).then_some(())?;
        Self::of(NaiveDate::from_ymd_opt(
            year.parse().ok()?,
            month.parse().ok()?,
            1,
        )?)
    }

    /// The month of a moment.
    #[must_use]
    pub fn at(moment: DateTime<Utc>) -> Option<Self> {
        Self::of(moment.date_naive().with_day(1)?)
    }

    /// The month so many years before.
    #[must_use]
    pub fn years_before(self, years: u8) -> Option<Self> {
        let months = Months::new(u32::from(years) * 12);
        Self::of(self.first_day.checked_sub_months(months)?)
    }

    /// The moment it begins.
    #[must_use]
    pub fn begins_at(self) -> DateTime<Utc> {
        self.first_day.and_time(NaiveTime::MIN).and_utc()
    }

    /// The moment the next one begins.
    #[must_use]
    pub fn ends_at(self) -> DateTime<Utc> {
        self.next_first_day.and_time(NaiveTime::MIN).and_utc()
    }

    fn of(first_day: NaiveDate) -> Option<Self> {
        let next_first_day = first_day.checked_add_months(Months::new(1))?;
        Some(Self {
            first_day,
            next_first_day,
        })
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.first_day.format("%Y-%m"))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::Month;

    #[test]
    fn a_month_is_four_digits_a_hyphen_and_two_and_says_itself_again() {
        for text in ["1999-12", "2026-01", "2024-02"] {
            assert_eq!(Month::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "1999-13",
            "1999-00",
            "99-12",
            "1999-1",
            "1999-12-01",
            "+999-12",
            "1999-+1",
            "",
        ] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_month_ends_where_the_next_begins_and_the_same_one_was_years_before() {
        let december = Month::parse("1999-12").unwrap();
        let january = Month::parse("2000-01").unwrap();
        assert_eq!(december.ends_at(), january.begins_at());
        assert_eq!(Month::at(january.begins_at()), Some(january));
        assert_eq!(january.years_before(26), Month::parse("1974-01"));
        assert!(december < january);
    }
}
