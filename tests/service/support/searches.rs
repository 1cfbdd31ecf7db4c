//! The searches that chapters write most, and callers whom the sandbox does not know.

use serde_json::{Value, json};

use super::answers::Answer;
use super::service::TestService;
use super::urls::form;

/// An NHS number as a token, with its system.
pub fn nhs(number: &str) -> String {
    format!("https://fhir.nhs.uk/Id/nhs-number|{number}")
}

/// The claims of one of many doctors of the emergency department, told apart by number.
pub fn a_doctor(number: u32) -> Value {
    let (user_id, role_profile_id) = (
        555_000_001_000 + u64::from(number),
        555_000_002_000 + u64::from(number),
    );
    json!({
        "sub": user_id.to_string(),
        "client_id": "sandbox-epr",
        "name": format!("Dr Number {number}"),
        "nhsid_useruid": user_id.to_string(),
        "selected_roleid": role_profile_id.to_string(),
        "nhsid_nrbac_roles": [{
            "person_orgid": "555000003000",
            "person_roleid": role_profile_id.to_string(),
            "org_code": "RQX99",
            "role_name": "Clinical Practitioner Access Role",
            "role_code": "S8000:G8000:R8000",
            "activities": ["View CP-IS Flag"],
            "activity_codes": ["B0107"],
        }],
    })
}

impl TestService {
    /// A search for one kind of a child's resources, with more parameters, as the clinician.
    pub fn find(&self, kind: &str, number: &str, more: &[(&str, &str)]) -> Answer {
        self.post_form(&format!("{kind}/_search"), &about(kind, number, more))
    }

    /// The same, with a token.
    pub fn find_as(&self, token: &str, kind: &str, number: &str) -> Answer {
        let path = format!("{kind}?{}", about(kind, number, &[]));
        self.get_as(token, &path)
    }
}

fn about(kind: &str, number: &str, more: &[(&str, &str)]) -> String {
    let child = match kind {
        "Patient" => "identifier",
        _ => "patient:identifier",
    };
    let token = nhs(number);
    let parameters: Vec<(&str, &str)> = [(child, token.as_str())]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    form(&parameters)
}
