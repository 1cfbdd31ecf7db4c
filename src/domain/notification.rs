//! What local authorities are told. Of an access: each authority with a visible plan, on
//! unscheduled access, once for the same author and child within a period (REPC_MT000004GB01). Of a
//! child's NHS number that is in use no longer (REPC_MT000005GB01), and of a plan's last day that
//! the service works out: each authority that told a plan.

use std::fmt;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use crate::domain::access::Access;
use crate::domain::care_setting::CareSetting;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::plan::PlanKind;

/// When a notification is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotificationRule {
    /// Within this period of a notification, another look by the same author owes none.
    pub period: TimeDelta,
}

impl NotificationRule {
    /// Whether looks in this care setting are told at all.
    #[must_use]
    pub fn owed_for(self, care_setting: CareSetting) -> bool {
        care_setting == CareSetting::Unscheduled
    }
}

/// What a local authority is told of one child, as it stood when it was queued.
#[derive(Clone, PartialEq)]
pub struct Notification {
    /// Its id, by which whoever receives it twice knows it: it never changes.
    pub id: Uuid,
    /// Whom it is for.
    pub authority: LocalAuthority,
    /// The child's NHS number, as the authority told it.
    pub nhs_number: NhsNumber,
    /// What happened.
    pub told: Told,
    /// The id of the child's `Patient`, where the child is still known under this NHS number.
    pub child: Option<Uuid>,
    /// The authority's own identifier for the child, of the plan told last.
    pub local_id: String,
    /// The upload that told that plan.
    pub upload: Uuid,
    /// The upload's number among the authority's files; none where a request without a number came.
    pub upload_sequence: Option<i64>,
    /// When it was queued: of an access, the moment of the look.
    pub queued_at: DateTime<Utc>,
    /// Where it stands.
    pub delivery: Delivery,
    /// Where it stands among all of its authority's.
    pub place: Place,
    /// Its number among those sent to a subscription, where it was sent to one.
    pub event_number: Option<i64>,
    /// How often it was sent, this time included.
    pub attempts: i32,
}

/// Written by hand, so that neither the child nor who looked is logged by mistake.
impl fmt::Debug for Notification {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Notification")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What a notification tells of.
#[derive(Clone, PartialEq)]
pub enum Told {
    /// Somebody looked at a plan.
    Access(Box<Access>),
    /// The child's NHS number is in use no longer. After an adoption no other may be told.
    InactiveNumber {
        /// The number that replaced it.
        replacement: Option<NhsNumber>,
    },
    /// The last day of a plan, which the service works out, has come or is another.
    PlanEnd(PlanEnd),
}

/// A part of what was told together: a message of its own, which may be lost alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Who looked; also that nobody did.
    Accesses,
    /// Which NHS numbers are in use no longer.
    Numbers,
    /// Which plans end.
    PlanEnds,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 3] = [Self::Accesses, Self::Numbers, Self::PlanEnds];
}

/// A plan's last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanEnd {
    /// The plan.
    pub plan: Uuid,
    /// What it is.
    pub kind: PlanKind,
    /// Its first day.
    pub start: NaiveDate,
    /// Its last day.
    pub end: NaiveDate,
    /// Why the authority is told.
    pub cause: EndCause,
}

/// Why an authority is told of a plan's last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndCause {
    /// It has come: the child is eighteen.
    Eighteen,
    /// The child's date of birth was corrected, by which the day is another.
    BirthDate,
}

/// Where a notification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It is owed.
    Owed,
    /// It is with the authority, since this moment: it was received, or acknowledged.
    Delivered(DateTime<Utc>),
    /// The service no longer sends it by itself, since this moment; it can still be pulled.
    GivenUp(DateTime<Utc>),
}

/// A place in the order of arrival. Nothing ever arrives at a place that was read past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The number of the database transaction that queued it.
    pub transaction: i64,
    /// The notification.
    pub id: Uuid,
}

impl Place {
    /// Before all others.
    pub const FIRST: Self = Self {
        transaction: 0,
        id: Uuid::nil(),
    };

    /// Reads a place as [`Place`] is displayed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (transaction, id) = text.split_once('.')?;
        let digits = transaction.bytes().all(|byte| byte.is_ascii_digit());
        let place = Self {
            transaction: transaction.parse().ok().filter(|_| digits)?,
            id: Uuid::try_parse(id).ok()?,
        };
        (place.to_string() == text).then_some(place)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.transaction, self.id)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use proptest::prelude::{any, prop_assert_eq, proptest};
    use uuid::Uuid;

    use super::{NotificationRule, Place};
    use crate::domain::care_setting::CareSetting;

    proptest! {
        #[test]
        fn a_place_that_is_written_reads_back(
            transaction in 0_i64.., bits: u128, text in any::<String>()
        ) {
            let place = Place { transaction, id: Uuid::from_u128(bits) };
            prop_assert_eq!(Place::parse(&place.to_string()), Some(place));
            if let Some(read) = Place::parse(&text) {
                prop_assert_eq!(read.to_string(), text);
            }
        }
    }

    #[test]
    fn unscheduled_looks_are_told_and_silent_reads_are_not() {
        let rule = NotificationRule {
            period: TimeDelta::hours(24),
        };
        assert!(rule.owed_for(CareSetting::Unscheduled));
        assert!(!rule.owed_for(CareSetting::Scheduled));
    }
}
