//! The settings of what is looked at, and reported, within an hour.

use super::SettingsError;
use super::reading::Stated;
use crate::domain::alert_report::ReportBudgets;
use crate::domain::look_budget::{LookBudget, LookRules};

/// How many children may be looked at within an hour, and how many alerts reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetSettings {
    /// Children that one person may look at within an hour, 1 to 10,000,000.
    pub person_children_max: u32,
    /// Children without a plan that one person may look at within an hour, 1 to 10,000,000.
    pub person_misses_max: u32,
    /// Children that all persons of an organisation may look at within an hour, 1 to 10,000,000.
    pub organisation_children_max: u32,
    /// Children without a plan that all persons of an organisation may look at within an hour, 1 to
    /// 10,000,000.
    pub organisation_misses_max: u32,
    /// Children that may be looked at within an hour by what one client asks, 1 to 10,000,000.
    pub client_children_max: u32,
    /// Children without a plan that may be looked at within an hour by what one client asks, 1 to
    /// 10,000,000.
    pub client_misses_max: u32,
    /// NHS numbers in a row that one person may look at within an hour, 1 to 10,000,000.
    pub person_row_max: usize,
    /// Alerts that one person may report within an hour, 1 to 10,000,000.
    pub person_reports_max: u32,
    /// Alerts that all persons of an organisation may report within an hour, 1 to 10,000,000.
    pub organisation_reports_max: u32,
    /// Alerts that may be reported within an hour by what one client asks, 1 to 10,000,000.
    pub client_reports_max: u32,
}

/// Busy departments stay far below: the busiest for children see some 40 an hour, with a dozen
/// people; a person who works through a list sees one a minute. Ten numbers in a row do not come by
/// chance. Whoever reports twenty alerts in an hour should telephone.
impl Default for BudgetSettings {
    fn default() -> Self {
        Self {
            person_children_max: 120,
            person_misses_max: 80,
            organisation_children_max: 3000,
            organisation_misses_max: 2700,
            client_children_max: 100_000,
            client_misses_max: 90_000,
            person_row_max: 10,
            person_reports_max: 20,
            organisation_reports_max: 200,
            client_reports_max: 2000,
        }
    }
}

impl BudgetSettings {
    /// For sandboxes and tests, where one person stands for all and made-up numbers stand in a row.
    pub const GENEROUS: Self = {
        let most = 10_000_000;
        Self {
            person_children_max: most,
            person_misses_max: most,
            organisation_children_max: most,
            organisation_misses_max: most,
            client_children_max: most,
            client_misses_max: most,
            person_row_max: 10_000_000,
            person_reports_max: most,
            organisation_reports_max: most,
            client_reports_max: most,
        }
    };
}

const RANGE: std::ops::RangeInclusive<i64> = 1..=10_000_000;

impl BudgetSettings {
    /// Takes them, the default where one is not stated.
    pub(super) fn taken(stated: &mut Stated, default: Self) -> Result<Self, SettingsError> {
        Ok(Self {
            person_children_max: stated.whole(
                "person_children_max",
                default.person_children_max,
                RANGE,
            )?,
            person_misses_max: stated.whole(
                "person_misses_max",
                default.person_misses_max,
                RANGE,
            )?,
            organisation_children_max: stated.whole(
                "organisation_children_max",
                default.organisation_children_max,
                RANGE,
            )?,
            organisation_misses_max: stated.whole(
                "organisation_misses_max",
                default.organisation_misses_max,
                RANGE,
            )?,
            client_children_max: stated.whole(
                "client_children_max",
                default.client_children_max,
                RANGE,
            )?,
            client_misses_max: stated.whole(
                "client_misses_max",
                default.client_misses_max,
                RANGE,
            )?,
            person_row_max: stated.whole("person_row_max", default.person_row_max, RANGE)?,
            person_reports_max: stated.whole(
                "person_reports_max",
                default.person_reports_max,
                RANGE,
            )?,
            organisation_reports_max: stated.whole(
                "organisation_reports_max",
                default.organisation_reports_max,
                RANGE,
            )?,
            client_reports_max: stated.whole(
                "client_reports_max",
                default.client_reports_max,
                RANGE,
            )?,
        })
    }

    /// As rules.
    #[must_use]
    pub fn rules(&self) -> LookRules {
        let budget = |children, misses| LookBudget { children, misses };
        LookRules {
            person: budget(self.person_children_max, self.person_misses_max),
            organisation: budget(self.organisation_children_max, self.organisation_misses_max),
            client: budget(self.client_children_max, self.client_misses_max),
            row: self.person_row_max,
        }
    }

    /// What may be reported.
    #[must_use]
    pub fn reports(&self) -> ReportBudgets {
        ReportBudgets {
            person: self.person_reports_max,
            organisation: self.organisation_reports_max,
            client: self.client_reports_max,
        }
    }

    /// Each by name with its default, for the page that documents them.
    #[cfg(test)]
    pub(super) fn documented(&self) -> Vec<(&'static str, String)> {
        let Self {
            person_children_max,
            person_misses_max,
            organisation_children_max,
            organisation_misses_max,
            client_children_max,
            client_misses_max,
            person_row_max,
            person_reports_max,
            organisation_reports_max,
            client_reports_max,
        } = self;
        vec![
            ("person_children_max", person_children_max.to_string()),
            ("person_misses_max", person_misses_max.to_string()),
            (
                "organisation_children_max",
                organisation_children_max.to_string(),
            ),
            (
                "organisation_misses_max",
                organisation_misses_max.to_string(),
            ),
            ("client_children_max", client_children_max.to_string()),
            ("client_misses_max", client_misses_max.to_string()),
            ("person_row_max", person_row_max.to_string()),
            ("person_reports_max", person_reports_max.to_string()),
            (
                "organisation_reports_max",
                organisation_reports_max.to_string(),
            ),
            ("client_reports_max", client_reports_max.to_string()),
        ]
    }
}
