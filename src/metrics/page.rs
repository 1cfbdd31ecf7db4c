//! What is told at one time: every metric there is, and its values as far as they are known. A
//! value that is not known is left out, and never made up.

use crate::instruments::Spread;
use crate::metrics::definitions::ALL;

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, until the process ends.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How values are spread.
    Histogram,
}

impl Kind {
    /// The kind's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric, as it is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Its name, with its unit.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it means.
    pub help: &'static str,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Of a counter.
    Count(u64),
    /// Of a counter of seconds.
    Seconds(f64),
    /// Of a gauge.
    Whole(i64),
    /// Of a histogram.
    Spread(Spread),
}

/// A value with the values of its metric's labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// In the order of the labels' names.
    pub labels: Vec<String>,
    /// The value.
    pub value: Value,
}

/// A metric with its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// The metric.
    pub definition: Definition,
    /// Its values; none where none is known.
    pub series: Vec<Series>,
}

/// All of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// In the order in which they are defined.
    pub families: Vec<Family>,
}

impl Page {
    /// Every metric, and no value yet.
    #[must_use]
    pub fn new() -> Self {
        let family = |definition: &Definition| Family {
            definition: *definition,
            series: Vec::new(),
        };
        Self {
            families: ALL.iter().map(family).collect(),
        }
    }

    /// Tells a value.
    pub fn tell(&mut self, definition: &Definition, labels: &[&str], value: Value) {
        let is_it = |family: &&mut Family| family.definition.name == definition.name;
        if let Some(family) = self.families.iter_mut().find(is_it) {
            family.series.push(Series {
                labels: labels.iter().map(|label| (*label).to_owned()).collect(),
                value,
            });
        }
    }

    /// Tells a count.
    pub fn count(&mut self, definition: &Definition, labels: &[&str], count: u64) {
        self.tell(definition, labels, Value::Count(count));
    }

    /// Tells counts by the one label that tells them apart.
    pub fn counts(&mut self, definition: &Definition, counts: &[(&'static str, u64)]) {
        for (code, count) in counts {
            self.count(definition, &[code], *count);
        }
    }

    /// Tells what stands at present.
    pub fn whole(&mut self, definition: &Definition, labels: &[&str], number: i64) {
        self.tell(definition, labels, Value::Whole(number));
    }

    /// Tells what stands at present, of a count of things in memory.
    pub fn size(&mut self, definition: &Definition, labels: &[&str], size: usize) {
        self.whole(definition, labels, i64::try_from(size).unwrap_or(i64::MAX));
    }

    /// Tells how values are spread.
    pub fn spread(&mut self, definition: &Definition, labels: &[&str], spread: Spread) {
        self.tell(definition, labels, Value::Spread(spread));
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::new()
    }
}
