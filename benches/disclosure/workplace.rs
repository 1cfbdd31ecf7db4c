//! The folder in which everything that the bench makes is kept, and removed with it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::Outcome;

/// The bench's folder; removed when dropped.
pub struct Workplace {
    folder: PathBuf,
    /// Held while the bench runs, so that a second one does not remove what the first works in.
    _lock: File,
}

impl Workplace {
    /// Makes the folder anew, beside what cargo builds: on a disk, where a temporary folder of the
    /// system's may be memory, in which durability costs nothing.
    pub fn make() -> Outcome<Self> {
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
        fs::create_dir_all(parent)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(parent.join("lock"))?;
        lock.try_lock()
            .map_err(|_taken| "another bench runs here")?;
        let folder = parent.join("bench");
        remove(&folder)?;
        // PostgreSQL runs as another account when we are root, and must get through.
        DirBuilder::new().mode(0o755).create(&folder)?;
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if let Err(cause) = remove(&self.folder) {
            eprintln!("cannot remove {}: {cause}", self.folder.display());
        }
    }
}

/// Removes a folder and all in it, if it is there.
pub fn remove(folder: &Path) -> std::io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
    } else {
        Ok(())
    }
}
