//! How strongly a person signed in, as the issuer says it: by NHS CIS2's
//! `authentication_assurance_level`, and by the class that was asked for, `acr`.
//!
//! The levels are those of <https://pages.nist.gov/800-63-3/sp800-63b.html#sec4>, the classes those
//! of <https://digital.nhs.uk/services/care-identity-service>.

use serde_json::{Map, Value};

use super::claim_values::optional_text;
use super::error::TokenError;

/// How strongly a person signed in: the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AssuranceLevel {
    /// By one factor, such as a password.
    One,
    /// By two factors.
    Two,
    /// By two, one of them a key in hardware that cannot be passed on.
    Three,
}

const LEVEL: &str = "authentication_assurance_level";
const CLASS: &str = "acr";

impl AssuranceLevel {
    /// Every level.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// The level of a number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.number() == number)
    }

    /// The level that claims say, the level itself before the class, which names the least that
    /// satisfied it; none where they say none that is known.
    ///
    /// # Errors
    /// [`TokenError`] where the level is none, or below the class that it is to have satisfied.
    pub(super) fn claimed(claims: &Map<String, Value>) -> Result<Option<Self>, TokenError> {
        let level = claims.get(LEVEL).map(level).transpose()?;
        let class = optional_text(claims, CLASS)?;
        let class = class.as_deref().and_then(of_class);
        match (level, class) {
            (Some(level), Some(class)) if level < class => Err(TokenError::ClaimMalformed(CLASS)),
            (level, class) => Ok(level.or(class)),
        }
    }
}

/// CIS2 writes the number as text.
fn level(value: &Value) -> Result<AssuranceLevel, TokenError> {
    let number = match value {
        Value::String(text) => AssuranceLevel::ALL
            .into_iter()
            .find(|level| level.number().to_string() == *text),
        Value::Number(number) => {
            let number = number.as_u64().and_then(|number| u8::try_from(number).ok());
            number.and_then(AssuranceLevel::of_number)
        }
        _ => None,
    };
    number.ok_or(TokenError::ClaimMalformed(LEVEL))
}

/// The least level of a class, such as `AAL3_ANY` or `AAL2_OR_AAL3_ANY`.
fn of_class(class: &str) -> Option<AssuranceLevel> {
    let (level, _) = class.strip_prefix("AAL")?.split_once('_')?;
    AssuranceLevel::of_number(level.parse().ok()?)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use serde_json::{Value, json};

    use super::{AssuranceLevel, CLASS, LEVEL, TokenError};

    fn claimed(claims: &Value) -> Result<Option<u8>, TokenError> {
        let claimed = AssuranceLevel::claimed(claims.as_object().unwrap())?;
        Ok(claimed.map(AssuranceLevel::number))
    }

    #[test]
    fn the_level_is_read_as_text_or_number_and_else_the_least_of_the_class() {
        for (claims, level) in [
            (json!({}), None),
            (json!({LEVEL: "3"}), Some(3)),
            (json!({LEVEL: 2, CLASS: "AAL2_OR_AAL3_ANY"}), Some(2)),
            (json!({LEVEL: "3", CLASS: "AAL2_OR_AAL3_ANY"}), Some(3)),
            (json!({LEVEL: "1", CLASS: "0"}), Some(1)),
            (json!({CLASS: "AAL1_USERPASS"}), Some(1)),
            (json!({CLASS: "AAL2_OR_AAL3_ANY"}), Some(2)),
            (json!({CLASS: "AAL3_ANY"}), Some(3)),
            (json!({CLASS: "AAL4_ANY"}), None),
            (json!({CLASS: "AAL3"}), None),
            (json!({CLASS: "aal3_any"}), None),
            (json!({CLASS: "urn:example:strong"}), None),
        ] {
            assert_eq!(claimed(&claims), Ok(level), "{claims}");
        }
    }

    #[test]
    fn a_level_that_is_none_or_below_its_class_is_refused() {
        for level in [
            json!("0"),
            json!("4"),
            json!("03"),
            json!(" 3"),
            json!(""),
            json!(0),
            json!(4),
            json!(2.5),
            json!(-3),
            json!(259),
            json!(null),
            json!(true),
            json!(["3"]),
        ] {
            let claims = json!({LEVEL: level, CLASS: "AAL3_ANY"});
            assert_eq!(
                claimed(&claims),
                Err(TokenError::ClaimMalformed(LEVEL)),
                "{claims}"
            );
        }
        let below = json!({LEVEL: "2", CLASS: "AAL3_ANY"});
        assert_eq!(claimed(&below), Err(TokenError::ClaimMalformed(CLASS)));
        let no_text = json!({LEVEL: "3", CLASS: 3});
        assert_eq!(claimed(&no_text), Err(TokenError::ClaimMalformed(CLASS)));
    }
}
