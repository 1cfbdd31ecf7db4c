//! Who is turned away before a request is read, and from where a refused request came: on record,
//! and however many they are, no more than is allowed: `server::turned_away`, `api::address`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use cpis_fhir::clock::{Clock as _, SystemClock};
use cpis_fhir::store::provision::OWNER;

use crate::support::{
    Authority, ServedProgram, TestService, asked, cluster, connected, lines, new_database,
    register_all, texts_of, wait_until,
};

const PING: &str = "/_ping";

#[test]
fn connections_that_are_turned_away_are_counted_by_why_in_the_log_and_on_record() {
    let authority = Authority::new();
    let [good, revoked] = [10, 11].map(|serial| authority.identity("caller", serial));
    authority.put_revoked(&[11]);
    let stranger = Authority::new().identity("caller", 12);
    let database = new_database();
    register_all(&cluster().url(OWNER, &database), SystemClock.now());
    let path = |name| authority.path(name).into_os_string();
    let program = ServedProgram::start_on(
        &database,
        &[
            ("CPIS_TLS_CERTIFICATE_FILE", path("server.pem")),
            ("CPIS_TLS_KEY_FILE", path("server.key")),
            ("CPIS_TLS_CLIENT_CA_FILE", path("clients.pem")),
            ("CPIS_TLS_REVOCATION_LIST_FILE", path("revoked.pem")),
            ("CPIS_CONNECTIONS_PER_CERTIFICATE_MAX", "1".into()),
        ],
    );
    let ask = |shown| {
        let mut stream = connected(authority.caller(shown), &program.address)?;
        let answer = asked(&mut stream, PING, "");
        answer.map(|_answer| stream)
    };
    let held = ask(Some(&good)).unwrap();
    assert!(ask(Some(&good)).is_none(), "its one place is taken");
    for _ in 0..3 {
        assert!(ask(None).is_none());
    }
    for shown in [&revoked, &stranger] {
        assert!(ask(Some(shown)).is_none());
    }
    let mut plain = TcpStream::connect(&program.address).unwrap();
    plain
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    plain
        .write_all(b"GET /_ping HTTP/1.1\r\n\r\n9990000026")
        .unwrap();
    let _closed = plain.read_to_end(&mut Vec::new());
    drop(held);
    program.signal("TERM");
    wait_until(|| program.logged().contains("\"Stopped\""));
    let counted = "select reason || ' ' || sum(times) from security_log where route = 'several' \
                   and client_id is null and address is null group by reason order by reason";
    let mut expected: Vec<&str> = vec![
        "connection-no-place 1",
        "handshake-bad-certificate 2",
        "handshake-no-certificate 3",
    ];
    // Who waited for the program to listen, and said nothing, is among those that spoke no TLS.
    let counted = texts_of(&cluster().url(OWNER, &database), counted);
    let failed = counted
        .iter()
        .find(|line| line.starts_with("handshake-failed "));
    expected.insert(2, failed.unwrap().as_str());
    assert_eq!(counted, expected);
    let told = program.told("Connections were turned away");
    assert!((4..=8).contains(&told), "{told}");
    assert!(!program.logged().contains("9990000026"));
}

#[test]
fn a_refusal_is_on_record_with_the_address_of_its_connection_whatever_a_header_says() {
    let service = TestService::new();
    let spoken = [
        ("x-forwarded-for", "192.0.2.1"),
        ("forwarded", "for=192.0.2.1"),
    ];
    let answer = service.ask("GET", "Flag?patient=9990000026", &spoken, b"");
    answer.refusal(401, "ACCESS_DENIED");
    let other = service.over_connections_of(b"the certificate of another");
    let path = format!("{other}/FHIR/R4/Flag?patient=9990000026");
    service
        .ask("GET", &path, &spoken, b"")
        .refusal(401, "ACCESS_DENIED");
    let from = "select distinct address from security_log";
    assert_eq!(service.texts(from), ["127.0.0.1"]);
    let id = answer.header("x-request-id").unwrap();
    let lines = lines();
    let line = lines
        .lines()
        .find(|line| line.contains(id) && line.contains("\"answered\""));
    assert!(line.unwrap().contains("\"address\":\"127.0.0.1\""));
}
