//! What is still to be told of everything, as a page link holds it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::api::search::page::Expires;
use crate::fhir::resource_kind::ResourceKind;

/// What is still to be told of everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EverythingRest {
    /// The child, by its opaque id.
    pub child: Uuid,
    /// The matches still to be told, in order.
    #[serde(serialize_with = "write_left", deserialize_with = "read_left")]
    pub left: Vec<(ResourceKind, Uuid)>,
    /// How many matches there were in all.
    pub total: u32,
    /// How many a page holds; none for all at once.
    pub count: Option<usize>,
    /// Whether what the matches name is brought along.
    pub brings: bool,
    /// The parameters that shape each page alike: name and value.
    pub of_every_page: Vec<(String, String)>,
    /// When the link stops working, in seconds since 1970.
    pub until: i64,
}

impl Expires for EverythingRest {
    fn until(&self) -> i64 {
        self.until
    }
}

const ID_BYTES: usize = 16;

/// Writes each kind with its ids as bytes: a history told one by one must still fit into a URL.
fn write_left<S: Serializer>(
    left: &[(ResourceKind, Uuid)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let of_a_kind = left.chunk_by(|(one, _), (other, _)| one == other);
    let written = of_a_kind.filter_map(|chunk| {
        let (kind, _) = chunk.first()?;
        let ids: Vec<u8> = chunk.iter().flat_map(|(_, id)| *id.as_bytes()).collect();
        Some((kind.name(), URL_SAFE_NO_PAD.encode(ids)))
    });
    serializer.collect_seq(written)
}

fn read_left<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(ResourceKind, Uuid)>, D::Error> {
    let written = Vec::<(String, String)>::deserialize(deserializer)?;
    let mut left = Vec::new();
    for (kind, ids) in written {
        let kind = ResourceKind::parse(&kind).ok_or_else(|| D::Error::custom("no kind"))?;
        let ids = URL_SAFE_NO_PAD.decode(ids).map_err(D::Error::custom)?;
        let ids = ids
            .chunks_exact(ID_BYTES)
            .filter_map(|id| Uuid::from_slice(id).ok());
        left.extend(ids.map(|id| (kind, id)));
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use chrono::{DateTime, TimeDelta, Utc};
    use uuid::Uuid;

    use super::EverythingRest;
    use crate::api::search::page::{NoPage, PAGE_LINK_BYTES_MAX, PageSeal, Rest};
    use crate::fhir::resource_kind::ResourceKind;
    use crate::secrets::SecretKey;

    fn rest(accesses: u128) -> EverythingRest {
        use ResourceKind::{AuditEvent, EpisodeOfCare, Flag, Patient, PractitionerRole};
        let ids = |kind, many| (0..many).map(move |id| (kind, Uuid::from_u128(id)));
        EverythingRest {
            child: Uuid::max(),
            left: ids(Patient, 1)
                .chain(ids(Flag, 10))
                .chain(ids(EpisodeOfCare, 10))
                .chain(ids(AuditEvent, accesses))
                .chain(ids(PractitionerRole, accesses))
                .collect(),
            total: 221,
            count: Some(1),
            brings: false,
            of_every_page: vec![("_summary".into(), "true".into())],
            until: 900,
        }
    }

    #[test]
    fn a_link_opens_to_what_it_was_made_of_and_the_longest_is_one_that_is_taken() {
        let seal = PageSeal::new(SecretKey::of([7; 32]), TimeDelta::minutes(15));
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let link = seal.seal(&rest(100)).unwrap();
        assert_eq!(seal.open_as(&link, start), Ok(rest(100)));
        assert!(
            link.len() + "_page=".len() < PAGE_LINK_BYTES_MAX,
            "{}",
            link.len()
        );
        assert_eq!(seal.open_as::<Rest>(&link, start), Err(NoPage));
        let later = start + TimeDelta::minutes(15);
        assert_eq!(seal.open_as::<EverythingRest>(&link, later), Err(NoPage));
    }
}
