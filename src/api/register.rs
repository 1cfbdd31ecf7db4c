//! The register of organisations, as the database last told it: asked at first need and again
//! every half minute, so that a change counts within a minute in every process.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::domain::caller::Organisation;
use crate::domain::ods_code::OdsCode;
use crate::store::{Store, StoreError, organisations};

/// How often the register is asked for again.
pub const REFRESH: Duration = Duration::from_secs(30);

type Organisations = HashMap<OdsCode, Organisation>;

/// The register.
#[derive(Default)]
pub struct Register {
    current: RwLock<Option<Arc<Organisations>>>,
}

impl Register {
    /// An organisation, if it is registered.
    ///
    /// # Errors
    /// [`StoreError`] when the register has never been read and cannot be read now.
    pub async fn organisation(
        &self,
        store: &Store,
        code: &OdsCode,
    ) -> Result<Option<Organisation>, StoreError> {
        let current = self.current();
        let organisations = match current {
            Some(organisations) => organisations,
            None => self.refresh(store).await?,
        };
        Ok(organisations.get(code).cloned())
    }

    /// Reads the register anew. When that fails the last reading stands.
    ///
    /// # Errors
    /// [`StoreError`] when the register cannot be read.
    pub async fn refresh(&self, store: &Store) -> Result<Arc<Organisations>, StoreError> {
        let read = Arc::new(store.run(organisations::register).await?);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::clone(&read));
        Ok(read)
    }

    fn current(&self) -> Option<Arc<Organisations>> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
