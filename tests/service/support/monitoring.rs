//! The operator's monitoring: it asks a service for its metrics, as Prometheus does.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use cpis_fhir::metrics::Measured;
use cpis_fhir::server::metrics_listener;

use super::answers::Answer;
use super::service::TestService;
use super::serving::{Running, end, running};
use super::wire;

/// A listener for monitoring; it ends with the test.
pub struct Monitoring {
    /// Where it is.
    pub address: String,
    server: Option<Running>,
}

impl Monitoring {
    /// A listener of a service's.
    pub fn of(service: &TestService) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let measured = Measured {
            service: service.within.clone().into_inner(),
            doorway: service.doorway.clone(),
        };
        let server = running(|| metrics_listener::serve(measured, listener));
        Self {
            address,
            server: Some(server),
        }
    }

    /// What it is told.
    pub fn scrape(&self) -> Scrape {
        Scrape::of(&self.address)
    }

    /// The answer to any request.
    pub fn ask(&self, method: &str, path: &str) -> Answer {
        ask(&self.address, method, path)
    }
}

impl Drop for Monitoring {
    fn drop(&mut self) {
        end(self.server.take());
    }
}

fn ask(address: &str, method: &str, path: &str) -> Answer {
    let request = format!("{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    wire::answer(&wire::said_to(address, request.as_bytes())).unwrap()
}

/// What was told at one time.
pub struct Scrape {
    /// As it was written.
    pub text: String,
    /// How long it took.
    pub took: Duration,
    values: BTreeMap<String, f64>,
}

impl Scrape {
    /// Asks an address.
    pub fn of(address: &str) -> Self {
        let began = Instant::now();
        let answer = ask(address, "GET", "/metrics");
        assert_eq!(answer.status, 200);
        let media_type = Some("text/plain; version=0.0.4; charset=utf-8");
        assert_eq!(answer.header("content-type"), media_type);
        let lines = answer.text.lines().filter(|line| !line.starts_with('#'));
        let values = lines.map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            (series.to_owned(), value.parse().unwrap())
        });
        Self {
            values: values.collect(),
            took: began.elapsed(),
            text: answer.text.clone(),
        }
    }

    /// The value of a series, such as `a_total{b="c"}`.
    pub fn value(&self, series: &str) -> Option<f64> {
        self.values.get(series).copied()
    }

    /// The same of what must be there.
    pub fn told(&self, series: &str) -> f64 {
        let told = self.value(series);
        told.unwrap_or_else(|| panic!("{series} is not told:\n{}", self.text))
    }

    /// All values of a metric together.
    pub fn sum(&self, name: &str) -> f64 {
        let is_of = |series: &str| series.split('{').next() == Some(name);
        let values = self.values.iter().filter(|(series, _)| is_of(series));
        values.map(|(_, value)| value).sum()
    }

    /// The series whose value is another than before, and by how much; histograms' by their count.
    pub fn since(&self, before: &Self, of: &[&str]) -> BTreeMap<String, f64> {
        let is_of = |series: &str| of.contains(&series.split('{').next().unwrap());
        let changes = self.values.iter().filter_map(|(series, value)| {
            let change = value - before.value(series).unwrap_or(0.0);
            (is_of(series) && change != 0.0).then(|| (series.clone(), change))
        });
        changes.collect()
    }

    /// Each metric there is, with its kind and the labels of its series.
    pub fn declared(&self) -> BTreeMap<String, Documented> {
        let kinds = self.text.lines().filter_map(|line| {
            let (name, kind) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
            let declared = Documented {
                kind: kind.to_owned(),
                labels: BTreeSet::new(),
            };
            Some((name.to_owned(), declared))
        });
        let mut declared: BTreeMap<String, Documented> = kinds.collect();
        for series in self.values.keys() {
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            let parts = ["_bucket", "_sum", "_count"];
            let base = parts.iter().find_map(|part| name.strip_suffix(part));
            let base = base.filter(|base| declared.contains_key(*base));
            let one = declared.get_mut(base.unwrap_or(name)).unwrap();
            let names = labels.split("=\"").filter_map(|part| {
                let name = part.rsplit(['"', ',']).next()?;
                (!name.is_empty() && name != "}" && name != "le").then(|| name.to_owned())
            });
            one.labels.extend(names);
        }
        declared
    }
}

/// A metric, as a page or an answer has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documented {
    /// What it is.
    pub kind: String,
    /// The names of its labels.
    pub labels: BTreeSet<String>,
}

/// Every metric of the page that documents them.
pub fn documented() -> BTreeMap<String, Documented> {
    let page = include_str!("../../../docs/metrics.md");
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let name = cells.next()?.trim_end_matches('`').to_owned();
        let kind = cells.next()?.to_owned();
        let labels = cells.next()?.split('`').skip(1).step_by(2);
        let labels = labels.map(str::to_owned).collect();
        Some((name, Documented { kind, labels }))
    });
    rows.collect()
}
