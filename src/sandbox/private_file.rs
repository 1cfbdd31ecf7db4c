//! Writes a file whole or not at all: a sandbox killed while it starts leaves no half of a key.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes `folder`, for its owner only, where it is not there.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Writes `content` to `path`, for its owner only, unless a file is there already: of two that
/// start at once, the first to finish wins, and both then read the same.
pub fn write_new_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let partial = partial(path, 0o600, content)?;
    let linked = fs::hard_link(&partial, path);
    fs::remove_file(&partial)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        Err(_) | Ok(()) => Ok(()),
    }
}

/// Writes `content` to `path` for all to read, in place of what was there.
pub fn write_public(path: &Path, content: &[u8]) -> io::Result<()> {
    fs::rename(partial(path, 0o644, content)?, path)
}

/// Whether anyone but its owner may read or write the file.
pub fn is_open_to_others(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

/// Writes `content` beside `path`, to the disk, under a name that nobody else writes to.
fn partial(path: &Path, mode: u32, content: &[u8]) -> io::Result<PathBuf> {
    static PARTIALS: AtomicU64 = AtomicU64::new(0);
    let count = PARTIALS.fetch_add(1, Ordering::Relaxed);
    let partial = path.with_extension(format!("partial-{}-{count}", process::id()));
    // An earlier process of the same id may have been killed and left one behind.
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Err(_) | Ok(()) => (),
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&partial)?;
    file.write_all(content)?;
    file.sync_all()?;
    Ok(partial)
}
