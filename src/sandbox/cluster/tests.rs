//! A cluster started, stopped, killed and frozen, on this machine's PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use proptest::prelude::proptest;

use super::postmaster::{STOP_LOOKS_MAX, waited};
use super::{Cluster, ClusterError, Durability, percent_encoded};

/// A folder that is removed at the end, with all that the cluster put elsewhere.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("cpis-{}-{name}", std::process::id()));
        Self(folder)
    }

    fn start(&self) -> Cluster {
        Cluster::start(&self.0, Durability::Throwaway).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone_already = fs::remove_dir_all(&self.0);
    }
}

/// What `psql` prints for one statement, or nothing when it fails.
fn answer(cluster: &Cluster, statement: &str) -> Option<String> {
    let url = cluster.url(cluster.superuser(), "postgres");
    let mut psql = Command::new(cluster.programs.path("psql"));
    let output = psql
        .args(["-XAtq", "-c", statement, &url])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    output
        .status
        .success()
        .then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[test]
fn a_cluster_answers_and_keeps_a_table_from_one_start_to_the_next() {
    let folder = Folder::new("keeps a table");
    let mut cluster = folder.start();
    assert_eq!(answer(&cluster, "select 1").as_deref(), Some("1"));
    answer(&cluster, "create table kept as select 7 as seven").unwrap();
    cluster.stop();
    assert_eq!(answer(&cluster, "select 1"), None);
    drop(cluster);
    let again = folder.start();
    assert_eq!(
        answer(&again, "select seven from kept").as_deref(),
        Some("7")
    );
}

#[test]
fn a_cluster_outlives_the_thread_that_started_it() {
    let folder = Folder::new("outlives");
    let kept = folder.0.clone();
    let started = thread::spawn(move || Cluster::start(&kept, Durability::Throwaway).unwrap());
    let cluster = started.join().unwrap();
    thread::sleep(Duration::from_millis(500));
    assert_eq!(answer(&cluster, "select 1").as_deref(), Some("1"));
}

#[test]
fn a_killed_cluster_keeps_what_was_committed() {
    let folder = Folder::new("killed");
    let mut cluster = folder.start();
    answer(&cluster, "create table kept as select 7 as seven").unwrap();
    cluster.kill();
    assert_eq!(answer(&cluster, "select 1"), None);
    cluster.restart().unwrap();
    assert_eq!(
        answer(&cluster, "select seven from kept").as_deref(),
        Some("7")
    );
}

#[test]
fn a_paused_cluster_goes_on_when_resumed_and_can_be_stopped_without() {
    let folder = Folder::new("paused");
    let mut cluster = folder.start();
    cluster.pause().unwrap();
    let url = cluster.url(cluster.superuser(), "postgres");
    let mut psql = Command::new(cluster.programs.path("psql"));
    psql.args(["-XAtq", "-c", "select 1", &url])
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let mut waiting = psql.spawn().unwrap();
    thread::sleep(Duration::from_millis(300));
    assert!(waiting.try_wait().unwrap().is_none());
    cluster.resume().unwrap();
    assert!(waiting.wait().unwrap().success());
    cluster.pause().unwrap();
    cluster.stop();
}

#[test]
fn a_cluster_in_use_is_not_started_twice() {
    let folder = Folder::new("in use");
    let cluster = folder.start();
    let second = Cluster::start(&folder.0, Durability::Throwaway);
    assert!(matches!(second, Err(ClusterError::InUse(_))));
    assert_eq!(answer(&cluster, "select 1").as_deref(), Some("1"));
}

#[test]
fn a_cluster_left_running_is_stopped_and_started_again() {
    let folder = Folder::new("left running");
    let mut left = folder.start();
    answer(&left, "create table kept as select 7 as seven").unwrap();
    let earlier = left.postmaster.take().unwrap();
    drop(left);
    let again = folder.start();
    assert_eq!(
        answer(&again, "select seven from kept").as_deref(),
        Some("7")
    );
    earlier.kill();
}

/// Tells this test's second process, which is killed, where to start its cluster.
const FOLDER_OF_KILLED_PROCESS: &str = "CPIS_TEST_CLUSTER_FOLDER";

#[test]
fn a_cluster_ends_with_the_process_that_started_it_however_that_ends() {
    if let Some(folder) = std::env::var_os(FOLDER_OF_KILLED_PROCESS) {
        let _cluster = Cluster::start(Path::new(&folder), Durability::Throwaway).unwrap();
        thread::sleep(Duration::from_mins(1));
        return;
    }
    let folder = Folder::new("ends too");
    let mut itself = Command::new(std::env::current_exe().unwrap());
    itself
        .arg("a_cluster_ends_with_the_process_that_started_it")
        .stdout(Stdio::null());
    let mut process = itself
        .env(FOLDER_OF_KILLED_PROCESS, &folder.0)
        .spawn()
        .unwrap();
    let file = folder.0.join("data/postmaster.pid");
    let is_ready = || fs::read_to_string(&file).is_ok_and(|text| text.contains("ready"));
    assert!(waited(STOP_LOOKS_MAX, is_ready));
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(waited(STOP_LOOKS_MAX, || !file.exists()));
}

#[test]
fn a_leftover_pid_file_that_names_another_process_stops_nobody() {
    let folder = Folder::new("leftover");
    let mut cluster = folder.start();
    cluster.stop();
    let file = cluster.folders.data.join("postmaster.pid");
    drop(cluster);
    fs::write(&file, format!("{}\n/elsewhere\n", std::process::id())).unwrap();
    assert_eq!(answer(&folder.start(), "select 1").as_deref(), Some("1"));
}

#[test]
fn a_folder_with_a_long_path_has_its_socket_elsewhere() {
    let folder = Folder::new(&"long".repeat(30));
    let cluster = folder.start();
    let socket = cluster.folders.socket.clone();
    assert!(!socket.starts_with(&folder.0));
    assert_eq!(answer(&cluster, "select 1").as_deref(), Some("1"));
    drop(cluster);
    fs::remove_dir_all(socket).unwrap();
}

#[test]
fn a_folder_closed_to_the_servers_account_is_replaced_by_one_that_is_open() {
    let closed = Folder::new("closed");
    fs::create_dir(&closed.0).unwrap();
    fs::set_permissions(
        &closed.0,
        std::os::unix::fs::PermissionsExt::from_mode(0o700),
    )
    .unwrap();
    let inside = closed.0.join("data");
    let cluster = Cluster::start(&inside, Durability::Throwaway).unwrap();
    assert_eq!(answer(&cluster, "select 1").as_deref(), Some("1"));
    let really = Folder(cluster.folder().to_owned());
    assert_eq!(
        really.0.starts_with(Path::new("/var/tmp")),
        !cluster.account.is_ours()
    );
    drop(cluster);
}

#[test]
fn the_log_holds_no_value_that_a_statement_carried() {
    let folder = Folder::new("log");
    let cluster = folder.start();
    answer(&cluster, "create table numbers (number text primary key)").unwrap();
    answer(&cluster, "insert into numbers values ('9990000026')").unwrap();
    assert_eq!(
        answer(&cluster, "insert into numbers values ('9990000026')"),
        None
    );
    let log = fs::read_to_string(cluster.log_file()).unwrap();
    assert!(log.contains("duplicate key"));
    assert!(!log.contains("9990000026"));
}

proptest! {
    #[test]
    fn a_percent_encoded_path_reads_back(path in "\\PC*") {
        let encoded = percent_encoded(path.as_bytes());
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
        assert!(encoded.bytes().all(is_safe));
        let query = format!("p={encoded}");
        let read: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        assert_eq!(read, [("p".into(), path.into())]);
    }
}
