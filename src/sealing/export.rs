//! Writes a month of the access history to files that only the holder of a private key reads: lines
//! of JSON in CMS envelopes (<https://www.rfc-editor.org/rfc/rfc5652#section-6>), which
//! `openssl cms -decrypt` opens.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::error::ErrorStack;
use openssl::sha::Sha256;
use openssl::stack::Stack;
use openssl::symm::Cipher;
use openssl::x509::X509;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroize as _;

use crate::domain::month::Month;
use crate::sealing::merkle::Hash;

/// What an export begins with: another form has another name.
pub const FORM: &str = "cpis-fhir/retired-month/v1";

/// After how many bytes another file is begun: what is encrypted is held in memory.
const FILE_BYTES: usize = 64 * 1024 * 1024;

/// A line of an export: leaves and subtrees follow one another without a gap. Hashes and salts are
/// in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Line {
    /// The first: what the tree was before the month's first leaf.
    Begin {
        /// The form.
        form: String,
        /// The month.
        month: String,
        /// How many leaves come before.
        leaves: u64,
        /// The roots of their complete subtrees, the largest first.
        peaks: Vec<String>,
    },
    /// A row of the month.
    Row {
        /// Its leaf.
        leaf: u64,
        /// Its kind.
        kind: String,
        /// Its id.
        id: uuid::Uuid,
        /// Its moment.
        at: String,
        /// When it was sealed.
        sealed_at: String,
        /// Its leaf's hash.
        hash: String,
        /// Its columns: the name, the value, and the salt where the leaf hides it.
        columns: Vec<(String, Option<String>, Option<String>)>,
    },
    /// What lies between, and after them: a complete subtree of two to the power of `level` leaves.
    Subtree {
        /// The level.
        level: u32,
        /// Its root.
        root: String,
    },
    /// The last: what was signed of a tree that they all are in.
    Checkpoint(String),
}

/// Why an export cannot be written.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The file cannot be written.
    #[error("the export cannot be written: {0}")]
    File(#[from] io::Error),
    /// openssl cannot encrypt to these certificates.
    #[error("the export cannot be encrypted to the recipients' certificates: {0}")]
    Encrypt(#[from] ErrorStack),
    /// A line cannot be written.
    #[error("the export cannot be written: {0}")]
    Line(#[from] serde_json::Error),
}

/// For whom an export is encrypted.
pub struct Recipients(Stack<X509>);

impl Recipients {
    /// Those of these certificates, each in PEM.
    ///
    /// # Errors
    /// What openssl cannot read.
    pub fn of(certificates: &[Vec<u8>]) -> Result<Self, ErrorStack> {
        let mut recipients = Stack::new()?;
        for pem in certificates {
            recipients.push(X509::from_pem(pem)?)?;
        }
        Ok(Self(recipients))
    }
}

/// An export that is being written.
pub struct Export<'a> {
    folder: &'a Path,
    month: Month,
    recipients: &'a Recipients,
    clear: Vec<u8>,
    digest: Sha256,
    files: Vec<String>,
}

impl<'a> Export<'a> {
    /// An export of a month to a folder, for whoever has the private key of one of these
    /// certificates. What was exported there of the month before is written over.
    #[must_use]
    pub fn of(month: Month, folder: &'a Path, recipients: &'a Recipients) -> Self {
        Self {
            folder,
            month,
            recipients,
            clear: Vec::new(),
            digest: Sha256::new(),
            files: Vec::new(),
        }
    }

    /// Adds a line.
    ///
    /// # Errors
    /// [`ExportError`] when it cannot be written.
    pub fn add(&mut self, line: &Line) -> Result<(), ExportError> {
        serde_json::to_writer(&mut self.clear, line)?;
        self.clear.push(b'\n');
        match self.clear.len() < FILE_BYTES {
            true => Ok(()),
            false => self.write(),
        }
    }

    /// Ends it: the digest of all files, and their names.
    ///
    /// # Errors
    /// [`ExportError`] when it cannot be written.
    pub fn finish(mut self) -> Result<(Hash, Vec<String>), ExportError> {
        self.write()?;
        Ok((self.digest.finish(), self.files))
    }

    fn write(&mut self) -> Result<(), ExportError> {
        let name = format!("{}.{}.cms", self.month, self.files.len() + 1);
        let cipher = Cipher::aes_256_gcm();
        let clear = &self.clear;
        let envelope =
            CmsContentInfo::encrypt(&self.recipients.0, clear, cipher, CMSOptions::BINARY)?
                .to_der()?;
        self.clear.zeroize();
        self.digest.update(&envelope);
        put_whole(&self.folder.join(&name), &envelope)?;
        self.files.push(name);
        Ok(())
    }
}

/// Puts a file in its place at once, and returns when it is on the disk.
///
/// # Errors
/// When it cannot be written.
pub fn put_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// The digest of an export's files, one after another.
///
/// # Errors
/// When one cannot be read.
pub fn digest_of(folder: &Path, files: &[String]) -> io::Result<Hash> {
    let mut digest = Sha256::new();
    for name in files {
        digest.update(&fs::read(folder.join(name))?);
    }
    Ok(digest.finish())
}
