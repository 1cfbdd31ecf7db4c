//! Who asks: people in every role at every organisation, systems of authorities, clients that the
//! register does not let in, and the bearers of tokens that prove nothing.

use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::{Value, json};

use super::faults::faults;
use crate::support::{TestService, a_client, a_person};

/// Somebody who asks.
pub struct Asker {
    /// Who, for whoever reads that something is wrong.
    pub name: String,
    /// The values of the header that proves who asks.
    pub proofs: Vec<String>,
    /// What it proves.
    pub proves: Proves,
}

/// What a request proves of who asks.
pub enum Proves {
    /// Nothing, for this reason.
    Nothing(&'static str),
    /// A client that the register refuses with this status, for this reason.
    Unknown(u16, &'static str),
    /// Somebody.
    Somebody(Standing),
}

/// What somebody is.
#[derive(Default)]
pub struct Standing {
    /// The roles, as the page names them.
    pub roles: Vec<&'static str>,
    /// What is missing to be a viewer.
    pub lacks: &'static str,
    /// The SMART scopes of the token, and for whom it may have them.
    pub scopes: Option<(&'static str, Vec<String>)>,
    /// The authority's code, of a system.
    pub authority: Option<String>,
    /// Whether that is on the register.
    pub is_registered: bool,
}

/// Everybody.
pub fn askers(service: &TestService) -> Vec<Asker> {
    refused_clients_registered(service);
    let mut askers = people(service);
    askers.extend(narrowed_people(service));
    askers.extend(systems(service));
    askers.extend(refused_clients(service));
    for role in [
        SandboxRole::Clinician,
        SandboxRole::LocalAuthority,
        SandboxRole::NotifiedAuthority,
    ] {
        askers.extend(faults(service, role));
    }
    askers
}

fn bearer(token: &str) -> Vec<String> {
    vec![format!("Bearer {token}")]
}

fn people(service: &TestService) -> Vec<Asker> {
    let mut askers = Vec::new();
    for organisation in ["RQX99", "RYH99", "RMB99", "RZZ99"] {
        for activities in [
            &["B0107"][..],
            &["B0170"],
            &["B0107", "B0170"],
            &["B0264"],
            &[],
        ] {
            let may = activities
                .iter()
                .any(|one| ["B0107", "B0170"].contains(one));
            let is_registered = organisation != "RZZ99";
            let standing = Standing {
                roles: match may && is_registered {
                    true => vec!["viewer"],
                    false => Vec::new(),
                },
                lacks: if may {
                    "unknown-organisation"
                } else {
                    "no-view-activity"
                },
                ..Standing::default()
            };
            askers.push(Asker {
                name: format!("a person at {organisation} with {activities:?}"),
                proofs: bearer(&service.token_of(&a_person().at(organisation).may(activities))),
                proves: Proves::Somebody(standing),
            });
        }
    }
    askers
}

/// A doctor of the emergency department, whose token has scopes.
fn doctor_with(service: &TestService, client: &str, scope: &str) -> String {
    service.token_saying(json!({
        "sub": "555000000901", "client_id": client, "name": "Sam Okafor", "scope": scope,
        "nhsid_useruid": "555000000901", "selected_roleid": "555000000902",
        "nhsid_nrbac_roles": [{
            "person_roleid": "555000000902", "org_code": "RQX99", "role_code": "R8000",
            "role_name": "Clinical Practitioner Access Role", "activity_codes": ["B0107"],
        }],
    }))
}

fn narrowed_people(service: &TestService) -> impl Iterator<Item = Asker> {
    [
        "user/Flag.s",
        "user/Flag.r",
        "user/Flag.rs user/Patient.rs",
        "user/AuditEvent.rs",
        "user/EpisodeOfCare.cruds",
        "user/*.rs",
        "system/*.cruds",
        "user/flag.rs",
        "openid",
        "plans.upload",
        "plans.upload notifications.read user/*.cruds",
    ]
    .into_iter()
    .map(|scope| Asker {
        name: format!("a person with {scope}"),
        proofs: bearer(&doctor_with(service, "an-epr", scope)),
        proves: Proves::Somebody(Standing {
            roles: vec!["viewer"],
            scopes: narrowing("user", scope),
            ..Standing::default()
        }),
    })
}

/// The scopes of a text that narrow, if any does.
fn narrowing(context: &'static str, scope: &str) -> Option<(&'static str, Vec<String>)> {
    let smart = scope.split(' ').filter(|word| word.contains('/'));
    let smart: Vec<String> = smart.map(str::to_owned).collect();
    (!smart.is_empty()).then_some((context, smart))
}

fn system(service: &TestService, client: &str, organisation: &str, scope: &str) -> Value {
    let now = service.now().timestamp();
    json!({
        "sub": client, "client_id": client, "organisation": organisation, "scope": scope,
        "iat": now,
    })
}

fn systems(service: &TestService) -> Vec<Asker> {
    let scopes = [
        "plans.upload",
        "notifications.read",
        "plans.upload notifications.read",
        "plans.upload system/EpisodeOfCare.c",
        "plans.upload system/EpisodeOfCare.cruds",
        "plans.upload system/*.cruds",
        "plans.upload user/*.cruds",
        "notifications.read system/Communication.s",
        "system/*.cruds",
        "openid",
    ];
    let mut askers = Vec::new();
    for organisation in ["E90001", "E90002", "E90003", "RQX99"] {
        for scope in scopes {
            let has = |name: &str| scope.split(' ').any(|word| word == name);
            let is_registered = ["E90001", "E90002"].contains(&organisation);
            // What becomes of plans that an unknown authority tells is not decided by its role.
            if has("plans.upload") && !is_registered {
                continue;
            }
            let roles = [
                ("plans.upload", "uploader"),
                ("notifications.read", "notified"),
            ];
            let roles = roles.into_iter().filter(|(scope, _)| has(scope));
            let claims = system(service, &format!("la-{organisation}"), organisation, scope);
            askers.push(Asker {
                name: format!("a system of {organisation} with {scope}"),
                proofs: bearer(&service.token_saying(claims)),
                proves: Proves::Somebody(Standing {
                    roles: roles.map(|(_, role)| role).collect(),
                    lacks: "unattended",
                    scopes: narrowing("system", scope),
                    authority: Some(organisation.to_owned()),
                    is_registered,
                }),
            });
        }
    }
    askers
}

/// A client that nobody put on the register.
const NOT_REGISTERED: &str = "not-registered";

/// Clients that the register refuses.
const REFUSED: [(&str, u16, &str); 5] = [
    (NOT_REGISTERED, 401, "unknown-client"),
    ("revoked", 401, "unknown-client"),
    ("of-another-door", 401, "unknown-client"),
    (
        "of-another-organisation",
        403,
        "not-the-clients-organisation",
    ),
    ("bound-to-a-certificate", 401, "wrong-certificate"),
];

fn refused_clients_registered(service: &TestService) {
    use cpis_fhir::domain::client::FrontDoor;
    use cpis_fhir::domain::thumbprint::Thumbprint;
    for (id, _, _) in REFUSED {
        if id == NOT_REGISTERED {
            continue;
        }
        let mut client = a_client(id, &[], &[]);
        client.front_door = FrontDoor::Issuer;
        match id {
            "revoked" => client.is_revoked = true,
            "of-another-door" => client.front_door = FrontDoor::TokenService,
            "of-another-organisation" => client = moved(client),
            _ => client.certificate = Some(Thumbprint::of_digest([7; 32])),
        }
        service.register_client(&client);
    }
}

fn moved(client: cpis_fhir::domain::client::Client) -> cpis_fhir::domain::client::Client {
    cpis_fhir::domain::client::Client {
        organisations: a_client("a", &["RYH99"], &[]).organisations,
        ..client
    }
}

fn refused_clients(service: &TestService) -> impl Iterator<Item = Asker> {
    let askers = REFUSED.into_iter().flat_map(|(id, status, reason)| {
        let claims = system(service, id, "E90001", "plans.upload notifications.read");
        [
            (doctor_with(service, id, "openid"), "a person by"),
            (service.token_saying(claims), "a system:"),
        ]
        .map(|(token, who)| Asker {
            name: format!("{who} the client {id}"),
            proofs: bearer(&token),
            proves: Proves::Unknown(status, reason),
        })
    });
    askers.collect::<Vec<_>>().into_iter()
}
