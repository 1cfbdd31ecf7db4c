//! People who look, as the token issuer vouches for them: `a_person().at("RMB99").may(&["B0170"])`.

use serde_json::json;

use super::service::TestService;

/// A person in the role selected at login. Unless told otherwise: one who may look, and is told of,
/// in the emergency department.
#[derive(Clone)]
pub struct Person {
    user_id: String,
    organisation: String,
    activities: Vec<String>,
}

/// A person to say more about.
pub fn a_person() -> Person {
    Person {
        user_id: "555000000901".into(),
        organisation: "RQX99".into(),
        activities: vec!["B0107".into()],
    }
}

impl Person {
    /// With this user id.
    pub fn known_as(mut self, user_id: &str) -> Self {
        self.user_id = user_id.into();
        self
    }

    /// Of this organisation.
    pub fn at(mut self, organisation: &str) -> Self {
        self.organisation = organisation.into();
        self
    }

    /// Whose role has these activities.
    pub fn may(mut self, activities: &[&str]) -> Self {
        self.activities = activities.iter().map(|code| (*code).to_owned()).collect();
        self
    }
}

impl TestService {
    /// A token for a person.
    pub fn token_of(&self, person: &Person) -> String {
        self.token_saying(json!({
            "sub": person.user_id,
            "client_id": "an-epr",
            "name": "Sam Okafor",
            "nhsid_useruid": person.user_id,
            "selected_roleid": "555000000902",
            "nhsid_nrbac_roles": [{
                "person_roleid": "555000000902",
                "org_code": person.organisation,
                "role_name": "Clinical Practitioner Access Role",
                "role_code": "S8000:G8000:R8000",
                "activity_codes": person.activities,
            }],
        }))
    }
}
