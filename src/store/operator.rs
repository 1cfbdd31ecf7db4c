//! The operator's own way to the database, as its owner: for commands, one at a time.

use diesel::{Connection as _, PgConnection};

use crate::store::StoreError;

/// A connection as the owner.
pub struct Operator(PgConnection);

impl Operator {
    /// Connects.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`].
    pub fn connect(owner_url: &str) -> Result<Self, StoreError> {
        PgConnection::establish(owner_url)
            .ok()
            .map(Self)
            .ok_or(StoreError::Unreachable)
    }

    /// Runs work in one transaction.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or fails; then nothing is changed.
    pub fn run<T>(
        &mut self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.0.transaction(work)
    }

    /// Runs work of another kind in one transaction, all of it or nothing.
    ///
    /// # Errors
    /// What the work says, or [`StoreError`] when the database refuses or fails; then nothing is
    /// changed.
    pub fn all_or_nothing<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        struct Undone<E>(E);
        impl<E: From<StoreError>> From<diesel::result::Error> for Undone<E> {
            fn from(cause: diesel::result::Error) -> Self {
                Self(StoreError::from(cause).into())
            }
        }
        let done = self
            .0
            .transaction(|postgres| work(postgres).map_err(Undone));
        done.map_err(|Undone(cause)| cause)
    }

    /// Reads in one transaction that sees the database as it is at its beginning.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or fails.
    pub fn snapshot<T>(
        &mut self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut transaction = self.0.build_transaction().read_only().repeatable_read();
        transaction.run(work)
    }
}
