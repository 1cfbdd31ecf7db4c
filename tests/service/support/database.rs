//! One PostgreSQL cluster for all chapters, and a database of its own for each service: a copy of
//! one that was migrated once.

use std::env::temp_dir;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use cpis_fhir::sandbox::cluster::{Cluster, ClusterError, Durability};
use cpis_fhir::store::provision::{OWNER, provision};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query};

const TEMPLATE: &str = "cpis_template";

static CLUSTER: LazyLock<Mutex<Cluster>> = LazyLock::new(|| Mutex::new(started()));
static DATABASES: AtomicUsize = AtomicUsize::new(0);

/// The cluster. It ends with the test process, however that ends.
pub fn cluster() -> MutexGuard<'static, Cluster> {
    CLUSTER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The same folder run after run, so that `initdb` runs once; one of its own beside a run that is
/// still going on.
fn started() -> Cluster {
    let shared = temp_dir().join("cpis-fhir-tests");
    let started = start(&shared.join("postgres"));
    let cluster = match started {
        Err(ClusterError::InUse { .. }) => start(
            &temp_dir()
                .join(format!("cpis-fhir-tests-{}", process::id()))
                .join("postgres"),
        ),
        started => started,
    };
    let cluster = cluster.unwrap();
    let superuser = cluster.url(cluster.superuser(), "postgres");
    drop_databases_of_earlier_runs(&superuser);
    provision(&superuser, &cluster.url(OWNER, TEMPLATE), TEMPLATE).unwrap();
    cluster
}

fn start(folder: &std::path::Path) -> Result<Cluster, ClusterError> {
    let parent = folder.parent().unwrap();
    fs::create_dir_all(parent).unwrap();
    fs::set_permissions(parent, fs::Permissions::from_mode(0o711)).unwrap();
    Cluster::start(folder, Durability::Throwaway)
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = diesel::sql_types::Text)]
    datname: String,
}

fn drop_databases_of_earlier_runs(superuser: &str) {
    let mut postgres = PgConnection::establish(superuser).unwrap();
    let names = "select datname::text from pg_database where datname like 'cpis_%'";
    for name in sql_query(names).load::<Name>(&mut postgres).unwrap() {
        postgres
            .batch_execute(&format!("drop database {}", name.datname))
            .unwrap();
    }
}

/// A new database with the schema and nothing in it.
pub fn new_database() -> String {
    let name = format!("cpis_{}", DATABASES.fetch_add(1, Ordering::SeqCst));
    let cluster = cluster();
    let mut postgres =
        PgConnection::establish(&cluster.url(cluster.superuser(), "postgres")).unwrap();
    postgres
        .batch_execute(&format!(
            "create database {name} template {TEMPLATE} owner {OWNER}"
        ))
        .unwrap();
    name
}

/// A column of text, read from a database.
pub fn texts(url: &str, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        text: String,
    }
    let mut postgres = PgConnection::establish(url).unwrap();
    let rows = sql_query(format!("select text::text from ({sql}) as rows (text)"))
        .load::<Row>(&mut postgres)
        .unwrap();
    rows.into_iter().map(|row| row.text).collect()
}
