//! What can be wrong with the settings: one line each, with the setting's name and never its value.

use std::io;
use std::path::PathBuf;

use config::ValueKind;
use thiserror::Error;

/// Settings whose environment variable has no `CPIS_` before it: the names that tools expect.
pub const UNPREFIXED: [&str; 5] = [
    "database_url",
    "intake_database_url",
    "notifier_database_url",
    "owner_database_url",
    "sealer_database_url",
];

/// What every other setting's environment variable begins with.
pub const PREFIX: &str = "CPIS_";

/// Why the service does not start.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The settings' file cannot be read.
    #[error("the settings file {path}: {cause}")]
    FileUnreadable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The settings' file is not TOML. Its words are not repeated: a password may be among them.
    #[error("the settings file is not TOML: {0}")]
    NotToml(String),
    /// There is no such setting.
    #[error("there is no setting `{0}`; docs/settings.md has them all")]
    Unknown(String),
    /// A setting that this command needs is not set.
    #[error("the setting `{0}` ({variable}) is needed", variable = variable(.0))]
    Needed(&'static str),
    /// Where a database is may be read of the environment by libpq, and not of its URL.
    #[error(
        "the setting `{name}` must say sslmode=verify-full while {variable} is set, which may lead \
         to another machine than this"
    )]
    LeadsElsewhere {
        /// Which setting.
        name: &'static str,
        /// The variable.
        variable: &'static str,
    },
    /// A setting is not what it must be.
    #[error("the setting `{name}` ({variable}) must be {right}, but is {wrong}",
        variable = variable(.name))]
    Wrong {
        /// Which setting.
        name: &'static str,
        /// What would be right.
        right: String,
        /// What kind of value it is.
        wrong: &'static str,
    },
}

/// The environment variable of the setting `name`.
pub fn variable(name: &str) -> String {
    let upper = name.to_uppercase();
    if UNPREFIXED.contains(&name) {
        upper
    } else {
        format!("{PREFIX}{upper}")
    }
}

/// A setting whose value is not right: what would be, and of which kind it is instead.
pub fn wrong(name: &'static str, right: String, kind: &ValueKind) -> SettingsError {
    let wrong = match kind {
        ValueKind::Nil => "not UTF-8",
        ValueKind::Boolean(_) => "a truth value",
        ValueKind::I64(_) | ValueKind::I128(_) | ValueKind::U64(_) | ValueKind::U128(_) => {
            "another whole number"
        }
        ValueKind::Float(_) => "a number with a fraction",
        ValueKind::String(text) if text.is_empty() => "empty",
        ValueKind::String(text) if text.parse::<i64>().is_ok() => "another whole number",
        ValueKind::String(_) => "another text",
        ValueKind::Table(_) => "a table",
        ValueKind::Array(_) => "a list",
    };
    SettingsError::Wrong { name, right, wrong }
}
