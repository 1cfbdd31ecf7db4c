//! Brings the database to the schema this program was built for.

use diesel::{Connection as _, PgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use thiserror::Error;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Why the schema could not be changed.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// The database does not answer, or refuses the login.
    #[error("cannot connect to the database as its owner: {}", said_of_server(.0))]
    Connect(#[from] diesel::ConnectionError),
    /// A migration failed; it changed nothing.
    #[error("a migration failed: {0}")]
    Migrate(Box<dyn std::error::Error + Send + Sync>),
}

/// The first line of what libpq says of a server it tried. What it says of a URL repeats parts of
/// it, and one misplaced sign in a password makes the password such a part.
fn said_of_server(error: &diesel::ConnectionError) -> String {
    let said = error.to_string();
    match said.lines().next() {
        Some(line) if line.starts_with("connection to server ") => line.to_owned(),
        _ => "its URL cannot be read, or names a host that cannot be found".to_owned(),
    }
}

/// Runs what is missing, as the owner of the database, and names each migration run.
///
/// # Errors
/// [`MigrationError`] when the database cannot be reached or a migration fails.
pub fn run(owner_url: &str) -> Result<Vec<String>, MigrationError> {
    on(owner_url, |postgres| {
        let run = postgres.run_pending_migrations(MIGRATIONS)?;
        Ok(run.iter().map(ToString::to_string).collect())
    })
}

/// Undoes every migration: for tests, and for an operator who takes the service away.
///
/// # Errors
/// [`MigrationError`] when the database cannot be reached or a migration fails.
pub fn undo(owner_url: &str) -> Result<(), MigrationError> {
    on(owner_url, |postgres| {
        postgres.revert_all_migrations(MIGRATIONS).map(drop)
    })
}

/// Whether the database has every migration of this program.
///
/// # Errors
/// [`MigrationError`] when the database cannot be asked.
pub fn complete(owner_url: &str) -> Result<bool, MigrationError> {
    on(owner_url, |postgres| {
        Ok(!postgres.has_pending_migration(MIGRATIONS)?)
    })
}

fn on<T>(
    owner_url: &str,
    work: impl FnOnce(&mut PgConnection) -> diesel::migration::Result<T>,
) -> Result<T, MigrationError> {
    let mut postgres = PgConnection::establish(owner_url)?;
    work(&mut postgres).map_err(MigrationError::Migrate)
}
