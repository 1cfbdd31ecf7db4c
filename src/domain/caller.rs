//! The caller: the authenticated organisation, practitioner and role behind a request, and what
//! each may do. What a caller may not do, there is no value for.

use std::fmt;

use thiserror::Error;

use crate::domain::care_setting::{
    CareSetting, Declared, RegisteredCareSettings, ViewActivities, decide,
};
use crate::domain::ods_code::OdsCode;

/// The scope that lets a local authority's own system upload plans.
pub const UPLOAD_SCOPE: &str = "plans.upload";

/// The scope that lets a local authority's own system read what the authority is told.
pub const NOTIFICATIONS_SCOPE: &str = "notifications.read";

/// Who is asking, as the token issuer vouches for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// The registered software.
    pub client_id: String,
    /// The organisation the caller acts for.
    pub organisation: OdsCode,
    /// The person, where one is there. A system that acts alone has none.
    pub practitioner: Option<Practitioner>,
    /// What the person's selected role may view.
    pub activities: ViewActivities,
    /// Whether the client may upload plans.
    pub may_upload: bool,
    /// Whether the client may read the notifications of its authority.
    pub may_read_notifications: bool,
}

/// A person in the role selected at login.
#[derive(Clone, PartialEq, Eq)]
pub struct Practitioner {
    /// SDS user id: the person.
    pub user_id: String,
    /// The person's name.
    pub name: String,
    /// SDS role profile id: the person in this role at this organisation.
    pub role_profile_id: String,
    /// SDS job role code.
    pub job_role_code: String,
    /// The job role in words.
    pub job_role_name: String,
}

/// Written by hand, so that a person's name and ids are not logged by mistake.
impl fmt::Debug for Practitioner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Practitioner")
            .field("job_role_code", &self.job_role_code)
            .finish_non_exhaustive()
    }
}

/// An organisation as it is registered for CP-IS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its ODS code.
    pub code: OdsCode,
    /// Its name.
    pub name: String,
    /// The care it gives.
    pub care_settings: RegisteredCareSettings,
}

/// A person who may look at plans: the only kind of caller a look can be made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The registered software.
    pub client_id: String,
    /// The organisation's ODS code.
    pub organisation: OdsCode,
    /// The organisation's name.
    pub organisation_name: String,
    /// The person and role.
    pub practitioner: Practitioner,
    /// The care in which the person looks.
    pub care_setting: CareSetting,
}

/// Why a caller may not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CallerRefusal {
    /// The role has neither viewing activity.
    #[error(
        "the selected role has neither activity B0107 nor B0170, so it may not view child \
         protection information"
    )]
    NoViewActivity,
    /// No person stands behind the request.
    #[error("child protection information is disclosed to a named person; this token names none")]
    Unattended,
    /// The organisation is not on the register.
    #[error("the organisation is not registered for CP-IS")]
    UnknownOrganisation,
    /// The client may not upload.
    #[error(
        "only a registered local authority's system, with scope plans.upload, may upload plans or \
         read back what is its own"
    )]
    NotALocalAuthority,
    /// The client may not read notifications.
    #[error(
        "only a registered local authority's system, with scope notifications.read, is told \
         notifications"
    )]
    NotNotified,
    /// The client asks for what another authority is told.
    #[error("a local authority's system is told its own authority's notifications and no other's")]
    AnotherAuthoritysNotifications,
    /// The authority asks for what is another's.
    #[error("an authority reads back what is its own, and nothing of another's")]
    AnotherAuthority,
}

impl CallerRefusal {
    /// The refusal's name in the security log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoViewActivity => "no-view-activity",
            Self::Unattended => "unattended",
            Self::UnknownOrganisation => "unknown-organisation",
            Self::NotALocalAuthority => "not-a-local-authority",
            Self::NotNotified => "not-notified",
            Self::AnotherAuthoritysNotifications => "another-authoritys-notifications",
            Self::AnotherAuthority => "another-authority",
        }
    }
}

impl Caller {
    /// The caller as a person who may look at plans.
    ///
    /// # Errors
    /// [`CallerRefusal`] when the role, the person or the organisation is missing.
    pub fn viewer(
        &self,
        organisation: Option<&Organisation>,
        declared: Declared,
    ) -> Result<Viewer, CallerRefusal> {
        let practitioner = self.practitioner.clone().ok_or(CallerRefusal::Unattended)?;
        if !self.activities.may_view() {
            return Err(CallerRefusal::NoViewActivity);
        }
        let organisation = organisation.ok_or(CallerRefusal::UnknownOrganisation)?;
        Ok(Viewer {
            client_id: self.client_id.clone(),
            organisation: organisation.code.clone(),
            organisation_name: organisation.name.clone(),
            practitioner,
            care_setting: decide(organisation.care_settings, self.activities, declared),
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::{Caller, CallerRefusal, Organisation, Practitioner};
    use crate::domain::care_setting::{
        CareSetting, Declared, RegisteredCareSettings, ViewActivities,
    };
    use crate::domain::ods_code::OdsCode;

    fn caller(practitioner: bool, codes: &[&str]) -> Caller {
        Caller {
            client_id: "epr".into(),
            organisation: OdsCode::parse("RQX99").unwrap(),
            practitioner: practitioner.then(|| Practitioner {
                user_id: "555000000101".into(),
                name: "Dr Amina Clarke".into(),
                role_profile_id: "555000000201".into(),
                job_role_code: "R8000".into(),
                job_role_name: "Clinical Practitioner Access Role".into(),
            }),
            activities: ViewActivities::among(codes.iter().copied()),
            may_upload: false,
            may_read_notifications: false,
        }
    }

    fn emergency_department() -> Organisation {
        Organisation {
            code: OdsCode::parse("RQX99").unwrap(),
            name: "Riverside Emergency Department".into(),
            care_settings: RegisteredCareSettings {
                unscheduled: true,
                scheduled: false,
            },
        }
    }

    #[test]
    fn a_person_with_a_viewing_activity_at_a_registered_organisation_may_look() {
        let viewer = caller(true, &["B0264", "B0107"])
            .viewer(Some(&emergency_department()), Declared::Nothing)
            .unwrap();
        assert_eq!(viewer.care_setting, CareSetting::Unscheduled);
    }

    #[test]
    fn who_lacks_a_person_an_activity_or_an_organisation_may_not_look() {
        let department = emergency_department();
        let refused = |caller: Caller, organisation| {
            caller.viewer(organisation, Declared::Nothing).unwrap_err()
        };
        let none = refused(caller(false, &["B0107"]), Some(&department));
        assert_eq!(none, CallerRefusal::Unattended);
        let none = refused(caller(true, &["B0264"]), Some(&department));
        assert_eq!(none, CallerRefusal::NoViewActivity);
        assert_eq!(
            refused(caller(true, &["B0107"]), None),
            CallerRefusal::UnknownOrganisation
        );
    }
}
