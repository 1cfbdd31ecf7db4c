//! A PostgreSQL cluster of a test's own, which it may stop, freeze and kill.

use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use cpis_fhir::sandbox::cluster::{Cluster, Durability};
use cpis_fhir::settings::{DatabaseUrl, Settings};
use cpis_fhir::store::provision::{DATABASE, OWNER, SERVER, provision};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query};
use tempfile::TempDir;

use super::TestService;
use super::database::texts;
use super::logs::assert_line_says_nothing_of_children;
use super::register::register_all;

/// The cluster, with one database that has the schema and the register. It ends with the test.
pub struct OwnCluster {
    cluster: Mutex<Cluster>,
    _folder: TempDir,
}

impl OwnCluster {
    /// A running cluster that need not outlive a crash of its machine.
    pub fn new() -> Self {
        Self::that_is(Durability::Throwaway)
    }

    /// A running cluster that keeps what it commits.
    pub fn durable() -> Self {
        Self::that_is(Durability::Durable)
    }

    fn that_is(durability: Durability) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let cluster = Cluster::start(&folder.path().join("postgres"), durability).unwrap();
        let superuser = cluster.url(cluster.superuser(), "postgres");
        let owner = cluster.url(OWNER, DATABASE);
        provision(&superuser, &owner, DATABASE).unwrap();
        register_all(&owner, "2026-11-22T12:00:00Z".parse().unwrap());
        Self {
            cluster: Mutex::new(cluster),
            _folder: folder,
        }
    }

    /// The cluster itself.
    pub fn cluster(&self) -> MutexGuard<'_, Cluster> {
        self.cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The libpq URL of its database, for a user.
    pub fn url(&self, user: &str) -> String {
        self.cluster().url(user, DATABASE)
    }

    /// A service on this cluster, whether the cluster runs or not.
    pub fn service(&self, change: impl FnOnce(&mut Settings)) -> TestService {
        let url = self.url(SERVER);
        TestService::with(|settings| {
            settings.database_url = DatabaseUrl::parse(&url);
            change(settings);
        })
    }

    /// A connection as the owner of the database.
    pub fn owner(&self) -> PgConnection {
        PgConnection::establish(&self.url(OWNER)).unwrap()
    }

    /// A whole number from the database, as its owner sees it.
    pub fn number(&self, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Number {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        sql_query(format!("select ({sql})::bigint as number"))
            .get_result::<Number>(&mut self.owner())
            .unwrap()
            .number
    }

    /// Does something as its superuser, on a connection of its own.
    pub fn as_superuser(&self, sql: &str) -> Result<(), Box<dyn Error>> {
        let superuser = self.cluster().superuser();
        let mut postgres = PgConnection::establish(&self.url(superuser))?;
        Ok(postgres.batch_execute(sql)?)
    }

    /// A text from the database, as its superuser sees it.
    pub fn text(&self, sql: &str) -> String {
        let superuser = self.cluster().superuser();
        texts(&self.url(superuser), sql).remove(0)
    }
}

impl Drop for OwnCluster {
    fn drop(&mut self) {
        let log = fs::read_to_string(self.cluster().log_file()).unwrap_or_default();
        if !thread::panicking() {
            for line in log.lines() {
                assert_line_says_nothing_of_children("PostgreSQL's", line);
            }
        }
    }
}
