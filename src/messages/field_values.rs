//! The values of a record's fields, read alike in every wire form that gives them as text.

use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::domain::person_name::{NAME_CHARACTERS_MAX, PersonName, part};
use crate::domain::record_field::RecordField;
use crate::domain::upload::{RecordCode, RecordRefusal};

/// The longest value read, in characters: anything longer is another thing in the wrong place.
const VALUE_CHARACTERS_MAX: usize = 1_000;

/// The longest identifier an authority may give a child, in characters.
const LOCAL_ID_CHARACTERS_MAX: usize = 64;

/// A value as it was sent, and the field it stands for.
#[derive(Clone, Copy)]
pub struct Sent<'a> {
    /// The field.
    pub field: RecordField,
    /// The text, exactly.
    pub text: &'a str,
}

impl<'a> Sent<'a> {
    /// The text without the spaces around it; empty where nothing was sent.
    ///
    /// # Errors
    /// [`RecordRefusal`] when it is too long for any field.
    pub fn bounded(self) -> Result<&'a str, RecordRefusal> {
        // A text has no more characters than bytes.
        let is_short = self.text.len() <= VALUE_CHARACTERS_MAX
            || self.text.chars().nth(VALUE_CHARACTERS_MAX).is_none();
        match is_short {
            false => Err(self.unsuccessful("a value is at most 1000 characters long")),
            true => Ok(self.text.trim_matches(' ')),
        }
    }

    /// The same of a field that must be sent.
    ///
    /// # Errors
    /// [`RecordRefusal`] when nothing was sent, or too much.
    pub fn mandatory(self) -> Result<&'a str, RecordRefusal> {
        match self.bounded()? {
            "" => Err(self.unsuccessful(&format!("{} is mandatory", self.field.name()))),
            value => Ok(value),
        }
    }

    /// A refusal of this value, which has no official code of its own.
    #[must_use]
    pub fn unsuccessful(self, reason: &str) -> RecordRefusal {
        RecordRefusal::unsuccessful(self.field, self.text, reason)
    }
}

/// Reads an NHS number.
///
/// # Errors
/// [`RecordRefusal`] with CPR04 when it is none.
pub fn nhs_number(sent: Sent<'_>) -> Result<NhsNumber, RecordRefusal> {
    NhsNumber::parse(sent.mandatory()?).map_err(|error| {
        let reason = error.to_string();
        RecordRefusal::of(RecordCode::NhsNumberFormat, sent.field, sent.text, &reason)
    })
}

/// Reads an authority's identifier for a child.
///
/// # Errors
/// [`RecordRefusal`] when it is none.
pub fn local_id(sent: Sent<'_>) -> Result<String, RecordRefusal> {
    let value = sent.mandatory()?;
    let visible = value.bytes().all(|byte| byte.is_ascii_graphic());
    if visible && value.len() <= LOCAL_ID_CHARACTERS_MAX {
        Ok(value.to_owned())
    } else {
        let reason = "a local_id is 1 to 64 ASCII letters, digits and signs, without spaces";
        Err(sent.unsuccessful(reason))
    }
}

/// Checks that a record is of the authority whose file it stands in.
///
/// # Errors
/// [`RecordRefusal`] when it is not.
pub fn check_authority(sent: Sent<'_>, expected: &OdsCode) -> Result<(), RecordRefusal> {
    let given = sent.mandatory()?;
    if given == expected.as_str() {
        return Ok(());
    }
    OdsCode::parse(given).map_err(|error| sent.unsuccessful(&error.to_string()))?;
    let reason = "this record is of another authority; send each authority's plans in a file of \
                  its own";
    Err(sent.unsuccessful(reason))
}

/// Reads a name.
///
/// # Errors
/// [`RecordRefusal`] naming the part that is none, without its text: a refusal is kept, and a name
/// never is.
pub fn person_name(family: Sent<'_>, given: Sent<'_>) -> Result<PersonName, RecordRefusal> {
    let read = |sent: Sent<'_>| {
        let unusable = || {
            let most = NAME_CHARACTERS_MAX;
            let reason = format!("a name is 1 to {most} characters long, without line breaks");
            sent.unsuccessful(&reason)
        };
        let name = sent
            .mandatory()
            .and_then(|text| part(text).ok_or_else(unusable));
        name.map_err(|refusal| RecordRefusal {
            echo: String::new(),
            ..refusal
        })
    };
    Ok(PersonName {
        family: read(family)?,
        given: read(given)?,
    })
}
