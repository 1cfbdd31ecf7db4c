//! Page links: sealed so that nobody can read or change them, good for a while, and of no use
//! without a caller who may look. They name what is still to be told by id, so that a page stays
//! what it was while plans change (<https://hl7.org/fhir/R4/http.html#paging>).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::secrets::{HmacKey, SecretKey};

/// The longest query of a page link: of a history of 100 accesses told one by one, and no more than
/// proxies let through.
pub const PAGE_LINK_BYTES_MAX: usize = 8_000;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// What is still to be told of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// The name by which the kind of resource was asked for.
    pub kind: String,
    /// The child, by its opaque id.
    pub child: Uuid,
    /// The matches still to be told, in order.
    pub ids: Vec<Uuid>,
    /// How many matches there were in all.
    pub total: u32,
    /// How many a page holds.
    pub count: usize,
    /// The parameters that shape each page alike: name and value.
    pub of_every_page: Vec<(String, String)>,
    /// When the link stops working, in seconds since 1970.
    pub until: i64,
}

/// What a page link can hold: it says when the link stops working.
pub trait Expires {
    /// When, in seconds since 1970.
    fn until(&self) -> i64;
}

impl Expires for Rest {
    fn until(&self) -> i64 {
        self.until
    }
}

/// Seals and opens page links.
#[derive(Clone)]
pub struct PageSeal {
    cipher_key: SecretKey,
    nonce_key: SecretKey,
    lifetime: TimeDelta,
}

/// The link is not one of ours, or its time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPage;

impl PageSeal {
    /// A seal with this key; links work for this long.
    #[must_use]
    pub fn new(key: SecretKey, lifetime: TimeDelta) -> Self {
        // A key is for one thing: of what is kept, each of the two has its own.
        let kept = HmacKey::of(&key);
        let key_for = |what: &[u8]| SecretKey::of(kept.digest([b"cpis-fhir page link ", what]));
        Self {
            cipher_key: key_for(b"cipher"),
            nonce_key: key_for(b"nonce"),
            lifetime,
        }
    }

    /// A seal with a key of its own: its links die with it. `None` when the system gives no random
    /// bytes.
    #[must_use]
    pub fn random(lifetime: TimeDelta) -> Option<Self> {
        Some(Self::new(SecretKey::random().ok()?, lifetime))
    }

    /// When a link made now stops working.
    #[must_use]
    pub fn until(&self, now: DateTime<Utc>) -> i64 {
        now.timestamp().saturating_add(self.lifetime.num_seconds())
    }

    /// Seals what is still to be told, the same in the same way each time, so that a request that
    /// is sent again is answered to the letter as before; `None` when openssl fails.
    #[must_use]
    pub fn seal<R: Serialize>(&self, rest: &R) -> Option<String> {
        let mut tag = [0; TAG_BYTES];
        let plain = serde_json::to_vec(rest).ok()?;
        let nonce = self.nonce(&plain)?;
        let cipher = Cipher::aes_256_gcm();
        let sealed = encrypt_aead(
            cipher,
            self.cipher_key.expose(),
            Some(&nonce),
            &[],
            &plain,
            &mut tag,
        )
        .ok()?;
        Some(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &tag, &sealed].concat()))
    }

    /// The nonce of a text: no two texts have the same but by a chance as small as among random
    /// ones.
    fn nonce(&self, plain: &[u8]) -> Option<[u8; NONCE_BYTES]> {
        let key = HmacKey::of(&self.nonce_key);
        key.digest([plain]).first_chunk().copied()
    }

    /// Opens a link of a search.
    ///
    /// # Errors
    /// As [`PageSeal::open_as`].
    pub fn open(&self, link: &str, now: DateTime<Utc>) -> Result<Rest, NoPage> {
        self.open_as(link, now)
    }

    /// Opens a link that holds what is still to be told of anything.
    ///
    /// # Errors
    /// [`NoPage`] when it holds something else, was not sealed with this key, was changed, or is
    /// too old.
    pub fn open_as<R>(&self, link: &str, now: DateTime<Utc>) -> Result<R, NoPage>
    where
        R: DeserializeOwned + Expires,
    {
        let bytes = URL_SAFE_NO_PAD.decode(link).ok().ok_or(NoPage)?;
        let (nonce, rest) = bytes.split_at_checked(NONCE_BYTES).ok_or(NoPage)?;
        let (tag, sealed) = rest.split_at_checked(TAG_BYTES).ok_or(NoPage)?;
        let cipher = Cipher::aes_256_gcm();
        let plain = decrypt_aead(
            cipher,
            self.cipher_key.expose(),
            Some(nonce),
            &[],
            sealed,
            tag,
        )
        .ok()
        .ok_or(NoPage)?;
        let rest: R = serde_json::from_slice(&plain).ok().ok_or(NoPage)?;
        if now.timestamp() < rest.until() {
            Ok(rest)
        } else {
            Err(NoPage)
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::{any, prop_assert_eq, proptest};
    use uuid::Uuid;

    use super::{NoPage, PageSeal, Rest, SecretKey};

    fn rest(until: i64) -> Rest {
        Rest {
            kind: "Flag".into(),
            child: Uuid::nil(),
            ids: vec![Uuid::nil(), Uuid::max()],
            total: 3,
            count: 1,
            of_every_page: vec![("_include".into(), "Flag:author".into())],
            until,
        }
    }

    fn seal() -> PageSeal {
        PageSeal::new(SecretKey::of([7; 32]), TimeDelta::minutes(15))
    }

    #[test]
    fn a_link_opens_until_its_time_is_over_and_with_its_own_key_only() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let link = seal().seal(&rest(seal().until(now))).unwrap();
        assert_eq!(
            seal().open(&link, now + TimeDelta::seconds(899)),
            Ok(rest(900))
        );
        assert_eq!(
            seal().open(&link, now + TimeDelta::seconds(900)),
            Err(NoPage)
        );
        let other = PageSeal::new(SecretKey::of([8; 32]), TimeDelta::minutes(15));
        assert_eq!(other.open(&link, now), Err(NoPage));
    }

    #[test]
    fn what_a_link_is_encrypted_with_makes_no_nonce_and_neither_is_the_key_that_is_kept() {
        let (seal, kept) = (seal(), SecretKey::of([7; 32]));
        let [cipher, nonce] = [&seal.cipher_key, &seal.nonce_key].map(SecretKey::expose);
        assert!(cipher != nonce && cipher != kept.expose() && nonce != kept.expose());
    }

    proptest! {
        #[test]
        fn a_changed_link_never_opens(
            place in any::<proptest::sample::Index>(), with in "[A-Za-z0-9_-]"
        ) {
            let now = DateTime::<Utc>::UNIX_EPOCH;
            let link = seal().seal(&rest(900)).unwrap();
            let place = place.index(link.len());
            let mut changed = link.clone();
            changed.replace_range(place..=place, &with);
            if changed != link {
                prop_assert_eq!(seal().open(&changed, now), Err(NoPage));
            }
        }

        #[test]
        fn no_text_makes_the_opener_panic(text in any::<String>()) {
            let _ = seal().open(&text, DateTime::<Utc>::UNIX_EPOCH);
        }
    }
}
