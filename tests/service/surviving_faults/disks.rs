//! The disks that can be full: PostgreSQL's two, the one of the service's log, and the one of its
//! file of checkpoints.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::support::{OwnCluster, SmallDisk};

/// Mebibytes of the log that PostgreSQL writes ahead: several times what it may keep of it.
const WRITTEN_AHEAD: usize = 160;
/// Mebibytes of its data before anybody is looked at, and of what stands on record of a thousand
/// looks.
const DATA: usize = 128;
const THOUSAND_LOOKS: usize = 6;
/// Mebibytes of what the service writes itself.
const WRITTEN: usize = 16;

/// The disks.
pub struct Disks {
    /// Where the database's tables are.
    pub data: Mutex<SmallDisk>,
    /// Where it writes ahead.
    pub written_ahead: Mutex<SmallDisk>,
    /// Where the service's log is.
    pub log: Mutex<SmallDisk>,
    /// Where its checkpoints are.
    pub checkpoints: Mutex<SmallDisk>,
}

impl Disks {
    /// Moves a database to disks of its own, with room for so many looks.
    pub fn under(own: &OwnCluster, folder: &Path, looks: usize) -> Self {
        own.as_superuser("alter system set max_wal_size = '64MB'")
            .unwrap();
        own.as_superuser("alter system set min_wal_size = '32MB'")
            .unwrap();
        own.cluster().stop();
        let cluster = own.cluster().folder().to_owned();
        let data = DATA + looks.div_ceil(1000) * THOUSAND_LOOKS;
        let disks = Self {
            data: Mutex::new(moved(&cluster, "base", data)),
            written_ahead: Mutex::new(moved(&cluster, "pg_wal", WRITTEN_AHEAD)),
            log: Mutex::new(another(folder, "log")),
            checkpoints: Mutex::new(another(folder, "sealed")),
        };
        own.cluster().restart().unwrap();
        disks
    }

    /// The file of the service's log.
    pub fn log_file(&self) -> PathBuf {
        self.log.lock().unwrap().folder().join("server.log")
    }

    /// The file of its checkpoints.
    pub fn checkpoints_file(&self) -> PathBuf {
        let disk = self.checkpoints.lock().unwrap();
        disk.folder().join("checkpoints")
    }

    /// Empties the service's log, as whoever looks after a disk would.
    pub fn empty_log(&self) {
        File::create(self.log_file()).unwrap();
    }
}

/// Moves a folder of a cluster's data to a small disk.
fn moved(cluster: &Path, name: &str, mebibytes: usize) -> SmallDisk {
    let data = cluster.join("data");
    let place = cluster.join(format!("small-{name}"));
    fs::create_dir(&place).unwrap();
    let owner = fs::metadata(&data).unwrap();
    chown(&place, Some(owner.uid()), Some(owner.gid())).unwrap();
    let mut disk = SmallDisk::at(&place, mebibytes);
    let (to, from) = (disk.folder().display().to_string(), data.join(name));
    let from = from.display();
    disk.run(&format!(
        "cp -a {from}/. {to}/ && rm -r {from} && ln -s {to} {from}"
    ));
    disk
}

fn another(folder: &Path, name: &str) -> SmallDisk {
    let place = folder.join(name);
    fs::create_dir(&place).unwrap();
    SmallDisk::at(&place, WRITTEN)
}
