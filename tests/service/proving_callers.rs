//! Mutual TLS: whom the service lets in, and what it speaks: `server::tls`, `server::tls_files`.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cpis_fhir::settings::ClientCertificates;
use openssl::asn1::Asn1Time;
use openssl::ssl::{SslConnectorBuilder, SslSessionCacheMode, SslVersion};
use openssl::x509::{X509, X509Crl};

use crate::support::{
    Authority, Monitoring, TestService, asked, assert_one_line, connected, errors, program, words,
    write_private,
};

const PING: &str = "/_ping";

fn service(authority: &Authority, asked: ClientCertificates) -> TestService {
    TestService::with(|settings| settings.transport = authority.settings(asked))
}

fn is_let_in(service: &TestService, caller: SslConnectorBuilder) -> bool {
    let stream = connected(caller, service.address());
    let answer = stream.and_then(|mut stream| asked(&mut stream, PING, ""));
    answer.is_some_and(|answer| answer.starts_with("HTTP/1.1 200 OK"))
}

#[test]
fn nobody_is_let_in_without_a_certificate_that_our_authority_gave_and_has_not_revoked() {
    let authority = Authority::new();
    let (good, bad) = (
        authority.identity("good", 10),
        authority.identity("bad", 11),
    );
    authority.put_revoked(&[11]);
    let service = service(&authority, ClientCertificates::Required);
    assert!(is_let_in(&service, authority.caller(Some(&good))));
    assert!(!is_let_in(&service, authority.caller(None)));
    assert!(!is_let_in(&service, authority.caller(Some(&bad))));
    let stranger = Authority::new().identity("good", 10);
    assert!(!is_let_in(&service, authority.caller(Some(&stranger))));
}

#[test]
fn where_a_certificate_is_optional_none_is_let_in_and_a_wrong_one_is_not() {
    let authority = Authority::new();
    let service = service(&authority, ClientCertificates::Optional);
    assert!(is_let_in(&service, authority.caller(None)));
    let good = authority.identity("good", 10);
    assert!(is_let_in(&service, authority.caller(Some(&good))));
    let stranger = Authority::new().identity("good", 10);
    assert!(!is_let_in(&service, authority.caller(Some(&stranger))));
}

#[test]
fn nothing_older_than_tls_1_2_and_no_suite_without_secrecy_to_come_is_spoken() {
    let authority = Authority::new();
    let service = service(&authority, ClientCertificates::Off);
    let spoken = |version, suites: &str| {
        let mut caller = authority.caller(None);
        caller.set_security_level(0);
        caller.set_min_proto_version(Some(version)).unwrap();
        caller.set_max_proto_version(Some(version)).unwrap();
        caller.set_cipher_list(suites).unwrap();
        is_let_in(&service, caller)
    };
    assert!(spoken(SslVersion::TLS1_3, "ALL"));
    for suites in [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
    ] {
        assert!(spoken(SslVersion::TLS1_2, suites), "{suites}");
    }
    for suites in [
        "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-ECDSA-AES256-SHA",
        "ECDHE-ECDSA-AES128-CCM8",
        "AECDH-AES128-SHA",
        "ECDHE-ECDSA-NULL-SHA",
    ] {
        assert!(!spoken(SslVersion::TLS1_2, suites), "{suites}");
    }
    assert!(!spoken(SslVersion::TLS1_1, "ALL:@SECLEVEL=0"));
    assert!(!spoken(SslVersion::TLS1, "ALL:@SECLEVEL=0"));
}

#[test]
fn no_session_is_resumed_so_that_each_connection_proves_its_caller_anew() {
    let authority = Authority::new();
    let service = service(&authority, ClientCertificates::Required);
    let good = authority.identity("good", 10);
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let mut caller = authority.caller(Some(&good));
        caller.set_max_proto_version(Some(version)).unwrap();
        caller.set_session_cache_mode(SslSessionCacheMode::CLIENT);
        let given = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&given);
        caller.set_new_session_callback(move |_, _| {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        let mut stream = connected(caller, service.address()).unwrap();
        asked(&mut stream, PING, "").unwrap();
        assert_eq!(given.load(Ordering::SeqCst), 0, "{version:?}");
    }
}

#[test]
fn a_certificate_takes_no_more_connections_than_are_its_own() {
    let authority = Authority::new();
    let service = TestService::with(|settings| {
        settings.transport = authority.settings(ClientCertificates::Required);
        settings.transport.connections_per_certificate_max = 2;
    });
    let [one, other] = [10, 11].map(|serial| authority.identity("caller", serial));
    let held = [(), ()].map(|()| {
        let mut held = connected(authority.caller(Some(&one)), service.address()).unwrap();
        asked(&mut held, PING, "").unwrap();
        held
    });
    assert!(!is_let_in(&service, authority.caller(Some(&one))));
    assert!(is_let_in(&service, authority.caller(Some(&other))));
    drop(held);
    crate::support::wait_until(|| is_let_in(&service, authority.caller(Some(&one))));
}

#[test]
fn commands_that_ask_a_service_show_the_certificate_that_it_wants_and_trust_its_own_authority() {
    let authority = Authority::new();
    let good = authority.identity("operator", 10);
    write_private(
        authority.path("operator.pem"),
        good.certificate.to_pem().unwrap(),
    );
    let key = good.key.private_key_to_pem_pkcs8().unwrap();
    write_private(authority.path("operator.key"), &key);
    std::fs::write(authority.path("open.key"), key).unwrap();
    let service = service(&authority, ClientCertificates::Required);
    let url = format!("https://{}", service.address());
    let of = |name: &str| authority.path(name).to_str().unwrap().to_owned();
    let health = |certificate: &str, key: &str| {
        let mut health = program(&["health", "--url", &url]);
        health.args(["--ca", &of("clients.pem")]);
        for (name, file) in [("--certificate", certificate), ("--key", key)] {
            if !file.is_empty() {
                health.args([name, &of(file)]);
            }
        }
        health.output().unwrap()
    };
    let told = health("operator.pem", "operator.key");
    assert!(told.status.success(), "{}", errors(&told));
    assert!(words(&told).contains("\"pass\""));
    for (certificate, key, named) in [
        ("", "", "does not answer"),
        ("operator.pem", "", "go together"),
        ("operator.pem", "open.key", "chmod 600"),
        ("operator.pem", "server.key", "the certificate's own"),
        ("gone.pem", "operator.key", "gone.pem"),
    ] {
        assert_one_line(&health(certificate, key), named);
    }
    let token = service.token(cpis_fhir::sandbox::role::SandboxRole::LocalAuthority);
    let mut held = program(&[
        "authority",
        "held-plans",
        "--url",
        &format!("{url}/FHIR/R4"),
    ]);
    held.env("CPIS_TOKEN", token);
    for (name, file) in [
        ("CPIS_ASK_CA_FILE", "clients.pem"),
        ("CPIS_ASK_CERTIFICATE_FILE", "operator.pem"),
        ("CPIS_ASK_KEY_FILE", "operator.key"),
    ] {
        held.env(name, of(file));
    }
    let held = held.output().unwrap();
    assert!(held.status.success(), "{}", errors(&held));
}

#[test]
fn monitoring_is_told_when_the_first_certificate_or_list_of_each_file_ends() {
    let (sooner, later) = (Authority::for_days(3), Authority::for_days(9));
    let [clients, lists] = ["clients.pem", "revoked.pem"].map(|name| {
        let [first, second] = [&sooner, &later].map(|one| fs::read(one.path(name)).unwrap());
        fs::write(sooner.path(name), [&second[..], &first[..]].concat()).unwrap();
        first
    });
    let server = X509::from_pem(&fs::read(sooner.path("server.pem")).unwrap()).unwrap();
    let client = X509::from_pem(&clients).unwrap();
    let list = X509Crl::from_pem(&lists).unwrap();
    let under_tls = service(&sooner, ClientCertificates::Required);
    let told = Monitoring::of(&under_tls).scrape();
    for (setting, end) in [
        ("tls_certificate_file", server.not_after()),
        ("tls_client_ca_file", client.not_after()),
        ("tls_revocation_list_file", list.next_update().unwrap()),
    ] {
        let series = format!("cpis_certificate_ends_seconds{{setting=\"{setting}\"}}");
        let ends = told.told(&series).to_string().parse().unwrap();
        let ends = Asn1Time::from_unix(ends).unwrap();
        assert_eq!(*ends, *end, "{setting}");
    }
    let in_the_clear = Monitoring::of(&TestService::new()).scrape();
    assert_eq!(in_the_clear.sum("cpis_certificate_ends_seconds"), 0.0);
}
