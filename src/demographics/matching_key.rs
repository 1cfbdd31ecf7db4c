//! The key of the digests by which a record that agreed once is known again. Without it a digest
//! tells nothing of the name it is of, though names are few and can be tried one by one.

use openssl::error::ErrorStack;

use crate::domain::upload::UploadRecord;
use crate::secrets::{DIGEST_BYTES, HmacKey, SecretKey};

/// A key for digests: a secret.
#[derive(Debug)]
pub struct MatchingKey(HmacKey);

impl MatchingKey {
    /// The key of these bytes.
    #[must_use]
    pub fn of(key: &SecretKey) -> Self {
        Self(HmacKey::of(key))
    }

    /// A key of this process's own.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn random() -> Result<Self, ErrorStack> {
        Ok(Self::of(&SecretKey::random()?))
    }

    /// The digest of what a record is matched by, exactly as it is written.
    #[must_use]
    pub fn digest(&self, record: &UploadRecord) -> [u8; DIGEST_BYTES] {
        let (plan, name) = (&record.plan, &record.name);
        let birth_date = plan.birth_date.to_string();
        // No part of a name holds a line break, so that no two records run together.
        let matched_by = [
            plan.nhs_number.reveal().as_str(),
            &birth_date,
            &name.family,
            &name.given,
        ]
        .join("\n");
        self.0.digest([matched_by.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::{MatchingKey, SecretKey};
    use crate::domain::nhs_number::NhsNumber;
    use crate::domain::person_name::PersonName;
    use crate::domain::plan::PlanKind;
    use crate::domain::upload::{PlanRecord, UploadRecord};

    fn record(nhs_number: &str, born: &str, family: &str, given: &str) -> UploadRecord {
        UploadRecord {
            plan: PlanRecord {
                kind: PlanKind::ChildProtection,
                nhs_number: NhsNumber::parse(nhs_number).unwrap(),
                local_id: "H-1".into(),
                birth_date: born.parse().unwrap(),
                start: "2026-01-10".parse().unwrap(),
                sent_end: None,
                deleted_on: None,
            },
            name: PersonName {
                family: family.into(),
                given: given.into(),
            },
        }
    }

    #[test]
    fn a_digest_changes_with_the_key_and_with_whatever_is_matched_by_and_nothing_else() {
        let key = MatchingKey::of(&SecretKey::of([7; 32]));
        let first = record("9990000026", "2015-04-01", "Okonkwo", "Ada");
        let digest = key.digest(&first);
        for other in [
            record("9990000034", "2015-04-01", "Okonkwo", "Ada"),
            record("9990000026", "2015-04-02", "Okonkwo", "Ada"),
            record("9990000026", "2015-04-01", "Okonkw", "oAda"),
            record("9990000026", "2015-04-01", "Okonkwo", "Adah"),
        ] {
            assert_ne!(key.digest(&other), digest);
        }
        let mut later = first.clone();
        later.plan.start = "2026-02-10".parse().unwrap();
        assert_eq!(key.digest(&later), digest);
        assert_ne!(MatchingKey::random().unwrap().digest(&first), digest);
    }
}
