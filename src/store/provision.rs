//! A database from nothing: its owner, the login the service uses, and the schema. For the sandbox
//! and for tests; an operator's database has its own logins (`docs/operating.md`).

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection as _, PgConnection, RunQueryDsl, sql_query};
use thiserror::Error;

use crate::store::migrations::{self, MigrationError};
use crate::store::single::Answer;

/// The name of the database.
pub const DATABASE: &str = "cpis";
/// The role that owns it and runs migrations.
pub const OWNER: &str = "cpis_owner";
/// The login the service uses. It inherits nothing: each side puts on the role it needs.
pub const SERVER: &str = "cpis_server";

/// Why a database could not be made.
#[derive(Debug, Error)]
pub enum ProvisionError {
    /// The database does not answer, or refuses the login.
    #[error("cannot connect to the private database: {0}")]
    Connect(#[from] diesel::ConnectionError),
    /// A statement failed.
    #[error("cannot set the private database up: {0}")]
    Statement(#[from] diesel::result::Error),
    /// The schema could not be made.
    #[error("{0}")]
    Migrate(#[from] MigrationError),
}

/// Makes what is missing of the roles, the database and the schema.
///
/// # Errors
/// [`ProvisionError`] when the cluster refuses or fails.
pub fn provision(
    superuser_url: &str,
    owner_url: &str,
    database: &str,
) -> Result<(), ProvisionError> {
    let mut postgres = PgConnection::establish(superuser_url)?;
    if !exists(&mut postgres, ROLE_EXISTS, OWNER)? {
        postgres.batch_execute("create role cpis_owner login createrole")?;
    }
    if !exists(&mut postgres, ROLE_EXISTS, SERVER)? {
        postgres.batch_execute("create role cpis_server login noinherit")?;
    }
    if !exists(&mut postgres, DATABASE_EXISTS, database)? {
        postgres.batch_execute(&format!("create database {database} owner cpis_owner"))?;
    }
    migrations::run(owner_url)?;
    postgres.batch_execute(
        "grant cpis_query, cpis_intake, cpis_upkeep, cpis_notifier, cpis_sealer to cpis_server",
    )?;
    Ok(())
}

const ROLE_EXISTS: &str = "select exists (select from pg_roles where rolname = $1) as answer";
const DATABASE_EXISTS: &str =
    "select exists (select from pg_database where datname = $1) as answer";

fn exists(
    postgres: &mut PgConnection,
    question: &str,
    name: &str,
) -> Result<bool, diesel::result::Error> {
    let found: Answer = sql_query(question)
        .bind::<Text, _>(name)
        .get_result(postgres)?;
    Ok(found.answer)
}
