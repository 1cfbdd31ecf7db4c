//! What the operator's monitoring is told of all that is beside callers' requests, and that every
//! metric is documented: `metrics`, `docs/metrics.md`.

use std::ffi::OsString;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use actix_web::rt::System;
use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;

use crate::support::{
    Answers, Documented, Monitoring, Pds, Receiver, Scrape, SealedService, ServedProgram,
    TestService, a_client, a_plan, documented, file,
};
#[cfg(not(feature = "otel"))]
use crate::support::{assert_one_line, program};
#[cfg(feature = "otel")]
use crate::support::{runtime, wait_until};

const NUMBER: &str = "9990000026";
const SEARCH: &str = "Flag?patient=9990000026";

#[test]
fn every_metric_that_is_told_is_on_its_page_and_every_one_of_the_page_is_told() {
    let sealed = SealedService::new();
    let service = &sealed.service;
    service.tell(&[a_plan().child(NUMBER)]);
    service.get(SEARCH);
    service.get_as("a.b.c", SEARCH);
    service.ask_for_token("a.b.c", &[]);
    let told = Monitoring::of(service).scrape().declared();
    let page = documented();
    let names = |all: &std::collections::BTreeMap<String, Documented>| -> Vec<String> {
        all.keys().cloned().collect()
    };
    assert_eq!(names(&told), names(&page));
    for (name, told) in told {
        let documented = &page[&name];
        assert_eq!(told.kind, documented.kind, "{name}");
        // What has not happened yet has no labels.
        let known = told.labels.is_empty() || told.labels == documented.labels;
        assert!(known, "{name}: {:?}", told.labels);
    }
}

#[test]
fn what_is_owed_is_told_with_its_age_and_to_how_many_authorities_it_is_overdue() {
    let service = TestService::new();
    let monitoring = Monitoring::of(&service);
    let owed = |scrape: &Scrape| {
        ["owed", "oldest_seconds", "overdue_authorities", "given_up"]
            .map(|name| scrape.told(&format!("cpis_notifications_{name}")))
    };
    assert_eq!(owed(&monitoring.scrape()), [0.0; 4]);
    let of_another = a_plan().child(NUMBER).of("E90002").local_id("S-1");
    service.tell(&[a_plan().child(NUMBER)]);
    service.tell(&[of_another]);
    service.get(SEARCH);
    assert_eq!(owed(&monitoring.scrape()), [2.0, 0.0, 0.0, 0.0]);
    service.clock.advance(TimeDelta::minutes(61));
    assert_eq!(owed(&monitoring.scrape()), [2.0, 3660.0, 2.0, 0.0]);
    service.execute(
        "update notifications set failed_at = now(), last_error = 'a' where id = \
         (select min(id::text)::uuid from notifications)",
    );
    assert_eq!(owed(&monitoring.scrape()), [1.0, 3660.0, 1.0, 1.0]);
}

#[test]
fn how_far_sealing_is_behind_is_told_and_what_came_of_its_rounds() {
    let sealed = SealedService::new();
    let service = &sealed.service;
    let monitoring = Monitoring::of(service);
    let sealing = |name: &str| monitoring.scrape().value(&format!("cpis_sealing_{name}"));
    service.get(SEARCH);
    service.clock.advance(TimeDelta::seconds(90));
    let rows = sealing("unsealed_rows").unwrap();
    assert!(rows >= 1.0);
    assert_eq!(sealing("lag_seconds"), Some(90.0));
    assert_eq!(sealing("checkpoint_size"), Some(0.0));
    assert_eq!(sealing("checkpoint_age_seconds"), None);
    let sealer = service.within.sealer.clone().unwrap();
    let round = || System::new().block_on(sealer.seal(service.now()));
    round().unwrap();
    service.clock.advance(TimeDelta::seconds(7));
    assert_eq!(sealing("unsealed_rows"), Some(0.0));
    assert_eq!(sealing("lag_seconds"), Some(0.0));
    assert_eq!(sealing("checkpoint_size"), Some(rows));
    assert_eq!(sealing("checkpoint_age_seconds"), Some(7.0));
    assert_eq!(sealing("rounds_total{outcome=\"done\"}"), Some(1.0));
    service.execute("alter table sealed_checkpoints rename to mislaid");
    service.get(SEARCH);
    round().unwrap_err();
    assert_eq!(sealing("rounds_total{outcome=\"failed\"}"), Some(1.0));
    // Who cannot read the checkpoints says nothing of them.
    assert_eq!(sealing("checkpoint_size"), None);
}

#[test]
fn uploads_are_counted_by_what_they_were_answered_with_and_their_records_by_code() {
    let service = TestService::new();
    let monitoring = Monitoring::of(&service);
    let good = a_plan().child(NUMBER);
    let bad = a_plan().child("9990000027").local_id("H-2");
    let send = |role, csv: String| service.upload_as(role, csv.as_bytes()).status;
    assert_eq!(
        send(SandboxRole::LocalAuthority, file(1, &[good.clone(), bad])),
        200
    );
    assert_eq!(
        send(
            SandboxRole::LocalAuthority,
            file(3, std::slice::from_ref(&good))
        ),
        409
    );
    assert_eq!(
        send(SandboxRole::SecondLocalAuthority, file(1, &[good])),
        403
    );
    let told = monitoring.scrape();
    for (series, count) in [
        ("cpis_uploads_total{form=\"csv\",outcome=\"CPF03\"}", 1.0),
        ("cpis_uploads_total{form=\"csv\",outcome=\"CPF01\"}", 1.0),
        (
            "cpis_uploads_total{form=\"csv\",outcome=\"not-taken-in\"}",
            1.0,
        ),
        ("cpis_upload_records_total{code=\"CPR06\"}", 1.0),
        ("cpis_upload_records_total{code=\"CPR04\"}", 1.0),
        ("cpis_upload_records_compared_total", 0.0),
        ("cpis_refusals_total{reason=\"another-authority\"}", 1.0),
    ] {
        assert_eq!(told.told(series), count, "{series}");
    }
}

#[test]
fn calls_of_the_demographics_service_are_timed_by_what_came_of_them_and_matches_counted() {
    let pds = Pds::new();
    pds.knows(NUMBER, NUMBER, ("OKONKWO", &["Ada", "Grace"], "2015-04-01"));
    let service = TestService::with(|settings| settings.matching = pds.settings());
    service.uploaded(&[a_plan(), a_plan().child("9990000034")]);
    let told = Monitoring::of(&service).scrape();
    for (series, count) in [
        ("cpis_demographics_seconds_count{outcome=\"answered\"}", 2.0),
        ("cpis_demographics_seconds_count{outcome=\"late\"}", 0.0),
        ("cpis_upload_records_compared_total", 2.0),
        ("cpis_upload_records_matched_total", 1.0),
        ("cpis_upload_records_total{code=\"CPR01\"}", 1.0),
    ] {
        assert_eq!(told.told(series), count, "{series}");
    }
}

#[test]
fn attempts_at_telling_an_authority_are_counted_by_what_came_of_them() {
    let receiver = Receiver::start();
    let service = TestService::with(|settings| settings.sending.notifier_reaches_loopback = true);
    let plans = [NUMBER, "9990000034"].map(|child| a_plan().child(child).local_id(child));
    service.tell(&plans);
    service.subscribe(&receiver.url);
    service.get(SEARCH);
    service.work();
    receiver.answer(Answers::With(500));
    service.get("Flag?patient=9990000034");
    service.work();
    let told = Monitoring::of(&service).scrape();
    for outcome in ["delivered", "failed"] {
        let series = format!("cpis_notifications_total{{outcome=\"{outcome}\"}}");
        assert_eq!(told.told(&series), 1.0, "{outcome}");
    }
}

#[test]
fn tokens_refusals_and_findings_are_counted_by_what_came_of_them() {
    let service = TestService::with(|settings| settings.budgets.person_children_max = 2);
    let monitoring = Monitoring::of(&service);
    service.register_client(&a_client("epr", &["RQX99"], &["user/*.rs"]));
    let id_token = service.id_token("epr");
    service.exchange(&service.assertion("epr", "1"), &id_token, &[]);
    service.exchange(&service.assertion("epr", "1"), &id_token, &[]);
    for number in ["9990000018", "9990000034", "9990000050"] {
        service.get(&format!("Flag?patient={number}"));
    }
    service.share_looks();
    let told = monitoring.scrape();
    for (series, count) in [
        ("cpis_tokens_total{outcome=\"issued\"}", 1.0),
        ("cpis_tokens_total{outcome=\"invalid_client\"}", 1.0),
        ("cpis_refusals_total{reason=\"assertion-used-before\"}", 1.0),
        ("cpis_refusals_total{reason=\"over-budget\"}", 1.0),
        ("cpis_look_findings_total{kind=\"spent-budget\"}", 1.0),
    ] {
        assert_eq!(told.told(series), count, "{series}");
    }
}

#[cfg(feature = "otel")]
#[test]
fn a_collector_is_posted_what_monitoring_is_told_and_one_that_is_away_is_told_of_once() {
    let service = TestService::new();
    service.get(SEARCH);
    let collector = Receiver::start();
    let measured = cpis_fhir::metrics::Measured {
        service: service.within.clone().into_inner(),
        doorway: service.doorway.clone(),
    };
    let (url, often) = (collector.url.clone(), Duration::from_millis(200));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let posting = std::thread::spawn(move || {
        let posts = cpis_fhir::metrics::otlp::post_for_ever(measured, url, often);
        runtime().block_on(async {
            tokio::select! {
                () = posts => {}
                _ = stopped => {}
            }
        });
    });
    wait_until(|| collector.received().len() > 1);
    let posted = collector.received().remove(0);
    assert!(
        posted.head.contains("content-type: application/json"),
        "{}",
        posted.head
    );
    let scope = &posted.bundle["resourceMetrics"][0]["scopeMetrics"][0];
    let metrics = scope["metrics"].as_array().unwrap();
    let told = Monitoring::of(&service).scrape();
    let names: std::collections::BTreeSet<&str> = metrics
        .iter()
        .map(|metric| metric["name"].as_str().unwrap())
        .collect();
    for (name, declared) in told.declared() {
        let has_values = told.text.lines().any(|line| {
            line.strip_prefix(&name)
                .is_some_and(|rest| rest.starts_with(['{', ' ', '_']))
        });
        let is_there = names.contains(name.as_str());
        assert_eq!(is_there, has_values, "{name} {declared:?}");
    }
    let requests = metrics
        .iter()
        .find(|one| one["name"] == "cpis_requests_total")
        .unwrap();
    let point = &requests["sum"]["dataPoints"][0];
    assert_eq!(point["asInt"], "1");
    assert!(!posted.bundle.to_string().contains(NUMBER));
    let lines = "The collector did not take metrics";
    let before = crate::support::lines().matches(lines).count();
    collector.answer(Answers::With(503));
    let so_far = collector.received().len();
    wait_until(|| collector.received().len() > so_far + 2);
    assert_eq!(crate::support::lines().matches(lines).count(), before + 1);
    drop(stop);
    posting.join().unwrap();
}

#[cfg(not(feature = "otel"))]
#[test]
fn a_program_that_posts_to_no_collector_does_not_start_with_one_set() {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = ServedProgram::with_its_settings(program(&["serve"]), folder.path());
    serve.env("CPIS_OTEL_METRICS_URL", "http://127.0.0.1:1/v1/metrics");
    assert_one_line(&serve.output().unwrap(), "otel_metrics_url");
}

#[test]
fn the_program_tells_metrics_where_that_is_set_and_of_itself_what_the_system_says() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let address = free.unwrap().to_string();
    let listen = ("CPIS_METRICS_LISTEN", OsString::from(&address));
    let program = ServedProgram::start_under_tls(&[listen]);
    let caller = TcpStream::connect(&program.address).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let told = Scrape::of(&address);
    let version = format!(
        "cpis_build_info{{version=\"{}\"}}",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(told.told(&version), 1.0);
    assert!(told.told("cpis_connections") >= 1.0);
    drop(caller);
    let memory = told.told("process_resident_memory_bytes") / 1_048_576.0;
    let most = f64::from(u32::try_from(program.memory_max()).unwrap());
    assert!(memory > 1.0 && memory <= most + 1.0, "{memory} {most}");
    assert!(told.told("process_open_fds") > 5.0);
    assert!(told.told("process_max_fds") > told.told("process_open_fds"));
    assert!(told.told("process_threads") > 2.0);
    assert!(told.told("process_cpu_seconds_total") >= 0.0);
    let started = told.told("process_start_time_seconds");
    assert!(started > 1_700_000_000.0, "{started}");
}
