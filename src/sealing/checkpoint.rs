//! Checkpoints: how large the tree of the access history is, and what its root is, as a signed note
//! (<https://c2sp.org/tlog-checkpoint>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::error::ErrorStack;
use thiserror::Error;

use crate::sealing::merkle::Hash;
use crate::sealing::note::{NoteError, NoteKey, NoteVerifier};

/// The tree at one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// How many leaves it has.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// Why a checkpoint is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// The note is not to be believed.
    #[error("{0}")]
    Note(#[from] NoteError),
    /// It is a note, and no checkpoint.
    #[error("it is a note and no checkpoint")]
    NotACheckpoint,
    /// It is of another log.
    #[error("it is of another log")]
    AnotherLog,
}

impl TreeHead {
    /// Signs it as a checkpoint of the log whose origin is the key's name.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn sign(&self, key: &NoteKey) -> Result<String, ErrorStack> {
        let origin = key.verifier().name();
        let root = STANDARD.encode(self.root);
        key.sign(&format!("{origin}\n{}\n{root}\n", self.size))
    }

    /// Reads a checkpoint that the key signed, of the log whose origin is the key's name.
    ///
    /// # Errors
    /// [`CheckpointError`] for the first thing that is wrong.
    pub fn verified(note: &str, key: &NoteVerifier) -> Result<Self, CheckpointError> {
        let text = key.text_of(note)?;
        let (origin, head) = parse(text).ok_or(CheckpointError::NotACheckpoint)?;
        match origin == key.name() {
            true => Ok(head),
            false => Err(CheckpointError::AnotherLog),
        }
    }
}

/// The origin and the tree of a checkpoint's text. Lines after the third are somebody else's.
fn parse(text: &str) -> Option<(&str, TreeHead)> {
    let mut lines = text.lines();
    let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
    let is_whole = !origin.is_empty() && lines.all(|line| !line.is_empty());
    let head = TreeHead {
        size: number(size)?,
        root: hash(root)?,
    };
    is_whole.then_some((origin, head))
}

/// A hash in base64.
#[must_use]
pub fn hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// A number in decimal digits, as it is written and in no other way.
#[must_use]
pub fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::{CheckpointError, TreeHead, parse};
    use crate::sealing::note::NoteKey;

    fn key(name: &str) -> NoteKey {
        NoteKey::from_pem(name, &NoteKey::generate().unwrap()).unwrap()
    }

    #[test]
    fn a_published_checkpoint_is_read() {
        let text = "example.com/behind-the-sofa\n20852163\n\
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let (origin, head) = parse(text).unwrap();
        assert_eq!(
            (origin, head.size),
            ("example.com/behind-the-sofa", 20_852_163)
        );
        assert!(parse(&format!("{text}an extension\n")).is_some());
        for wrong in [
            text.replace("20852163", "020852163"),
            text.replace("20852163", "+20852163"),
            text.replace("20852163", "-1"),
            text.replace("20852163", "18446744073709551616"),
            text.replace("Cs", "C"),
            text.replace("example.com/behind-the-sofa", ""),
            format!("{text}\n"),
            "a\n1\n".to_owned(),
        ] {
            assert!(parse(&wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_checkpoint_is_of_the_log_of_the_keys_name() {
        let ours = key("cpis.example");
        let note = ours.sign("other.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
        let read = TreeHead::verified(&note.unwrap(), ours.verifier());
        assert_eq!(read, Err(CheckpointError::AnotherLog));
        let note = ours.sign("cpis.example\n").unwrap();
        let read = TreeHead::verified(&note, ours.verifier());
        assert_eq!(read, Err(CheckpointError::NotACheckpoint));
    }

    proptest! {
        #[test]
        fn what_is_signed_is_read_back(size in any::<u64>(), root in any::<[u8; 32]>()) {
            let (ours, head) = (key("cpis.example"), TreeHead { size, root });
            let note = head.sign(&ours).unwrap();
            prop_assert_eq!(TreeHead::verified(&note, ours.verifier()), Ok(head));
            prop_assert!(TreeHead::verified(&note, key("cpis.example").verifier()).is_err());
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
