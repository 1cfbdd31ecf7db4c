//! Which leaves: those that follow one another, from the first to the last.

use std::fmt;

use crate::sealing::checkpoint::number;

/// Leaves in their order, each run of them by its first and its last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs(Vec<(u64, u64)>);

impl Runs {
    /// Adds a leaf that comes after all others.
    pub fn add(&mut self, leaf: u64) {
        match self.0.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(leaf) => *last = leaf,
            _ => self.0.push((leaf, leaf)),
        }
    }

    /// The runs.
    #[must_use]
    pub fn all(&self) -> &[(u64, u64)] {
        &self.0
    }

    /// Reads what is written, the runs apart and in their order, and nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for run in text.split(' ') {
            let (first, last) = run.split_once('-')?;
            let (first, last) = (number(first)?, number(last)?);
            let after = runs.last().map_or(0, |(_, before)| before + 1);
            (first <= last && last < u64::MAX && first >= after).then_some(())?;
            runs.push((first, last));
        }
        Some(Self(runs))
    }
}

impl fmt::Display for Runs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (first, last)) in self.0.iter().enumerate() {
            let between = if place == 0 { "" } else { " " };
            write!(formatter, "{between}{first}-{last}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::Runs;

    #[test]
    fn leaves_that_follow_one_another_are_one_run_and_are_read_back() {
        let mut runs = Runs::default();
        for leaf in [0, 1, 2, 5, 7, 8] {
            runs.add(leaf);
        }
        assert_eq!(runs.all(), [(0, 2), (5, 5), (7, 8)]);
        assert_eq!(runs.to_string(), "0-2 5-5 7-8");
        assert_eq!(Runs::parse("0-2 5-5 7-8").unwrap(), runs);
        for wrong in [
            "", "0", "2-1", "0-2 2-3", "3-4 0-1", "0-01", "0-2  5-5", "0-2 ",
        ] {
            assert_eq!(Runs::parse(wrong), None, "{wrong}");
        }
    }
}
