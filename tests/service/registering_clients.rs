//! Clients and organisations, as the operator registers them: `commands`.

use std::fs;
use std::process::Output;

use chrono::TimeDelta;
use cpis_fhir::identity::SigningKey;
use cpis_fhir::store::provision::OWNER;
use serde_json::json;

use crate::support::{
    CLIENT_KEYS, TestService, a_person, assert_one_line, cluster, errors, program, words,
};

fn run(service: &TestService, arguments: &[&str]) -> Output {
    program(arguments)
        .env("DATABASE_URL", cluster().url(OWNER, &service.database))
        .output()
        .unwrap()
}

/// A service on whose register there is no client yet.
fn without_clients() -> TestService {
    let service = TestService::new();
    service.execute("delete from clients");
    service
}

#[test]
fn a_client_is_added_listed_and_revoked_and_who_did_so_is_kept() {
    let service = without_clients();
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("jwks.json");
    let set = json!({ "keys": CLIENT_KEYS.each_ref().map(SigningKey::jwk) });
    fs::write(&keys, set.to_string()).unwrap();
    let mut arguments = vec![
        "client",
        "add",
        "la",
        "--name",
        "An authority",
        "--by",
        "Pat",
    ];
    arguments.extend(["--organisation", "E90001", "--scope", "plans.upload"]);
    arguments.extend(["--keys", keys.to_str().unwrap()]);
    let added = run(&service, &arguments);
    assert!(added.status.success(), "{}", errors(&added));
    let line = "la token-service organisations=E90001 scopes=plans.upload keys=registered \
                name=An authority\n";
    assert_eq!(words(&added), line);
    assert_eq!(words(&run(&service, &["client", "list"])), line);
    TestService::issued(&service.ask_for_token(&service.assertion("la", "1"), &[]));
    let revoked = run(&service, &["client", "revoke", "la", "--by", "Sam"]);
    assert_eq!(words(&revoked), "la revoked\n");
    service.clock.advance(TimeDelta::seconds(60));
    let refused = service.ask_for_token(&service.assertion("la", "2"), &[]);
    assert_eq!(refused.status, 401);
    let kept = "select changed_by || ' ' || kind || ' ' || subject || ' ' || change \
                from register_changes order by changed_at";
    assert_eq!(
        service.texts(kept),
        ["Pat client la put", "Sam client la revoked"]
    );
    let none = run(&service, &["client", "revoke", "nobody", "--by", "Sam"]);
    assert_one_line(&none, "nobody is not on the register");
}

#[test]
fn a_clients_keys_are_registered_as_a_url_and_listed_as_that() {
    let service = without_clients();
    let url = "https://keys.la.example/jwks.json";
    let given = ["client", "add", "la", "--name", "A", "--by", "Pat"];
    let added = run(&service, &[&given[..], &["--keys-url", url]].concat());
    assert!(added.status.success(), "{}", errors(&added));
    let line = format!("la token-service organisations= scopes= keys={url} name=A\n");
    assert_eq!(words(&added), line);
    assert_eq!(words(&run(&service, &["client", "list"])), line);
}

#[test]
fn a_client_that_could_prove_nothing_is_not_added() {
    let service = without_clients();
    for (arguments, named) in [
        (&["a b"][..], "a client id is"),
        (&["la"], "--keys FILE"),
        (&["la", "--door", "window"], "--door is"),
        (&["la", "--door", "gateway"], "--certificate THUMBPRINT"),
        (&["la", "--keys", "/nowhere"], "--keys"),
        (&["la", "--keys-url", "http://a.example/"], "--keys-url"),
        (&["la", "--scope", "openid"], "a scope is"),
        (&["la", "--organisation", "x"], "an ODS code is"),
        (&["la", "--certificate", "00"], "a thumbprint is"),
    ] {
        let given = ["client", "add", "--name", "A", "--by", "Pat"];
        let output = run(&service, &[&given, arguments].concat());
        assert_one_line(&output, named);
    }
    assert_eq!(service.number("select count(*) from clients"), 0);
}

#[test]
fn an_organisation_that_is_imported_may_look_within_a_minute_and_one_that_is_removed_may_not() {
    let service = TestService::new();
    let token = service.token_of(&a_person().at("RZZ99"));
    let path = "Flag?patient=9990000026";
    service.get_as(&token, path).refusal(403, "ACCESS_DENIED");
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("organisations.csv");
    fs::write(
        &list,
        "ods_code,name,care_settings\nRZZ99,Walk-in centre,unscheduled\n",
    )
    .unwrap();
    let import = [
        "organisation",
        "import",
        list.to_str().unwrap(),
        "--by",
        "Pat",
    ];
    let imported = run(&service, &import);
    assert_eq!(
        words(&imported),
        "1 organisations\n",
        "{}",
        errors(&imported)
    );
    service.clock.advance(TimeDelta::seconds(60));
    assert_eq!(service.get_as(&token, path).total(), 0);
    let listed = words(&run(&service, &["organisation", "list"]));
    assert!(
        listed.contains("RZZ99 unscheduled Walk-in centre\n"),
        "{listed}"
    );
    let removed = run(
        &service,
        &["organisation", "remove", "RZZ99", "--by", "Sam"],
    );
    assert_eq!(words(&removed), "RZZ99 removed\n");
    service.clock.advance(TimeDelta::seconds(60));
    service.get_as(&token, path).refusal(403, "ACCESS_DENIED");
    let kept = "select change from register_changes order by changed_at";
    assert_eq!(service.texts(kept), ["put", "removed"]);
}

#[test]
fn what_was_changed_on_the_register_stays_on_record_even_against_the_owner() {
    let service = TestService::new();
    service.register_client(&crate::support::a_client(
        "la",
        &["E90001"],
        &["plans.upload"],
    ));
    for change in [
        "update register_changes set changed_by = 'nobody'",
        "delete from register_changes",
        "truncate register_changes",
    ] {
        let tried = format!(
            "do $$ begin {change}; raise 'it passed'; exception when insufficient_privilege then \
             null; end $$"
        );
        service.execute(&tried);
    }
    assert_eq!(service.number("select count(*) from register_changes"), 1);
}

#[test]
fn a_client_of_the_outside_issuer_is_held_to_the_register_where_it_is_on_it() {
    let service = TestService::new();
    let path = "Flag?patient=9990000026";
    let token = service.token_of(&a_person());
    assert_eq!(service.get_as(&token, path).total(), 0);
    let mut client = crate::support::a_client("an-epr", &["RYH99"], &[]);
    client.front_door = cpis_fhir::domain::client::FrontDoor::Issuer;
    client.keys = None;
    let asked = |client: &cpis_fhir::domain::client::Client| {
        service.register_client(client);
        service.clock.advance(TimeDelta::seconds(60));
        service.get_as(&service.token_of(&a_person()), path)
    };
    asked(&client).refusal(403, "ACCESS_DENIED");
    client.organisations = std::collections::BTreeSet::new();
    assert_eq!(asked(&client).total(), 0);
    client.is_revoked = true;
    asked(&client).refusal(401, "ACCESS_DENIED");
    client.is_revoked = false;
    client.front_door = cpis_fhir::domain::client::FrontDoor::TokenService;
    client.keys = crate::support::a_client("a", &[], &[]).keys;
    asked(&client).refusal(401, "ACCESS_DENIED");
    client.front_door = cpis_fhir::domain::client::FrontDoor::Issuer;
    client.certificate = Some(cpis_fhir::domain::thumbprint::Thumbprint::of_digest(
        [7; 32],
    ));
    let refused = asked(&client);
    refused.refusal(401, "ACCESS_DENIED");
    assert!(
        refused.text.contains("client certificate"),
        "{}",
        refused.text
    );
}
