//! The files of TLS, read anew whenever they change or the operator says so (SIGHUP). Files that
//! cannot be used change nothing: those before stay in force, and the log says why.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use openssl::sha::Sha256;
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info};
use zeroize::Zeroizing;

use crate::secrets::file;
use crate::server::tls::{Tls, TlsError};
use crate::settings::{ClientCertificates, PemKey};

/// How often the files are looked at: a certificate that was revoked is trusted no longer.
const LOOKED_AT_AGAIN: Duration = Duration::from_secs(10);

/// Where our certificate and key are, and what tells which callers to trust.
#[derive(Debug)]
pub struct TlsFiles {
    /// Our certificate, and those above it.
    pub certificate: PathBuf,
    /// Its key.
    pub key: TlsKeySource,
    /// Whether callers are asked for a certificate.
    pub client_certificates: ClientCertificates,
    /// Whom theirs must come from; needed unless they are not asked.
    pub client_authorities: Option<PathBuf>,
    /// Which of them are revoked.
    pub revoked: Option<PathBuf>,
}

/// Where a key is.
#[derive(Debug)]
pub enum TlsKeySource {
    /// In a file.
    File(PathBuf),
    /// In the environment, from where it was read.
    Text(PemKey),
}

/// What the files held.
pub struct Read {
    /// Our certificate, and those above it.
    pub certificate: Vec<u8>,
    /// Its key: wiped when it has been used.
    pub key: Zeroizing<Vec<u8>>,
    /// What is asked of callers, where anything is.
    pub clients: Option<ReadClients>,
    digest: [u8; 32],
}

/// What is asked of callers.
pub struct ReadClients {
    /// Whether one without a certificate is turned away.
    pub must_show: bool,
    /// The authorities.
    pub authorities: Vec<u8>,
    /// The lists of revoked certificates.
    pub revoked: Option<ReadLists>,
}

/// Lists of revoked certificates.
pub struct ReadLists {
    /// Where they are: OpenSSL reads them from the file.
    pub path: PathBuf,
    /// What the file held.
    pub held: Vec<u8>,
}

/// Why TLS cannot be had. One line for the operator, with nothing of a key in it.
#[derive(Debug, Error)]
pub enum TlsFilesError {
    /// A file cannot be read.
    #[error("{setting}: the file {path} cannot be read: {cause}")]
    File {
        /// The setting.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file cannot be used.
    #[error("{0}")]
    Tls(#[from] TlsError),
}

/// TLS as it is in force, and the files it came from.
pub struct TlsInForce {
    files: TlsFiles,
    tls: RwLock<Arc<Tls>>,
}

impl TlsInForce {
    /// Reads the files for the first time.
    ///
    /// # Errors
    /// [`TlsFilesError`] for the first file that cannot be used.
    pub fn open(files: TlsFiles) -> Result<Self, TlsFilesError> {
        let tls = Tls::of(&read(&files)?, 0)?;
        Ok(Self {
            files,
            tls: RwLock::new(Arc::new(tls)),
        })
    }

    /// What is in force now.
    #[must_use]
    pub fn now(&self) -> Arc<Tls> {
        Arc::clone(&self.tls.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps what is in force as the files are, for ever.
    pub async fn watch(&self) {
        let mut told = signal(SignalKind::hangup()).ok();
        let mut seen = read(&self.files).ok().map(|read| read.digest);
        loop {
            let is_told = tokio::select! {
                is_told = hung_up(&mut told) => is_told,
                () = tokio::time::sleep(LOOKED_AT_AGAIN) => false,
            };
            let read = read(&self.files);
            let digest = read.as_ref().ok().map(|read| read.digest);
            // What is wrong is told once, until it changes.
            if digest != seen || is_told {
                seen = digest;
                self.take(read);
            }
        }
    }

    fn take(&self, read: Result<Read, TlsFilesError>) {
        let next = self.now().generation.wrapping_add(1);
        let taken = read.and_then(|read| Ok(Tls::of(&read, next)?));
        match taken {
            Ok(tls) => {
                *self.tls.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(tls);
                info!("The files of TLS were read anew and are in force");
            }
            Err(cause) => error!(
                cause = %cause,
                "The files of TLS cannot be used; those before stay in force"
            ),
        }
    }
}

async fn hung_up(told: &mut Option<tokio::signal::unix::Signal>) -> bool {
    match told {
        Some(told) => told.recv().await.is_some(),
        None => std::future::pending().await,
    }
}

fn read(files: &TlsFiles) -> Result<Read, TlsFilesError> {
    let certificate = bytes("tls_certificate_file", &files.certificate)?;
    let key = match &files.key {
        TlsKeySource::File(path) => {
            file::read(path).map_err(|cause| unreadable("tls_key_file", path, cause))?
        }
        TlsKeySource::Text(key) => Zeroizing::new(key.expose().as_bytes().to_vec()),
    };
    let mut digest = Sha256::new();
    let mut all = vec![certificate.clone(), key.clone()];
    let asked = files.client_authorities.as_deref();
    let clients = match (files.client_certificates, asked) {
        (ClientCertificates::Off, _) | (_, None) => None,
        (asked, Some(authorities)) => {
            let authorities = bytes("tls_client_ca_file", authorities)?;
            all.push(authorities.clone());
            let mut revoked = None;
            if let Some(path) = files.revoked.clone() {
                let lists = bytes("tls_revocation_list_file", &path)?;
                all.push(lists.clone());
                let held = lists.to_vec();
                revoked = Some(ReadLists { path, held });
            }
            Some(ReadClients {
                must_show: asked == ClientCertificates::Required,
                authorities: authorities.to_vec(),
                revoked,
            })
        }
    };
    for held in &all {
        // Its length first, so that no bytes can move from one file to the next unseen.
        digest.update(&held.len().to_be_bytes());
        digest.update(held);
    }
    Ok(Read {
        certificate: certificate.to_vec(),
        key,
        clients,
        digest: digest.finish(),
    })
}

fn bytes(setting: &'static str, path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsFilesError> {
    let read = fs::read(path).map(Zeroizing::new);
    read.map_err(|cause| unreadable(setting, path, cause))
}

fn unreadable(setting: &'static str, path: &Path, cause: io::Error) -> TlsFilesError {
    TlsFilesError::File {
        setting,
        path: path.to_owned(),
        cause,
    }
}
