//! Requests, by the pattern of their route, their method and the status of their answer: never by
//! their path. Each has its place, which is found without a lock and made at the first of its kind.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::instruments::{Count, Level, Times};
use crate::metrics::definitions::{REQUEST_TIMES, REQUESTS, REQUESTS_CUT, REQUESTS_OPEN};
use crate::metrics::page::Page;

/// What is counted for whatever has no route.
const NO_ROUTE: &str = "none";
/// What is counted for a method or a status that is not listed here: any word can be sent as one.
const OTHER: &str = "other";

/// The methods that are told apart.
const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"];
/// The statuses that are told apart: those that the service answers with.
const STATUSES: [u16; 23] = [
    200, 201, 204, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 422, 429, 431,
    500, 501, 503, 504,
];

/// The place of a route in the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteNumber(usize);

/// The patterns of routes, each with its place.
#[derive(Debug)]
pub struct RoutePatterns(Vec<&'static str>);

impl RoutePatterns {
    /// The patterns of these routes.
    #[must_use]
    pub fn of(patterns: impl IntoIterator<Item = &'static str>) -> Self {
        let mut patterns: Vec<&'static str> = patterns.into_iter().collect();
        patterns.sort_unstable();
        patterns.dedup();
        Self(patterns)
    }

    /// The place of a pattern; that of whatever has no route, where it is not among them.
    #[must_use]
    pub fn number(&self, pattern: &str) -> RouteNumber {
        let found = self.0.binary_search(&pattern);
        RouteNumber(found.map_or(0, |at| at.saturating_add(1)))
    }
}

/// Every request of a process.
#[derive(Debug)]
pub struct Requests {
    /// Of whatever has no route, and then of each pattern.
    routes: Vec<OfRoute>,
    open: Level,
    cut_short: Count,
}

#[derive(Debug)]
struct OfRoute {
    pattern: &'static str,
    methods: [OnceLock<Box<OfMethod>>; METHODS.len() + 1],
}

#[derive(Debug, Default)]
struct OfMethod {
    statuses: [AtomicU64; STATUSES.len() + 1],
    times: Times,
}

impl Requests {
    /// Counts of these routes.
    #[must_use]
    pub fn of(RoutePatterns(patterns): &RoutePatterns) -> Self {
        let of_route = |pattern| OfRoute {
            pattern,
            methods: Default::default(),
        };
        Self {
            routes: std::iter::once(NO_ROUTE)
                .chain(patterns.iter().copied())
                .map(of_route)
                .collect(),
            open: Level::default(),
            cut_short: Count::default(),
        }
    }

    /// A request begins to be answered.
    #[must_use]
    pub fn begin(&self) -> Underway<'_> {
        self.open.rise();
        Underway {
            requests: self,
            began_at: Instant::now(),
            is_answered: false,
        }
    }

    fn answered(&self, RouteNumber(number): RouteNumber, answered: (&str, u16), took: Duration) {
        let (method, status) = answered;
        let place = METHODS.iter().position(|one| *one == method);
        let route = self.routes.get(number);
        let method = route.and_then(|route| route.methods.get(place.unwrap_or(METHODS.len())));
        let Some(method) = method else {
            return;
        };
        let method = method.get_or_init(Box::default);
        let place = STATUSES.iter().position(|one| *one == status);
        if let Some(count) = method.statuses.get(place.unwrap_or(STATUSES.len())) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        method.times.add(took);
    }

    /// Tells all of them.
    pub fn tell(&self, page: &mut Page) {
        for route in &self.routes {
            let names = METHODS.iter().copied().chain([OTHER]);
            for (name, method) in names.zip(&route.methods) {
                if let Some(method) = method.get() {
                    method.tell(page, [route.pattern, name]);
                }
            }
        }
        page.whole(&REQUESTS_OPEN, &[], self.open.value());
        page.count(&REQUESTS_CUT, &[], self.cut_short.value());
    }
}

impl OfMethod {
    fn tell(&self, page: &mut Page, [route, method]: [&str; 2]) {
        let names = STATUSES.iter().map(u16::to_string);
        let names = names.chain([OTHER.to_owned()]);
        for (status, count) in names.zip(&self.statuses) {
            match count.load(Ordering::Relaxed) {
                0 => {}
                count => page.count(&REQUESTS, &[route, method, &status], count),
            }
        }
        page.spread(&REQUEST_TIMES, &[route, method], self.times.spread());
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub struct Underway<'requests> {
    requests: &'requests Requests,
    began_at: Instant,
    is_answered: bool,
}

impl Underway<'_> {
    /// It was answered.
    pub fn end(mut self, route: Option<RouteNumber>, method: &str, status: u16) {
        self.is_answered = true;
        let took = self.began_at.elapsed();
        let route = route.unwrap_or(RouteNumber(0));
        self.requests.answered(route, (method, status), took);
    }
}

/// What ends without an answer lost its caller.
impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.requests.open.fall();
        if !self.is_answered {
            self.requests.cut_short.one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Requests, RoutePatterns};
    use crate::metrics::definitions::{REQUESTS, REQUESTS_CUT, REQUESTS_OPEN};
    use crate::metrics::page::{Page, Value};

    fn values(requests: &Requests, name: &str) -> Vec<(String, Value)> {
        let mut page = Page::new();
        requests.tell(&mut page);
        let mut families = page.families.into_iter();
        let family = families.find(|family| family.definition.name == name);
        let series = family.into_iter().flat_map(|family| family.series);
        series
            .map(|one| (one.labels.join(" "), one.value))
            .collect()
    }

    #[test]
    fn a_request_is_counted_by_its_pattern_and_what_is_no_route_method_or_status_together() {
        let patterns = RoutePatterns::of(["/b/{id}", "/a", "/a"]);
        let requests = Requests::of(&patterns);
        let number = patterns.number("/b/{id}");
        requests.begin().end(Some(number), "GET", 200);
        requests.begin().end(Some(number), "GET", 200);
        requests.begin().end(Some(number), "GET", 503);
        let unknown = patterns.number("/b/9990000026");
        requests.begin().end(Some(unknown), "GET", 404);
        requests.begin().end(None, "9990000026", 999);
        let told = [
            ("none GET 404", 1),
            ("none other other", 1),
            ("/b/{id} GET 200", 2),
            ("/b/{id} GET 503", 1),
        ];
        let told = told.map(|(labels, count)| (labels.to_owned(), Value::Count(count)));
        assert_eq!(values(&requests, REQUESTS.name), told);
    }

    #[test]
    fn a_request_that_ends_without_an_answer_is_counted_as_such() {
        let requests = Requests::of(&RoutePatterns::of([]));
        let open = requests.begin();
        let told = [(String::new(), Value::Whole(1))];
        assert_eq!(values(&requests, REQUESTS_OPEN.name), told);
        drop(open);
        let told = [(String::new(), Value::Whole(0))];
        assert_eq!(values(&requests, REQUESTS_OPEN.name), told);
        let told = [(String::new(), Value::Count(1))];
        assert_eq!(values(&requests, REQUESTS_CUT.name), told);
    }
}
