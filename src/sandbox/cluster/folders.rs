//! Where a cluster keeps its data, its socket, its lock and its log. A socket's path must fit in
//! 107 bytes (<https://man7.org/linux/man-pages/man7/unix.7.html>), a data folder's need not.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use openssl::sha::sha256;

use super::account::Account;
use super::{ClusterError, PORT};

/// The longest socket path used, in bytes: a little less than Linux takes.
const SOCKET_PATH_BYTES_MAX: usize = 100;

/// The folders and files of one cluster, all absolute.
#[derive(Debug)]
pub(super) struct Folders {
    pub(super) root: PathBuf,
    pub(super) data: PathBuf,
    pub(super) socket: PathBuf,
    pub(super) log: PathBuf,
}

/// Where the data of a cluster in `folder` is.
pub(super) fn data_in(folder: &Path) -> PathBuf {
    folder.join("data")
}

impl Folders {
    /// Makes the folders of a cluster in `wanted`, or in `/var/tmp` where a folder above `wanted`
    /// is closed to the account that runs PostgreSQL, as root's home is.
    pub(super) fn prepare(wanted: &Path, account: &Account) -> Result<Self, ClusterError> {
        let wanted = std::path::absolute(wanted).map_err(failed(wanted))?;
        let is_new = !wanted.exists();
        fs::create_dir_all(&wanted).map_err(failed(&wanted))?;
        let mut root = fs::canonicalize(&wanted).map_err(failed(&wanted))?;
        close(&root, account)?;
        if !account.reaches(&root) {
            if is_new {
                fs::remove_dir(&root).map_err(failed(&root))?;
            }
            let closed = root;
            root = public_folder("/var/tmp", &closed, account)?;
            tracing::warn!(
                "PostgreSQL's account cannot reach {}: the cluster is in {}",
                closed.display(),
                root.display()
            );
        }
        let socket = socket_folder(&root, account)?;
        Ok(Self {
            data: data_in(&root),
            log: root.join("postgres.log"),
            socket,
            root,
        })
    }

    /// Takes the cluster for this process. The lock goes with the process, however that ends.
    pub(super) fn lock(&self) -> Result<File, ClusterError> {
        let path = self.root.join("lock");
        let options = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .clone();
        let lock = options.open(&path).map_err(failed(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => Err(ClusterError::InUse(self.root.clone())),
            Err(TryLockError::Error(error)) => Err(failed(&path)(error)),
        }
    }

    /// The major version of the PostgreSQL that made the data, if there is any.
    pub(super) fn version(&self) -> Option<u32> {
        fs::read_to_string(self.data.join("PG_VERSION"))
            .ok()?
            .trim_end()
            .parse()
            .ok()
    }

    /// Where `initdb` is to work; what an interrupted one left there is removed.
    pub(super) fn unfinished_data(&self) -> Result<PathBuf, ClusterError> {
        let unfinished = self.root.join("data.unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(failed(&unfinished))?;
        }
        Ok(unfinished)
    }

    /// Puts what `initdb` made in its place.
    pub(super) fn finish_data(&self, unfinished: &Path) -> Result<(), ClusterError> {
        fs::rename(unfinished, &self.data).map_err(failed(&self.data))
    }

    /// Opens PostgreSQL's log to add to it. Only its owner may read it.
    pub(super) fn open_log(&self) -> Result<File, ClusterError> {
        let options = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .clone();
        options.open(&self.log).map_err(failed(&self.log))
    }

    /// Keeps the log of the start before this one, and of none before it: logs must not pile up.
    pub(super) fn set_aside_log(&self) -> Result<(), ClusterError> {
        if self.log.exists() {
            fs::rename(&self.log, self.root.join("postgres.log.old")).map_err(failed(&self.log))?;
        }
        Ok(())
    }

    /// The setting that tells PostgreSQL where to put its socket; quoted, as it takes a list.
    pub(super) fn socket_setting(&self) -> OsString {
        let mut setting = OsString::from("unix_socket_directories=\"");
        setting.push(&self.socket);
        setting.push("\"");
        setting
    }
}

/// A folder inside `root` when that leaves the socket's path short enough and needs no quoting of
/// quotes, else one in `/tmp`.
fn socket_folder(root: &Path, account: &Account) -> Result<PathBuf, ClusterError> {
    let inside = root.join("socket");
    let path = inside.join(format!(".s.PGSQL.{PORT}"));
    let bytes = path.as_os_str().as_bytes();
    if bytes.len() >= SOCKET_PATH_BYTES_MAX || bytes.contains(&b'"') {
        return public_folder("/tmp", root, account);
    }
    fs::create_dir_all(&inside).map_err(failed(&inside))?;
    close(&inside, account)?;
    Ok(inside)
}

/// A folder of ours among everybody's, its name made from the one it stands for. Anybody may have
/// made one of that name before us, so one that exists must be ours.
fn public_folder(parent: &str, of: &Path, account: &Account) -> Result<PathBuf, ClusterError> {
    let digest = sha256(of.as_os_str().as_bytes());
    let name: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let folder = Path::new(parent).join(format!("cpis-fhir-{name}"));
    let made = fs::DirBuilder::new().mode(0o700).create(&folder);
    if let Err(error) = made {
        if error.kind() != std::io::ErrorKind::AlreadyExists {
            return Err(failed(&folder)(error));
        }
        if !account.made(&folder) {
            return Err(ClusterError::NotOurs(folder));
        }
    }
    close(&folder, account)?;
    Ok(folder)
}

/// Gives `folder` to the account and closes it to all others: whoever reaches the socket is let
/// in without a password.
fn close(folder: &Path, account: &Account) -> Result<(), ClusterError> {
    fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(failed(folder))?;
    account.own(folder)
}

/// Says which folder or file an error was about.
pub(super) fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> ClusterError {
    move |source| ClusterError::File {
        path: path.to_owned(),
        source,
    }
}
