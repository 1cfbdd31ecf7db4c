//! Certificates, keys and revocations that change while the service runs: `server::tls_files`,
//! `start::doorway`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{
    Authority, Identity, ServedProgram, asked, assert_one_line, connected, errors, program,
    wait_until,
};

const PING: &str = "/_ping";

fn served(authority: &Authority) -> ServedProgram {
    let path = |name| authority.path(name).into_os_string();
    let variables = [
        ("CPIS_TLS_CERTIFICATE_FILE", path("server.pem")),
        ("CPIS_TLS_KEY_FILE", path("server.key")),
        ("CPIS_TLS_CLIENT_CA_FILE", path("clients.pem")),
        ("CPIS_TLS_REVOCATION_LIST_FILE", path("revoked.pem")),
    ];
    ServedProgram::start_under_tls(&variables)
}

fn is_let_in(authority: &Authority, program: &ServedProgram, shown: &Identity) -> bool {
    let stream = connected(authority.caller(Some(shown)), &program.address);
    let answer = stream.and_then(|mut stream| asked(&mut stream, PING, ""));
    answer.is_some_and(|answer| answer.starts_with("HTTP/1.1 200 OK"))
}

#[test]
fn a_revoked_certificate_is_turned_away_at_once_on_a_signal_and_on_a_connection_that_it_has() {
    let authority = Authority::new();
    let [good, bad] = [10, 11].map(|serial| authority.identity("caller", serial));
    let program = served(&authority);
    wait_until(|| is_let_in(&authority, &program, &bad));
    let mut held = connected(authority.caller(Some(&bad)), &program.address).unwrap();
    let mut other = connected(authority.caller(Some(&good)), &program.address).unwrap();
    for stream in [&mut held, &mut other] {
        assert!(asked(stream, PING, "").unwrap().contains(" 200 OK"));
    }
    authority.put_revoked(&[11]);
    program.signal("HUP");
    wait_until(|| !is_let_in(&authority, &program, &bad));
    let answer = asked(&mut held, PING, "").unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(answer.contains("trusted no longer"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    assert!(asked(&mut other, PING, "").unwrap().contains(" 200 OK"));
    assert!(is_let_in(&authority, &program, &good));
}

#[test]
fn new_files_are_in_force_within_a_minute_and_broken_ones_never() {
    let authority = Authority::new();
    let caller = authority.identity("caller", 10);
    let program = served(&authority);
    wait_until(|| is_let_in(&authority, &program, &caller));
    let shown = || {
        let stream = connected(authority.caller(Some(&caller)), &program.address);
        stream.and_then(|stream| stream.ssl().peer_certificate()?.to_der().ok())
    };
    let before = shown().unwrap();
    let key = fs::read(authority.path("server.key")).unwrap();
    for (name, broken) in [
        ("server.key", b"sesame".to_vec()),
        ("server.pem", b"sesame".to_vec()),
        ("clients.pem", b"sesame".to_vec()),
        ("revoked.pem", Vec::new()),
    ] {
        let right = fs::read(authority.path(name)).unwrap();
        fs::write(authority.path(name), broken).unwrap();
        let told = program.told("those before stay in force");
        program.signal("HUP");
        wait_until(|| program.told("those before stay in force") > told);
        assert_eq!(shown().as_ref(), Some(&before), "{name}");
        fs::write(authority.path(name), right).unwrap();
    }
    assert!(!program.logged().contains("sesame"));
    let next = authority.identity("localhost", 3);
    authority.put_server(&next);
    assert_ne!(fs::read(authority.path("server.key")).unwrap(), key);
    // Nobody signals: the service sees it by itself.
    wait_until(|| shown() == next.certificate.to_der().ok());
}

/// The commands of one block of the page, about to be run in a folder.
fn block(number: usize, folder: &Path) -> Command {
    let page = include_str!("../../docs/tls.md");
    let blocks = page.split("```bash\n").skip(1);
    let commands: Vec<_> = blocks
        .filter_map(|block| block.split("```").next())
        .collect();
    let mut bash = Command::new("bash");
    bash.args(["-euc", commands[number]]).current_dir(folder);
    bash
}

#[test]
fn the_worked_example_of_the_page_does_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let made = block(0, folder.path()).output().unwrap();
    assert!(made.status.success(), "{}", errors(&made));
    let path = |name| folder.path().join(name).into_os_string();
    let program = ServedProgram::start_under_tls(&[
        ("CPIS_TLS_CERTIFICATE_FILE", path("server.pem")),
        ("CPIS_TLS_KEY_FILE", path("server.key")),
        ("CPIS_TLS_CLIENT_CA_FILE", path("ca.pem")),
        ("CPIS_TLS_REVOCATION_LIST_FILE", path("revoked.pem")),
    ]);
    let port = program.address.rsplit(':').next().unwrap();
    let is_answered = || {
        let mut ask = block(1, folder.path());
        ask.env("PORT", port).output().unwrap().status.success()
    };
    wait_until(is_answered);
    let revoked = block(2, folder.path()).output().unwrap();
    assert!(revoked.status.success(), "{}", errors(&revoked));
    wait_until(|| !is_answered());
}

#[test]
fn serve_does_not_speak_in_the_clear_to_a_network_nor_with_half_of_what_tls_needs() {
    let authority = Authority::new();
    let path = |name| authority.path(name).into_os_string();
    let stranger = Authority::new();
    for (variables, named) in [
        (vec![("CPIS_LISTEN", "0.0.0.0:0".into())], "listen"),
        (vec![("CPIS_LISTEN", "[::]:0".into())], "listen"),
        (
            vec![("CPIS_TLS_CERTIFICATE_FILE", path("server.pem"))],
            "tls_key_file",
        ),
        (
            vec![("CPIS_TLS_KEY_FILE", path("server.key"))],
            "tls_certificate_file",
        ),
        (
            vec![("CPIS_TLS_CLIENT_CA_FILE", path("clients.pem"))],
            "tls_certificate_file",
        ),
        (
            vec![
                ("CPIS_TLS_CERTIFICATE_FILE", path("server.pem")),
                ("CPIS_TLS_KEY_FILE", path("server.key")),
            ],
            "tls_client_ca_file",
        ),
        (
            vec![
                ("CPIS_TLS_CERTIFICATE_FILE", path("server.pem")),
                ("CPIS_TLS_KEY_FILE", stranger.path("server.key").into()),
                ("CPIS_TLS_CLIENT_CERTIFICATES", "off".into()),
            ],
            "tls_key_file",
        ),
        (
            vec![
                ("CPIS_TLS_CERTIFICATE_FILE", path("server.pem")),
                ("CPIS_TLS_KEY", "sesame".into()),
            ],
            "tls_key",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut serve = ServedProgram::with_its_settings(program(&["serve"]), folder.path());
        let output = serve.envs(variables).output().unwrap();
        assert_one_line(&output, named);
    }
}
