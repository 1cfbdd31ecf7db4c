//! Every id is a UUIDv7 (RFC 9562, 5.7) of the moment it was made, to the millisecond.

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// A new id of a moment. The moment can be read back from it exactly.
#[must_use]
pub fn id_of(moment: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(moment.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        seconds,
        moment.timestamp_subsec_nanos(),
    ))
}

/// The moment an id was made; the epoch when it is no UUIDv7.
#[must_use]
pub fn moment_of(id: Uuid) -> DateTime<Utc> {
    id.get_timestamp()
        .and_then(|timestamp| {
            let (seconds, nanoseconds) = timestamp.to_unix();
            DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
        })
        .unwrap_or(DateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::{id_of, moment_of};

    proptest! {
        #[test]
        fn an_id_holds_its_moment_to_the_millisecond(milliseconds in 0_i64..10_000_000_000_000) {
            let moment = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::milliseconds(milliseconds);
            prop_assert_eq!(moment_of(id_of(moment)), moment);
            prop_assert_eq!(id_of(moment).get_version_num(), 7);
        }
    }
}
