//! A page of metrics in Prometheus' text format, 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, prometheus_text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use crate::metrics::page::{Definition, Family, Kind, Page, Value};

/// The media type of what is written.
pub const MEDIA_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// Writes a page.
///
/// # Errors
/// What is told cannot be written; no page of ours is so.
pub fn written(page: Page) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Told(page)));
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct Told(Page);

impl Collector for Told {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for Family { definition, series } in &self.0.families {
            let (name, kind) = (bare(definition), kind(definition));
            let mut metric = encoder.encode_descriptor(name, definition.help, None, kind)?;
            for one in series {
                let labels: Vec<(&str, &str)> = definition
                    .labels
                    .iter()
                    .copied()
                    .zip(one.labels.iter().map(String::as_str))
                    .collect();
                write(metric.encode_family(&labels)?, &one.value)?;
            }
        }
        Ok(())
    }
}

fn write(mut metric: MetricEncoder<'_>, value: &Value) -> Result<(), fmt::Error> {
    match value {
        Value::Count(count) => metric.encode_counter::<NoLabelSet, u64, u64>(count, None),
        Value::Seconds(seconds) => metric.encode_counter::<NoLabelSet, f64, u64>(seconds, None),
        Value::Whole(number) => metric.encode_gauge(number),
        Value::Spread(spread) => {
            metric.encode_histogram::<NoLabelSet>(spread.sum, spread.count, &spread.within, None)
        }
    }
}

/// The name as it is registered: what is behind a counter's is added as it is written.
fn bare(definition: &Definition) -> &'static str {
    match definition.kind {
        Kind::Counter => {
            let bare = definition.name.strip_suffix("_total");
            bare.unwrap_or(definition.name)
        }
        Kind::Gauge | Kind::Histogram => definition.name,
    }
}

fn kind(definition: &Definition) -> MetricType {
    match definition.kind {
        Kind::Counter => MetricType::Counter,
        Kind::Gauge => MetricType::Gauge,
        Kind::Histogram => MetricType::Histogram,
    }
}
