//! How much the database holds.

use std::env;
use std::str::FromStr;

use crate::Outcome;

/// Unless stated, what an England-wide service holds.
const CHILDREN: u32 = 225_000;
const ACCESSES: u32 = 1_000_000;

/// How many children there are, and how many accesses in a year.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    children: u32,
    accesses: u32,
}

/// As many children as have a number that begins with 999, which are for tests; more have numbers
/// that begin with 99, which nobody was given either.
const CHILDREN_OF_999: u32 = 450_000;
const CHILDREN_MAX: u32 = 4_500_000;
const FIRST_OF_999: u32 = 8_100_000;

impl Size {
    /// What the environment says, or what an England-wide service holds.
    pub fn stated() -> Outcome<Self> {
        Self::of(
            stated("BENCH_CHILDREN", CHILDREN)?,
            stated("BENCH_ACCESSES", ACCESSES)?,
        )
    }

    /// The sizes that are to be compared, if the environment says any.
    pub fn several() -> Outcome<Option<Vec<Self>>> {
        let Ok(stated) = env::var("BENCH_SIZES") else {
            return Ok(None);
        };
        let one = |size: &str| -> Outcome<Self> {
            let parts = size.split_once('x').ok_or("BENCH_SIZES: 90000x1000000")?;
            Self::of(parts.0.parse()?, parts.1.parse()?)
        };
        stated.split(',').map(one).collect::<Outcome<_>>().map(Some)
    }

    fn of(children: u32, accesses: u32) -> Outcome<Self> {
        if children > CHILDREN_MAX {
            return Err(format!("children: {CHILDREN_MAX} at the most").into());
        }
        Ok(Self { children, accesses })
    }

    /// What load.sql reads.
    pub fn settings(self) -> String {
        format!(
            "set bench.children = {}; set bench.accesses = {}; set bench.first = {}",
            self.children,
            self.accesses,
            self.first()
        )
    }

    /// What disclosure.pgbench draws from.
    pub fn definitions(self) -> [String; 2] {
        let last = self.children.saturating_sub(1);
        [format!("first={}", self.first()), format!("last={last}")]
    }

    fn first(self) -> u32 {
        if self.children > CHILDREN_OF_999 {
            0
        } else {
            FIRST_OF_999
        }
    }
}

/// A number of the environment.
pub fn stated<T: FromStr>(name: &str, otherwise: T) -> Outcome<T> {
    match env::var(name) {
        Ok(stated) => stated
            .parse()
            .map_err(|_not_a_number| format!("{name}: not a number").into()),
        Err(_not_stated) => Ok(otherwise),
    }
}
