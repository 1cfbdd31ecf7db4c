//! For whom the outside issuer may vouch: clients that are on the register, and people who signed
//! in strongly enough: `search_flags`, `issue_token`.

use cpis_fhir::domain::client::{FrontDoor, UnregisteredClients};
use serde_json::{Value, json};

use crate::support::{Answer, TestService, a_client, a_plan};

const NUMBER: &str = "9990000026";
const SEARCH: &str = "Flag?patient=9990000026";

/// What the issuer says of a doctor of the emergency department who uses this software.
fn doctor(client: &str, more: &Value) -> Value {
    let mut claims = json!({
        "sub": "555000000901", "client_id": client, "name": "Sam Okafor",
        "nhsid_useruid": "555000000901", "selected_roleid": "555000000902",
        "authentication_assurance_level": "3",
        "nhsid_nrbac_roles": [{
            "person_roleid": "555000000902", "org_code": "RQX99", "role_code": "R8000",
            "role_name": "Clinical Practitioner Access Role", "activity_codes": ["B0107"],
        }],
    });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn look(service: &TestService, claims: Value) -> Answer {
    service.get_as(&service.token_saying(claims), SEARCH)
}

#[test]
fn a_client_of_the_issuer_that_is_not_on_the_register_is_refused_until_it_is() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let system = json!({
        "sub": "unknown", "client_id": "unknown", "organisation": "E90001",
        "scope": "plans.upload notifications.read",
    });
    for path in [SEARCH, "$held-plans", "Communication"] {
        for claims in [doctor("unknown", &json!({})), system.clone()] {
            let answer = service.get_as(&service.token_saying(claims), path);
            answer.refusal(401, "ACCESS_DENIED");
        }
    }
    let logged = "select count(*) from security_log where reason = 'unknown-client' \
                  and client_id = 'unknown'";
    assert_eq!(service.number(logged), 6);
    assert_eq!(service.accesses(), 0);
    let mut client = a_client("unknown", &["RQX99"], &[]);
    client.front_door = FrontDoor::Issuer;
    client.keys = None;
    service.register_client(&client);
    assert_eq!(look(&service, doctor("unknown", &json!({}))).total(), 1);
    let elsewhere = service.get_as(&service.token_saying(system), "$held-plans");
    elsewhere.refusal(403, "ACCESS_DENIED");
}

#[test]
fn where_that_is_set_the_issuer_alone_decides_which_software_asks() {
    let service = TestService::with(|settings| {
        settings.callers.unregistered_clients = UnregisteredClients::Admitted;
    });
    service.tell(&[a_plan().child(NUMBER)]);
    assert_eq!(look(&service, doctor("unknown", &json!({}))).total(), 1);
    let mut client = a_client("unknown", &["RQX99"], &[]);
    client.front_door = FrontDoor::Issuer;
    client.is_revoked = true;
    service.register_client(&client);
    let refused = look(&service, doctor("unknown", &json!({})));
    refused.refusal(401, "ACCESS_DENIED");
}

/// What a token can say of how its person signed in, and the level that this is.
fn signed_in() -> [(Value, u8); 6] {
    let level = "authentication_assurance_level";
    [
        (json!({level: "0", "acr": null}), 0),
        (json!({level: "1", "acr": "AAL1_USERPASS"}), 1),
        (json!({level: "2"}), 2),
        (json!({level: "2", "acr": "AAL2_OR_AAL3_ANY"}), 2),
        (json!({level: "3", "acr": "AAL2_OR_AAL3_ANY"}), 3),
        (json!({level: 3}), 3),
    ]
}

#[test]
fn who_did_not_sign_in_strongly_enough_is_refused_and_on_record_two_factors_are_the_default() {
    for level_min in [None, Some(0), Some(3)] {
        let service = TestService::with(|settings| {
            settings.callers.assurance_level_min =
                level_min.unwrap_or(settings.callers.assurance_level_min);
        });
        service.tell(&[a_plan().child(NUMBER)]);
        let least = level_min.unwrap_or(2);
        let mut refused = 0;
        // A level that is none is refused whatever is asked.
        for (said, level) in &signed_in()[1..] {
            let answer = look(&service, doctor("an-epr", said));
            match *level >= least {
                true => assert_eq!(answer.total(), 1, "{said}"),
                false => {
                    let issue = answer.refusal(401, "ACCESS_DENIED");
                    let words = issue["diagnostics"].as_str().unwrap();
                    assert!(words.contains("assurance level"), "{words}");
                    refused += 1;
                }
            }
        }
        let answer = look(&service, doctor("an-epr", &signed_in()[0].0));
        answer.refusal(401, "ACCESS_DENIED");
        assert_eq!(service.refused_for("token-assurance"), refused);
        // A local authority's system is no person.
        let role = cpis_fhir::sandbox::role::SandboxRole::LocalAuthority;
        assert_eq!(
            service.get_as(&service.token(role), "$held-plans").status,
            200
        );
    }
}

#[test]
fn no_token_is_given_for_a_person_who_did_not_sign_in_strongly_enough() {
    let service = TestService::new();
    service.register_client(&a_client("epr", &["RQX99"], &["user/*.rs"]));
    let id_token = |more: &Value| {
        let mut claims = doctor("epr", more);
        claims["aud"] = "epr".into();
        service.token_saying(claims)
    };
    let weak = id_token(&signed_in()[1].0);
    let refused = service.exchange(&service.assertion("epr", "1"), &weak, &[]);
    assert_eq!(refused.status, 400, "{}", refused.text);
    let told = refused.json();
    assert_eq!(told["error"], "invalid_grant");
    let words = told["error_description"].as_str().unwrap();
    assert!(words.contains("assurance level"), "{words}");
    assert_eq!(service.refused_for("invalid-grant"), 1);
    let strong = id_token(&signed_in()[2].0);
    let issued = service.exchange(&service.assertion("epr", "2"), &strong, &[]);
    let token = TestService::issued(&issued);
    assert_eq!(service.get_as(&token, SEARCH).status, 200);
}
