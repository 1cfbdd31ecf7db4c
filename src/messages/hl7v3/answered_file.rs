//! What an acknowledgement in HL7 v3 (REPC_MT000003GB01) says to whoever sent the file: which file
//! it is of, or why the file was refused.

use super::acknowledgement::ROOT;
use super::element::Element;
use super::parts::Parts;

/// The number of the file that an acknowledgement is of; none where it is no acknowledgement, or of
/// a file without a number.
#[must_use]
pub fn sequence(acknowledgement: &str) -> Option<i64> {
    let id = part(acknowledgement, "id")?;
    let sequence = id.said_if_any("extension")?.text.parse().ok()?;
    (sequence > 0).then_some(sequence)
}

/// Why a file was refused as a whole: its code, and the words for it.
#[must_use]
pub fn refusal(acknowledgement: &str) -> Option<(String, String)> {
    let file = part(acknowledgement, "acknowledgementFile")?;
    let code = file.within("code")?.said_if_any("code")?.text.to_owned();
    let records = part(acknowledgement, "acknowledgementRecord")?;
    let words = records.within("originalText")?.text.clone();
    Some((code, words))
}

/// The first part of this name.
fn part(acknowledgement: &str, name: &str) -> Option<Element> {
    let mut parts = Parts::of(acknowledgement.as_bytes(), ROOT).ok()?;
    while let Ok(Some(part)) = parts.next() {
        if part.name == name {
            return Some(part);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::prelude::{any, proptest};

    use super::{refusal, sequence};
    use crate::domain::ods_code::OdsCode;
    use crate::domain::upload::FileCode;
    use crate::messages::hl7v3::acknowledgement::{RefusedFile, write_refusal};

    fn refused(file: &str) -> String {
        let written = write_refusal(&RefusedFile {
            file: file.as_bytes(),
            sender: &OdsCode::parse("E90001").unwrap(),
            code: FileCode::FileLevelError,
            reason: "it is <held> & waits",
            location: None,
            at: "2026-11-22T12:00:00Z".parse().unwrap(),
        });
        String::from_utf8(written).unwrap()
    }

    #[test]
    fn a_refusal_is_told_by_its_code_and_its_words() {
        let told = refusal(&refused("nothing"));
        let expected = ("CPF01".to_owned(), "it is <held> & waits".to_owned());
        assert_eq!(told, Some(expected));
    }

    #[test]
    fn a_file_without_a_number_has_none() {
        assert_eq!(sequence(&refused("nothing")), None);
        let numbered = refused("nothing").replace("\"-1\"", "\"17\"");
        assert_eq!(sequence(&numbered), Some(17));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = (sequence(&text), refusal(&text));
        }
    }
}
