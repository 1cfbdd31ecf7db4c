//! How much the database holds.

use std::env;
use std::str::FromStr;

use crate::Outcome;

/// How many children there are, and how many accesses in a year.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    children: u32,
    accesses: u32,
}

/// As many children as have a number that begins with 999, which are for tests; more have numbers
/// that begin with 99, which nobody was given either.
const CHILDREN_OF_999: u32 = 225_000;
const CHILDREN_MAX: u32 = 2_250_000;
const FIRST_OF_999: u32 = 8_100_000;

impl Size {
    /// What the environment says, or what an England-wide service holds.
    pub fn stated() -> Outcome<Self> {
        let children = stated("BENCH_CHILDREN", CHILDREN_OF_999)?;
        if children > CHILDREN_MAX {
            return Err(format!("BENCH_CHILDREN: {CHILDREN_MAX} at the most").into());
        }
        Ok(Self {
            children,
            accesses: stated("BENCH_ACCESSES", 1_000_000)?,
        })
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
