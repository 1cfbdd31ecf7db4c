//! The settings of the line to callers: TLS, and how many connections are held.

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::SettingsError;
use super::reading::Stated;

/// The line to callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportSettings {
    /// The file of our certificate and of those above it, PEM. With it TLS ends in this process.
    pub tls_certificate_file: Option<PathBuf>,
    /// The file of our certificate's private key, PEM and not encrypted.
    pub tls_key_file: Option<PathBuf>,
    /// The key itself, for whoever hands secrets over in the environment.
    pub tls_key: Option<PemKey>,
    /// Whether callers are asked for a certificate.
    pub tls_client_certificates: ClientCertificates,
    /// The file of the authorities that callers' certificates must come from, PEM.
    pub tls_client_ca_file: Option<PathBuf>,
    /// The file of the lists of revoked certificates, PEM: one of each authority.
    pub tls_revocation_list_file: Option<PathBuf>,
    /// Whether a proxy in front ends TLS, so that what is not loopback may be listened on without.
    pub proxy_ends_tls: bool,
    /// Connections held at once, 1 to 100,000: each may need 128 KiB.
    pub connections_max: u32,
    /// Connections held at once from one address, 1 to 100,000.
    pub connections_per_address_max: u32,
    /// Connections held at once by one certificate, 1 to 100,000.
    pub connections_per_certificate_max: u32,
    /// Seconds that a connection is kept for the next request, 1 to 600.
    pub keep_alive_seconds: u16,
}

impl Default for TransportSettings {
    fn default() -> Self {
        Self {
            tls_certificate_file: None,
            tls_key_file: None,
            tls_key: None,
            tls_client_certificates: ClientCertificates::Required,
            tls_client_ca_file: None,
            tls_revocation_list_file: None,
            proxy_ends_tls: false,
            connections_max: 4096,
            connections_per_address_max: 512,
            connections_per_certificate_max: 512,
            keep_alive_seconds: 15,
        }
    }
}

/// Whether callers are asked for a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientCertificates {
    /// Not asked.
    Off,
    /// Asked; one who shows none is let in, one who shows a wrong one is not.
    Optional,
    /// Asked; nobody is let in without.
    Required,
}

impl ClientCertificates {
    const ALL: [Self; 3] = [Self::Off, Self::Optional, Self::Required];

    /// Its name in the settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == text)
    }
}

/// A private key as PEM: wiped when it is dropped, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PemKey(Zeroizing<String>);

impl PemKey {
    /// Reads a key; nothing where the text does not even look like one. That it can be used is
    /// seen when TLS is set up.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_pem = text.trim_start().starts_with("-----BEGIN ") && text.contains("PRIVATE KEY");
        is_pem.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The key, for whoever sets TLS up.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PemKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PemKey(secret)")
    }
}

const CLIENT_CERTIFICATES: &str = "off, optional or required";
const KEY: &str = "an unencrypted private key in PEM";

impl TransportSettings {
    /// Takes them, the default where one is not stated.
    pub(super) fn taken(stated: &mut Stated, default: Self) -> Result<Self, SettingsError> {
        let most = 1..=100_000;
        Ok(Self {
            tls_certificate_file: stated.path("tls_certificate_file")?,
            tls_key_file: stated.path("tls_key_file")?,
            tls_key: stated.text("tls_key", None, KEY, |text| PemKey::parse(text).map(Some))?,
            tls_client_certificates: stated.text(
                "tls_client_certificates",
                default.tls_client_certificates,
                CLIENT_CERTIFICATES,
                ClientCertificates::parse,
            )?,
            tls_client_ca_file: stated.path("tls_client_ca_file")?,
            tls_revocation_list_file: stated.path("tls_revocation_list_file")?,
            proxy_ends_tls: stated.truth("proxy_ends_tls", default.proxy_ends_tls)?,
            connections_max: stated.whole(
                "connections_max",
                default.connections_max,
                most.clone(),
            )?,
            connections_per_address_max: stated.whole(
                "connections_per_address_max",
                default.connections_per_address_max,
                most.clone(),
            )?,
            connections_per_certificate_max: stated.whole(
                "connections_per_certificate_max",
                default.connections_per_certificate_max,
                most,
            )?,
            keep_alive_seconds: stated.whole(
                "keep_alive_seconds",
                default.keep_alive_seconds,
                1..=600,
            )?,
        })
    }

    /// Each setting's name and its default as documented.
    #[cfg(test)]
    pub(super) fn documented(self) -> Vec<(&'static str, String)> {
        let Self {
            tls_certificate_file: None,
            tls_key_file: None,
            tls_key: None,
            tls_client_certificates,
            tls_client_ca_file: None,
            tls_revocation_list_file: None,
            proxy_ends_tls,
            connections_max,
            connections_per_address_max,
            connections_per_certificate_max,
            keep_alive_seconds,
        } = self
        else {
            unreachable!("these have no default")
        };
        vec![
            ("tls_certificate_file", String::new()),
            ("tls_key_file", String::new()),
            ("tls_key", String::new()),
            (
                "tls_client_certificates",
                tls_client_certificates.name().to_owned(),
            ),
            ("tls_client_ca_file", String::new()),
            ("tls_revocation_list_file", String::new()),
            ("proxy_ends_tls", proxy_ends_tls.to_string()),
            ("connections_max", connections_max.to_string()),
            (
                "connections_per_address_max",
                connections_per_address_max.to_string(),
            ),
            (
                "connections_per_certificate_max",
                connections_per_certificate_max.to_string(),
            ),
            ("keep_alive_seconds", keep_alive_seconds.to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::PemKey;

    #[test]
    fn a_key_is_pem_and_is_never_printed() {
        let pem = format!("-----BEGIN {}-----\nsesame\n", "PRIVATE KEY");
        let key = PemKey::parse(&pem);
        assert_eq!(format!("{key:?}"), "Some(PemKey(secret))");
        assert_eq!(key.as_ref().map(PemKey::expose), Some(pem.as_str()));
        for wrong in ["", "sesame", "-----BEGIN CERTIFICATE-----\n"] {
            assert_eq!(PemKey::parse(wrong), None);
        }
    }
}
