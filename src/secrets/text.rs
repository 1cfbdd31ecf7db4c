//! A secret that is text: a password, a bearer token, or a URL with either in it.

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

/// Text that is wiped when it is dropped, and never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// The text, for whoever works with it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretText(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::SecretText;

    #[test]
    fn a_secret_text_is_not_shown() {
        let text = SecretText::from("sesame".to_owned());
        assert_eq!(
            format!("{text:?} {:?}", Some(&text))
                .matches("sesame")
                .count(),
            0
        );
        assert_eq!(text.expose(), "sesame");
    }
}
