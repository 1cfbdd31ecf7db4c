//! An end to every wait for the network. Left to the system, whoever waits for the answer of a
//! machine that is no more waits for two hours, and a thread and a turn at the database with it;
//! what puts answers on record has but one.

use crate::secrets::SecretText;

/// What libpq is told (<https://www.postgresql.org/docs/current/libpq-connect.html>): a connection
/// is made within so many seconds, and given up when nothing that was sent, nor a probe, was
/// confirmed for ten. A database that thinks for long confirms all the same.
const PATIENCE: [(&str, &str); 5] = [
    ("connect_timeout", "5"),
    ("tcp_user_timeout", "10000"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "2"),
];

/// A database's URL, with whatever of this it does not say itself.
pub(super) fn patient(url: &SecretText) -> SecretText {
    let url = url.expose();
    let said = parameters(url);
    let is_said = |name: &str| {
        let mut said = said.unwrap_or_default().split('&');
        said.any(|one| one.split_once('=').is_some_and(|(of, _)| of == name))
    };
    let mut between = match said {
        None => "?",
        Some("") => "",
        Some(_) => "&",
    };
    let mut patient = String::with_capacity(url.len().saturating_add(128));
    patient.push_str(url);
    for (name, value) in PATIENCE.into_iter().filter(|(name, _)| !is_said(name)) {
        for part in [between, name, "=", value] {
            patient.push_str(part);
        }
        between = "&";
    }
    patient.into()
}

/// What stands behind the question mark. Before it there may be one in a password.
fn parameters(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let behind_password = match rest.find(['@', '/']) {
        Some(at) => rest.get(at..)?.strip_prefix('@').unwrap_or(rest),
        None => rest,
    };
    behind_password.split_once('?').map(|(_, said)| said)
}

#[cfg(test)]
mod tests {
    use super::patient;

    const ALL: &str = "connect_timeout=5&tcp_user_timeout=10000&keepalives_idle=5\
                       &keepalives_interval=5&keepalives_count=2";

    #[test]
    fn a_url_says_how_long_to_wait_and_what_it_says_itself_stands() {
        for (url, patient_url) in [
            ("postgres://a@h/d", format!("postgres://a@h/d?{ALL}")),
            ("postgres://h", format!("postgres://h?{ALL}")),
            ("postgres://h?", format!("postgres://h?{ALL}")),
            (
                "postgresql://a:b?c&connect_timeout=1@h,i:5433/d",
                format!("postgresql://a:b?c&connect_timeout=1@h,i:5433/d?{ALL}"),
            ),
            (
                "postgres://a@/d?host=/run&port=1@2",
                format!("postgres://a@/d?host=/run&port=1@2&{ALL}"),
            ),
            (
                "postgres:///d?host=/run&user=a@b",
                format!("postgres:///d?host=/run&user=a@b&{ALL}"),
            ),
            (
                "postgres://h/d?keepalives_idle=60&connect_timeout=30",
                "postgres://h/d?keepalives_idle=60&connect_timeout=30&tcp_user_timeout=10000\
                 &keepalives_interval=5&keepalives_count=2"
                    .to_owned(),
            ),
        ] {
            assert_eq!(patient(&url.to_owned().into()).expose(), patient_url);
        }
    }
}
