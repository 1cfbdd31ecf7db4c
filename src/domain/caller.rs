//! The caller: the authenticated organisation, practitioner and role behind a request, and what
//! each may do. What a caller may not do, there is no value for.

use std::fmt;

use thiserror::Error;

use crate::domain::authorisation::Role;
use crate::domain::care_setting::{
    CareSetting, Declared, RegisteredCareSettings, ViewActivities, decide,
};
use crate::domain::ods_code::OdsCode;
use crate::domain::scope::{Permission, Scope, ScopeContext, Scopes};

/// Who is asking, whichever way it was proven.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// The registered software.
    pub client_id: String,
    /// The organisation the caller acts for.
    pub organisation: OdsCode,
    /// The person, where one is there. A system that acts alone has none.
    pub practitioner: Option<Practitioner>,
    /// Who answers for a system that may look alone.
    pub responsible: Option<Practitioner>,
    /// What the person's selected role, or the system alone, may view.
    pub activities: ViewActivities,
    /// What the request is for: it narrows what the role allows.
    pub scopes: Scopes,
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

/// One line for the operator.
impl fmt::Display for Organisation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {} {}",
            self.code,
            self.care_settings.code(),
            self.name
        )
    }
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
    /// The client is not on the register of its front door, or was taken off.
    #[error("the client is not registered for requests of this kind, or no longer")]
    UnknownClient,
    /// The client asks for an organisation that it is not registered for.
    #[error("the client is not registered for this organisation")]
    NotTheClientsOrganisation,
    /// The request is for more than its token is.
    #[error("the token's scopes do not cover what was asked, or what the answer would hold")]
    ScopeTooNarrow,
}

/// What stands behind the role of a person in whose name a system looks, wherever the look is told.
const UNATTENDED: &str = ", answering for an unattended system";

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
            Self::UnknownClient => "unknown-client",
            Self::NotTheClientsOrganisation => "not-the-clients-organisation",
            Self::ScopeTooNarrow => "scope-too-narrow",
        }
    }
}

impl Caller {
    /// Whether the caller may ask as somebody of this role.
    ///
    /// # Errors
    /// [`CallerRefusal`] that says what is missing.
    pub fn check_role(
        &self,
        role: Role,
        organisation: Option<&Organisation>,
    ) -> Result<(), CallerRefusal> {
        let system = |scope, refusal| match self.is_system_for(scope) {
            true => Ok(()),
            false => Err(refusal),
        };
        match role {
            Role::Viewer => self.check_viewer(organisation).map(drop),
            Role::Uploader => system(&Scope::Upload, CallerRefusal::NotALocalAuthority),
            Role::Notified => system(&Scope::Notifications, CallerRefusal::NotNotified),
            // A token is no assertion.
            Role::Client => Err(CallerRefusal::UnknownClient),
            Role::Anybody => Ok(()),
        }
    }

    /// The organisation of a caller who may view plans.
    fn check_viewer<'register>(
        &self,
        organisation: Option<&'register Organisation>,
    ) -> Result<&'register Organisation, CallerRefusal> {
        if self.practitioner.is_none() && self.responsible.is_none() {
            return Err(CallerRefusal::Unattended);
        }
        if !self.activities.may_view() {
            return Err(CallerRefusal::NoViewActivity);
        }
        organisation.ok_or(CallerRefusal::UnknownOrganisation)
    }

    /// These two are a system's: a person who was given one by mistake can do nothing with it.
    fn is_system_for(&self, scope: &Scope) -> bool {
        self.practitioner.is_none() && self.scopes.covers(scope)
    }

    /// Whether the scopes permit something of a kind of resource.
    #[must_use]
    pub fn may(&self, kind: &str, permission: Permission) -> bool {
        let context = match self.practitioner {
            Some(_) => ScopeContext::User,
            None => ScopeContext::System,
        };
        self.scopes.permit(context, kind, permission)
    }

    /// Refuses what the scopes do not permit.
    ///
    /// # Errors
    /// [`CallerRefusal::ScopeTooNarrow`].
    pub fn check_scopes(&self, needed: &[(&str, Permission)]) -> Result<(), CallerRefusal> {
        match needed
            .iter()
            .all(|(kind, permission)| self.may(kind, *permission))
        {
            true => Ok(()),
            false => Err(CallerRefusal::ScopeTooNarrow),
        }
    }

    /// The person who looks, or who answers for the look of a system.
    fn person(&self) -> Option<Practitioner> {
        let responsible = || {
            let person = self.responsible.clone()?;
            Some(Practitioner {
                job_role_name: format!("{}{UNATTENDED}", person.job_role_name),
                ..person
            })
        };
        self.practitioner.clone().or_else(responsible)
    }

    /// The caller as a person who may look at plans.
    ///
    /// # Errors
    /// [`CallerRefusal`] when the role, the person or the organisation is missing.
    pub fn viewer(
        &self,
        organisation: Option<&Organisation>,
        declared: Declared,
    ) -> Result<Viewer, CallerRefusal> {
        let organisation = self.check_viewer(organisation)?;
        let practitioner = self.person().ok_or(CallerRefusal::Unattended)?;
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
#[path = "caller_rules.rs"]
mod rules;
