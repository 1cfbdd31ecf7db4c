//! Where commits are proved by a standby, nothing is told that only one machine knows.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use cpis_fhir::domain::durability::Durability;
use cpis_fhir::sandbox::cluster::{self, Cluster};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::losing_the_database::{assert_unavailable, in_a_hurry};
use crate::support::{OwnCluster, TestService, a_plan, wait_until};

const SEARCH: &str = "Flag?patient=9990000026";

/// A standby of a cluster, which streams from it. It ends with the test.
struct Standby {
    cluster: Cluster,
    _folder: TempDir,
}

impl Standby {
    fn of(primary: &OwnCluster) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("standby");
        let data = root.join("data");
        fs::create_dir(&root).unwrap();
        let superuser = superuser(primary);
        let programs = primary.text("select setting from pg_config where name = 'BINDIR'");
        let copied = Command::new(format!("{programs}/pg_basebackup"))
            .args([
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--dbname",
                &superuser,
            ])
            .arg("--pgdata")
            .arg(&data)
            .output()
            .unwrap();
        assert!(copied.status.success(), "{copied:?}");
        let owner = fs::metadata(primary.cluster().folder().join("data")).unwrap();
        fs::set_permissions(
            folder.path(),
            std::os::unix::fs::PermissionsExt::from_mode(0o711),
        )
        .unwrap();
        give(&root, (owner.uid(), owner.gid()));
        Self {
            cluster: Cluster::start(&root, cluster::Durability::Durable).unwrap(),
            _folder: folder,
        }
    }
}

/// Gives a folder and all that is in it to an account.
fn give(path: &Path, (user, group): (u32, u32)) {
    chown(path, Some(user), Some(group)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path(), (user, group));
        }
    }
}

/// The URL of who may do everything.
fn superuser(own: &OwnCluster) -> String {
    let superuser = own.cluster().superuser();
    own.url(superuser)
}

/// Runs SQL as who may do everything.
fn as_superuser(own: &OwnCluster, sql: &str) {
    let mut postgres = PgConnection::establish(&superuser(own)).unwrap();
    for statement in sql.split(';') {
        postgres.batch_execute(statement).unwrap();
    }
}

fn replicated(own: &OwnCluster) -> TestService {
    own.service(|settings| {
        in_a_hurry(settings);
        settings.audit.durability = Durability::Replicated;
    })
}

#[test]
fn what_no_standby_has_is_not_told_not_even_where_the_database_calls_it_committed() {
    let own = OwnCluster::durable();
    own.service(|_settings| {}).tell(&[a_plan()]);
    let service = replicated(&own);
    // Nothing proves a commit where there is no standby, though PostgreSQL waits for none.
    assert_unavailable(&service.get(SEARCH));
    let standby = Standby::of(&own);
    as_superuser(
        &own,
        "alter system set synchronous_standby_names = '*'; select pg_reload_conf(); \
         grant pg_read_all_stats to cpis_owner",
    );
    let in_step = "select count(*)::text from pg_stat_replication where sync_state = 'sync'";
    wait_until(|| own.text(in_step) == "1");
    assert_eq!(service.get(SEARCH).total(), 1);

    standby.cluster.pause().unwrap();
    let looked = own.number("select count(*) from accesses");
    // Each wait for the standby is cut short, as an impatient operator or a proxy would: PostgreSQL
    // then calls the commit done.
    let answer = thread::scope(|threads| {
        let asking = threads.spawn(|| service.get(SEARCH));
        while !asking.is_finished() {
            own.text(
                "select count(pg_cancel_backend(pid))::text from pg_stat_activity \
                 where wait_event = 'SyncRep'",
            );
            thread::sleep(Duration::from_millis(20));
        }
        asking.join().unwrap()
    });
    assert_unavailable(&answer);
    // The look is there, and so is its answer, on one machine: neither was told.
    assert_eq!(own.number("select count(*) from accesses"), looked + 1);

    standby.cluster.resume().unwrap();
    wait_until(|| service.get(SEARCH).status == 200);
}

#[test]
fn without_the_right_to_see_standbys_nothing_is_proved_and_nothing_told() {
    let own = OwnCluster::durable();
    let service = replicated(&own);
    let _standby = Standby::of(&own);
    as_superuser(
        &own,
        "alter system set synchronous_standby_names = '*'; select pg_reload_conf()",
    );
    let in_step = "select count(*)::text from pg_stat_replication where sync_state = 'sync'";
    wait_until(|| own.text(in_step) == "1");
    assert_unavailable(&service.get(SEARCH));
    as_superuser(&own, "grant pg_read_all_stats to cpis_owner");
    wait_until(|| service.get(SEARCH).status == 200);
}

#[test]
fn a_database_that_does_not_wait_for_its_disk_is_told_nothing_from() {
    // The cluster of the suite keeps nothing through a crash of its machine.
    let throwaway = TestService::with(|settings| settings.audit.durability = Durability::Single);
    assert_unavailable(&throwaway.get(SEARCH));
    let own = OwnCluster::durable();
    let durable = own.service(|settings| settings.audit.durability = Durability::Single);
    assert_eq!(durable.get(SEARCH).total(), 0);
}
