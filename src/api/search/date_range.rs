//! A date parameter's value: a prefix, and a day, month, year or moment that stands for a range
//! (<https://hl7.org/fhir/R4/search.html#date>).

use chrono::{DateTime, Utc};

use crate::fhir::date_time::{Period, stretch};

/// How the range sought compares with a resource's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prefix {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    StartsAfter,
    EndsBefore,
    Approximately,
}

/// A value of a date parameter: a comparison with a half-open range of moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    prefix: Prefix,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl DateRange {
    /// Reads a value: an optional prefix, then a date or a dateTime.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, rest) = prefix_of(text);
        let (from, until) = stretch(rest)?;
        Some(Self {
            prefix,
            from,
            until,
        })
    }

    /// Reads a value that stands under a comparison which the caller cannot choose, such as `ge`.
    #[must_use]
    pub fn under(comparison: &str, value: &str) -> Option<Self> {
        let is_date = value.starts_with(|sign: char| sign.is_ascii_digit());
        is_date
            .then(|| Self::parse(&format!("{comparison}{value}")))
            .flatten()
    }

    /// Whether a resource's range compares as the value asks. Open ends reach for ever.
    #[must_use]
    pub fn admits(&self, period: &Period) -> bool {
        let starts_before = |moment| period.from.is_none_or(|from| from < moment);
        let ends_after = |moment| period.until.is_none_or(|until| until > moment);
        let contained = !starts_before(self.from) && !ends_after(self.until);
        match self.prefix {
            Prefix::Equal => contained,
            Prefix::NotEqual => !contained,
            Prefix::Greater => ends_after(self.until),
            Prefix::Less => starts_before(self.from),
            // A plan whose last day is the day sought is not over on it: a range that touches the
            // value counts, so that nobody who asks for today misses a plan that ends today.
            Prefix::GreaterOrEqual => ends_after(self.from),
            Prefix::LessOrEqual => starts_before(self.until),
            Prefix::StartsAfter => !starts_before(self.until),
            Prefix::EndsBefore => !ends_after(self.from),
            Prefix::Approximately => starts_before(self.until) && ends_after(self.from),
        }
    }
}

fn prefix_of(text: &str) -> (Prefix, &str) {
    const PREFIXES: [(&str, Prefix); 9] = [
        ("eq", Prefix::Equal),
        ("ne", Prefix::NotEqual),
        ("gt", Prefix::Greater),
        ("lt", Prefix::Less),
        ("ge", Prefix::GreaterOrEqual),
        ("le", Prefix::LessOrEqual),
        ("sa", Prefix::StartsAfter),
        ("eb", Prefix::EndsBefore),
        ("ap", Prefix::Approximately),
    ];
    PREFIXES
        .into_iter()
        .find_map(|(name, prefix)| Some((prefix, text.strip_prefix(name)?)))
        .unwrap_or((Prefix::Equal, text))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::DateRange;
    use crate::fhir::date_time::Period;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn admits(value: &str, from: &str, until: &str) -> bool {
        let period = Period {
            from: Some(moment(from)),
            until: Some(moment(until)),
        };
        DateRange::parse(value).unwrap().admits(&period)
    }

    /// A plan from 1 December 2025 to 1 December 2027, whole days in London.
    fn plan(value: &str) -> bool {
        admits(value, "2025-12-01T00:00:00Z", "2027-12-02T00:00:00Z")
    }

    #[test]
    fn a_value_without_a_prefix_must_contain_the_whole_period() {
        assert!(!plan("2026-03"));
        assert!(!plan("2026"));
        assert!(admits(
            "2026",
            "2026-01-01T00:00:00Z",
            "2027-01-01T00:00:00Z"
        ));
    }

    #[test]
    fn a_plan_open_on_a_day_is_found_by_le_and_ge_of_that_day() {
        for day in ["2025-12-01", "2026-06-01", "2027-12-01"] {
            assert!(
                plan(&format!("le{day}")) && plan(&format!("ge{day}")),
                "{day}"
            );
        }
        assert!(!plan("le2025-11-30"));
        assert!(!plan("ge2027-12-02"));
    }

    #[test]
    fn prefixes_compare_as_the_specification_says() {
        assert!(plan("sa2025-11-30") && !plan("sa2025-12-01"));
        assert!(plan("eb2027-12-02") && !plan("eb2027-12-01"));
        assert!(plan("gt2027-11-30") && !plan("gt2027-12-01"));
        assert!(plan("lt2025-12-02") && !plan("lt2025-12-01"));
        assert!(plan("ap2026-03") && plan("ne2026-03"));
    }

    #[test]
    fn an_open_end_is_later_than_any_date() {
        let open = Period {
            from: Some(moment("2026-01-01T00:00:00Z")),
            until: None,
        };
        assert!(DateRange::parse("gt2999-01-01").unwrap().admits(&open));
        assert!(!DateRange::parse("eb2999-01-01").unwrap().admits(&open));
    }

    #[test]
    fn a_prefix_alone_or_one_there_is_not_is_refused() {
        for bad in ["gt", "xx2026", "gtge2026", ""] {
            assert_eq!(DateRange::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>(), tail in "[0-9T:.Z+-]{0,30}") {
            let _ = DateRange::parse(&text);
            let _ = DateRange::parse(&tail);
        }

        #[test]
        fn eq_and_ne_are_opposites_and_what_is_gt_or_eq_is_ge(
            start in 0_i64..2_000_000_000, length in 1_i64..100_000_000, day in 0_i64..20_000
        ) {
            let from = DateTime::UNIX_EPOCH + TimeDelta::seconds(start);
            let until = from + TimeDelta::seconds(length);
            let period = Period { from: Some(from), until: Some(until) };
            let day = (DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(day)).date_naive();
            let holds = |prefix: &str| {
                DateRange::parse(&format!("{prefix}{day}")).unwrap().admits(&period)
            };
            prop_assert!(holds("eq") != holds("ne"));
            prop_assert!(holds("ge") || !(holds("gt") || holds("eq")));
            prop_assert!(holds("le") || !(holds("lt") || holds("eq")));
            prop_assert_eq!(holds("ap"), holds("ge") && holds("le"));
            prop_assert!(!holds("sa") || holds("gt"));
            prop_assert!(!holds("eb") || holds("lt"));
        }
    }
}
