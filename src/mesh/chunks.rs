//! A long message in parts: which of how many (the specification's `Mex-Chunk-Range`).

use std::fmt;
use std::num::NonZeroUsize;

/// The most parts of a message that is read: more than any upload within our limits needs.
pub const CHUNKS_MAX: u32 = 1000;

/// Which part of how many, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkRange {
    number: u32,
    total: u32,
}

impl ChunkRange {
    /// A message in one part.
    pub const WHOLE: Self = Self {
        number: 1,
        total: 1,
    };

    /// Reads the header's value, such as `1:3`; nothing where it is no part of a message.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, total) = text.split_once(':')?;
        let range = Self {
            number: counted(number)?,
            total: counted(total)?,
        };
        (range.number <= range.total).then_some(range)
    }

    /// The parts of a message of `total` parts, in their order.
    pub fn all(total: u32) -> impl Iterator<Item = Self> {
        (1..=total).map(move |number| Self { number, total })
    }

    /// Which part, from 1.
    pub fn number(self) -> u32 {
        self.number
    }

    /// Of how many.
    pub fn total(self) -> u32 {
        self.total
    }
}

impl fmt::Display for ChunkRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.number, self.total)
    }
}

fn counted(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = is_number.then(|| text.parse().ok()).flatten()?;
    (1..=CHUNKS_MAX).contains(&number).then_some(number)
}

/// A message cut into its parts: at least one, even of nothing.
pub fn cut(bytes: &[u8], size: NonZeroUsize) -> Vec<&[u8]> {
    if bytes.is_empty() {
        return vec![bytes];
    }
    bytes.chunks(size.get()).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use std::num::NonZeroUsize;

    use proptest::collection::vec;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::{CHUNKS_MAX, ChunkRange, cut};

    #[test]
    fn a_range_is_a_part_of_a_message() {
        assert_eq!(ChunkRange::parse("1:1"), Some(ChunkRange::WHOLE));
        for right in ["2:3", "1000:1000"] {
            assert_eq!(ChunkRange::parse(right).unwrap().to_string(), right);
        }
        for wrong in [
            "",
            "1",
            ":",
            "1:",
            ":1",
            "0:1",
            "1:0",
            "2:1",
            "1:2:3",
            "+1:2",
            " 1:2",
            "1:1001",
            "a:b",
            "1:99999999999999999999",
        ] {
            assert_eq!(ChunkRange::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_part_of_a_message_reads_back(total in 1..=CHUNKS_MAX) {
            let parts: Vec<ChunkRange> = ChunkRange::all(total).collect();
            prop_assert_eq!(u32::try_from(parts.len()).unwrap(), total);
            for (number, part) in (1..).zip(parts) {
                prop_assert_eq!(part.number(), number);
                prop_assert_eq!(ChunkRange::parse(&part.to_string()), Some(part));
            }
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in ".{0,20}") {
            let _ = ChunkRange::parse(&text);
        }

        #[test]
        fn the_parts_together_are_the_message(
            bytes in vec(any::<u8>(), 0..200), size in 1_usize..50,
        ) {
            let parts = cut(&bytes, NonZeroUsize::new(size).unwrap());
            prop_assert_eq!(parts.concat(), bytes.clone());
            prop_assert_eq!(parts.len(), bytes.len().div_ceil(size).max(1));
            prop_assert!(parts.iter().all(|part| part.len() <= size));
        }
    }
}
