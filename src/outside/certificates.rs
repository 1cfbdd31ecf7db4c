//! With which certificate we ask a service that wants one, whose certificates we trust there, and
//! when certificates end.

use chrono::{DateTime, TimeDelta, Utc};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::x509::X509;
use thiserror::Error;
use ureq::tls::{Certificate, ClientCert, PrivateKey};
use zeroize::Zeroizing;

/// Why a certificate of ours cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClientCertificateError {
    /// It is none.
    #[error("the file must hold our certificate in PEM, then those above it")]
    Certificate,
    /// Its key is none, or another's.
    #[error("the file must hold an unencrypted private key in PEM, the certificate's own")]
    Key,
}

/// The certificates of a file in PEM; nothing where there is none.
#[must_use]
pub fn chain(pem: &[u8]) -> Option<Vec<Certificate<'static>>> {
    let certificates = X509::stack_from_pem(pem).ok()?;
    let chain: Result<Vec<_>, ErrorStack> = certificates
        .iter()
        .map(|certificate| Ok(Certificate::from_der(&certificate.to_der()?).to_owned()))
        .collect();
    chain.ok().filter(|chain| !chain.is_empty())
}

/// Our certificate, with those above it, and its own key, each in PEM.
///
/// # Errors
/// [`ClientCertificateError`].
pub fn client(certificate: &[u8], key: &[u8]) -> Result<ClientCert, ClientCertificateError> {
    let chain = chain(certificate).ok_or(ClientCertificateError::Certificate)?;
    // Whatever form it has, ureq takes PKCS #8; one behind a passphrase would ask a terminal.
    let key = PKey::private_key_from_pem_callback(key, |_passphrase| Ok(0))
        .ok()
        .ok_or(ClientCertificateError::Key)?;
    let is_its_own = X509::from_pem(certificate)
        .and_then(|certificate| certificate.public_key())
        .is_ok_and(|public| public.public_eq(&key));
    let pkcs8 = key.private_key_to_pem_pkcs8().ok().filter(|_| is_its_own);
    let key = pkcs8
        .map(Zeroizing::new)
        .and_then(|pkcs8| PrivateKey::from_pem(&pkcs8).ok())
        .ok_or(ClientCertificateError::Key)?;
    Ok(ClientCert::new_with_certs(&chain, key))
}

/// When the first of the certificates in PEM ends; nothing where there is none.
#[must_use]
pub fn first_end(pem: &[u8]) -> Option<DateTime<Utc>> {
    let certificates = X509::stack_from_pem(pem).ok()?;
    let ends = certificates.iter();
    ends.filter_map(|one| moment(one.not_after())).min()
}

/// A time as certificates and lists of revoked ones have it.
#[must_use]
pub fn moment(time: &Asn1TimeRef) -> Option<DateTime<Utc>> {
    let since = Asn1Time::from_unix(0).ok()?.diff(time).ok()?;
    let (days, seconds) = (i64::from(since.days), i64::from(since.secs));
    let since = TimeDelta::days(days) + TimeDelta::seconds(seconds);
    DateTime::UNIX_EPOCH.checked_add_signed(since)
}
