//! When what TLS is in force by ends: our certificate, those of the authorities of callers, and the
//! lists of revoked ones. Of each file the first end counts: from then on somebody is let in no
//! longer, and where a list is out of date, nobody with a certificate of its authority.

use chrono::{DateTime, Utc};
use openssl::x509::X509Crl;

use crate::outside::certificates::{first_end, moment};
use crate::server::tls_files::Read;

/// How each list of a file begins.
const LIST_BEGINS: &str = "-----BEGIN X509 CRL-----";

/// The first end in each file, by the setting that names it; none of what is not set or never ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends(pub [(&'static str, Option<DateTime<Utc>>); 3]);

impl Ends {
    /// The ends of what was read.
    #[must_use]
    pub fn of(read: &Read) -> Self {
        let clients = read.clients.as_ref();
        let lists = clients.and_then(|clients| clients.revoked.as_ref());
        Self([
            ("tls_certificate_file", first_end(&read.certificate)),
            (
                "tls_client_ca_file",
                clients.and_then(|clients| first_end(&clients.authorities)),
            ),
            (
                "tls_revocation_list_file",
                lists.and_then(|lists| first_next_list(&lists.held)),
            ),
        ])
    }
}

/// By when the first list of a file has to be there anew.
fn first_next_list(pem: &[u8]) -> Option<DateTime<Utc>> {
    let text = String::from_utf8_lossy(pem);
    let lists = text.split(LIST_BEGINS).skip(1);
    lists
        .filter_map(|rest| {
            let list = X509Crl::from_pem(format!("{LIST_BEGINS}{rest}").as_bytes()).ok()?;
            moment(list.next_update()?)
        })
        .min()
}
