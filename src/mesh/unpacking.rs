//! Takes gzip off a message, and never more than was asked for: a small file may unpack to all the
//! memory there is (<https://www.rfc-editor.org/rfc/rfc1952>).
//!
//! The parts of a message are each packed for themselves, or the whole is and was then cut; either
//! is a row of gzip members. MESH says which in headers that older clients fill differently, so the
//! bytes are asked: neither CSV nor XML begins as gzip does.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use thiserror::Error;

/// What gzip begins with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// How often a message may be packed: by its sender, and by MESH on the way.
const LAYERS_MAX: usize = 2;

/// Why a message could not be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UnpackError {
    /// It unpacks to more than is taken here.
    #[error("the file is longer than the {0} bytes taken here")]
    TooLong(usize),
    /// It is not whole gzip.
    #[error("the file is compressed, and its gzip is broken")]
    Broken,
    /// It is packed again and again.
    #[error("the file is compressed more than twice")]
    TooDeep,
}

/// A message without its gzip, of at most `bytes_max` bytes; unpacked or not, it is never longer.
///
/// # Errors
/// [`UnpackError`] when it is longer, or its gzip is broken.
pub fn unpacked(mut bytes: Vec<u8>, bytes_max: usize) -> Result<Vec<u8>, UnpackError> {
    for _layer in 0..LAYERS_MAX {
        if !bytes.starts_with(&MAGIC) {
            break;
        }
        bytes = without_layer(&bytes, bytes_max)?;
    }
    if bytes.starts_with(&MAGIC) {
        return Err(UnpackError::TooDeep);
    }
    if bytes.len() > bytes_max {
        return Err(UnpackError::TooLong(bytes_max));
    }
    Ok(bytes)
}

fn without_layer(packed: &[u8], bytes_max: usize) -> Result<Vec<u8>, UnpackError> {
    let one_more = u64::try_from(bytes_max)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut bytes = Vec::new();
    MultiGzDecoder::new(packed)
        .take(one_more)
        .read_to_end(&mut bytes)
        .ok()
        .ok_or(UnpackError::Broken)?;
    if bytes.len() > bytes_max {
        return Err(UnpackError::TooLong(bytes_max));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may stop"
    )]

    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::collection::vec;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::{UnpackError, unpacked};

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn parts_packed_each_for_itself_are_one_message() {
        let parts = [packed(b"a,b\n"), packed(b"1,2\n")].concat();
        assert_eq!(unpacked(parts, 8), Ok(b"a,b\n1,2\n".to_vec()));
        assert_eq!(unpacked(packed(&packed(b"a")), 100), Ok(b"a".to_vec()));
        assert_eq!(unpacked(b"plain".to_vec(), 5), Ok(b"plain".to_vec()));
    }

    #[test]
    fn a_bomb_goes_no_further_than_the_limit() {
        let bomb = packed(&vec![0; 20_000_000]);
        assert!(bomb.len() < 30_000);
        assert_eq!(
            unpacked(bomb.clone(), 1000),
            Err(UnpackError::TooLong(1000))
        );
        assert_eq!(
            unpacked(packed(&bomb), 100_000),
            Err(UnpackError::TooLong(100_000))
        );
        let thrice = packed(&packed(&packed(b"a")));
        assert_eq!(unpacked(thrice, 1000), Err(UnpackError::TooDeep));
        assert_eq!(unpacked(b"plain".to_vec(), 4), Err(UnpackError::TooLong(4)));
    }

    #[test]
    fn gzip_that_is_cut_short_is_refused() {
        let whole = packed(b"a message that was cut on its way");
        for end in 2..whole.len() {
            assert_eq!(
                unpacked(whole[..end].to_vec(), 100),
                Err(UnpackError::Broken),
                "{end}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(bytes in vec(any::<u8>(), 0..300)) {
            let plain = [b"plain".to_vec(), bytes].concat();
            prop_assert_eq!(unpacked(packed(&plain), 400).unwrap(), plain);
        }

        #[test]
        fn nothing_unpacks_to_more_than_the_limit(bytes in vec(any::<u8>(), 0..300)) {
            let wild = [&super::MAGIC[..], &[8], &bytes].concat();
            prop_assert!(unpacked(wild, 50).map_or(true, |bytes| bytes.len() <= 50));
        }
    }
}
