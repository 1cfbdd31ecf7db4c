//! One look on its way onto the record.

use uuid::Uuid;

use crate::domain::access::{Look, Subject};
use crate::store::accesses::{self, DisclosureRules, NewLook, RecordedAccess};
use crate::store::request_looks::{self, Asked};
use crate::store::{Postgres, StoreError};

/// A look as it is put on record, as often as the database has to be asked.
#[derive(Debug)]
pub(super) struct Recording {
    /// The access that it becomes.
    pub id: Uuid,
    /// What its request asks there.
    pub asked: Asked,
    /// The look.
    pub look: Look,
    /// By which it is shown plans, and tells.
    pub rules: DisclosureRules,
}

impl Recording {
    /// The look, as the store takes it.
    pub(super) fn new_look(&self) -> NewLook<'_> {
        NewLook {
            id: self.id,
            look: &self.look,
            asked: &self.asked,
        }
    }

    /// Puts the look on record, or finds it there, because its request was sent before, or the
    /// database had to be asked again. `None` when there is no child to look at.
    pub(super) fn recorded(
        &self,
        postgres: &mut Postgres,
    ) -> Result<Option<RecordedAccess>, StoreError> {
        if let Some(recorded) = accesses::record(postgres, self.new_look(), self.rules)? {
            return Ok(Some(recorded));
        }
        let earlier = request_looks::earlier(postgres, &self.look, self.asked.place)?;
        let Some(earlier) = earlier else {
            return match self.look.subject {
                // A number always names a child: the request was forgotten at this very moment.
                Subject::NhsNumber(_) => Err(StoreError::AskedBefore),
                Subject::Patient(_) | Subject::Plan(_) | Subject::Access(_) => Ok(None),
            };
        };
        if earlier.question != self.asked.question {
            return Err(StoreError::AskedBefore);
        }
        accesses::repeated(postgres, &earlier, self.rules).map(Some)
    }
}
