//! Damage at random, the same for the same seed.

/// What stands for something in one of the grammars: put in anywhere.
const PIECES: [&str; 48] = [
    "\"",
    "\"\"",
    ",",
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\u{feff}",
    "=",
    "{",
    "}",
    "[",
    "]",
    ":",
    "null",
    "true",
    "-1",
    "1e999",
    "\\u0000",
    "\\ud800",
    "\\",
    "<",
    ">",
    "</",
    "/>",
    "<!DOCTYPE a [",
    "]>",
    "<!ENTITY a \"b\">",
    "&a;",
    "&#0;",
    "&#x10ffff;",
    "<![CDATA[",
    "]]>",
    "<?xml version=\"1.1\"?>",
    "<!--",
    "-->",
    "xmlns=\"",
    "xmlns:a=\"b\"",
    "|",
    "$",
    "%",
    "&",
    ".",
    "9990000026",
    "2026-02-29",
    "resourceType",
    "\u{1f600}",
    "\u{202e}",
];

/// Single bytes that parsers trip over.
const BYTES: [u8; 12] = [0, 1, 9, 10, 13, 32, 34, 44, 127, 128, 194, 255];

/// The longest input: further damage to longer ones finds nothing else.
const BYTES_MAX: usize = 16 * 1024;

/// The most wounds of one input.
const WOUNDS_MAX: usize = 6;

/// A source of damage.
pub struct Damage {
    state: u64,
}

impl Damage {
    /// The damage of a seed.
    pub fn of(seed: u64) -> Self {
        // A state of nothing would stay so.
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        }
    }

    /// One of the inputs, damaged.
    pub fn damaged(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.one_of(inputs).cloned().unwrap_or_default();
        for _ in 0..=self.below(WOUNDS_MAX) {
            self.wound(&mut input, inputs);
        }
        input.truncate(BYTES_MAX);
        input
    }

    fn wound(&mut self, input: &mut Vec<u8>, inputs: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        let length = self.below(16.min(input.len() - at) + 1);
        match self.below(9) {
            0 => {
                let flipped = 1_u8 << self.below(8);
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= flipped;
                }
            }
            1 => {
                let other = self.one_of(&BYTES).copied().unwrap_or_default();
                if let Some(byte) = input.get_mut(at) {
                    *byte = other;
                }
            }
            2 => {
                input.drain(at..at + length);
            }
            3 => {
                let again: Vec<u8> = input.iter().skip(at).take(length).copied().collect();
                input.splice(at..at, again);
            }
            4 | 5 => {
                let piece = self.one_of(&PIECES).copied().unwrap_or_default();
                input.splice(at..at, piece.bytes());
            }
            6 => {
                let piece = self.one_of(&PIECES).copied().unwrap_or_default();
                let times = self.below(200);
                input.splice(at..at, piece.repeat(times).into_bytes());
            }
            7 => {
                let other = self.one_of(inputs).cloned().unwrap_or_default();
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend(other.into_iter().skip(from));
            }
            _ => input.truncate(at),
        }
    }

    fn one_of<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// A number below a limit; nothing below nothing. `xorshift64*`
    /// (<https://doi.org/10.1145/2845077>).
    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let drawn = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).unwrap_or_default() % limit.max(1)
    }
}
