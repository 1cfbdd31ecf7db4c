//! A plan as it is held for the authority that told it: also when it has ended, and also when it
//! was withdrawn.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::plan::{Plan, PlanPhase, Windows};
use crate::domain::upload::PlanRecord;

/// A plan as its own authority may read it back.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldPlan {
    /// The plan.
    pub plan: Plan,
    /// The last day, or the due date, as it was sent; none where none was.
    pub sent_end: Option<NaiveDate>,
    /// The day the authority withdrew it as entered in error.
    pub deleted_on: Option<NaiveDate>,
    /// The number of the file that last told it; none where a request without a number did.
    pub sequence: Option<i64>,
}

/// What has become of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldState {
    /// It counts, or will once it begins.
    Current,
    /// It has ended.
    Ended,
    /// Its authority withdrew it: nobody is shown it.
    Withdrawn,
}

impl HeldState {
    /// Its name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Ended => "ended",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl HeldPlan {
    /// What has become of the plan at a moment.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> HeldState {
        match (self.deleted_on, self.plan.phase(now)) {
            (Some(_), _) => HeldState::Withdrawn,
            (None, PlanPhase::Finished) => HeldState::Ended,
            (None, PlanPhase::Planned | PlanPhase::Active) => HeldState::Current,
        }
    }

    /// The last day on which viewers are shown the plan; none for a withdrawn one.
    #[must_use]
    pub fn visible_until(&self, windows: Windows) -> Option<NaiveDate> {
        let plan = &self.plan;
        let last = windows.last_day_shown(plan.kind, plan.end.day);
        self.deleted_on.is_none().then_some(last)
    }

    /// The plan as a record of a file would tell it.
    #[must_use]
    pub fn record(&self) -> PlanRecord {
        PlanRecord {
            kind: self.plan.kind,
            nhs_number: self.plan.child.nhs_number,
            local_id: self.plan.local_id.clone(),
            birth_date: self.plan.child.birth_date,
            start: self.plan.start,
            sent_end: self.sent_end,
            deleted_on: self.deleted_on,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use uuid::Uuid;

    use super::{HeldPlan, HeldState};
    use crate::domain::local_authority::LocalAuthority;
    use crate::domain::nhs_number::NhsNumber;
    use crate::domain::ods_code::OdsCode;
    use crate::domain::phone_number::PhoneNumber;
    use crate::domain::plan::{Child, EffectiveEnd, Plan, PlanKind, Windows};

    fn held() -> HeldPlan {
        let told = "2026-01-10T09:00:00Z".parse().unwrap();
        HeldPlan {
            plan: Plan {
                id: Uuid::nil(),
                version: 1,
                kind: PlanKind::ChildProtection,
                child: Child {
                    id: Uuid::nil(),
                    nhs_number: NhsNumber::parse("9990000026").unwrap(),
                    birth_date: "2015-04-01".parse().unwrap(),
                    updated_at: told,
                },
                local_id: "H-1".into(),
                start: "2026-01-10".parse().unwrap(),
                end: EffectiveEnd {
                    day: "2026-06-30".parse().unwrap(),
                    computed: false,
                },
                authority: LocalAuthority {
                    id: Uuid::nil(),
                    code: OdsCode::parse("E90001").unwrap(),
                    name: "Northshire Council".into(),
                    emergency_phone: PhoneNumber::parse("01632960001").unwrap(),
                    office_phone: None,
                    version: 1,
                    updated_at: told,
                },
                updated_at: told,
            },
            sent_end: Some("2026-06-30".parse().unwrap()),
            deleted_on: None,
            sequence: Some(7),
        }
    }

    #[test]
    fn a_plan_is_current_until_the_end_of_its_last_day_and_withdrawn_whatever_its_days_are() {
        let state = |plan: &HeldPlan, now: &str| plan.state(now.parse().unwrap());
        let mut plan = held();
        assert_eq!(state(&plan, "2025-12-01T12:00:00Z"), HeldState::Current);
        assert_eq!(state(&plan, "2026-06-30T22:59:59Z"), HeldState::Current);
        assert_eq!(state(&plan, "2026-06-30T23:00:00Z"), HeldState::Ended);
        plan.deleted_on = Some("2026-02-01".parse().unwrap());
        assert_eq!(state(&plan, "2026-03-01T12:00:00Z"), HeldState::Withdrawn);
    }

    #[test]
    fn a_plan_is_shown_until_its_window_closes_and_a_withdrawn_one_is_not() {
        let windows = Windows {
            after_end_days: 364,
            after_due_date_days: 28,
        };
        let mut plan = held();
        assert_eq!(plan.visible_until(windows), "2027-06-29".parse().ok());
        plan.plan.kind = PlanKind::UnbornChildProtection;
        assert_eq!(plan.visible_until(windows), "2026-07-28".parse().ok());
        plan.deleted_on = plan.sent_end;
        assert_eq!(plan.visible_until(windows), None);
    }
}
