//! The key of the digests by which a record that agreed once is known again. Without it a digest
//! tells nothing of the name it is of, though names are few and can be tried one by one.

use std::fmt;

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rand::rand_bytes;
use openssl::sign::Signer;

use crate::domain::upload::UploadRecord;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a digest.
pub const DIGEST_BYTES: usize = 32;

/// A key for HMAC-SHA-256: a secret.
pub struct MatchingKey(PKey<Private>);

impl MatchingKey {
    /// A key of these bytes.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn of(bytes: &[u8; KEY_BYTES]) -> Result<Self, ErrorStack> {
        PKey::hmac(bytes).map(Self)
    }

    /// A key of this process's own.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn random() -> Result<Self, ErrorStack> {
        let mut bytes = [0; KEY_BYTES];
        rand_bytes(&mut bytes)?;
        Self::of(&bytes)
    }

    /// The digest of what a record is matched by, exactly as it is written; none where openssl
    /// cannot make one: then the record is traced every time.
    #[must_use]
    pub fn digest(&self, record: &UploadRecord) -> Option<[u8; DIGEST_BYTES]> {
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
        let mut signer = Signer::new(MessageDigest::sha256(), &self.0).ok()?;
        let digest = signer.sign_oneshot_to_vec(matched_by.as_bytes()).ok()?;
        digest.try_into().ok()
    }
}

impl fmt::Debug for MatchingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MatchingKey(hidden)")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::MatchingKey;
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
        let key = MatchingKey::of(&[7; 32]).unwrap();
        let first = record("9990000026", "2015-04-01", "Okonkwo", "Ada");
        let digest = key.digest(&first).unwrap();
        for other in [
            record("9990000034", "2015-04-01", "Okonkwo", "Ada"),
            record("9990000026", "2015-04-02", "Okonkwo", "Ada"),
            record("9990000026", "2015-04-01", "Okonkw", "oAda"),
            record("9990000026", "2015-04-01", "Okonkwo", "Adah"),
        ] {
            assert_ne!(key.digest(&other).unwrap(), digest);
        }
        let mut later = first.clone();
        later.plan.start = "2026-02-10".parse().unwrap();
        assert_eq!(key.digest(&later).unwrap(), digest);
        assert_ne!(
            MatchingKey::random().unwrap().digest(&first).unwrap(),
            digest
        );
    }
}
