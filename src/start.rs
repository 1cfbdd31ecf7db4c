//! From settings to a service: reads the keys, opens both sides of the database.

mod answers;
mod files;
mod matching;
mod mesh;
mod monitoring;
mod notifying;
mod sealing;
mod tokens;
mod transport;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use thiserror::Error;

use crate::api::file_turn::FileTurns;
use crate::api::issue_token::endpoint;
use crate::api::metadata;
use crate::api::register::Register;
use crate::api::search::page::PageSeal;
use crate::api::searchables::SEARCHABLES;
use crate::api::service::Service;
use crate::budgets::Budgets;
use crate::clock::SharedClock;
use crate::demographics::pds::ApplicationKeyError;
use crate::disclosure::{Door, DoorMeasures, LooksTogether};
use crate::domain::access::HistoryRule;
use crate::domain::notification::NotificationRule;
use crate::domain::plan::Windows;
use crate::domain::shrinkage::ShrinkageRule;
use crate::fhir::definitions::Definitions;
use crate::fhir::json::JsonError;
use crate::identity::{JwksError, TokenServiceError};
use crate::key_sets::KeySets;
use crate::mesh::ConnectionError;
use crate::metrics::Metrics;
use crate::notifier::alarm::Alarm;
use crate::openapi;
use crate::routes::routes;
use crate::sealing::note::NoteKeyError;
use crate::security_log::SecurityLog;
use crate::server::tls_files::TlsFilesError;
use crate::settings::{DatabaseUrl, Settings, SettingsError};
use crate::store::accesses::DisclosureRules;
use crate::store::{Side, Store, StoreSettings};

pub use self::answers::audit_key;
use self::files::{key, read, secret, secret_bytes};
pub use self::monitoring::collector;
pub use self::sealing::{log_key, row_key};
pub use self::transport::doorway;

/// An upload of the largest size is given this long; it holds no caller up.
const INTAKE_DEADLINE: Duration = Duration::from_secs(120);

/// How many statements for several looks run at a time: few, so that looks come together; and not
/// one, so that a slow one keeps none waiting.
const LOOKS_TOGETHER: u32 = 2;

/// What is looked after comes one after another; health is asked beside it.
const UPKEEP_CONNECTIONS: u32 = 2;

/// Why the service cannot start. One line for the operator, with no secret in it.
#[derive(Debug, Error)]
pub enum StartError {
    /// A setting is missing or wrong.
    #[error("{0}")]
    Settings(#[from] SettingsError),
    /// A file that a setting names cannot be read.
    #[error("{setting}: the file {path} cannot be read: {cause}")]
    File {
        /// The setting.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The issuer's keys cannot be used.
    #[error("token_keys_file: {0}")]
    Keys(#[from] JwksError),
    /// The token service's keys cannot be used.
    #[error("{0}")]
    TokenService(#[from] TokenServiceError),
    /// A key is none.
    #[error("{0}: the file must hold 32 bytes in base64, and nothing else")]
    Key(&'static str),
    /// The key of the Personal Demographics Service's application is none.
    #[error("pds_key_file: {0}")]
    ApplicationKey(ApplicationKeyError),
    /// A secret of MESH is none.
    #[error("{0}: the file must hold one line of visible ASCII characters, and nothing else")]
    MeshSecret(&'static str),
    /// A certificate or key of MESH cannot be used.
    #[error("{0}")]
    MeshConnection(#[from] ConnectionError),
    /// The files of TLS cannot be used.
    #[error("{0}")]
    Tls(#[from] TlsFilesError),
    /// What is said would pass over a network in the clear.
    #[error(
        "listen: {0} is not this machine's alone, and tokens and children's plans would pass in \
         the clear; set tls_certificate_file, or proxy_ends_tls where a proxy in front ends TLS"
    )]
    InTheClear(SocketAddr),
    /// No thread can be had.
    #[error("the system gives no thread")]
    Thread(#[source] std::io::Error),
    /// The key of checkpoints cannot be used.
    #[error("sealing_key_file and sealing_origin: {0}")]
    LogKey(#[from] NoteKeyError),
    /// A collector is set, and this program posts to none.
    #[error("otel_metrics_url: this program was built without the feature otel")]
    WithoutCollectors,
    /// There is no randomness.
    #[error("the system gives no random bytes")]
    Random,
    /// The capability statement or another definition is broken.
    #[error("the capability statement and the definitions cannot be read")]
    Definitions(#[from] JsonError),
}

/// Makes the service that the settings describe.
///
/// # Errors
/// [`StartError`] for the first thing that is wrong. The database need not be there yet.
pub fn service(settings: &Settings, clock: SharedClock) -> Result<Service, StartError> {
    let base = settings.public_url.as_str().to_owned();
    let shares_with_browsers = !settings.browser_origins.as_slice().is_empty();
    let tokens = tokens::tokens(settings, &base)?;
    let endpoint = tokens.as_ref().map(endpoint);
    let capability_statement =
        metadata::statement(&base, shares_with_browsers, endpoint.as_deref())?;
    let query = query_store(settings, Side::Query)?;
    let mesh = mesh::mesh(&settings.mesh, &clock, &base)?;
    let (inbox, outbox) = mesh.map(|mesh| (mesh.inbox, mesh.outbox)).unzip();
    let key_sets = settings
        .key_sets
        .rules(settings.sending.notifier_reaches_loopback);
    let key_sets = Arc::new(KeySets::of(key_sets));
    let followed_keys = tokens::followed(settings, &key_sets);
    let issuer_keys = tokens::issuer_keys(settings, followed_keys.as_deref())?;
    let security_log = Arc::new(SecurityLog::new(query.clone(), settings.refusals.kept()));
    Ok(Service {
        door: door(settings, query.clone(), Arc::clone(&security_log))?,
        security_log,
        query,
        intake: intake_store(settings)?,
        upkeep: upkeep_store(settings)?,
        matching: matching::matching(&settings.matching, clock.now())?,
        notifier: Arc::new(notifying::notifier(settings, clock.clone(), outbox)?),
        notifiers: settings.sending.notifier_workers,
        alarm: Alarm::default(),
        metrics: Metrics::new(),
        inbox,
        sealer: sealing::sealer(settings)?,
        clock,
        verifier: tokens::verifier(settings, issuer_keys)?,
        unregistered_clients: settings.callers.unregistered_clients,
        followed_keys,
        tokens,
        register: Register::of(Arc::clone(&key_sets)),
        key_sets,
        seal: seal(settings)?,
        history: HistoryRule {
            period: TimeDelta::hours(i64::from(settings.history_period_hours)),
            length: usize::from(settings.history_length),
            includes_scheduled: settings.history_includes_scheduled,
        },
        searchables: SEARCHABLES,
        page_size_max: usize::from(settings.page_size_max),
        upload_bytes_max: settings.upload_bytes_max,
        file_turns: FileTurns::of(settings.uploads_at_once),
        upload_records_max: settings.upload_records_max,
        reports: settings.budgets.reports(),
        shrinkage: ShrinkageRule {
            share_percent: settings.upload_ending_percent_max,
            plans_min: usize::from(settings.upload_ending_plans_min),
        },
        definitions: Definitions::of(&capability_statement)?,
        capability_statement,
        openapi: openapi::document(&base, &routes(), SEARCHABLES),
        browser_origins: settings.browser_origins.clone(),
        base,
    })
}

fn door(
    settings: &Settings,
    store: Store,
    security_log: Arc<SecurityLog>,
) -> Result<Door, StartError> {
    let rules = DisclosureRules {
        windows: windows(settings),
        notification: NotificationRule {
            period: TimeDelta::hours(i64::from(settings.notification_period_hours)),
        },
    };
    Ok(Door {
        store,
        looks: query_store(settings, Side::Look)?,
        together: together(settings, rules)?,
        answers: answers::answers(settings)?,
        rules,
        budgets: Arc::new(Budgets::of(settings.budgets.rules())),
        security_log,
        measures: DoorMeasures::default(),
    })
}

/// What puts looks on record together: a thread for each of its few connections.
fn together(settings: &Settings, rules: DisclosureRules) -> Result<LooksTogether, StartError> {
    let deadline = Duration::from_millis(settings.request_deadline_ms);
    let url = settings.database_url()?;
    let side = Side::LooksTogether;
    let store = store(settings, url, (LOOKS_TOGETHER, deadline), side);
    LooksTogether::open(store, rules, LOOKS_TOGETHER).map_err(StartError::Thread)
}

/// The windows as they are set.
#[must_use]
pub fn windows(settings: &Settings) -> Windows {
    Windows {
        after_end_days: settings.window_after_end_days,
        after_due_date_days: settings.window_after_due_date_days,
    }
}

fn query_store(settings: &Settings, side: Side) -> Result<Store, StartError> {
    let deadline = Duration::from_millis(settings.request_deadline_ms);
    let url = settings.database_url()?;
    let connections = settings.database_connections;
    Ok(store(settings, url, (connections, deadline), side))
}

fn intake_store(settings: &Settings) -> Result<Store, StartError> {
    intake_side(settings, settings.intake_connections, Side::Intake)
}

/// The side of the database for what concerns the plans of every authority, as a command of the
/// operator's uses it, too.
///
/// # Errors
/// [`StartError`] when no database is set.
pub fn upkeep_store(settings: &Settings) -> Result<Store, StartError> {
    intake_side(settings, UPKEEP_CONNECTIONS, Side::Upkeep)
}

fn intake_side(settings: &Settings, connections: u32, side: Side) -> Result<Store, StartError> {
    let url = settings.intake_database_url()?;
    Ok(store(settings, url, (connections, INTAKE_DEADLINE), side))
}

fn store(
    settings: &Settings,
    url: &DatabaseUrl,
    (connections, deadline): (u32, Duration),
    side: Side,
) -> Store {
    let settings = StoreSettings {
        url: url.expose().to_owned().into(),
        connections,
        wait: Duration::from_millis(settings.database_wait_ms),
        deadline,
    };
    Store::open(settings, side)
}

fn seal(settings: &Settings) -> Result<PageSeal, StartError> {
    let lifetime = TimeDelta::minutes(i64::from(settings.page_lifetime_minutes));
    let Some(file) = settings.page_key_file.as_deref() else {
        return PageSeal::random(lifetime).ok_or(StartError::Random);
    };
    Ok(PageSeal::new(key("page_key_file", file)?, lifetime))
}
