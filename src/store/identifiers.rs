//! Every id is a UUIDv7 (RFC 9562, 5.7) of the moment it was made, to the millisecond.

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// A new id of a moment. The moment can be read back from it exactly (`moment_of_uuid` in SQL).
#[must_use]
pub fn id_of(moment: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(moment.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        seconds,
        moment.timestamp_subsec_nanos(),
    ))
}

/// So many new ids of a moment, each greater than the one before it: what is added in their order
/// comes at the end of an index.
#[must_use]
pub fn ids_of(moment: DateTime<Utc>, count: usize) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = (0..count).map(|_| id_of(moment)).collect();
    ids.sort_unstable();
    ids
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::id_of;

    proptest! {
        #[test]
        fn an_id_holds_its_moment_to_the_millisecond(milliseconds in 0_i64..10_000_000_000_000) {
            let moment = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::milliseconds(milliseconds);
            let held = id_of(moment).get_timestamp().map(|held| held.to_unix());
            let seconds = u64::try_from(moment.timestamp()).unwrap_or_default();
            prop_assert_eq!(held, Some((seconds, moment.timestamp_subsec_nanos())));
            prop_assert_eq!(id_of(moment).get_version_num(), 7);
        }
    }
}
