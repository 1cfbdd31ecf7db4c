//! Who a CIS2 token speaks for: the person, in the one role that they selected.
//!
//! The claims are those of CIS2's scope `nationalrbacaccess` and `selectedrole`.
//! <https://digital.nhs.uk/services/care-identity-service>

use serde_json::{Map, Value};

use super::claim_values::{optional_list, required_digits, required_text, text};
use super::error::TokenError;
use crate::domain::caller::Practitioner;

/// Roles that one person may hold.
const ROLES_MAX: usize = 64;

/// Activities that one role may have.
const ACTIVITIES_MAX: usize = 256;

/// The claims that make a token a practitioner's.
const USER_ID: &str = "nhsid_useruid";
const SELECTED_ROLE: &str = "selected_roleid";
const ROLES: &str = "nhsid_nrbac_roles";

/// The selected role: whose it is, where it is held, and what it allows.
pub struct Selected {
    /// The person.
    pub practitioner: Practitioner,
    /// The ODS code of the role's organisation, as sent.
    pub organisation: String,
    /// The role's activity codes.
    pub activities: Vec<String>,
}

/// Whether any claim says that this is a practitioner's token.
pub fn is_claimed(claims: &Map<String, Value>) -> bool {
    [USER_ID, SELECTED_ROLE, ROLES]
        .iter()
        .any(|name| claims.contains_key(*name))
}

/// Reads the person and the selected role.
pub fn selected(claims: &Map<String, Value>) -> Result<Selected, TokenError> {
    let user_id = required_digits(claims, USER_ID)?;
    let name = required_text(claims, "name")?;
    let role_profile_id = required_digits(claims, SELECTED_ROLE)?;
    let role = selected_role(claims, &role_profile_id)?;
    let practitioner = Practitioner {
        user_id,
        name,
        role_profile_id,
        job_role_code: job_role_code(role)?,
        job_role_name: required_text(role, "role_name")?,
    };
    let organisation = required_text(role, "org_code")?;
    Ok(Selected {
        practitioner,
        organisation,
        activities: activities(role)?,
    })
}

/// The one role with the selected id. Two with the same id may differ in what they allow, so
/// neither is believed.
fn selected_role<'a>(
    claims: &'a Map<String, Value>,
    role_profile_id: &str,
) -> Result<&'a Map<String, Value>, TokenError> {
    let mut selected = None;
    for role in optional_list(claims, ROLES, ROLES_MAX)? {
        let role = role.as_object().ok_or(TokenError::ClaimMalformed(ROLES))?;
        if required_digits(role, "person_roleid")? != role_profile_id {
            continue;
        }
        if selected.replace(role).is_some() {
            return Err(TokenError::SelectedRoleAmbiguous);
        }
    }
    selected.ok_or(TokenError::SelectedRoleNotHeld)
}

/// One or more codes, each a letter and digits, with colons between: `R8000`, `S8000:G8000:R8000`.
fn job_role_code(role: &Map<String, Value>) -> Result<String, TokenError> {
    let code = required_text(role, "role_code")?;
    if code.split(':').all(is_code) {
        Ok(code)
    } else {
        Err(TokenError::ClaimMalformed("role_code"))
    }
}

fn activities(role: &Map<String, Value>) -> Result<Vec<String>, TokenError> {
    // The activities' names come beside their codes; only the codes are used, both are bounded.
    optional_list(role, "activities", ACTIVITIES_MAX)?;
    let codes = optional_list(role, "activity_codes", ACTIVITIES_MAX)?;
    let code = |value| match text(value, "activity_codes") {
        Ok(code) if is_code(&code) => Ok(code),
        Ok(_) => Err(TokenError::ClaimMalformed("activity_codes")),
        Err(refused) => Err(refused),
    };
    codes.iter().map(code).collect()
}

/// A letter and one to eight digits: how the National RBAC Database writes every code.
fn is_code(code: &str) -> bool {
    match code.as_bytes() {
        [letter, digits @ ..] => {
            letter.is_ascii_uppercase()
                && (1..=8).contains(&digits.len())
                && digits.iter().all(u8::is_ascii_digit)
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_code;

    #[test]
    fn a_code_is_a_capital_and_digits() {
        assert!(is_code("B0107") && is_code("R8000") && is_code("S1"));
        for not in [
            "",
            "B",
            "0107",
            "b0107",
            "B01 07",
            "B0107 ",
            "BB01",
            "B012345678",
            "Ｂ0107",
        ] {
            assert!(!is_code(not), "{not}");
        }
    }
}
