//! Verifies that each access is the one that was answered: an answer holds a keyed digest of its
//! access, made before anything was told, so that an access changed before it was sealed is found
//! too.

use std::collections::HashMap;

use chrono::SecondsFormat;
use uuid::Uuid;

use crate::disclosure::audit_key::AuditKey;
use crate::domain::access::Access;
use crate::sealing::wrong::{RowNamed, Wrong};
use crate::store::access_answers::{self, AccessAnswer};
use crate::store::{Postgres, StoreError, accesses};

/// How many answers are looked at together.
const BATCH: i64 = 2_048;

/// The first access that is not the one that was answered; none where all are. It must run in a
/// transaction that sees one moment.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn first_not_as_answered(
    postgres: &mut Postgres,
    key: &AuditKey,
) -> Result<Option<Wrong>, StoreError> {
    let mut after = Uuid::nil();
    loop {
        let answers = access_answers::after(postgres, after, BATCH)?;
        let Some(last) = answers.last() else {
            return Ok(None);
        };
        after = last.access_id;
        let moments = || answers.iter().map(|answer| answer.recorded_at);
        let (Some(from), Some(until)) = (moments().min(), moments().max()) else {
            return Ok(None);
        };
        let accesses: HashMap<Uuid, Access> = accesses::between(postgres, (from, until))?
            .into_iter()
            .map(|access| (access.id, access))
            .collect();
        for answer in &answers {
            let digest = accesses
                .get(&answer.access_id)
                .map(|access| key.of_access(access));
            if digest != Some(answer.access_digest) {
                return Ok(Some(Wrong::NotAsAnswered(named(answer))));
            }
        }
    }
}

fn named(answer: &AccessAnswer) -> RowNamed {
    RowNamed {
        kind: "access".to_owned(),
        id: answer.access_id.to_string(),
        at: answer
            .recorded_at
            .to_rfc3339_opts(SecondsFormat::Micros, true),
        leaf: None,
    }
}
