//! Chance that can be had again: the same seed draws the same.

use std::env;

/// A size that the environment may state, else what it is without.
pub fn stated((variable, otherwise): (&str, usize)) -> usize {
    env::var(variable).map_or(otherwise, |stated| stated.parse().unwrap())
}

/// A source of draws.
pub struct Draws {
    state: u64,
}

impl Draws {
    /// The draws of a seed.
    pub fn of(seed: usize) -> Self {
        let seed = u64::try_from(seed).unwrap();
        // A state of nothing would stay so.
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        }
    }

    /// A number below a limit. `xorshift64*` (<https://doi.org/10.1145/2845077>).
    pub fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let drawn = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).unwrap() % limit
    }

    /// One of these.
    pub fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// These in another order.
    pub fn shuffled<T>(&mut self, mut of: Vec<T>) -> Vec<T> {
        for place in (1..of.len()).rev() {
            of.swap(place, self.below(place + 1));
        }
        of
    }
}
