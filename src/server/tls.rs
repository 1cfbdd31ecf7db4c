//! TLS as it is in force: our certificate and key, and which callers' certificates are trusted.
//!
//! TLS 1.2 with forward secrecy and authenticated encryption, and TLS 1.3
//! (<https://www.rfc-editor.org/rfc/rfc9325>); no renegotiation and no compression. No session is
//! resumed: a caller's certificate is looked at in a full handshake only, and one that was revoked
//! would pass by a ticket.

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    AlpnError, SslAcceptor, SslAcceptorBuilder, SslFiletype, SslMethod, SslOptions,
    SslSessionCacheMode, SslVerifyMode, SslVersion, select_next_proto,
};
use openssl::stack::Stack;
use openssl::x509::store::{X509Lookup, X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509Name};
use thiserror::Error;

use crate::server::tls_ends::Ends;
use crate::server::tls_files::{Read, ReadClients};

/// The suites of TLS 1.2; those of TLS 1.3 are all of this kind.
const SUITES: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
    ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
    ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
/// The curves that a key is agreed on.
const GROUPS: &str = "X25519:P-256:P-384";
/// Keys and digests of less than 112 bits are refused, our own among them.
const SECURITY_LEVEL: u32 = 2;
/// The most authorities between a caller's certificate and one that we trust.
const DEPTH_MAX: u32 = 4;
/// The one protocol spoken, as ALPN spells it.
const HTTP_1_1: &[u8] = b"\x08http/1.1";

/// TLS as the files were when they were last read.
pub struct Tls {
    /// What makes a connection.
    pub acceptor: SslAcceptor,
    /// Whom callers' certificates must come from, where callers are asked for one.
    pub trusted_clients: Option<X509Store>,
    /// When what it is in force by ends.
    pub ends: Ends,
    /// How often the files had been taken before.
    pub generation: u64,
}

/// Why files cannot be used. One line for the operator, with nothing of a key in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TlsError {
    /// Our certificate is none.
    #[error(
        "tls_certificate_file: the file must hold our certificate in PEM, then those above it, \
         with keys of at least 112 bits of strength"
    )]
    Certificate,
    /// Our key is none, or not the certificate's.
    #[error(
        "tls_key_file: an unencrypted private key in PEM is needed, the certificate's own, RSA of \
         at least 2048 bits or EC"
    )]
    Key,
    /// The authorities of callers are none.
    #[error("tls_client_ca_file: the file must hold certificates in PEM")]
    ClientAuthorities,
    /// The list of revoked certificates is none.
    #[error("tls_revocation_list_file: the file must hold certificate revocation lists in PEM")]
    RevocationList,
    /// OpenSSL cannot do what is asked of it.
    #[error("the OpenSSL of this machine cannot be set up for TLS 1.2 and 1.3")]
    Unusable,
}

impl Tls {
    /// TLS by what was read.
    ///
    /// # Errors
    /// [`TlsError`] for the first file that cannot be used.
    pub fn of(read: &Read, generation: u64) -> Result<Self, TlsError> {
        let mut builder = safe().map_err(unusable)?;
        put_our_own(&mut builder, read)?;
        let mut trusted_clients = None;
        if let Some(clients) = &read.clients {
            ask_for_certificates(&mut builder, clients)?;
            trusted_clients = Some(store(clients)?);
        }
        Ok(Self {
            acceptor: builder.build(),
            trusted_clients,
            ends: Ends::of(read),
            generation,
        })
    }
}

fn unusable(_why: ErrorStack) -> TlsError {
    TlsError::Unusable
}

/// What speaks TLS safely, and has no certificate yet.
fn safe() -> Result<SslAcceptorBuilder, ErrorStack> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    builder.set_cipher_list(SUITES)?;
    builder.set_groups_list(GROUPS)?;
    builder.set_security_level(SECURITY_LEVEL);
    builder.set_options(
        SslOptions::NO_RENEGOTIATION
            | SslOptions::NO_COMPRESSION
            | SslOptions::NO_TICKET
            | SslOptions::CIPHER_SERVER_PREFERENCE,
    );
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_num_tickets(0)?;
    builder.set_alpn_select_callback(|_, offered| {
        select_next_proto(HTTP_1_1, offered).ok_or(AlpnError::ALERT_FATAL)
    });
    Ok(builder)
}

fn put_our_own(builder: &mut SslAcceptorBuilder, read: &Read) -> Result<(), TlsError> {
    let chain = certificates(&read.certificate).ok_or(TlsError::Certificate)?;
    let mut chain = chain.into_iter();
    let certificate = chain.next().ok_or(TlsError::Certificate)?;
    builder
        .set_certificate(&certificate)
        .map_err(|_weak| TlsError::Certificate)?;
    for above in chain {
        let added = builder.add_extra_chain_cert(above);
        added.map_err(|_weak| TlsError::Certificate)?;
    }
    let key = key(&read.key).ok_or(TlsError::Key)?;
    let put = builder.set_private_key(&key);
    put.and_then(|()| builder.check_private_key())
        .map_err(|_another_certificates| TlsError::Key)
}

/// A key under a passphrase is none: nobody is there to be asked.
fn key(pem: &[u8]) -> Option<PKey<Private>> {
    PKey::private_key_from_pem_callback(pem, |_passphrase| Ok(0)).ok()
}

fn ask_for_certificates(
    builder: &mut SslAcceptorBuilder,
    clients: &ReadClients,
) -> Result<(), TlsError> {
    let mut mode = SslVerifyMode::PEER;
    if clients.must_show {
        mode |= SslVerifyMode::FAIL_IF_NO_PEER_CERT;
    }
    builder.set_verify(mode);
    builder.set_verify_depth(DEPTH_MAX);
    let names = names(clients).ok_or(TlsError::ClientAuthorities)?;
    builder.set_client_ca_list(names);
    let store = store(clients)?;
    builder.set_verify_cert_store(store).map_err(unusable)
}

/// The authorities' names, which tell a caller which of its certificates to show.
fn names(clients: &ReadClients) -> Option<Stack<X509Name>> {
    let mut names = Stack::new().ok()?;
    for authority in certificates(&clients.authorities)? {
        names.push(authority.subject_name().to_owned().ok()?).ok()?;
    }
    Some(names)
}

/// Whom callers' certificates must come from. With a list of revoked ones every authority on the
/// way must have a current list, or the certificate is refused: a doubt trusts nobody.
fn store(clients: &ReadClients) -> Result<X509Store, TlsError> {
    let mut store = X509StoreBuilder::new().map_err(unusable)?;
    let authorities = certificates(&clients.authorities).ok_or(TlsError::ClientAuthorities)?;
    for authority in authorities {
        let added = store.add_cert(authority);
        added.map_err(|_twice| TlsError::ClientAuthorities)?;
    }
    if let Some(list) = &clients.revoked {
        let lookup = store.add_lookup(X509Lookup::file()).map_err(unusable)?;
        match lookup.load_crl_file(&list.path, SslFiletype::PEM) {
            Ok(lists) if lists > 0 => {}
            _ => return Err(TlsError::RevocationList),
        }
        let checks = X509VerifyFlags::CRL_CHECK | X509VerifyFlags::CRL_CHECK_ALL;
        store.set_flags(checks).map_err(unusable)?;
    }
    Ok(store.build())
}

/// The certificates of a file; nothing where it holds none.
fn certificates(pem: &[u8]) -> Option<Vec<X509>> {
    let certificates = X509::stack_from_pem(pem).ok()?;
    (!certificates.is_empty()).then_some(certificates)
}
