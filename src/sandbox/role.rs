//! Whom the sandbox issues tokens for: made-up people and authorities, none of them anybody.

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::domain::scope::{NOTIFICATIONS_SCOPE, UPLOAD_SCOPE};

/// Someone that a sandbox token speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum SandboxRole {
    /// A doctor in an emergency department, who may view plans; their authorities are told.
    Clinician,
    /// A midwife in scheduled care, who may view plans; nobody is told.
    ScheduledClinician,
    /// A paediatrician who holds both activities.
    BothSettingsClinician,
    /// A receptionist in the same emergency department, who may not view plans.
    NoActivity,
    /// The upload system of a local authority.
    LocalAuthority,
    /// The upload system of another local authority.
    SecondLocalAuthority,
    /// The system of the first local authority that reads what it is told.
    NotifiedAuthority,
    /// The same of the other local authority.
    SecondNotifiedAuthority,
}

impl SandboxRole {
    /// The ODS code of the role's organisation.
    #[must_use]
    pub fn organisation(self) -> &'static str {
        match self {
            Self::Clinician | Self::NoActivity => "RQX99",
            Self::ScheduledClinician => "RYH99",
            Self::BothSettingsClinician => "RMB99",
            Self::LocalAuthority | Self::NotifiedAuthority => "E90001",
            Self::SecondLocalAuthority | Self::SecondNotifiedAuthority => "E90002",
        }
    }

    /// The claims that say who is speaking; the issuer adds the others.
    pub(super) fn claims(self) -> Value {
        match self {
            Self::Clinician => self.practitioner(
                ["555000000101", "555000000201"],
                "Dr Amina Clarke",
                CLINICAL_PRACTITIONER,
                &[VIEW_PLAN],
            ),
            Self::ScheduledClinician => self.practitioner(
                ["555000000102", "555000000202"],
                "Ruth Adeyemi",
                MIDWIFE,
                &[VIEW_PLAN_SCHEDULED],
            ),
            Self::BothSettingsClinician => self.practitioner(
                ["555000000103", "555000000203"],
                "Dr Tomos Pritchard",
                CLINICAL_PRACTITIONER,
                &[VIEW_PLAN, VIEW_PLAN_SCHEDULED],
            ),
            Self::NoActivity => self.practitioner(
                ["555000000104", "555000000204"],
                "Joan Marlow",
                RECEPTIONIST,
                &[],
            ),
            Self::LocalAuthority | Self::SecondLocalAuthority => {
                self.system("upload-system", UPLOAD_SCOPE)
            }
            Self::NotifiedAuthority | Self::SecondNotifiedAuthority => {
                self.system("notified-system", NOTIFICATIONS_SCOPE)
            }
        }
    }

    fn system(self, name: &str, scope: &str) -> Value {
        json!({
            "sub": format!("{name}-{}", self.organisation()),
            "client_id": format!("{name}-{}", self.organisation()),
            "organisation": self.organisation(),
            "scope": scope,
        })
    }

    fn practitioner(
        self,
        [user_id, role_profile_id]: [&str; 2],
        name: &str,
        [role_code, role_name]: [&str; 2],
        activities: &[[&str; 2]],
    ) -> Value {
        let codes: Vec<_> = activities.iter().map(|[code, _]| code).collect();
        let names: Vec<_> = activities.iter().map(|[_, name]| name).collect();
        json!({
            "sub": user_id,
            "client_id": "sandbox-epr",
            "name": name,
            "acr": "AAL3_ANY",
            "authentication_assurance_level": "3",
            "nhsid_useruid": user_id,
            "selected_roleid": role_profile_id,
            "nhsid_nrbac_roles": [{
                "person_orgid": format!("9{role_profile_id}"),
                "person_roleid": role_profile_id,
                "org_code": self.organisation(),
                "role_name": role_name,
                "role_code": role_code,
                "activities": names,
                "activity_codes": codes,
            }],
        })
    }
}

const CLINICAL_PRACTITIONER: [&str; 2] = ["S8000:G8000:R8000", "Clinical Practitioner Access Role"];
const MIDWIFE: [&str; 2] = ["S8000:G8000:R8001", "Nurse Access Role"];
const RECEPTIONIST: [&str; 2] = ["S8000:G8000:R8009", "Receptionist Access Role"];

const VIEW_PLAN: [&str; 2] = ["B0107", "View CP-IS Flag"];
const VIEW_PLAN_SCHEDULED: [&str; 2] = ["B0170", "View CP-IS Flag without ASN"];
