//! The settings of matching: which demographics service is asked, how, and how often.

use std::fmt;
use std::path::{Path, PathBuf};

use url::{Host, Url};

use super::error::SettingsError;
use crate::domain::ods_code::OdsCode;

/// Which demographics service is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DemographicsKind {
    /// None: what authorities tell is believed.
    #[default]
    None,
    /// The sandbox's register of made-up people.
    Sandbox,
    /// The Personal Demographics Service.
    Pds,
}

impl DemographicsKind {
    /// Reads a kind by its name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::None, Self::Sandbox, Self::Pds]
            .into_iter()
            .find(|kind| kind.name() == text)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sandbox => "sandbox",
            Self::Pds => "pds",
        }
    }
}

/// Where another service is: an absolute `https` URL without a slash behind, a query, a fragment or
/// a user; on this machine's loopback also `http`.
#[derive(Clone, PartialEq, Eq)]
pub struct PeerUrl(String);

impl PeerUrl {
    /// Reads the URL of another service; nothing where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text)
            .ok()
            .filter(|_| text.bytes().all(|byte| byte.is_ascii_graphic()))?;
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_on_loopback(&url));
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        let is_spelled_so = url.as_str().trim_end_matches('/') == text;
        (is_safe && is_plain && is_spelled_so).then(|| Self(text.to_owned()))
    }

    /// The URL, with no slash behind.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it leads to this machine: the only place that may be asked without TLS.
    #[must_use]
    pub fn is_on_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_on_loopback(&url))
    }
}

impl fmt::Debug for PeerUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_on_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The settings of matching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchingSettings {
    /// Which demographics service is asked.
    pub demographics: DemographicsKind,
    /// The base of the Personal Demographics Service. No default: `pds` needs it.
    pub pds_url: Option<PeerUrl>,
    /// The token endpoint of that service. Without one it is asked without a token, as its public
    /// sandbox is.
    pub pds_token_url: Option<PeerUrl>,
    /// The application's API key at the token endpoint.
    pub pds_client_id: Option<String>,
    /// Which of the application's keys signs.
    pub pds_key_id: Option<String>,
    /// The file of the application's RSA private key, in PEM.
    pub pds_key_file: Option<PathBuf>,
    /// The organisation whose calls these are, where they are to be attributed to one.
    pub pds_organisation: Option<OdsCode>,
    /// Requests to the service at once, 1 to 64.
    pub pds_parallelism: u8,
    /// Requests to the service in a second, 1 to 1000: its limit is 5 unless agreed otherwise.
    pub pds_requests_per_second: u16,
    /// The longest wait for one answer of the service, in milliseconds, 1 to 60,000.
    pub pds_wait_ms: u64,
    /// Days after which a record that matched is compared again, 1 to 3650.
    pub matching_days: u16,
    /// The longest that one file is matched, in seconds, 1 to 3600: after it, CPF05.
    pub matching_seconds_max: u16,
    /// The file of the key of what is kept of a record that matched: 32 bytes in base64. `pds`
    /// needs it; otherwise, without one, a key is made at the start.
    pub matching_key_file: Option<PathBuf>,
    /// Days in which the number of every child held is traced once, 1 to 3650.
    pub number_check_days: u16,
}

impl Default for MatchingSettings {
    fn default() -> Self {
        Self {
            demographics: DemographicsKind::None,
            pds_url: None,
            pds_token_url: None,
            pds_client_id: None,
            pds_key_id: None,
            pds_key_file: None,
            pds_organisation: None,
            pds_parallelism: 8,
            pds_requests_per_second: 5,
            pds_wait_ms: 5000,
            matching_days: 90,
            matching_seconds_max: 60,
            matching_key_file: None,
            number_check_days: 7,
        }
    }
}

impl MatchingSettings {
    /// The base of the Personal Demographics Service.
    ///
    /// # Errors
    /// It is not set.
    pub fn pds_url(&self) -> Result<&PeerUrl, SettingsError> {
        self.pds_url
            .as_ref()
            .ok_or(SettingsError::Needed("pds_url"))
    }

    /// The application's API key.
    ///
    /// # Errors
    /// It is not set.
    pub fn pds_client_id(&self) -> Result<&str, SettingsError> {
        let set = self.pds_client_id.as_deref();
        set.ok_or(SettingsError::Needed("pds_client_id"))
    }

    /// Which of the application's keys signs.
    ///
    /// # Errors
    /// It is not set.
    pub fn pds_key_id(&self) -> Result<&str, SettingsError> {
        let set = self.pds_key_id.as_deref();
        set.ok_or(SettingsError::Needed("pds_key_id"))
    }

    /// The file of the application's private key.
    ///
    /// # Errors
    /// It is not set.
    pub fn pds_key_file(&self) -> Result<&Path, SettingsError> {
        let set = self.pds_key_file.as_deref();
        set.ok_or(SettingsError::Needed("pds_key_file"))
    }

    /// The file of the key of what is kept of a record that matched.
    ///
    /// # Errors
    /// It is not set, and the Personal Demographics Service is asked.
    pub fn matching_key_file(&self) -> Result<Option<&Path>, SettingsError> {
        match (&self.matching_key_file, self.demographics) {
            (Some(file), _) => Ok(Some(file)),
            (None, DemographicsKind::Pds) => Err(SettingsError::Needed("matching_key_file")),
            (None, _) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DemographicsKind, PeerUrl};

    #[test]
    fn another_service_is_asked_over_tls_unless_it_is_on_this_machine() {
        for good in [
            "https://api.service.nhs.uk/personal-demographics/FHIR/R4",
            "http://127.0.0.1:9000/FHIR/R4",
            "http://[::1]:9000",
            "http://localhost:9000",
        ] {
            assert!(PeerUrl::parse(good).is_some(), "{good}");
        }
        for bad in [
            "http://api.service.nhs.uk/personal-demographics/FHIR/R4",
            "http://127.0.0.1.example/",
            "https://user@api.service.nhs.uk",
            "https://api.service.nhs.uk/",
            "https://api.service.nhs.uk?a=b",
            "file:///etc/passwd",
            "",
        ] {
            assert!(PeerUrl::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn every_kind_of_demographics_is_found_by_its_name() {
        for kind in ["none", "sandbox", "pds"] {
            assert_eq!(
                DemographicsKind::parse(kind).map(DemographicsKind::name),
                Some(kind)
            );
        }
        assert_eq!(DemographicsKind::parse("PDS"), None);
    }
}
