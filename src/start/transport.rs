//! From the settings of the line to callers to what their connections have to pass.

use std::sync::Arc;
use std::time::Duration;

use super::StartError;
use crate::server::caps::Caps;
use crate::server::doorway::{Doorway, Line};
use crate::server::tls_files::{TlsFiles, TlsInForce, TlsKeySource};
use crate::settings::{ClientCertificates, Settings, SettingsError, TransportSettings};

/// What callers' connections have to pass.
///
/// # Errors
/// [`StartError`] when a file of TLS cannot be used, a setting that belongs to it is missing, or
/// there is no TLS where there has to be.
pub fn doorway(settings: &Settings) -> Result<Arc<Doorway>, StartError> {
    let transport = &settings.transport;
    let tls = files(transport)?.map(TlsInForce::open).transpose()?;
    let is_ours_alone = settings.listen.ip().to_canonical().is_loopback();
    if tls.is_none() && !is_ours_alone && !transport.proxy_ends_tls {
        return Err(StartError::InTheClear(settings.listen));
    }
    let line = match tls.is_some() || transport.proxy_ends_tls {
        true => Line::UnderTls,
        false => Line::InTheClear,
    };
    let count = |most: u32| usize::try_from(most).unwrap_or(usize::MAX);
    let caps = Caps {
        all: count(transport.connections_max),
        per_address: count(transport.connections_per_address_max),
        per_certificate: count(transport.connections_per_certificate_max),
    };
    let kept_alive = Duration::from_secs(u64::from(transport.keep_alive_seconds));
    Ok(Doorway::new(tls.map(Arc::new), line, kept_alive, caps))
}

/// Where TLS is told to be; half of what belongs together is a mistake, and never plain HTTP.
fn files(transport: &TransportSettings) -> Result<Option<TlsFiles>, StartError> {
    let needed = |setting| StartError::from(SettingsError::Needed(setting));
    let key = match (&transport.tls_key_file, &transport.tls_key) {
        (Some(path), _) => Some(TlsKeySource::File(path.clone())),
        (None, Some(key)) => Some(TlsKeySource::Text(key.clone())),
        (None, None) => None,
    };
    let is_for_callers =
        transport.tls_client_ca_file.is_some() || transport.tls_revocation_list_file.is_some();
    let (certificate, key) = match (&transport.tls_certificate_file, key) {
        (None, None) if !is_for_callers => return Ok(None),
        (None, _) => return Err(needed("tls_certificate_file")),
        (Some(_), None) => return Err(needed("tls_key_file")),
        (Some(certificate), Some(key)) => (certificate.clone(), key),
    };
    let is_asked = transport.tls_client_certificates != ClientCertificates::Off;
    if is_asked && transport.tls_client_ca_file.is_none() {
        return Err(needed("tls_client_ca_file"));
    }
    Ok(Some(TlsFiles {
        certificate,
        key,
        client_certificates: transport.tls_client_certificates,
        client_authorities: transport.tls_client_ca_file.clone(),
        revoked: transport.tls_revocation_list_file.clone(),
    }))
}
