//! The database for one local authority alone.
//!
//! Each transaction begins by saying whose it is. By row-level security the intake's then sees and
//! changes the rows of that authority and of no other; one that does not say it, none at all. The
//! notifier's connections also send what every authority is owed; in a transaction that says whose
//! it is they are held to that authority too.

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{Connection as _, PgConnection, RunQueryDsl, sql_query};

use crate::domain::ods_code::OdsCode;
use crate::store::{Store, StoreError};

/// Until the transaction ends. One that is not on the register is nobody's, whose id no row has: to
/// say nothing is what a sender does, who tells every authority.
const SAY_WHOSE: &str = "select set_config('cpis.authority', \
    coalesce((select id::text from authorities where code = $1), \
    '00000000-0000-0000-0000-000000000000'), true)";

/// How often work is tried that others overtake: each time they have changed the same children in
/// the few milliseconds between reading and taking them.
const TRIES: usize = 5;

/// The longest that requests about single plans wait for whoever changes the same: for a file of
/// their own authority, or for another's about the same child. Then they are told to come again,
/// rather than to hold a connection for as long as a file may take.
const BRIEFLY: &str = "set local lock_timeout = '3s'";

/// Lets the rest of a transaction wait for others only briefly.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn wait_briefly(postgres: &mut PgConnection) -> Result<(), StoreError> {
    Ok(postgres.batch_execute(BRIEFLY)?)
}

/// A side of the database, for one authority.
#[derive(Clone)]
pub struct AuthorityStore {
    store: Store,
    authority: OdsCode,
}

impl Store {
    /// The same for one authority: the caller's, as it was authenticated.
    #[must_use]
    pub fn of(&self, authority: &OdsCode) -> AuthorityStore {
        AuthorityStore {
            store: self.clone(),
            authority: authority.clone(),
        }
    }
}

impl AuthorityStore {
    /// Runs work in one transaction of the authority's. What others overtook is rolled back and
    /// begun anew.
    ///
    /// # Errors
    /// As [`Store::run`], and [`StoreError::Overtaken`] when nothing was changed because others
    /// were changing the same.
    pub async fn transaction<T, Work>(&self, work: Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: Fn(&mut PgConnection) -> Result<T, StoreError> + Send + 'static,
    {
        let work = self.said_before(work);
        self.store
            .run(move |postgres| {
                let mut tries = 1..TRIES;
                loop {
                    match postgres.transaction(|postgres| work(postgres)) {
                        Err(error) if error.waited_in_vain() => return Err(StoreError::Overtaken),
                        Err(error) if error.is_overtaken() && tries.next().is_some() => {}
                        Err(error) if error.is_overtaken() => return Err(StoreError::Overtaken),
                        answer => return answer,
                    }
                }
            })
            .await
    }

    /// Runs work in one transaction of the authority's that sees the database as it is at its
    /// beginning.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn snapshot<T, Work>(&self, work: Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: Fn(&mut PgConnection) -> Result<T, StoreError> + Send + 'static,
    {
        self.store.snapshot(self.said_before(work)).await
    }

    fn said_before<T, Work>(
        &self,
        work: Work,
    ) -> impl Fn(&mut PgConnection) -> Result<T, StoreError> + Send + 'static
    where
        T: Send + 'static,
        Work: Fn(&mut PgConnection) -> Result<T, StoreError> + Send + 'static,
    {
        let authority = self.authority.clone();
        move |postgres| {
            sql_query(SAY_WHOSE)
                .bind::<Text, _>(authority.as_str())
                .execute(postgres)?;
            work(postgres)
        }
    }
}
