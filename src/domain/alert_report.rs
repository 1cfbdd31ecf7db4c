//! What a viewer reports of a child's plans, for the authority concerned to look into: that one is
//! missing, or that one is wrong.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::domain::caller::Viewer;
use crate::domain::look_budget::BudgetHolder;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;

/// How long an authority may leave a viewer's report open before the operator is told.
pub const OPEN_MAX: TimeDelta = TimeDelta::days(14);

/// The most characters of a viewer's or an authority's own words.
pub const WORDS_CHARACTERS_MAX: usize = 500;

/// How many alerts may be reported within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportBudgets {
    /// By one person, wherever they work.
    pub person: u32,
    /// By all persons of an organisation together.
    pub organisation: u32,
    /// By all that one client asks, for whomever.
    pub client: u32,
}

impl ReportBudgets {
    /// The time in which they count together.
    pub const PERIOD: TimeDelta = TimeDelta::hours(1);

    /// How many a holder may make.
    #[must_use]
    pub fn of(self, holder: BudgetHolder) -> u32 {
        match holder {
            BudgetHolder::Person => self.person,
            BudgetHolder::Organisation => self.organisation,
            BudgetHolder::Client => self.client,
        }
    }
}

/// What is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertFault {
    /// A plan that ought to be told is not.
    Missing,
    /// A plan that is told is wrong.
    Wrong,
}

impl AlertFault {
    /// Its name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Wrong => "wrong",
        }
    }

    /// Reads it by its name.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Missing, Self::Wrong]
            .into_iter()
            .find(|fault| fault.code() == code)
    }
}

/// What came of a report at an authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertOutcome {
    /// The authority corrected its plans.
    Corrected,
    /// They were right.
    NotWrong,
    /// It is not the authority concerned.
    NotOurs,
}

impl AlertOutcome {
    /// Every outcome there is.
    pub const ALL: [Self; 3] = [Self::Corrected, Self::NotWrong, Self::NotOurs];

    /// Its name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Corrected => "corrected",
            Self::NotWrong => "not-wrong",
            Self::NotOurs => "not-ours",
        }
    }

    /// Reads an outcome by its name.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// Somebody's own words. They may say anything of a child, so they are never logged.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FreeWords(String);

/// Written by hand, so that words are not logged by mistake.
impl fmt::Debug for FreeWords {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FreeWords").finish_non_exhaustive()
    }
}

impl FreeWords {
    /// Reads words: at most 500 characters, and of what cannot be seen line breaks alone.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_short = text.chars().nth(WORDS_CHARACTERS_MAX).is_none();
        let can_be_shown = |sign: char| !sign.is_control() || matches!(sign, '\n' | '\r');
        (is_short && text.chars().all(can_be_shown)).then(|| Self(text.to_owned()))
    }

    /// The words themselves.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// A report as a viewer makes it.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertReport {
    /// When.
    pub at: DateTime<Utc>,
    /// The request it came with.
    pub request_id: Uuid,
    /// The child.
    pub nhs_number: NhsNumber,
    /// What is reported.
    pub fault: AlertFault,
    /// The plan that is wrong, where the viewer names it.
    pub plan: Option<Uuid>,
    /// The authority that the viewer takes to be concerned.
    pub authority: Option<OdsCode>,
    /// The viewer's words.
    pub words: FreeWords,
    /// Who reports.
    pub viewer: Viewer,
}

/// A report as an authority concerned is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ConcernedReport {
    /// The report's id.
    pub id: Uuid,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// What is reported.
    pub fault: AlertFault,
    /// The child.
    pub nhs_number: NhsNumber,
    /// The authority's own identifiers for the child.
    pub local_ids: Vec<String>,
    /// The plan that is wrong, where it is one of the authority's.
    pub plan: Option<Uuid>,
    /// Who reported: name, user id, job role, organisation's code and name.
    pub reporter: [String; 5],
    /// The viewer's words.
    pub words: FreeWords,
    /// What came of it, once it is closed.
    pub closing: Option<Closing>,
}

/// How an authority closed a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Closing {
    /// When.
    pub at: DateTime<Utc>,
    /// What came of it.
    pub outcome: AlertOutcome,
    /// The authority's words.
    pub words: FreeWords,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::{AlertFault, AlertOutcome, FreeWords};

    #[test]
    fn words_are_few_can_be_shown_and_never_show_themselves_in_a_log() {
        for good in ["", "The plan ended in May.\nRing me.", "“É”"] {
            assert!(FreeWords::parse(good).is_some(), "{good}");
        }
        for bad in ["a\u{0}", "a\tb", "\u{7f}", "\u{1b}[31m"] {
            assert_eq!(FreeWords::parse(bad), None);
        }
        assert!(FreeWords::parse(&"ж".repeat(500)).is_some());
        assert_eq!(FreeWords::parse(&"ж".repeat(501)), None);
        assert_eq!(
            format!("{:?}", FreeWords::parse("Ada")),
            "Some(FreeWords { .. })"
        );
    }

    proptest! {
        #[test]
        fn only_a_name_is_read_as_one(text in any::<String>()) {
            if let Some(outcome) = AlertOutcome::parse(&text) {
                prop_assert!(outcome.code() == text);
            }
            if let Some(fault) = AlertFault::parse(&text) {
                prop_assert!(fault.code() == text);
            }
        }
    }
}
