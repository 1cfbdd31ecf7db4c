//! The same page for a collector of OpenTelemetry, posted every so often: OTLP over HTTP, in JSON
//! (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>), by what is here already.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};
use tracing::{error, info};

use crate::instruments::Spread;
use crate::metrics::Measured;
use crate::metrics::page::{Family, Kind, Page, Series, Value};
use crate::outside::{Reach, agent, failure};

/// Whose metrics these are, for the collector.
const SERVICE: &str = "cpis-fhir";
/// Each point is what there was since the process began.
const CUMULATIVE: u8 = 2;
/// The longest that the collector may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How much of an answer is read, in bytes: nothing in it is looked at.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// Posts what is measured to a URL for ever; says once that it fails, and once that it works again.
pub async fn post_for_ever(measured: Measured, url: String, interval: Duration) {
    let since = measured.service.clock.now();
    let mut fails = false;
    loop {
        tokio::time::sleep(interval).await;
        let page = measured.page().await;
        let now = measured.service.clock.now();
        let (url, body) = (url.clone(), request(&page, (since, now)).to_string());
        let posted = tokio::task::spawn_blocking(move || post(&url, body.as_bytes()));
        let posted = posted.await.unwrap_or(Err("cut-short"));
        match (fails, &posted) {
            (false, Err(reason)) => error!(reason, "The collector did not take metrics"),
            (true, Ok(())) => info!("The collector takes metrics again"),
            (true, Err(_)) | (false, Ok(())) => {}
        }
        fails = posted.is_err();
    }
}

/// Posts a request; why it was not taken, as a code.
fn post(url: &str, body: &[u8]) -> Result<(), &'static str> {
    let reach = Reach {
        loopback: true,
        private: true,
    };
    let request = agent(reach, TIMEOUT).post(url);
    let sent = request.content_type("application/json").send(body);
    let mut response = sent.map_err(|error| failure(&error))?;
    let _rest = response
        .body_mut()
        .with_config()
        .limit(ANSWER_BYTES_MAX)
        .read_to_vec();
    match response.status().is_success() {
        true => Ok(()),
        false => Err("refused"),
    }
}

/// A page as a request, of what was measured since the first of two moments, at the second.
fn request(page: &Page, moments: (DateTime<Utc>, DateTime<Utc>)) -> Json {
    // What has no value has no point, and is left out.
    let told = page.families.iter().filter(|one| !one.series.is_empty());
    let metrics: Vec<Json> = told.map(|family| metric(family, moments)).collect();
    let version = env!("CARGO_PKG_VERSION");
    json!({ "resourceMetrics": [{
        "resource": { "attributes": [
            attribute("service.name", SERVICE),
            attribute("service.version", version),
        ]},
        "scopeMetrics": [{
            "scope": { "name": SERVICE, "version": version },
            "metrics": metrics,
        }],
    }]})
}

fn attribute(name: &str, value: &str) -> Json {
    json!({ "key": name, "value": { "stringValue": value } })
}

fn metric(family: &Family, moments: (DateTime<Utc>, DateTime<Utc>)) -> Json {
    let Family { definition, series } = family;
    let points: Vec<Json> = series
        .iter()
        .map(|one| point(definition.labels, one, moments))
        .collect();
    let (name, help) = (definition.name, definition.help);
    match definition.kind {
        Kind::Counter => json!({ "name": name, "description": help, "sum": {
            "aggregationTemporality": CUMULATIVE, "isMonotonic": true, "dataPoints": points,
        }}),
        Kind::Gauge => json!({ "name": name, "description": help, "gauge": {
            "dataPoints": points,
        }}),
        Kind::Histogram => json!({ "name": name, "description": help, "histogram": {
            "aggregationTemporality": CUMULATIVE, "dataPoints": points,
        }}),
    }
}

/// A point. Whole numbers of 64 bits are text in protobuf's JSON.
fn point(labels: &[&str], series: &Series, (since, now): (DateTime<Utc>, DateTime<Utc>)) -> Json {
    let attributes = labels.iter().zip(&series.labels);
    let attributes: Vec<Json> = attributes
        .map(|(name, value)| attribute(name, value))
        .collect();
    let mut point = match &series.value {
        Value::Count(count) => json!({ "asInt": count.to_string() }),
        Value::Whole(number) => json!({ "asInt": number.to_string() }),
        Value::Seconds(seconds) => json!({ "asDouble": seconds }),
        Value::Spread(spread) => distribution(spread),
    };
    if let Some(members) = point.as_object_mut() {
        members.insert("attributes".to_owned(), attributes.into());
        members.insert("startTimeUnixNano".to_owned(), nanoseconds(since).into());
        members.insert("timeUnixNano".to_owned(), nanoseconds(now).into());
    }
    point
}

fn distribution(spread: &Spread) -> Json {
    let within: u64 = spread.within.iter().map(|(_, count)| count).sum();
    let beyond = spread.count.saturating_sub(within);
    let counts = spread.within.iter().map(|(_, count)| *count);
    let counts: Vec<String> = counts.chain([beyond]).map(|one| one.to_string()).collect();
    let bounds: Vec<f64> = spread.within.iter().map(|(bound, _)| *bound).collect();
    json!({
        "count": spread.count.to_string(),
        "sum": spread.sum,
        "bucketCounts": counts,
        "explicitBounds": bounds,
    })
}

fn nanoseconds(moment: DateTime<Utc>) -> String {
    moment.timestamp_nanos_opt().unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::indexing_slicing,
        reason = "a test that cannot go on should stop"
    )]

    use std::time::Duration;

    use chrono::DateTime;
    use serde_json::json;

    use super::request;
    use crate::instruments::Times;
    use crate::metrics::definitions::{DISCLOSURE, OWED, TOKENS};
    use crate::metrics::page::Page;

    #[test]
    fn a_page_is_written_as_the_protocol_has_it_and_what_is_not_known_is_left_out() {
        let times = Times::default();
        times.add(Duration::from_millis(1));
        times.add(Duration::from_secs(1000));
        let mut page = Page::new();
        page.count(&TOKENS, &["issued"], 3);
        page.whole(&OWED, &[], 7);
        page.spread(&DISCLOSURE, &["wait"], times.spread());
        let since = DateTime::UNIX_EPOCH;
        let written = request(&page, (since, since + Duration::from_secs(1)));
        let metrics = written.pointer("/resourceMetrics/0/scopeMetrics/0/metrics");
        let metrics = metrics.and_then(|metrics| metrics.as_array()).cloned();
        let metrics = metrics.unwrap_or_default();
        let named = |name: &str| {
            metrics
                .iter()
                .find(|metric| metric["name"] == name)
                .cloned()
        };
        assert_eq!(metrics.len(), 3);
        let moments = ("0", "1000000000");
        let tokens = named("cpis_tokens_total").unwrap_or_default();
        assert_eq!(
            tokens["sum"],
            json!({
                "aggregationTemporality": 2, "isMonotonic": true, "dataPoints": [{
                    "attributes": [{ "key": "outcome", "value": { "stringValue": "issued" } }],
                    "startTimeUnixNano": moments.0, "timeUnixNano": moments.1, "asInt": "3",
                }],
            })
        );
        let owed = named("cpis_notifications_owed").unwrap_or_default();
        assert_eq!(owed.pointer("/gauge/dataPoints/0/asInt"), Some(&json!("7")));
        let spread = named("cpis_disclosure_seconds").unwrap_or_default();
        let point = spread.pointer("/histogram/dataPoints/0").cloned();
        let point = point.unwrap_or_default();
        assert_eq!(
            (&point["count"], &point["sum"]),
            (&json!("2"), &json!(1000.001))
        );
        let counts = point["bucketCounts"].as_array().map_or(0, Vec::len);
        let bounds = point["explicitBounds"].as_array().map_or(0, Vec::len);
        assert_eq!(counts, bounds + 1);
        assert_eq!(
            point.pointer(&format!("/bucketCounts/{bounds}")),
            Some(&json!("1"))
        );
    }
}
