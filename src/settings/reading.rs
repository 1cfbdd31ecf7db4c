//! Takes the settings that were stated, one by one and strictly typed, and refuses what is left.

mod matching;
mod numbers;

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;

use config::{Config, ConfigError, File, FileFormat, Value, ValueKind};

use super::error::{PREFIX, SettingsError, UNPREFIXED, wrong};
use super::values::{BrowserOrigins, LogFilter, PublicUrl};
use super::{
    BudgetSettings, CallerSettings, DatabaseUrl, MeshSettings, SETTINGS_FILE_VARIABLE,
    SendingSettings, Settings,
};

/// Settings that were stated and have not been taken yet.
pub struct Stated {
    values: HashMap<String, Value>,
    /// A variable by which libpq would find a database elsewhere than its URL seems to say.
    leads_elsewhere: Option<&'static str>,
}

/// What libpq reads of the environment beside a URL
/// (<https://www.postgresql.org/docs/15/libpq-envars.html>), and takes for where the database is.
const PLACES: [&str; 3] = ["PGHOST", "PGHOSTADDR", "PGSERVICE"];

/// Reads what the file states and, over it, what the environment does.
pub fn stated(
    toml: &str,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Stated, SettingsError> {
    let file = Config::builder().add_source(File::from_str(toml, FileFormat::Toml));
    let file = file.build().map_err(|error| not_toml(&error))?;
    let mut values = file.cache.into_table().map_err(|error| not_toml(&error))?;
    let mut leads_elsewhere = None;
    for (variable, value) in environment {
        let place = PLACES.into_iter().find(|place| variable == *place);
        leads_elsewhere = place.filter(|_| !value.is_empty()).or(leads_elsewhere);
        if let Some((name, value)) = of_environment(&variable, value) {
            values.insert(name, value);
        }
    }
    Ok(Stated {
        values,
        leads_elsewhere,
    })
}

/// Settings that are secrets themselves, beside the databases' URLs, which may hold a password.
const SECRETS: [&str; 2] = ["sealing_key", "tls_key"];

/// Whether a file states a secret. Of one that is no TOML nobody can say that it does not.
pub fn states_a_secret(toml: &str) -> bool {
    let mut secrets = UNPREFIXED.into_iter().chain(SECRETS);
    stated(toml, []).map_or(true, |stated| {
        secrets.any(|name| stated.values.contains_key(name))
    })
}

/// The first line of the parser's words says where; those after it repeat the file.
fn not_toml(error: &ConfigError) -> SettingsError {
    SettingsError::NotToml(
        error
            .to_string()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
    )
}

/// The setting that an environment variable states. Any that begins with `CPIS_` is meant for us,
/// and is an error later where we have none of the name; a value that is not UTF-8 is kept as no
/// value at all, which no setting can be.
fn of_environment(variable: &OsString, value: OsString) -> Option<(String, Value)> {
    let variable = variable.to_str()?;
    let name = match variable.strip_prefix(PREFIX) {
        Some(_) if variable == SETTINGS_FILE_VARIABLE => return None,
        // A database's variable has one spelling; with the prefix it is a mistake.
        Some(rest) if UNPREFIXED.contains(&rest.to_lowercase().as_str()) => variable.to_owned(),
        Some(rest) => rest.to_lowercase(),
        None => UNPREFIXED
            .into_iter()
            .find(|name| name.to_uppercase() == variable)?
            .to_owned(),
    };
    let kind = value
        .into_string()
        .map_or(ValueKind::Nil, ValueKind::String);
    Some((name, Value::new(Some(&ENVIRONMENT.to_owned()), kind)))
}

/// The origin of a value whose number or truth is still text.
const ENVIRONMENT: &str = "the environment";

impl Stated {
    /// Takes every setting, `default`'s where it is not stated.
    pub fn over(&mut self, default: Settings) -> Result<Settings, SettingsError> {
        let surroundings = self.surroundings_over(default)?;
        let mut settings = self.rules_over(surroundings)?;
        settings.audit = super::AuditSettings::taken(self, settings.audit)?;
        settings.budgets = BudgetSettings::taken(self, settings.budgets)?;
        settings.callers = CallerSettings::taken(self, settings.callers)?;
        settings.key_sets = super::KeySetSettings::taken(self, settings.key_sets)?;
        settings.refusals = super::RefusalSettings::taken(self, settings.refusals)?;
        settings.sending = SendingSettings::taken(self, settings.sending)?;
        settings.mesh = MeshSettings::taken(self, settings.mesh)?;
        settings.sealing = super::SealingSettings::taken(self, settings.sealing)?;
        settings.transport = super::TransportSettings::taken(self, settings.transport)?;
        settings.metrics = super::MetricsSettings::taken(self, settings.metrics)?;
        Ok(settings)
    }

    /// Takes where the service is, and what is around it.
    fn surroundings_over(&mut self, default: Settings) -> Result<Settings, SettingsError> {
        let stated = self;
        Ok(Settings {
            listen: stated.text("listen", default.listen, ADDRESS, |text| text.parse().ok())?,
            public_url: stated.text("public_url", default.public_url, URL, PublicUrl::parse)?,
            browser_origins: stated.text(
                "browser_origins",
                default.browser_origins,
                ORIGINS,
                BrowserOrigins::parse,
            )?,
            database_url: stated.database("database_url")?,
            intake_database_url: stated.database("intake_database_url")?,
            notifier_database_url: stated.database("notifier_database_url")?,
            owner_database_url: stated.database("owner_database_url")?,
            database_connections: stated.whole(
                "database_connections",
                default.database_connections,
                1..=1000,
            )?,
            intake_connections: stated.whole(
                "intake_connections",
                default.intake_connections,
                1..=1000,
            )?,
            notifier_connections: stated.whole(
                "notifier_connections",
                default.notifier_connections,
                1..=1000,
            )?,
            database_wait_ms: stated.whole(
                "database_wait_ms",
                default.database_wait_ms,
                1..=60_000,
            )?,
            request_deadline_ms: stated.whole(
                "request_deadline_ms",
                default.request_deadline_ms,
                1..=600_000,
            )?,
            token_issuer: stated.text("token_issuer", None, VISIBLE, visible)?,
            token_audience: stated.text("token_audience", None, VISIBLE, visible)?,
            token_keys_file: stated.path("token_keys_file")?,
            token_service_key_file: stated.path("token_service_key_file")?,
            token_service_other_keys_file: stated.path("token_service_other_keys_file")?,
            page_key_file: stated.path("page_key_file")?,
            workers: stated.whole("workers", default.workers, 1..=1024)?,
            log_filter: stated.text("log_filter", default.log_filter, FILTER, LogFilter::parse)?,
            ..default
        })
    }

    /// Takes what the service is told to do: its windows, periods and limits.
    fn rules_over(&mut self, default: Settings) -> Result<Settings, SettingsError> {
        let stated = self;
        Ok(Settings {
            matching: stated.matching_over(default.matching.clone())?,
            window_after_end_days: stated.whole(
                "window_after_end_days",
                default.window_after_end_days,
                0..=3650,
            )?,
            window_after_due_date_days: stated.whole(
                "window_after_due_date_days",
                default.window_after_due_date_days,
                0..=365,
            )?,
            notification_period_hours: stated.whole(
                "notification_period_hours",
                default.notification_period_hours,
                0..=8760,
            )?,
            history_period_hours: stated.whole(
                "history_period_hours",
                default.history_period_hours,
                0..=8760,
            )?,
            history_length: stated.whole("history_length", default.history_length, 1..=100)?,
            history_includes_scheduled: stated.truth(
                "history_includes_scheduled",
                default.history_includes_scheduled,
            )?,
            upload_bytes_max: stated.whole(
                "upload_bytes_max",
                default.upload_bytes_max,
                1..=1_073_741_824,
            )?,
            upload_records_max: stated.whole(
                "upload_records_max",
                default.upload_records_max,
                1..=10_000_000,
            )?,
            uploads_at_once: stated.whole("uploads_at_once", default.uploads_at_once, 1..=64)?,
            upload_ending_percent_max: stated.whole(
                "upload_ending_percent_max",
                default.upload_ending_percent_max,
                0..=100,
            )?,
            upload_ending_plans_min: stated.whole(
                "upload_ending_plans_min",
                default.upload_ending_plans_min,
                1..=1000,
            )?,
            page_size_max: stated.whole("page_size_max", default.page_size_max, 1..=1000)?,
            page_lifetime_minutes: stated.whole(
                "page_lifetime_minutes",
                default.page_lifetime_minutes,
                1..=1440,
            )?,
            ..default
        })
    }

    /// Refuses what no setting has taken: the first by name, so that the same line comes each time.
    pub fn nothing_left(self) -> Result<(), SettingsError> {
        match self.values.into_keys().min() {
            None => Ok(()),
            Some(name) => {
                let name: String = name.escape_debug().take(64).collect();
                Err(SettingsError::Unknown(name))
            }
        }
    }

    /// Takes a setting that is text, and that `parse` makes a value of.
    pub(super) fn text<T>(
        &mut self,
        name: &'static str,
        default: T,
        right: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, SettingsError> {
        let Some(value) = self.values.remove(name) else {
            return Ok(default);
        };
        let parsed = if let ValueKind::String(text) = &value.kind {
            parse(text)
        } else {
            None
        };
        parsed.ok_or_else(|| wrong(name, right.to_owned(), &value.kind))
    }

    pub(super) fn database(
        &mut self,
        name: &'static str,
    ) -> Result<Option<DatabaseUrl>, SettingsError> {
        let url = self.text(name, None, DATABASE, |text| {
            DatabaseUrl::parse(text).map(Some)
        })?;
        match (&url, self.leads_elsewhere) {
            (Some(url), Some(variable)) if !url.is_verified() => {
                Err(SettingsError::LeadsElsewhere { name, variable })
            }
            _ => Ok(url),
        }
    }

    pub(super) fn path(&mut self, name: &'static str) -> Result<Option<PathBuf>, SettingsError> {
        let path = |text: &str| {
            let is_one = !text.is_empty() && !text.contains('\0');
            is_one.then(|| Some(PathBuf::from(text)))
        };
        self.text(name, None, "the path of a file", path)
    }
}

pub(super) const ADDRESS: &str = "an address and a port, such as 127.0.0.1:8080";
const URL: &str = "an absolute http or https URL without a query or a slash at its end";
const ORIGINS: &str = "origins such as https://a.example, with commas between, and no wildcard";
const DATABASE: &str = "a URL that begins with postgres:// or postgresql:// and, where its host is \
    not this machine, says sslmode=verify-full";
pub(super) const VISIBLE: &str = "one to 256 visible ASCII characters";
const FILTER: &str = "a log filter, such as info or warn,cpis_fhir=debug";

pub(super) fn visible(text: &str) -> Option<Option<String>> {
    let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_visible && (1..=256).contains(&text.len())).then(|| Some(text.to_owned()))
}
