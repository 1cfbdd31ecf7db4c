//! A mailbox's password, or the key its environment shares: wiped when it is dropped, never shown.

use std::fmt;

use zeroize::Zeroizing;

/// The longest secret taken, in characters.
const CHARACTERS_MAX: usize = 1024;

/// Text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret in a file's text: one line, whose end is not part of it. Nothing where there is
    /// none, or more than a line.
    #[must_use]
    pub fn of_file(text: &str) -> Option<Self> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let is_shaped = (1..=CHARACTERS_MAX).contains(&line.len())
            && line.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        is_shaped.then(|| Self(Zeroizing::new(line.to_owned())))
    }

    /// The secret, for whoever signs with it.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_one_visible_line_and_is_not_shown() {
        for text in ["sesame", "sesame\n", "sesame\r\n"] {
            let secret = Secret::of_file(text);
            assert_eq!(secret.as_ref().map(Secret::expose), Some("sesame"));
            assert_eq!(format!("{secret:?}"), "Some(Secret)");
        }
        for text in ["", "\n", "a\nb", "a\0", "é", &"a".repeat(1025)] {
            assert_eq!(Secret::of_file(text), None);
        }
    }
}
