//! The key of the digests that bind a look and its answer to the record: whoever can write into the
//! database, and has no key, cannot make a row that was never written, nor a digest tried out on
//! the few bodies that an answer can be.

use uuid::Uuid;

use crate::domain::access::{Access, Look, Subject};
use crate::secrets::{DIGEST_BYTES, HmacKey, SecretKey};

/// What a digest is of, so that one is never taken for another; with the version of how it is made.
const OF_AN_ACCESS: &[u8] = b"cpis-fhir access 1\0";
const OF_A_QUESTION: &[u8] = b"cpis-fhir question 1\0";
const OF_AN_ANSWER: &[u8] = b"cpis-fhir answer 1\0";

/// A key for digests: a secret.
#[derive(Debug)]
pub struct AuditKey(HmacKey);

impl AuditKey {
    /// The key of these bytes.
    #[must_use]
    pub fn of(key: &SecretKey) -> Self {
        Self(HmacKey::of(key))
    }

    /// The digest of an access with all that is on record of it.
    #[must_use]
    pub fn of_access(&self, access: &Access) -> [u8; DIGEST_BYTES] {
        let viewer = &access.viewer;
        let person = &viewer.practitioner;
        let moment = access.at.timestamp_micros().to_be_bytes();
        let number = access.nhs_number.stored().to_be_bytes();
        let parts: [&[u8]; 15] = [
            access.id.as_bytes(),
            &moment,
            &number,
            access.request_id.as_bytes(),
            access.interaction.code().as_bytes(),
            access.asked.as_bytes(),
            viewer.client_id.as_bytes(),
            viewer.organisation.as_str().as_bytes(),
            viewer.organisation_name.as_bytes(),
            person.user_id.as_bytes(),
            person.name.as_bytes(),
            person.role_profile_id.as_bytes(),
            person.job_role_code.as_bytes(),
            person.job_role_name.as_bytes(),
            viewer.care_setting.code().as_bytes(),
        ];
        self.digest(OF_AN_ACCESS, &parts)
    }

    /// The digest of what a look asks, and who asks it: all but the moment and the ids.
    #[must_use]
    pub fn of_question(&self, look: &Look) -> [u8; DIGEST_BYTES] {
        let (named_by, name) = match look.subject {
            Subject::NhsNumber(number) => (1, number.stored().to_be_bytes().to_vec()),
            Subject::Patient(id) => (2, id.as_bytes().to_vec()),
            Subject::Plan(id) => (3, id.as_bytes().to_vec()),
            Subject::Access(id) => (4, id.as_bytes().to_vec()),
        };
        let viewer = &look.viewer;
        let person = &viewer.practitioner;
        let parts: [&[u8]; 9] = [
            &[named_by],
            &name,
            look.interaction.code().as_bytes(),
            look.asked.as_bytes(),
            viewer.organisation.as_str().as_bytes(),
            person.user_id.as_bytes(),
            person.role_profile_id.as_bytes(),
            person.job_role_code.as_bytes(),
            viewer.care_setting.code().as_bytes(),
        ];
        self.digest(OF_A_QUESTION, &parts)
    }

    /// The digest of the exact body that an access was answered with, and its status.
    #[must_use]
    pub fn of_answer(&self, access_id: Uuid, status: i16, body: &[u8]) -> [u8; DIGEST_BYTES] {
        let parts: [&[u8]; 3] = [access_id.as_bytes(), &status.to_be_bytes(), body];
        self.digest(OF_AN_ANSWER, &parts)
    }

    /// Each part comes behind its length, so that no two lists of parts run together.
    fn digest(&self, of: &[u8], parts: &[&[u8]]) -> [u8; DIGEST_BYTES] {
        let lengths = parts.iter().map(|part| u64::try_from(part.len()));
        let lengths: Vec<[u8; 8]> = lengths
            .map(|length| length.unwrap_or(u64::MAX).to_be_bytes())
            .collect();
        let told = lengths.iter().zip(parts);
        let told = told.flat_map(|(length, part)| [length.as_slice(), part]);
        self.0.digest(std::iter::once(of).chain(told))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, prop_assert_ne, proptest};
    use uuid::Uuid;

    use super::{AuditKey, SecretKey};

    proptest! {
        #[test]
        fn a_digest_changes_with_the_key_the_access_the_status_and_each_byte_of_the_body(
            id in any::<u128>(),
            body in any::<Vec<u8>>(),
            at in any::<proptest::sample::Index>(),
            bit in 0_u8..8,
        ) {
            let key = AuditKey::of(&SecretKey::of([1; 32]));
            let (id, status) = (Uuid::from_u128(id | 1), 200);
            let digest = key.of_answer(id, status, &body);
            prop_assert_eq!(key.of_answer(id, status, &body), digest);
            let other = AuditKey::of(&SecretKey::of([2; 32]));
            prop_assert_ne!(other.of_answer(id, status, &body), digest);
            prop_assert_ne!(key.of_answer(Uuid::nil(), status, &body), digest);
            prop_assert_ne!(key.of_answer(id, 404, &body), digest);
            let mut longer = body.clone();
            longer.push(0);
            prop_assert_ne!(key.of_answer(id, status, &longer), digest);
            if !body.is_empty() {
                let mut damaged = body.clone();
                let place = at.index(damaged.len());
                if let Some(byte) = damaged.get_mut(place) {
                    *byte ^= 1 << bit;
                }
                prop_assert_ne!(key.of_answer(id, status, &damaged), digest);
            }
        }
    }
}
