//! The register as its owner writes it: which authorities own plans, which organisations look.

use chrono::{DateTime, Utc};
use diesel::{Connection as _, PgConnection, QueryDsl, RunQueryDsl};

use crate::domain::caller::Organisation;
use crate::domain::upload::AuthorityDetails;
use crate::store::schema::authorities as authorities_table;
use crate::store::{StoreError, authorities, organisations};

/// What to put on the register.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The local authorities.
    pub authorities: Vec<AuthorityDetails>,
    /// The organisations.
    pub organisations: Vec<Organisation>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Puts all of it on an empty register, as the database's owner; false when the register holds an
/// authority already, and then nothing is changed.
///
/// # Errors
/// [`StoreError`] when the database cannot be reached, refuses or fails.
pub fn register(owner_url: &str, registration: &Registration) -> Result<bool, StoreError> {
    let mut postgres = PgConnection::establish(owner_url)
        .ok()
        .ok_or(StoreError::Unreachable)?;
    postgres.transaction(|postgres| {
        let held: i64 = authorities_table::table.count().get_result(postgres)?;
        if held > 0 {
            return Ok(false);
        }
        for details in &registration.authorities {
            authorities::register(postgres, details, registration.at)?;
        }
        for organisation in &registration.organisations {
            organisations::put(postgres, organisation, registration.at)?;
        }
        Ok(true)
    })
}
