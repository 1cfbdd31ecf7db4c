//! The security log's only door: every refusal of who asks is put on record there, one by one as
//! long as there are not too many, and counted beyond. Nothing of any child is in it, and nobody
//! fills it by being refused.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::domain::refusal::{CountedRefusals, KeptRefusals, RefusalCounts};
use crate::instruments::Counts;
use crate::store::security_log::{self, Refused};
use crate::store::{Store, StoreError};

/// The security log of one process.
pub struct SecurityLog {
    store: Store,
    counts: Mutex<RefusalCounts>,
    /// Every refusal since the process began, by its name.
    pub refused: Counts,
}

impl SecurityLog {
    /// Keeps so many refusals one by one.
    #[must_use]
    pub fn new(store: Store, kept: KeptRefusals) -> Self {
        Self {
            store,
            counts: Mutex::new(RefusalCounts::of(kept)),
            refused: Counts::default(),
        }
    }

    /// Puts a refusal on record, or counts it.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or fails; the refusal stands all the same.
    pub async fn add(&self, refused: Refused) -> Result<(), StoreError> {
        self.refused.one(refused.reason);
        let by = &refused.asked_by;
        let by = (by.client_id.as_deref(), by.organisation.as_ref());
        if !self.counts().keeps(by, refused.reason, refused.at) {
            return Ok(());
        }
        self.store
            .run(move |postgres| security_log::add(postgres, &refused))
            .await
    }

    /// Puts on record what was only counted, of minutes that are over.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or fails; what was counted is lost then, and its
    /// requests are in the service's own log.
    pub async fn add_counted(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.put(now, false).await
    }

    /// The same of every minute, before the process ends.
    ///
    /// # Errors
    /// As [`SecurityLog::add_counted`].
    pub async fn add_all_counted(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.put(now, true).await
    }

    async fn put(&self, now: DateTime<Utc>, of_all: bool) -> Result<(), StoreError> {
        let counted = self.counts().take(now, of_all);
        self.put_counted(counted).await
    }

    /// Puts on record what was counted, here or elsewhere.
    ///
    /// # Errors
    /// As [`SecurityLog::add_counted`].
    pub async fn put_counted(&self, counted: Vec<CountedRefusals>) -> Result<(), StoreError> {
        if counted.is_empty() {
            return Ok(());
        }
        self.store
            .run(move |postgres| security_log::add_counted(postgres, &counted))
            .await
    }

    fn counts(&self) -> MutexGuard<'_, RefusalCounts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
