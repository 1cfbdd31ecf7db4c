//! The file of checkpoints: what was signed, one note after another, outside of the database.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Take, Write as _};
use std::path::{Path, PathBuf};

/// How far from the end the last note is looked for: none is longer.
const LAST_WITHIN: u64 = 8 * 1024;

/// What stands between two notes. No note has such a line.
const BETWEEN: &str = "\n";

/// The lines of the first note, as far as it has any before its first signature is whole: three of
/// text, an empty one, and a part of that.
const UNFINISHED_LINES_MAX: usize = 5;

/// What a line of a signature begins with.
const SIGNED: &str = "\u{2014}";

/// A file of checkpoints. Processes that share it take turns, because only one seals at a time.
#[derive(Debug, Clone)]
pub struct CheckpointFile(PathBuf);

impl CheckpointFile {
    /// The file at a path; it is made when the first note is added.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Adds a note, and returns when it is on the disk. What a crash, or a disk without room, left
    /// unfinished of one is taken away first: it was never told to anybody.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&self, note: &str) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&self.0)?;
        let length = file.metadata()?.len();
        let whole = whole(&mut file, length)?;
        if whole < length {
            if whole == 0 {
                refuse_anothers(&mut file, note)?;
            }
            file.set_len(whole)?;
        }
        file.seek(SeekFrom::Start(whole.saturating_sub(2)))?;
        let mut tail = String::new();
        file.read_to_string(&mut tail)?;
        let ending = match tail.as_str() {
            "" | "\n\n" => "",
            ended if ended.ends_with('\n') => BETWEEN,
            _ => "\n\n",
        };
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
        let whole = whole(&mut file, length)?;
        let from = whole.saturating_sub(LAST_WITHIN);
        file.seek(SeekFrom::Start(from))?;
        Notes::of(BufReader::new(file.take(whole - from)))
            .last()
            .transpose()
    }

    /// Every note, in order, but one that is unfinished at the end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn notes(&self) -> io::Result<Notes<BufReader<Take<File>>>> {
        let mut file = File::open(&self.0)?;
        let length = file.metadata()?.len();
        let whole = whole(&mut file, length)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Notes::of(BufReader::new(file.take(whole))))
    }
}

/// How much of a file there is without a note that is unfinished at its end. Where there is no note
/// near the end, and more than a part of one, it is whatever it is.
fn whole(file: &mut File, length: u64) -> io::Result<u64> {
    let from = length.saturating_sub(LAST_WITHIN);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.take(length - from).read_to_end(&mut tail)?;
    let (mut read, mut ended, mut lines) = (0, None, 0);
    for line in tail.split_inclusive(|byte| *byte == b'\n') {
        let follows = ended == Some(read);
        read += line.len();
        lines += 1;
        let is_signature = line.starts_with(SIGNED.as_bytes()) && line.ends_with(b"\n");
        if is_signature || (follows && line == BETWEEN.as_bytes()) {
            ended = Some(read);
        }
    }
    Ok(match ended.map(u64::try_from) {
        Some(Ok(ended)) => from + ended,
        _ if from == 0 && lines <= UNFINISHED_LINES_MAX => 0,
        _ => length,
    })
}

/// Refuses a file that begins otherwise than a note of this log: it is something else.
fn refuse_anothers(file: &mut File, note: &str) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    let mut kept = Vec::new();
    file.read_to_end(&mut kept)?;
    let origin = note.lines().next().unwrap_or_default().as_bytes();
    let begins = kept.split(|byte| *byte == b'\n').next();
    match begins.is_some_and(|begins| origin.starts_with(begins)) {
        true => Ok(()),
        false => Err(io::Error::other("it holds something else")),
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
        .is_some_and(|(_, signatures)| signatures.starts_with(SIGNED))
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
            let is_whole = kept >= FIRST.len();
            assert_eq!(file.last().unwrap().is_some(), is_whole, "{kept}");
            file.add(SECOND).unwrap();
            let expected = if is_whole {
                vec![FIRST, SECOND]
            } else {
                vec![SECOND]
            };
            assert_eq!(notes(&file), expected, "{kept}");
        }
    }

    #[test]
    fn a_file_of_something_else_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints");
        fs::write(&path, "another's\n").unwrap();
        CheckpointFile::at(&path).add(FIRST).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "another's\n");
    }
}
