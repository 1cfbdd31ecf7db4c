//! What is counted and timed while the service works: numbers that threads add to without waiting
//! for each other, on the way of every request. What they are called and who reads them is said in
//! `metrics`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often something happened.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// It happened.
    pub fn one(&self) {
        self.add(1);
    }

    /// It happened so often.
    pub fn add(&self, times: u64) {
        self.0.fetch_add(times, Ordering::Relaxed);
    }

    /// How often it happened.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many there are at present.
#[derive(Debug, Default)]
pub struct Level(AtomicI64);

impl Level {
    /// One more, until what is given back is dropped.
    pub fn enter(&self) -> Entered<'_> {
        self.rise();
        Entered(self)
    }

    /// One more.
    pub fn rise(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// One less.
    pub fn fall(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many there are.
    #[must_use]
    pub fn value(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One of those that there are.
#[derive(Debug)]
pub struct Entered<'level>(&'level Level);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.fall();
    }
}

/// How often something happened, by a code of ours. It takes a lock: it is for what happens seldom.
#[derive(Debug, Default)]
pub struct Counts(Mutex<BTreeMap<&'static str, u64>>);

impl Counts {
    /// It happened.
    pub fn one(&self, code: &'static str) {
        self.add(code, 1);
    }

    /// It happened so often.
    pub fn add(&self, code: &'static str, times: u64) {
        let mut counts = self.counts();
        let count = counts.entry(code).or_default();
        *count = count.saturating_add(times);
    }

    /// How often it happened, by code.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static str, u64)> {
        let counts = self.counts();
        counts.iter().map(|(code, count)| (*code, *count)).collect()
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<&'static str, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nanoseconds of a microsecond, and of a millisecond.
const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000 * MICROSECOND;
const SECOND: u64 = 1_000 * MILLISECOND;

/// The bounds of times, in nanoseconds: from a statement that finds all it needs in memory to the
/// longest that an answer may take.
const TIMES: [u64; 17] = [
    250 * MICROSECOND,
    500 * MICROSECOND,
    MILLISECOND,
    2_500 * MICROSECOND,
    5 * MILLISECOND,
    10 * MILLISECOND,
    25 * MILLISECOND,
    50 * MILLISECOND,
    100 * MILLISECOND,
    250 * MILLISECOND,
    500 * MILLISECOND,
    SECOND,
    2_500 * MILLISECOND,
    5 * SECOND,
    10 * SECOND,
    60 * SECOND,
    300 * SECOND,
];

/// The bounds of sizes: doubled each time.
const SIZES: [u64; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/// How long something took each time, in seconds.
#[derive(Debug, Default)]
pub struct Times {
    // One for each bound, and one for what is beyond.
    within: [AtomicU64; TIMES.len() + 1],
    nanoseconds: AtomicU64,
}

impl Times {
    /// It took so long.
    pub fn add(&self, took: Duration) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        put(&self.within, &TIMES, took);
        self.nanoseconds.fetch_add(took, Ordering::Relaxed);
    }

    /// How long it took until now.
    #[must_use]
    pub fn spread(&self) -> Spread {
        let seconds = |nanoseconds| Duration::from_nanos(nanoseconds).as_secs_f64();
        let sum = seconds(self.nanoseconds.load(Ordering::Relaxed));
        spread(&self.within, &TIMES, seconds, sum)
    }
}

/// How many there were each time.
#[derive(Debug, Default)]
pub struct Sizes {
    within: [AtomicU64; SIZES.len() + 1],
    sum: AtomicU64,
}

impl Sizes {
    /// There were so many.
    pub fn add(&self, size: usize) {
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        put(&self.within, &SIZES, size);
        self.sum.fetch_add(size, Ordering::Relaxed);
    }

    /// How many there were until now.
    #[must_use]
    pub fn spread(&self) -> Spread {
        spread(
            &self.within,
            &SIZES,
            whole,
            whole(self.sum.load(Ordering::Relaxed)),
        )
    }
}

/// How values are spread.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// How many were up to each bound and above the one before.
    pub within: Vec<(f64, u64)>,
    /// How many there were.
    pub count: u64,
    /// What they are together.
    pub sum: f64,
}

fn put(within: &[AtomicU64], bounds: &[u64], value: u64) {
    let place = bounds.iter().position(|bound| value <= *bound);
    if let Some(count) = within.get(place.unwrap_or(bounds.len())) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

fn spread(within: &[AtomicU64], bounds: &[u64], as_told: fn(u64) -> f64, sum: f64) -> Spread {
    let counts: Vec<u64> = within
        .iter()
        .map(|count| count.load(Ordering::Relaxed))
        .collect();
    Spread {
        within: bounds
            .iter()
            .map(|bound| as_told(*bound))
            .zip(counts.iter().copied())
            .collect(),
        count: counts.iter().sum(),
        sum,
    }
}

/// A whole number as it is told: exact to four milliards, and so much where it is more.
fn whole(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Counts, Level, Sizes, Times};

    #[test]
    fn a_time_is_counted_once_at_its_bound_or_below_and_summed() {
        let times = Times::default();
        for milliseconds in [1, 1, 2, 400_000] {
            times.add(Duration::from_millis(milliseconds));
        }
        let spread = times.spread();
        let within = |bound: f64| {
            let found = spread.within.iter().find(|(at, _)| *at == bound);
            found.map(|(_, count)| *count)
        };
        assert_eq!(within(0.001), Some(2));
        assert_eq!(within(0.0025), Some(1));
        assert_eq!(within(300.0), Some(0));
        assert_eq!(spread.count, 4);
        assert!((spread.sum - 400.004).abs() < 1e-9, "{}", spread.sum);
    }

    #[test]
    fn a_size_is_counted_once_and_summed() {
        let sizes = Sizes::default();
        for size in [1, 3, 256, 1000] {
            sizes.add(size);
        }
        let spread = sizes.spread();
        assert_eq!(spread.within.first(), Some(&(1.0, 1)));
        assert_eq!(spread.within.last(), Some(&(256.0, 1)));
        assert_eq!((spread.count, spread.sum), (4, 1260.0));
    }

    #[test]
    fn whoever_leaves_is_there_no_more() {
        let level = Level::default();
        let first = level.enter();
        let second = level.enter();
        assert_eq!(level.value(), 2);
        drop(first);
        assert_eq!(level.value(), 1);
        drop(second);
        assert_eq!(level.value(), 0);
    }

    #[test]
    fn each_code_is_counted_for_itself() {
        let counts = Counts::default();
        counts.one("b");
        counts.add("a", 2);
        counts.one("b");
        assert_eq!(counts.values(), [("a", 2), ("b", 2)]);
    }
}
