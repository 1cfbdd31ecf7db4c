//! The way to a file with a secret in it, which nobody but its owner may read: a key that others
//! could have copied is no key.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use zeroize::Zeroizing;

/// What group and others may do with a file.
const OF_OTHERS: u32 = 0o077;

/// Who may read or change a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner.
    OwnerAlone,
    /// Others, too.
    Others,
}

/// Why a file with a secret in it is not taken that others may read.
#[must_use]
pub fn open_to_others() -> io::Error {
    let told = "others than its owner may read or change it, and it holds a secret: chmod 600";
    io::Error::new(io::ErrorKind::PermissionDenied, told)
}

/// What a file holds, wiped when it has been used.
///
/// # Errors
/// When it cannot be read, or others than its owner may read or change it.
pub fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    match read_of_anybody(path)? {
        (bytes, Readers::OwnerAlone) => Ok(bytes),
        (_, Readers::Others) => Err(open_to_others()),
    }
}

/// The same of a file that need not hold a secret, and who may read it.
///
/// # Errors
/// When it cannot be read.
pub fn read_of_anybody(path: &Path) -> io::Result<(Zeroizing<Vec<u8>>, Readers)> {
    let mut file = File::open(path)?;
    // Of what was opened, whatever is at the path by now.
    let about = file.metadata()?;
    let readers = match about.permissions().mode() & OF_OTHERS {
        0 => Readers::OwnerAlone,
        _ => Readers::Others,
    };
    // All at once: a buffer that grows would leave copies behind.
    let length = usize::try_from(about.len()).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.saturating_add(1)));
    file.read_to_end(&mut bytes)?;
    Ok((bytes, readers))
}

/// The same as text.
///
/// # Errors
/// As [`read`], and when it is no UTF-8.
pub fn read_text(path: &Path) -> io::Result<Zeroizing<String>> {
    text(&read(path)?)
}

/// Bytes as text.
///
/// # Errors
/// When they are no UTF-8.
pub fn text(bytes: &[u8]) -> io::Result<Zeroizing<String>> {
    let text = std::str::from_utf8(bytes).map_err(|_not_text| io::ErrorKind::InvalidData)?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use std::fs::{self, Permissions};
    use std::io::ErrorKind;
    use std::os::unix::fs::PermissionsExt as _;

    use super::{read, read_text};

    #[test]
    fn a_secret_that_others_than_its_owner_could_read_or_change_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "sesame").unwrap();
        for (mode, is_taken) in [
            (0o600, true),
            (0o400, true),
            (0o700, true),
            (0o640, false),
            (0o604, false),
            (0o620, false),
            (0o602, false),
            (0o610, false),
            (0o644, false),
            (0o660, false),
            (0o777, false),
        ] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let read = read(&path);
            assert_eq!(read.is_ok(), is_taken, "{mode:o}");
            match read {
                Ok(bytes) => assert_eq!(bytes.as_slice(), b"sesame"),
                Err(cause) => {
                    assert_eq!(cause.kind(), ErrorKind::PermissionDenied);
                    assert!(!cause.to_string().contains("sesame"));
                }
            }
        }
    }

    #[test]
    fn a_secret_that_is_to_be_text_is_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for (bytes, is_text) in [(&b"a\n"[..], true), (b"\xff", false)] {
            fs::write(&path, bytes).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            assert_eq!(read_text(&path).is_ok(), is_text);
        }
        assert!(read_text(&folder.path().join("none")).is_err());
    }
}
