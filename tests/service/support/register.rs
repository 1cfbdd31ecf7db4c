//! The register that every service's database begins with: two authorities, and an organisation of
//! each kind of care.

use chrono::{DateTime, Utc};
use cpis_fhir::domain::caller::Organisation;
use cpis_fhir::domain::care_setting::RegisteredCareSettings;
use cpis_fhir::domain::ods_code::OdsCode;
use cpis_fhir::domain::phone_number::PhoneNumber;
use cpis_fhir::domain::upload::AuthorityDetails;
use cpis_fhir::store::registration::Registration;

/// The register that every service's database begins with.
pub fn registration(at: DateTime<Utc>) -> Registration {
    let authority = |code: &str| AuthorityDetails {
        code: OdsCode::parse(code).unwrap(),
        name: format!("Authority {code}"),
        emergency_phone: PhoneNumber::parse("01632960001").unwrap(),
        office_phone: None,
    };
    let organisation = |code: &str, unscheduled, scheduled| Organisation {
        code: OdsCode::parse(code).unwrap(),
        name: format!("Organisation {code}"),
        care_settings: RegisteredCareSettings {
            unscheduled,
            scheduled,
        },
    };
    Registration {
        authorities: vec![authority("E90001"), authority("E90002")],
        organisations: vec![
            organisation("RQX99", true, false),
            organisation("RYH99", false, true),
            organisation("RMB99", true, true),
        ],
        at,
    }
}
