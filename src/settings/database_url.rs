//! Where a database is, as libpq takes it
//! (<https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING>). It asks for no TLS
//! by itself, so whoever names a database beyond this machine says that it is to be verified.

use std::fmt;
use std::net::IpAddr;

use crate::secrets::SecretText;

/// The one way over a network: TLS, and a certificate of the host's own by a known authority.
const VERIFIED: &str = "verify-full";

/// Where a database is, and how to be let in: a secret, which is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(SecretText);

impl DatabaseUrl {
    /// Reads a database's URL; nothing where it is none, or its line could be read on the way. That
    /// it can be reached is seen later: libpq alone knows all its forms.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text
            .strip_prefix("postgresql://")
            .or_else(|| text.strip_prefix("postgres://"))?;
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_one = is_visible && !rest.is_empty();
        let way = is_one.then(|| way(rest))?;
        (way != Way::Open).then(|| Self(text.to_owned().into()))
    }

    /// Whether the way to it is verified, wherever else it would lead.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        let rest = self.expose().split_once("://").map(|(_, rest)| rest);
        rest.is_some_and(|rest| way(rest) == Way::Verified)
    }

    /// The URL with all its secrets, for whoever connects.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DatabaseUrl(secret)")
    }
}

/// The way to a database.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By TLS, with the host's certificate verified.
    Verified,
    /// Over no network.
    Here,
    /// Over one, where its line may be read.
    Open,
}

/// The way to every host of a URL, without its scheme.
fn way(rest: &str) -> Way {
    // A user and a password end with the first `@` that no `/` stands before.
    let behind_user = match rest.find(['@', '/']) {
        Some(at) => rest
            .get(at..)
            .map_or(rest, |behind| behind.strip_prefix('@').unwrap_or(rest)),
        None => rest,
    };
    let (before, query) = behind_user.split_once('?').unwrap_or((behind_user, ""));
    let hosts = before.split('/').next().unwrap_or_default().split(',');
    let mut are_here = hosts.map(without_port).all(is_here_encoded);
    let mut is_verified = false;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "host" | "hostaddr" => are_here &= value.split(',').all(is_here),
            // A service is of a file, and may be anywhere.
            "service" => are_here = false,
            // Of what is said twice the last counts; `ssl` is another word for less.
            "sslmode" => is_verified = value == VERIFIED,
            "ssl" => is_verified = false,
            _ => {}
        }
    }
    match (is_verified, are_here) {
        (true, _) => Way::Verified,
        (false, true) => Way::Here,
        (false, false) => Way::Open,
    }
}

/// A host as it stands before the path; what has a colon of its own stands in brackets.
fn without_port(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(inside) => inside.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// The same of a host before the path, in which the folder of a socket is encoded. Nothing else is
/// in a name of this machine: behind an encoded comma stands another host.
fn is_here_encoded(host: &str) -> bool {
    let folder = host.replace("%2F", "/").replace("%2f", "/");
    let folder = folder.replace("%40", "@");
    !folder.contains('%') && is_here(&folder)
}

/// Whether a host is this machine: none at all, the folder of a socket, or loopback.
fn is_here(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host.is_empty()
        || host.starts_with(['/', '@'])
        || host.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::DatabaseUrl;

    #[test]
    fn a_databases_url_begins_with_its_scheme_and_is_visible() {
        for wrong in [
            "",
            "postgres://",
            "postgres:a",
            "http://a",
            "postgres://a b",
            "postgres://localhost\n",
        ] {
            assert_eq!(DatabaseUrl::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn over_a_network_a_database_is_reached_by_verified_tls_and_in_no_other_way() {
        for safe in [
            "postgres:///cpis",
            "postgres://a:b@/cpis?host=/run/postgresql",
            "postgres://a@%2Frun%2Fpostgresql:5432/cpis",
            "postgres://a@LOCALHOST/cpis",
            "postgres://a:b?c@127.0.0.1:5432/cpis",
            "postgresql://a@[::1]:5432,localhost/cpis?connect_timeout=3",
            "postgres://a@db.example/cpis?sslmode=verify-full",
            "postgres://a@one.example,two.example:5433/cpis?x=y&sslmode=verify-full&sslrootcert=/a",
            "postgres://a@/cpis?host=db.example&sslmode=verify%2Dfull",
            "postgres://a@db.example/cpis?sslmode=require&sslmode=verify-full",
        ] {
            assert!(DatabaseUrl::parse(safe).is_some(), "{safe}");
        }
        for unsafe_one in [
            "postgres://a@db.example/cpis",
            "postgres://db.example",
            "postgres://a@10.0.0.1/cpis?sslmode=prefer",
            "postgres://a@db.example/cpis?sslmode=require",
            "postgres://a@db.example/cpis?sslmode=verify-ca",
            "postgres://a@db.example/cpis?sslmode=verify-full&sslmode=disable",
            "postgres://a@db.example/cpis?sslmode=verify-full&ssl=true",
            "postgres://sslmode=verify-full@db.example/cpis",
            "postgres://a@db.example/sslmode=verify-full",
            "postgres://a@localhost,db.example/cpis",
            "postgres://a@[2001:db8::1]:5432/cpis",
            "postgres://a@localhost/cpis?host=db.example",
            "postgres://a@localhost/cpis?hostaddr=10.0.0.1",
            "postgres://a@/cpis?host=%2Frun,db.example",
            "postgres://a@/cpis?host=%252Frun",
            "postgres://a@%2Frun%2Cdb.example/cpis",
            "postgres://a@/cpis?service=cpis",
            "postgres://a:b@c@localhost/cpis",
        ] {
            assert!(DatabaseUrl::parse(unsafe_one).is_none(), "{unsafe_one}");
        }
    }
}
