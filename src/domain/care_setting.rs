//! Unscheduled or scheduled care: the switch that decides whether a local authority is told.
//!
//! NHS England's draft lets the caller say (`IsUnscheduledAccessEvent`). Here the registered care
//! setting and the role's activity decide; the header may add a notification and never suppress
//! one.

use thiserror::Error;

/// The care in which a child's plans were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CareSetting {
    /// An emergency department, a walk-in centre, 111: the authority is told.
    Unscheduled,
    /// An appointment: the look is on record, and nobody is told.
    Scheduled,
}

impl CareSetting {
    /// The name the database and the access history use.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unscheduled => "unscheduled",
            Self::Scheduled => "scheduled",
        }
    }

    /// Reads a care setting by its name.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Unscheduled, Self::Scheduled]
            .into_iter()
            .find(|setting| setting.code() == code)
    }
}

/// The care settings an organisation is registered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RegisteredCareSettings {
    /// It gives unscheduled care.
    pub unscheduled: bool,
    /// It gives scheduled care.
    pub scheduled: bool,
}

impl RegisteredCareSettings {
    /// Its name in the operator's files: `unscheduled`, `scheduled` or `both`; `none` for neither.
    #[must_use]
    pub fn code(self) -> &'static str {
        match (self.unscheduled, self.scheduled) {
            (true, true) => "both",
            (true, false) => "unscheduled",
            (false, true) => "scheduled",
            (false, false) => "none",
        }
    }

    /// Reads care settings by their name.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let (unscheduled, scheduled) = match code {
            "both" => (true, true),
            "unscheduled" => (true, false),
            "scheduled" => (false, true),
            _ => return None,
        };
        Some(Self {
            unscheduled,
            scheduled,
        })
    }
}

/// The CP-IS activities of the role a person works in (NHS national RBAC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ViewActivities {
    /// B0107: view the CP-IS flag; the authority is told.
    pub notifying: bool,
    /// B0170: view the CP-IS flag without an access to service notification.
    pub silent: bool,
}

impl ViewActivities {
    /// The national code of the notifying activity.
    pub const NOTIFYING: &'static str = "B0107";
    /// The national code of the silent activity.
    pub const SILENT: &'static str = "B0170";

    /// The activities found among the codes of a role.
    pub fn among<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        codes.into_iter().fold(Self::default(), |found, code| Self {
            notifying: found.notifying || code == Self::NOTIFYING,
            silent: found.silent || code == Self::SILENT,
        })
    }

    /// Whether the role may view plans at all.
    #[must_use]
    pub fn may_view(self) -> bool {
        self.notifying || self.silent
    }
}

/// What the `IsUnscheduledAccessEvent` header said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// The header was absent: counts as unscheduled wherever the header chooses.
    Nothing,
    /// The header said `true`.
    Unscheduled,
    /// The header said `false`.
    Scheduled,
}

/// The header holds something other than `true` or `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("IsUnscheduledAccessEvent is true or false, once")]
pub struct DeclaredError;

impl Declared {
    /// Reads the header's values: none, or exactly one that is `true` or `false`.
    ///
    /// # Errors
    /// [`DeclaredError`] for anything else, a repeated header included.
    pub fn parse<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, DeclaredError> {
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(Self::Nothing),
            (Some(b"true"), None) => Ok(Self::Unscheduled),
            (Some(b"false"), None) => Ok(Self::Scheduled),
            _ => Err(DeclaredError),
        }
    }
}

/// The care setting of a look, from what is registered, the role, and the header.
#[must_use]
pub fn decide(
    registered: RegisteredCareSettings,
    activities: ViewActivities,
    declared: Declared,
) -> CareSetting {
    let may_be_silent = registered.scheduled && activities.silent;
    let only_silent = may_be_silent && !registered.unscheduled && !activities.notifying;
    match declared {
        Declared::Unscheduled => CareSetting::Unscheduled,
        Declared::Nothing if only_silent => CareSetting::Scheduled,
        Declared::Scheduled if may_be_silent => CareSetting::Scheduled,
        Declared::Nothing | Declared::Scheduled => CareSetting::Unscheduled,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::{CareSetting, Declared, RegisteredCareSettings, ViewActivities, decide};

    const EMERGENCY: RegisteredCareSettings = RegisteredCareSettings {
        unscheduled: true,
        scheduled: false,
    };
    const CLINIC: RegisteredCareSettings = RegisteredCareSettings {
        unscheduled: false,
        scheduled: true,
    };
    const BOTH: RegisteredCareSettings = RegisteredCareSettings {
        unscheduled: true,
        scheduled: true,
    };
    const NOTIFYING: ViewActivities = ViewActivities {
        notifying: true,
        silent: false,
    };
    const SILENT: ViewActivities = ViewActivities {
        notifying: false,
        silent: true,
    };

    #[test]
    fn an_emergency_department_cannot_read_silently() {
        let both = ViewActivities {
            notifying: true,
            silent: true,
        };
        for activities in [NOTIFYING, SILENT, both] {
            for declared in [
                Declared::Nothing,
                Declared::Scheduled,
                Declared::Unscheduled,
            ] {
                assert_eq!(
                    decide(EMERGENCY, activities, declared),
                    CareSetting::Unscheduled
                );
            }
        }
    }

    #[test]
    fn a_clinic_whose_role_reads_silently_is_scheduled_without_saying_so() {
        assert_eq!(
            decide(CLINIC, SILENT, Declared::Nothing),
            CareSetting::Scheduled
        );
    }

    #[test]
    fn the_header_chooses_only_where_the_caller_is_registered_for_both() {
        assert_eq!(
            decide(BOTH, SILENT, Declared::Scheduled),
            CareSetting::Scheduled
        );
        assert_eq!(
            decide(BOTH, SILENT, Declared::Nothing),
            CareSetting::Unscheduled
        );
        assert_eq!(
            decide(CLINIC, NOTIFYING, Declared::Scheduled),
            CareSetting::Unscheduled
        );
    }

    #[test]
    fn a_header_that_is_not_one_boolean_is_refused() {
        for values in [
            &[&b"yes"[..]][..],
            &[b""],
            &[b"True"],
            &[b"true", b"true"],
            &[b"\xff"],
        ] {
            assert!(
                Declared::parse(values.iter().copied()).is_err(),
                "{values:?}"
            );
        }
        assert_eq!(Declared::parse([&b"false"[..]]), Ok(Declared::Scheduled));
        assert_eq!(Declared::parse([]), Ok(Declared::Nothing));
    }

    proptest! {
        #[test]
        fn the_header_may_add_a_notification_and_never_suppress_one_the_register_demands(
            unscheduled: bool, scheduled: bool, notifying: bool, silent: bool, says: bool
        ) {
            let registered = RegisteredCareSettings { unscheduled, scheduled };
            let activities = ViewActivities { notifying, silent };
            let declared = if says { Declared::Unscheduled } else { Declared::Scheduled };
            if decide(registered, activities, declared) == CareSetting::Scheduled {
                prop_assert!(scheduled && silent && !says);
            }
            if says {
                prop_assert!(decide(registered, activities, declared) == CareSetting::Unscheduled);
            }
        }

        #[test]
        fn no_bytes_make_the_header_s_parser_panic(bytes in any::<Vec<u8>>()) {
            let parsed = Declared::parse([bytes.as_slice()]);
            prop_assert!(parsed.is_err() || bytes == b"true" || bytes == b"false");
        }
    }
}
