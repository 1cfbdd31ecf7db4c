//! What the operator's monitoring is told of callers' requests, where it is told, and what it is
//! never told: `server::metrics_listener`, `metrics`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::json;

use crate::losing_the_database::{assert_unavailable, in_a_hurry};
use crate::support::{
    Monitoring, OwnCluster, Scrape, TestService, a_client, a_plan,
    assert_line_says_nothing_of_children, file, say, wait_until,
};

const NUMBER: &str = "9990000026";
const SEARCH: &str = "Flag?patient=9990000026";

/// The counts of requests that changed, and by how much.
fn requests(after: &Scrape, before: &Scrape) -> Vec<(String, f64)> {
    let of = ["cpis_requests_total", "cpis_request_seconds_count"];
    after.since(before, &of).into_iter().collect()
}

fn one(route: &str, method: &str, status: u16) -> Vec<(String, f64)> {
    let labels = format!("route=\"{route}\",method=\"{method}\"");
    let count = format!("cpis_request_seconds_count{{{labels}}}");
    let total = format!("cpis_requests_total{{{labels},status=\"{status}\"}}");
    vec![(count, 1.0), (total, 1.0)]
}

#[test]
fn each_request_is_counted_once_by_its_pattern_whatever_comes_of_it() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let monitoring = Monitoring::of(&service);
    let clinician = service.token(SandboxRole::Clinician);
    let receptionist = service.token(SandboxRole::NoActivity);
    let flag = "Flag/019371b8-1c00-7000-8000-000000000001";
    let mut before = monitoring.scrape();
    for (token, method, path, route, status) in [
        // A child with a plan, one without, and who is none.
        (&clinician, "GET", SEARCH, "/FHIR/R4/Flag", 200),
        (
            &clinician,
            "GET",
            "Flag?patient=9990000018",
            "/FHIR/R4/Flag",
            200,
        ),
        (
            &clinician,
            "GET",
            "Flag?patient=9990000027",
            "/FHIR/R4/Flag",
            400,
        ),
        (&clinician, "GET", flag, "/FHIR/R4/Flag/{id}", 404),
        (&clinician, "HEAD", SEARCH, "/FHIR/R4/Flag", 200),
        (&clinician, "DELETE", SEARCH, "/FHIR/R4/Flag", 405),
        (&clinician, "GET", "9990000026/b", "none", 404),
        (&clinician, "GET", "metadata", "/FHIR/R4/metadata", 200),
        (&receptionist, "GET", SEARCH, "/FHIR/R4/Flag", 403),
        (&String::new(), "GET", SEARCH, "/FHIR/R4/Flag", 401),
    ] {
        let bearer = format!("Bearer {token}");
        let answer = service.ask(method, path, &[("authorization", &bearer)], b"");
        assert_eq!(answer.status, status, "{method} {path}");
        let after = monitoring.scrape();
        assert_eq!(
            requests(&after, &before),
            one(route, method, status),
            "{path}"
        );
        assert_eq!(after.told("cpis_requests_open"), 0.0);
        before = after;
    }
    assert_eq!(before.told("cpis_requests_cut_short_total"), 0.0);
    let refused = |reason| before.told(&format!("cpis_refusals_total{{reason=\"{reason}\"}}"));
    assert_eq!(refused("no-view-activity"), 1.0);
}

#[test]
fn each_disclosure_is_timed_once_in_each_of_its_steps_and_what_looks_at_no_child_in_none() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let monitoring = Monitoring::of(&service);
    let steps = ["wait", "statement", "answer-queue", "answer-commit"];
    let step = |scrape: &Scrape, step| {
        scrape.told(&format!("cpis_disclosure_seconds_count{{step=\"{step}\"}}"))
    };
    let of = [
        "cpis_disclosure_seconds_count",
        "cpis_answers_together_count",
    ];
    let before = monitoring.scrape();
    assert_eq!(steps.map(|one| step(&before, one)), [0.0; 4]);
    for (path, expected) in [
        (SEARCH, 1.0),
        ("Flag?patient=9990000018", 2.0),
        ("AuditEvent?patient=9990000026", 3.0),
        ("metadata", 3.0),
        ("Flag?patient=1", 3.0),
    ] {
        service.get(path);
        let after = monitoring.scrape();
        assert_eq!(steps.map(|one| step(&after, one)), [expected; 4], "{path}");
        assert_eq!(after.since(&before, &of).len(), 5, "{path}");
        assert_eq!(after.told("cpis_answers_together_sum"), expected);
        // The searches by NHS number: each found a free thread, and went alone.
        for part in ["count", "sum"] {
            let told = after.told(&format!("cpis_looks_together_{part}"));
            assert_eq!(told, f64::min(expected, 2.0), "{path}");
        }
        assert_eq!(after.told("cpis_answers_waiting"), 0.0);
        assert_eq!(after.told("cpis_answers_writer_alive"), 1.0);
    }
}

#[test]
fn no_metric_holds_anything_of_a_child_or_of_who_asks_whatever_is_asked() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    service.register_client(&a_client("epr", &["RQX99"], &["user/*.rs"]));
    service.exchange(
        &service.assertion("epr", "1"),
        &service.id_token("epr"),
        &[],
    );
    let flags = service.get(SEARCH);
    let id = flags.matches()[0]["id"].as_str().unwrap().to_owned();
    for path in [
        format!("Flag/{NUMBER}"),
        format!("{NUMBER}/{NUMBER}?a={NUMBER}"),
        format!("Patient/{NUMBER}/Flag"),
        format!("Flag/{id}"),
        format!("/oauth2/{NUMBER}"),
    ] {
        service.get(&path);
    }
    let by_word = format!("{NUMBER} /FHIR/R4/{SEARCH} HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(say(&service, by_word.as_bytes()).unwrap().status, 405);
    service.get_as("a.b.c", SEARCH);
    let csv = file(
        2,
        &[a_plan().child("9990000034"), a_plan().child("9990000027")],
    );
    service.upload_as(SandboxRole::LocalAuthority, csv.as_bytes());
    service.upload_as(SandboxRole::SecondLocalAuthority, csv.as_bytes());
    let batch = json!({ "resourceType": "Bundle", "type": "batch", "entry": [
        { "request": { "method": "GET", "url": SEARCH } },
    ]});
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
    ];
    service.ask("POST", "", &headers, batch.to_string().as_bytes());
    let told = Monitoring::of(&service).scrape();
    assert!(told.sum("cpis_requests_total") > 10.0);
    for line in told.text.lines() {
        assert_line_says_nothing_of_children("the metrics'", line);
    }
    for (what, word) in [
        ("an organisation", "RQX99"),
        ("an authority", "E9000"),
        ("a person", "55500000"),
        ("a client", "\"epr\""),
        ("a plan", &id),
    ] {
        assert!(!told.text.contains(word), "holds {what}");
    }
}

#[test]
fn callers_are_told_no_metrics_and_monitoring_nothing_else() {
    let service = TestService::new();
    let monitoring = Monitoring::of(&service);
    for path in ["metrics", &format!("{}/metrics", service.root)] {
        assert_eq!(service.get(path).status, 404, "{path}");
    }
    for path in [
        "/",
        "/FHIR/R4/metadata",
        "/_status",
        "/metrics/",
        "//metrics",
        "/metrics/a",
    ] {
        let answer = monitoring.ask("GET", path);
        assert_eq!((answer.status, answer.text.as_str()), (404, ""), "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "A"] {
        let answer = monitoring.ask(method, "/metrics");
        assert_eq!((answer.status, answer.text.as_str()), (405, ""), "{method}");
    }
    // What monitoring asks is none of what callers ask.
    assert_eq!(monitoring.scrape().sum("cpis_requests_total"), 2.0);
}

#[test]
fn monitoring_holds_few_connections_and_none_that_says_nothing() {
    let service = TestService::new();
    let monitoring = Monitoring::of(&service);
    let begin = || {
        let mut stream = TcpStream::connect(&monitoring.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let _closed = stream.write_all(b"GET /metrics HTTP/1.1\r\n");
        stream
    };
    let held: Vec<TcpStream> = (0..8).map(|_| begin()).collect();
    let began = Instant::now();
    let mut ninth = begin();
    let read = ninth.read(&mut [0; 16]);
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    assert!(
        began.elapsed() < Duration::from_secs(4),
        "{:?}",
        began.elapsed()
    );
    // A head that is not finished is given up, and its place is another's.
    for mut stream in held {
        let mut answer = Vec::new();
        let _reset = stream.read_to_end(&mut answer);
        assert!(
            !String::from_utf8_lossy(&answer).contains("200"),
            "{answer:?}"
        );
    }
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    monitoring.scrape();
}

#[test]
fn while_the_database_is_gone_or_frozen_metrics_are_told_in_time_without_what_it_alone_knows() {
    let own = OwnCluster::new();
    let service = own.service(in_a_hurry);
    service.tell(&[a_plan().child(NUMBER)]);
    assert_eq!(service.get(SEARCH).total(), 1);
    let monitoring = Monitoring::of(&service);
    let there = monitoring.scrape();
    assert_eq!(there.told("cpis_notifications_owed"), 1.0);
    assert_eq!(there.told("cpis_database_answers{side=\"query\"}"), 1.0);
    own.cluster().pause().unwrap();
    let mut before = there;
    for _ in 0..6 {
        let frozen = monitoring.scrape();
        assert!(frozen.took < Duration::from_secs(2), "{:?}", frozen.took);
        assert_nothing_of_the_database(&frozen);
        before = frozen;
    }
    // However often it was asked, monitoring takes one connection of a side.
    let used = |name: &str| before.told(&format!("cpis_database_{name}{{side=\"notifier\"}}"));
    assert!(
        used("connections") - used("connections_idle") <= 1.0,
        "{}",
        before.text
    );
    assert_unavailable(&service.get(SEARCH));
    let after = monitoring.scrape();
    assert_eq!(requests(&after, &before), one("/FHIR/R4/Flag", "GET", 503));
    let late = "cpis_database_failures_total{side=\"looks\",reason=\"late\"}";
    assert!(after.told(late) >= 1.0, "{}", after.text);
    own.cluster().resume().unwrap();
    wait_until(|| monitoring.scrape().value("cpis_notifications_owed") == Some(1.0));
    own.cluster().stop();
    let before = monitoring.scrape();
    assert!(before.took < Duration::from_secs(2), "{:?}", before.took);
    assert_nothing_of_the_database(&before);
    assert_unavailable(&service.get(SEARCH));
    let after = monitoring.scrape();
    assert_eq!(requests(&after, &before), one("/FHIR/R4/Flag", "GET", 503));
}

fn assert_nothing_of_the_database(scrape: &Scrape) {
    for side in ["query", "intake", "notifier", "upkeep"] {
        let answers = scrape.told(&format!("cpis_database_answers{{side=\"{side}\"}}"));
        assert_eq!(answers, 0.0, "{side}");
    }
    for name in [
        "cpis_notifications_owed",
        "cpis_notifications_oldest_seconds",
        "cpis_notifications_overdue_authorities",
        "cpis_notifications_given_up",
        "cpis_alert_reports_open",
        "cpis_alert_reports_oldest_seconds",
    ] {
        assert_eq!(scrape.value(name), None);
    }
}
