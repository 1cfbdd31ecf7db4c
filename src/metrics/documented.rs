//! Holds `docs/metrics.md` to the metrics there are, and the dashboard and the alerts to that page.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use std::collections::BTreeMap;

use serde_json::Value;

use crate::metrics::definitions::ALL;
use crate::metrics::page::{Definition, Kind};

/// What Prometheus knows by itself of whom it asks.
const ITS_OWN: [&str; 1] = ["up"];
/// Labels that Prometheus adds to whatever it is told.
const ADDED: [&str; 3] = ["le", "job", "instance"];

/// The metrics that an expression asks for, each with the labels that it chooses by.
fn asked(expression: &str) -> Vec<(String, Vec<String>)> {
    let is_of_a_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    let mut asked = Vec::new();
    let mut rest = expression;
    while let Some(at) = rest.find(|sign: char| sign.is_ascii_alphabetic()) {
        let word = rest.split_at(at).1;
        let end = word.find(|sign| !is_of_a_name(sign));
        let (name, behind) = word.split_at(end.unwrap_or(word.len()));
        rest = behind;
        let Some(chosen) = behind.strip_prefix('{') else {
            if name.contains('_') && !behind.starts_with('(') && !behind.starts_with(" (") {
                asked.push((name.to_owned(), Vec::new()));
            }
            continue;
        };
        let (chosen, behind) = chosen.split_once('}').unwrap();
        rest = behind;
        let labels = chosen.split(',').filter_map(|one| {
            let name = one.split(['=', '!', '~']).next()?.trim();
            one.contains('"').then(|| name.to_owned())
        });
        asked.push((name.to_owned(), labels.collect()));
    }
    asked
}

/// What is wrong with an expression: a metric or a label that there is not.
fn wrong_with(expression: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let all = asked(expression);
    if all.is_empty() {
        wrong.push(format!("asks for no metric: {expression}"));
    }
    for (name, labels) in all {
        if ITS_OWN.contains(&name.as_str()) {
            continue;
        }
        let parts = ["_bucket", "_sum", "_count"];
        let base = parts.iter().find_map(|part| name.strip_suffix(part));
        let is_it = |one: &&Definition| match one.kind {
            Kind::Histogram => base == Some(one.name),
            Kind::Counter | Kind::Gauge => name == one.name,
        };
        let Some(definition) = ALL.iter().find(is_it) else {
            wrong.push(format!("asks for {name}, which is not told"));
            continue;
        };
        for label in labels {
            let is_there =
                definition.labels.contains(&label.as_str()) || ADDED.contains(&label.as_str());
            if !is_there {
                wrong.push(format!("{name} has no label {label}"));
            }
        }
    }
    wrong
}

#[test]
fn the_page_has_every_metric_with_its_kind_and_labels_in_order_and_no_other() {
    let page = include_str!("../../docs/metrics.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let documented: Vec<String> = rows
        .map(|row| row.split(" | ").take(3).collect::<Vec<_>>().join(" | "))
        .collect();
    let labels = |definition: &Definition| match definition.labels {
        [] => "–".to_owned(),
        labels => {
            let quoted = labels.iter().map(|label| format!("`{label}`"));
            quoted.collect::<Vec<_>>().join(", ")
        }
    };
    let row = |definition: &Definition| {
        let (name, kind) = (definition.name, definition.kind.name());
        format!("| `{name}` | {kind} | {}", labels(definition))
    };
    assert_eq!(documented, ALL.iter().map(row).collect::<Vec<_>>());
}

#[test]
fn a_metric_is_named_for_what_it_is() {
    for definition in ALL {
        let name = definition.name;
        let is_counter = definition.kind == Kind::Counter;
        assert_eq!(name.ends_with("_total"), is_counter, "{name}");
        assert!(name.starts_with("cpis_") || name.starts_with("process_"));
        assert!(definition.help.ends_with('.'), "{name}");
    }
}

#[test]
fn the_dashboard_asks_for_metrics_that_are_told_and_for_each_of_them() {
    let dashboard = include_str!("../../docs/metrics-dashboard.json");
    let dashboard: Value = serde_json::from_str(dashboard).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().unwrap());
    let expressions: Vec<&str> = targets
        .map(|target| target["expr"].as_str().unwrap())
        .collect();
    for expression in &expressions {
        assert_eq!(wrong_with(expression), [""; 0], "{expression}");
    }
    for definition in ALL {
        let is_shown = expressions
            .iter()
            .any(|shown| shown.contains(definition.name));
        assert!(is_shown, "{} is on no panel", definition.name);
    }
}

#[test]
fn every_alert_asks_for_what_is_told_waits_and_says_why_and_what_to_do_first() {
    let alerts = concat!(
        include_str!("../../docs/metrics-alerts.yml"),
        include_str!("../../docs/metrics-alerts-trust.yml"),
    );
    let rules: Vec<&str> = alerts.split("      - alert: ").skip(1).collect();
    assert!(rules.len() > 20);
    for rule in rules {
        let lines = rule
            .lines()
            .skip(1)
            .filter_map(|line| line.trim().split_once(": "));
        let said: BTreeMap<&str, &str> = lines.collect();
        assert_eq!(wrong_with(said["expr"]), [""; 0], "{rule}");
        assert!(said["for"].ends_with(['s', 'm', 'h']), "{rule}");
        let severities = ["{ severity: page }", "{ severity: ticket }"];
        assert!(severities.contains(&said["labels"]), "{rule}");
        for annotation in ["reason", "first"] {
            assert!(said[annotation].ends_with('.'), "{rule}");
        }
    }
}

#[test]
fn what_is_not_told_is_found_in_an_expression() {
    assert_eq!(
        wrong_with("sum by (le) (rate(cpis_request_seconds_bucket[5m]))"),
        [""; 0]
    );
    assert_eq!(wrong_with("up{job=\"a\"} == 0"), [""; 0]);
    for (expression, wrong) in [
        (
            "rate(cpis_requests[5m])",
            "asks for cpis_requests, which is not told",
        ),
        (
            "cpis_request_seconds",
            "asks for cpis_request_seconds, which is not told",
        ),
        (
            "cpis_tokens_total{reason=\"a\"}",
            "cpis_tokens_total has no label reason",
        ),
        ("1 > 0", "asks for no metric: 1 > 0"),
    ] {
        assert_eq!(wrong_with(expression), [wrong]);
    }
}
