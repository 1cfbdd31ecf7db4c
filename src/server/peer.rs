//! The caller's certificate on a connection, and whether it is still trusted: a connection may
//! outlive the trust in whoever made it.

use std::cell::Cell;

use openssl::ssl::SslRef;
use openssl::stack::Stack;
use openssl::x509::{X509, X509StoreContext};

use crate::identity::PeerCertificate;
use crate::server::tls::Tls;

/// The certificate that a caller showed, with those it sent along.
pub struct Peer {
    /// What tokens can be bound to.
    pub certificate: PeerCertificate,
    shown: X509,
    along: Stack<X509>,
    trusted_by: Cell<u64>,
}

impl Peer {
    /// The caller's certificate, where it showed one, as the handshake has just trusted it.
    #[must_use]
    pub fn of(ssl: &SslRef, tls: &Tls) -> Option<Self> {
        let shown = ssl.peer_certificate()?;
        let mut along = Stack::new().ok()?;
        for certificate in ssl.peer_cert_chain().into_iter().flatten() {
            along.push(certificate.to_owned()).ok()?;
        }
        Some(Self {
            certificate: PeerCertificate::of_der(&shown.to_der().ok()?),
            shown,
            along,
            trusted_by: Cell::new(tls.generation),
        })
    }

    /// Whether the certificate is trusted by what is in force now. It is looked at once for each
    /// set of files; one that cannot be looked at is not trusted.
    #[must_use]
    pub fn is_trusted(&self, tls: &Tls) -> bool {
        if self.trusted_by.get() == tls.generation {
            return true;
        }
        let is_trusted = tls
            .trusted_clients
            .as_ref()
            .zip(X509StoreContext::new().ok())
            .and_then(|(store, mut context)| {
                let verified = context.init(store, &self.shown, &self.along, |context| {
                    context.verify_cert()
                });
                verified.ok()
            })
            .unwrap_or(false);
        if is_trusted {
            self.trusted_by.set(tls.generation);
        }
        is_trusted
    }
}
