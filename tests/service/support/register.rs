//! The register that every service's database begins with: two authorities, and an organisation of
//! each kind of care; and the clients of the outside issuer.

use chrono::{DateTime, Utc};
use cpis_fhir::domain::caller::Organisation;
use cpis_fhir::domain::care_setting::RegisteredCareSettings;
use cpis_fhir::domain::ods_code::OdsCode;
use cpis_fhir::domain::phone_number::PhoneNumber;
use cpis_fhir::domain::upload::AuthorityDetails;
use cpis_fhir::store::registration::{Registration, register};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

/// The software that the issuer gives tokens to, each of whatever organisation a token says.
const CLIENTS: [&str; 14] = [
    "an-epr",
    "la",
    "la-E90001",
    "la-E90002",
    "la-E90003",
    "la-RQX99",
    "notified-system-E90001",
    "notified-system-E90002",
    "s",
    "sandbox-epr",
    "upload-system",
    "upload-system-E90001",
    "upload-system-E90002",
    "upload-system-E90003",
];

/// Puts all that every service begins with on the register of a database, as its owner.
pub fn register_all(owner_url: &str, at: DateTime<Utc>) {
    register(owner_url, &registration(at)).unwrap();
    let mut owner = PgConnection::establish(owner_url).unwrap();
    let clients = format!(
        "insert into clients (id, name, front_door, registered_at) select id, 'The client ' || id, \
         'issuer', '{at}' from unnest(array['{}']) id",
        CLIENTS.join("', '")
    );
    owner.batch_execute(&clients).unwrap();
}

fn registration(at: DateTime<Utc>) -> Registration {
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
