//! Certificates of a test's own, and callers who speak TLS byte by byte.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use cpis_fhir::settings::{ClientCertificates, TransportSettings};
use openssl::asn1::{Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslConnector, SslConnectorBuilder, SslMethod, SslStream};
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, SubjectAlternativeName};
use openssl::x509::{
    X509, X509Builder, X509CrlBuilder, X509Extension, X509NameBuilder, X509Revoked,
};
use tempfile::TempDir;

use super::private::write_private;

/// An authority with a folder: its own certificate, a server's, and lists of revoked ones.
pub struct Authority {
    folder: TempDir,
    certificate: X509,
    key: PKey<Private>,
    /// For how long what it gives is good.
    days: u32,
}

/// A certificate with its key.
#[derive(Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: X509,
    /// Its key.
    pub key: PKey<Private>,
}

impl Authority {
    /// An authority that has given a certificate to the server of this machine, and revoked none.
    pub fn new() -> Self {
        Self::for_days(7)
    }

    /// The same whose own certificate, and whatever it gives, is good for so long.
    pub fn for_days(days: u32) -> Self {
        let key = key();
        let authority = Self {
            folder: tempfile::tempdir().unwrap(),
            certificate: certificate(("authority", 1, days), &key, None),
            key,
            days,
        };
        authority.put_server(&authority.identity("localhost", 2));
        let pem = authority.certificate.to_pem().unwrap();
        fs::write(authority.path("clients.pem"), pem).unwrap();
        authority.put_revoked(&[]);
        authority
    }

    /// A file of its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A certificate by this authority.
    pub fn identity(&self, name: &str, serial: u32) -> Identity {
        let key = key();
        let certificate = certificate((name, serial, self.days), &key, Some(self));
        Identity { certificate, key }
    }

    /// Makes this the server's certificate.
    pub fn put_server(&self, server: &Identity) {
        let certificate = server.certificate.to_pem().unwrap();
        fs::write(self.path("server.pem"), certificate).unwrap();
        let key = server.key.private_key_to_pem_pkcs8().unwrap();
        write_private(self.path("server.key"), key);
    }

    /// Makes a list of the serial numbers that are revoked, each below 128.
    pub fn put_revoked(&self, serials: &[u8]) {
        let mut list = X509CrlBuilder::new().unwrap();
        list.set_issuer_name(self.certificate.subject_name())
            .unwrap();
        let now = Asn1Time::days_from_now(0).unwrap();
        list.set_last_update(&now).unwrap();
        let next = Asn1Time::days_from_now(self.days).unwrap();
        list.set_next_update(&next).unwrap();
        for (kind, der) in [
            (
                Nid::AUTHORITY_KEY_IDENTIFIER,
                b"\x30\x03\x80\x01\x01".as_slice(),
            ),
            (Nid::CRL_NUMBER, b"\x02\x01\x01"),
        ] {
            let kind = Asn1Object::from_str(kind.short_name().unwrap()).unwrap();
            let der = Asn1OctetString::new_from_bytes(der).unwrap();
            let extension = X509Extension::new_from_der(&kind, false, &der).unwrap();
            list.append_extension(extension).unwrap();
        }
        for serial in serials {
            // SEQUENCE of INTEGER and UTCTime (RFC 5280, 5.1).
            let der = [
                b"\x30\x12\x02\x01",
                &[*serial][..],
                b"\x17\x0d260101000000Z",
            ]
            .concat();
            list.add_revoked(X509Revoked::from_der(&der).unwrap())
                .unwrap();
        }
        list.sign(&self.key, MessageDigest::sha256()).unwrap();
        let list = list.build().unwrap().to_pem().unwrap();
        fs::write(self.path("revoked.pem"), list).unwrap();
    }

    /// The settings of a service under this authority's certificates.
    pub fn settings(&self, client_certificates: ClientCertificates) -> TransportSettings {
        TransportSettings {
            tls_certificate_file: Some(self.path("server.pem")),
            tls_key_file: Some(self.path("server.key")),
            tls_client_certificates: client_certificates,
            tls_client_ca_file: Some(self.path("clients.pem")),
            tls_revocation_list_file: Some(self.path("revoked.pem")),
            ..TransportSettings::default()
        }
    }

    /// A caller who trusts this authority, and shows a certificate where it has one.
    pub fn caller(&self, shown: Option<&Identity>) -> SslConnectorBuilder {
        let mut caller = SslConnector::builder(SslMethod::tls_client()).unwrap();
        caller
            .cert_store_mut()
            .add_cert(self.certificate.clone())
            .unwrap();
        if let Some(shown) = shown {
            caller.set_certificate(&shown.certificate).unwrap();
            caller.set_private_key(&shown.key).unwrap();
        }
        caller
    }
}

fn key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

fn certificate(
    (name, serial, days): (&str, u32, u32),
    key: &PKey<Private>,
    by: Option<&Authority>,
) -> X509 {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut made = X509Builder::new().unwrap();
    made.set_version(2).unwrap();
    let serial = BigNum::from_u32(serial).unwrap().to_asn1_integer();
    made.set_serial_number(&serial.unwrap()).unwrap();
    made.set_subject_name(&subject).unwrap();
    made.set_pubkey(key).unwrap();
    made.set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    made.set_not_after(&Asn1Time::days_from_now(days).unwrap())
        .unwrap();
    if let Some(by) = by {
        made.set_issuer_name(by.certificate.subject_name()).unwrap();
        let usage = ExtendedKeyUsage::new().client_auth().server_auth().build();
        made.append_extension(usage.unwrap()).unwrap();
        let names = SubjectAlternativeName::new()
            .dns("localhost")
            .ip("127.0.0.1")
            .build(&made.x509v3_context(Some(&by.certificate), None));
        made.append_extension(names.unwrap()).unwrap();
        made.sign(&by.key, MessageDigest::sha256()).unwrap();
    } else {
        made.set_issuer_name(&subject).unwrap();
        let is_authority = BasicConstraints::new().critical().ca().build();
        made.append_extension(is_authority.unwrap()).unwrap();
        made.sign(key, MessageDigest::sha256()).unwrap();
    }
    made.build()
}

/// Connects a caller; nothing where the handshake fails.
pub fn connected(caller: SslConnectorBuilder, address: &str) -> Option<SslStream<TcpStream>> {
    let stream = TcpStream::connect(address).ok()?;
    let patience = Some(Duration::from_secs(30));
    stream.set_read_timeout(patience).unwrap();
    stream.set_write_timeout(patience).unwrap();
    caller.build().connect("localhost", stream).ok()
}

/// Asks for a path over a connection that is kept, and brings back the head and the body; nothing
/// where there is no answer. In TLS 1.3 a caller hears only now that its certificate is refused.
pub fn asked(stream: &mut SslStream<TcpStream>, path: &str, headers: &str) -> Option<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    exchanged(stream, &request)
}

/// The same of a whole request, over any connection.
pub fn exchanged(stream: &mut (impl Read + Write), request: &str) -> Option<String> {
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text);
            }
        }
        let mut bytes = [0; 16 * 1024];
        let read = stream.read(&mut bytes).ok().filter(|read| *read > 0)?;
        answer.extend_from_slice(&bytes[..read]);
    }
}
