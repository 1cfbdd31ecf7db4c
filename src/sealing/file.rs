//! The file of checkpoints: what was signed, one note after another, outside of the database.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// How far from the end the last note is looked for: none is longer.
const LAST_WITHIN: u64 = 8 * 1024;

/// What stands between two notes. No note has such a line.
const BETWEEN: &str = "\n";

/// A file of checkpoints. Processes that share it take turns, because only one seals at a time.
#[derive(Debug, Clone)]
pub struct CheckpointFile(PathBuf);

impl CheckpointFile {
    /// The file at a path; it is made when the first note is added.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Adds a note, and returns when it is on the disk. What a crash left unfinished is left where
    /// it is, and ended first.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&self, note: &str) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&self.0)?;
        let length = file.seek(SeekFrom::End(0))?;
        let mut tail = [0; 2];
        let is_ended = length == 0 || {
            file.seek(SeekFrom::End(-2.min(i64::try_from(length).unwrap_or(2))))?;
            file.read_exact(&mut tail).is_ok() && tail == *b"\n\n"
        };
        let ending = if is_ended { "" } else { "\n\n" };
        file.write_all(format!("{ending}{note}{BETWEEN}").as_bytes())?;
        file.sync_all()?;
        if length == 0 {
            sync_folder(&self.0)?;
        }
        Ok(())
    }

    /// The last note, where there is a file and a note in it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last(&self) -> io::Result<Option<String>> {
        let mut file = match File::open(&self.0) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LAST_WITHIN)))?;
        Notes::of(BufReader::new(file)).last().transpose()
    }

    /// Every note, in order.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn notes(&self) -> io::Result<Notes<BufReader<File>>> {
        Ok(Notes::of(BufReader::new(File::open(&self.0)?)))
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Notes, one after another. What is no note by its form is handed over too: whoever verifies it
/// says so.
pub struct Notes<R>(R);

impl<R: io::BufRead> Notes<R> {
    /// The notes that are read from here.
    pub fn of(reader: R) -> Self {
        Self(reader)
    }
}

impl<R: io::BufRead> Iterator for Notes<R> {
    type Item = io::Result<String>;

    /// A note ends with the blank line after its signatures; its text ends with one too.
    fn next(&mut self) -> Option<io::Result<String>> {
        let mut note = String::new();
        loop {
            let mut line = String::new();
            match self.0.read_line(&mut line) {
                Err(cause) => return Some(Err(cause)),
                Ok(0) => return (!note.is_empty()).then_some(Ok(note)),
                Ok(_) if line == BETWEEN && note.is_empty() => {}
                Ok(_) if line == BETWEEN && is_signed(&note) => return Some(Ok(note)),
                Ok(_) => note.push_str(&line),
            }
            if note.len() > NOTE_MAX {
                return Some(Ok(note));
            }
        }
    }
}

/// The longest note, in bytes: what is longer is handed over in pieces, none of which is one.
const NOTE_MAX: usize = 256 * 1024;

/// Whether the signatures have begun.
fn is_signed(note: &str) -> bool {
    note.rsplit_once("\n\n")
        .is_some_and(|(_, signatures)| signatures.starts_with('\u{2014}'))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use std::fs;

    use super::CheckpointFile;

    const FIRST: &str = "cpis.example\n1\na=\n\n\u{2014} cpis.example b=\n";
    const SECOND: &str = "cpis.example\n2\nc=\n\n\u{2014} cpis.example d=\n\u{2014} w e=\n";

    fn notes(file: &CheckpointFile) -> Vec<String> {
        file.notes().unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn what_is_added_is_read_back_in_order_and_the_last_is_found_from_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = CheckpointFile::at(&folder.path().join("checkpoints"));
        assert_eq!(file.last().unwrap(), None);
        file.add(FIRST).unwrap();
        assert_eq!(file.last().unwrap().as_deref(), Some(FIRST));
        for _ in 0..500 {
            file.add(FIRST).unwrap();
        }
        file.add(SECOND).unwrap();
        let read = notes(&file);
        assert_eq!(read.len(), 502);
        assert!(read.iter().take(501).all(|note| note == FIRST));
        assert_eq!(read.last().map(String::as_str), Some(SECOND));
        assert_eq!(file.last().unwrap().as_deref(), Some(SECOND));
    }

    #[test]
    fn a_note_that_a_crash_cut_short_harms_only_itself() {
        for kept in [3, 14, 19, 30, FIRST.len(), FIRST.len() + 1] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("checkpoints");
            let file = CheckpointFile::at(&path);
            file.add(FIRST).unwrap();
            let whole = fs::read(&path).unwrap();
            fs::write(&path, whole.iter().take(kept).copied().collect::<Vec<u8>>()).unwrap();
            file.add(SECOND).unwrap();
            let read = notes(&file);
            assert!(read.last().unwrap().ends_with(SECOND), "{kept}: {read:?}");
        }
    }
}
