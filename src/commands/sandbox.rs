//! `sandbox`: the whole service for a newcomer, on a private database with made-up children.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::clock::{SharedClock, SystemClock};
use crate::commands::Failure;
use crate::commands::telling::line;
use crate::commands::token::{TOKEN_LIFETIME, keys};
use crate::domain::durability::Durability;
use crate::identity::Algorithm;
use crate::routes::BASE_PATH;
use crate::sandbox::audit_key::audit_key;
use crate::sandbox::clients::token_service_key;
use crate::sandbox::cluster::{self, Cluster};
use crate::sandbox::issuer::{Issuer, KEY_SET_FILE, SANDBOX_AUDIENCE, SANDBOX_ISSUER};
use crate::sandbox::load::load;
use crate::sandbox::role::SandboxRole;
use crate::sandbox::sealing::sealing;
use crate::server;
use crate::server::metrics_listener::PATH;
use crate::server::monitoring::Monitoring;
use crate::settings::matching::{DemographicsKind, MatchingSettings};
use crate::settings::{AuditSettings, BudgetSettings, DatabaseUrl, PublicUrl, Settings};
use crate::store::provision::{self, DATABASE, OWNER, SERVER};
use crate::{start, telemetry};

/// A child of the sandbox with one plan: the first Flag a newcomer sees.
const FIRST_CHILD: &str = "9990000026";

/// Runs the sandbox until it is told to stop.
///
/// # Errors
/// [`Failure`] when PostgreSQL is missing, or the folder or the port cannot be used.
pub fn run(data: &Path, port: u16) -> Result<ExitCode, Failure> {
    telemetry::start_writing_to("warn", std::io::stderr)?;
    telemetry::tell_of_panics();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|cause| {
        format!("cannot listen on port {port} of loopback: {cause}; try --port 0 for a free one")
    })?;
    let address = listener.local_addr()?;
    fs::create_dir_all(data)?;
    let issuer = Issuer::open(&keys(data))?;
    let mut cluster = Cluster::start(&data.join("postgres"), cluster::Durability::Durable)?;
    let settings = Settings {
        listen: address,
        public_url: url(&format!("http://{address}{BASE_PATH}"))?,
        token_keys_file: Some(keys(data).join(KEY_SET_FILE)),
        audit: AuditSettings {
            audit_key_file: Some(audit_key(&keys(data))?),
            durability: Durability::Single,
        },
        token_service_key_file: Some(token_service_key(&keys(data))?),
        sealing: sealing(data, &keys(data))?,
        ..settings(&cluster)?
    };
    let clock: SharedClock = Arc::new(SystemClock);
    provision::provision(
        &cluster.url(cluster.superuser(), "postgres"),
        &cluster.url(OWNER, DATABASE),
        DATABASE,
    )?;
    let service = start::service(&settings, Arc::clone(&clock))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let owner = settings.owner_database_url()?.expose();
    runtime.block_on(load(&service, owner, &keys(data)))?;
    line("The sandbox is ready, with made-up children. Ctrl-C stops it. Ask about one:\n")?;
    line(format_args!(
        "{}\n",
        first_request(&issuer, &settings, clock.now())?
    ))?;
    let metrics = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    line(format_args!(
        "Its metrics: http://{}{PATH}\n",
        metrics.local_addr()?
    ))?;
    let monitoring = Monitoring {
        listener: Some(metrics),
        collector: None,
    };
    server::serve_until_stopped(
        service,
        start::doorway(&settings)?,
        (listener, monitoring),
        settings.workers,
    )?;
    cluster.stop();
    Ok(ExitCode::SUCCESS)
}

fn settings(cluster: &Cluster) -> Result<Settings, Failure> {
    Ok(Settings {
        database_url: Some(database_url(&cluster.url(SERVER, DATABASE))?),
        owner_database_url: Some(database_url(&cluster.url(OWNER, DATABASE))?),
        token_issuer: Some(SANDBOX_ISSUER.to_owned()),
        token_audience: Some(SANDBOX_AUDIENCE.to_owned()),
        budgets: BudgetSettings::GENEROUS,
        matching: MatchingSettings {
            demographics: DemographicsKind::Sandbox,
            ..MatchingSettings::default()
        },
        ..Settings::default()
    })
}

fn database_url(text: &str) -> Result<DatabaseUrl, Failure> {
    DatabaseUrl::parse(text).ok_or_else(|| "the private database has no usable URL".into())
}

fn url(text: &str) -> Result<PublicUrl, Failure> {
    PublicUrl::parse(text).ok_or_else(|| "the sandbox has no usable URL".into())
}

/// A search by POST, as real clients should send it: no NHS number in a URL.
fn first_request(
    issuer: &Issuer,
    settings: &Settings,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<String, Failure> {
    let token = issuer.token(
        SandboxRole::Clinician,
        Algorithm::Es256,
        now,
        TOKEN_LIFETIME,
    )?;
    Ok(format!(
        "curl -s '{}/Flag/_search?_pretty=true' -H 'Authorization: Bearer {token}' \
         --data-urlencode 'patient:identifier=https://fhir.nhs.uk/Id/nhs-number|{FIRST_CHILD}'",
        settings.public_url.as_str()
    ))
}
