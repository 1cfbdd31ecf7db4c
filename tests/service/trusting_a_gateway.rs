//! Who is asking through a gateway, and over which certificate a token is taken: `search_flags`,
//! `issue_token`.

use std::collections::BTreeSet;

use cpis_fhir::domain::client::{Client, FrontDoor};
use cpis_fhir::domain::thumbprint::Thumbprint;
use cpis_fhir::identity::PeerCertificate;
use cpis_fhir::store::job_roles;
use cpis_fhir::store::operator::Operator;

use crate::support::{TestService, a_client, a_plan, cluster};

const NUMBER: &str = "9990000026";
const PLATFORM: &[u8] = b"the certificate of the platform";

const USER: [(&str, &str); 4] = [
    ("NHSD-Identity-UUID", "555000000101"),
    ("NHSD-Session-URID", "555000000201"),
    ("NHSD-End-User-Organisation-ODS", "RQX99"),
    ("NHSD-Session-JobRole", "S8000:G8000:R8000"),
];

fn thumbprint(der: &[u8]) -> Thumbprint {
    Thumbprint::parse(PeerCertificate::of_der(der).thumbprint()).unwrap()
}

/// A service with a plan, behind a gateway whose job role R8000 may view.
fn behind_a_gateway() -> (TestService, Client) {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let mut gateway = a_client("platform", &[], &[]);
    gateway.front_door = FrontDoor::Gateway;
    gateway.keys = None;
    gateway.certificate = Some(thumbprint(PLATFORM));
    let roles = [("R8000".to_owned(), BTreeSet::from(["B0107".to_owned()]))];
    let url = cluster().url("cpis_owner", &service.database);
    let by = ("a test", service.now());
    Operator::connect(&url)
        .unwrap()
        .run(|postgres| job_roles::replace(postgres, &roles.into(), by))
        .unwrap();
    service.register_client(&gateway);
    (service, gateway)
}

fn path(root: &str) -> String {
    format!("{root}/FHIR/R4/Flag?patient={NUMBER}")
}

#[test]
fn the_user_whom_the_gateway_names_looks_in_their_own_name() {
    let (service, _) = behind_a_gateway();
    let root = service.over_connections_of(PLATFORM);
    assert_eq!(service.ask("GET", &path(&root), &USER, b"").total(), 1);
    let by = "select client_id || ' ' || practitioner_id || ' ' || role_profile_id || ' ' || \
              organisation_code || ' ' || job_role_code from accesses";
    let named = "platform 555000000101 555000000201 RQX99 S8000:G8000:R8000";
    assert_eq!(service.texts(by), [named]);
}

#[test]
fn from_anybody_else_these_headers_change_nothing() {
    let (service, _) = behind_a_gateway();
    let other = service.over_connections_of(b"the certificate of another");
    for root in [&service.root, &other] {
        let answer = service.ask("GET", &path(root), &USER, b"");
        answer.refusal(401, "ACCESS_DENIED");
        let token = service.token(cpis_fhir::sandbox::role::SandboxRole::ScheduledClinician);
        let bearer = format!("Bearer {token}");
        let mut headers = USER.to_vec();
        headers.push(("authorization", &bearer));
        assert_eq!(service.ask("GET", &path(root), &headers, b"").total(), 1);
    }
    let by = "select distinct practitioner_id || ' ' || organisation_code from accesses";
    assert_eq!(service.texts(by), ["555000000102 RYH99"]);
}

#[test]
fn a_refusal_is_on_record_with_the_address_that_the_gateway_saw_last() {
    let (service, _) = behind_a_gateway();
    let root = service.over_connections_of(PLATFORM);
    for said in [&["192.0.2.1"][..], &["10.0.0.1", "10.0.0.2, 192.0.2.1"]] {
        let forwarded = said.iter().map(|said| ("x-forwarded-for", *said));
        let mut headers: Vec<_> = USER.into_iter().chain(forwarded).collect();
        headers[3].1 = "S8000:G8000:R8001";
        let answer = service.ask("GET", &path(&root), &headers, b"");
        answer.refusal(403, "ACCESS_DENIED");
    }
    let from = "select address || ' ' || count(*) from security_log group by address";
    assert_eq!(service.texts(from), ["192.0.2.1 2"]);
}

#[test]
fn a_header_that_is_missing_twice_or_none_is_named_and_nobody_looks() {
    let (service, mut gateway) = behind_a_gateway();
    let root = service.over_connections_of(PLATFORM);
    for (name, value) in USER {
        let without: Vec<_> = USER
            .into_iter()
            .filter(|(other, _)| *other != name)
            .collect();
        let twice: Vec<_> = USER.into_iter().chain([(name, value)]).collect();
        let mut wrong = vec![without.clone(), twice];
        for bad in [
            "",
            " ",
            "5550 00",
            "x",
            "RQX99;",
            "555000000101a",
            "S8000:",
            "R8000,R8001",
        ] {
            wrong.push(without.iter().copied().chain([(name, bad)]).collect());
        }
        for headers in wrong {
            let answer = service.ask("GET", &path(&root), &headers, b"");
            let issue = answer.refusal(400, "INVALID_VALUE");
            assert_eq!(
                issue["expression"][0],
                format!("http.{name}"),
                "{headers:?}"
            );
        }
    }
    let mut other = USER.to_vec();
    other[3].1 = "S8000:G8000:R8001";
    let answer = service.ask("GET", &path(&root), &other, b"");
    answer.refusal(403, "ACCESS_DENIED");
    gateway.is_revoked = true;
    service.register_client(&gateway);
    let answer = service.ask("GET", &path(&root), &USER, b"");
    answer.refusal(401, "ACCESS_DENIED");
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_token_is_bound_to_the_certificate_it_was_asked_for_with_and_taken_over_no_other() {
    let service = TestService::new();
    let mut client = a_client("la", &["E90001"], &["plans.upload"]);
    client.certificate = Some(thumbprint(b"mine"));
    service.register_client(&client);
    service.register_client(&a_client("unbound", &["E90001"], &["plans.upload"]));
    let mine = service.over_connections_of(b"mine");
    let other = service.over_connections_of(b"another's");
    for root in [&service.root, &other] {
        let refused = service.ask_for_token_at(root, &service.assertion("la", root));
        assert_eq!(refused.status, 401, "{}", refused.text);
        assert!(
            refused.text.contains("client certificate"),
            "{}",
            refused.text
        );
    }
    for name in ["la", "unbound"] {
        let assertion = service.assertion(name, "mine");
        let token = TestService::issued(&service.ask_for_token_at(&mine, &assertion));
        let held = |root: &str| {
            let path = format!("{root}/FHIR/R4/$held-plans");
            service.get_as(&token, &path)
        };
        assert_eq!(held(&mine).status, 200, "{name}");
        held(&other).refusal(401, "ACCESS_DENIED");
        held(&service.root).refusal(401, "ACCESS_DENIED");
    }
    // Twice at the token endpoint, and each token by two wrong connections.
    let logged = "select count(*) from security_log where reason = 'wrong-certificate'";
    assert_eq!(service.number(logged), 6);
}
