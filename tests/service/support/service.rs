//! A service of a test's own: its database, its clock, its callers. It ends with the test, and then
//! the logs of the suite are searched.

use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use actix_web::web::Data;
use chrono::{DateTime, TimeDelta, Utc};
use cpis_fhir::api::service::Service;
use cpis_fhir::clock::Clock as _;
use cpis_fhir::identity::Algorithm;
use cpis_fhir::notifier::sending::Notifier;
use cpis_fhir::sandbox::clients::token_service_key;
use cpis_fhir::sandbox::issuer::{Issuer, KEY_SET_FILE};
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::server::doorway::Doorway;
use cpis_fhir::settings::{BudgetSettings, DatabaseUrl, PublicUrl, Settings};
use cpis_fhir::store::provision::{OWNER, SERVER};
use cpis_fhir::{routes, server, start};
use serde_json::Value;
use ureq::Agent;

use super::answers::Answer;
use super::audit::audit_settings;
use super::clock::StoppedClock;
use super::database::{cluster, new_database};
use super::logs;
use super::plans::{PlanLine, file};
use super::register::register_all;
use super::serving::{Running, end, running};
use super::urls::encoded;

/// One issuer for the suite: keys take a while to make.
static ISSUER: LazyLock<(tempfile::TempDir, Issuer)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let issuer = Issuer::open(&folder.path().join("keys")).unwrap();
    (folder, issuer)
});

/// A running service.
pub struct TestService {
    /// Its base URL.
    pub base: String,
    /// Its root URL.
    pub root: String,
    /// The name of its database.
    pub database: String,
    /// Its clock; it stands at noon of 22 November 2026 until it is moved.
    pub clock: Arc<StoppedClock>,
    /// Its notifier, which works only when a test tells it to.
    pub notifier: Arc<Notifier>,
    /// What the server works with.
    pub within: Data<Service>,
    /// What its callers' connections pass.
    pub doorway: Arc<Doorway>,
    sequences: Mutex<HashMap<String, i64>>,
    agent: Agent,
    pub(super) settings: Settings,
    server: Option<Running>,
}

impl TestService {
    /// A service as it is by default.
    pub fn new() -> Self {
        Self::with(|_settings| {})
    }

    /// A service with other settings.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let database = new_database();
        let clock = Arc::new(StoppedClock::at("2026-11-22T12:00:00Z".parse().unwrap()));
        register_all(&url(OWNER, &database), clock.now());
        Self::on(database, clock, change)
    }

    /// Another process of the same service: the same database, clock and settings.
    pub fn beside(&self) -> Self {
        let same = self.settings.clone();
        Self::on(self.database.clone(), self.clock.clone(), |settings| {
            let public_url = settings.public_url.clone();
            *settings = Settings { public_url, ..same };
        })
    }

    fn on(database: String, clock: Arc<StoppedClock>, change: impl FnOnce(&mut Settings)) -> Self {
        logs::collect();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let base = format!("{root}{}", routes::BASE_PATH);
        let mut settings = Settings {
            public_url: PublicUrl::parse(&base).unwrap(),
            database_url: DatabaseUrl::parse(&url(SERVER, &database)),
            database_connections: 4,
            intake_connections: 2,
            budgets: BudgetSettings::GENEROUS,
            token_issuer: Some(ISSUER.1.issuer().to_owned()),
            token_audience: Some(ISSUER.1.audience().to_owned()),
            token_keys_file: Some(ISSUER.0.path().join("keys").join(KEY_SET_FILE)),
            audit: audit_settings(ISSUER.0.path()),
            token_service_key_file: Some(token_service_key(ISSUER.0.path()).unwrap()),
            ..Settings::default()
        };
        change(&mut settings);
        let within = Data::new(start::service(&settings, clock.clone()).unwrap());
        let notifier = Arc::clone(&within.notifier);
        let doorway = start::doorway(&settings).unwrap();
        let serving = (within.clone(), Arc::clone(&doorway));
        let server = Some(running(|| server::serve(serving.0, serving.1, listener, 1)));
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .max_idle_connections(0)
            .build()
            .into();
        Self {
            base,
            root,
            database,
            clock,
            notifier,
            within,
            doorway,
            sequences: Mutex::default(),
            agent,
            settings,
            server,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        self.root.trim_start_matches("http://")
    }

    /// The present moment of the service.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A token for one of the sandbox's people or systems.
    pub fn token(&self, role: SandboxRole) -> String {
        self.token_by(role, Algorithm::Es256)
    }

    /// The same, by a given algorithm.
    pub fn token_by(&self, role: SandboxRole, algorithm: Algorithm) -> String {
        ISSUER
            .1
            .token(role, algorithm, self.now(), TimeDelta::hours(1))
            .unwrap()
    }

    /// A token with claims of the test's own; `iss`, `aud`, `iat` and `exp` are added where
    /// missing.
    pub fn token_saying(&self, mut claims: Value) -> String {
        let now = self.now().timestamp();
        let defaults = [
            ("iss", Value::from(ISSUER.1.issuer())),
            ("aud", Value::from(ISSUER.1.audience())),
            ("iat", Value::from(now)),
            ("exp", Value::from(now + 3600)),
        ];
        let claims_held = claims.as_object_mut().unwrap();
        for (name, value) in defaults {
            claims_held.entry(name).or_insert(value);
        }
        if claims_held.contains_key("nhsid_useruid") {
            let level = claims_held.entry("authentication_assurance_level");
            level.or_insert("3".into());
        }
        ISSUER.1.sign(&claims, Algorithm::Es256).unwrap()
    }

    /// GET of a path under the base, as the clinician of the emergency department.
    pub fn get(&self, path: &str) -> Answer {
        self.get_as(&self.token(SandboxRole::Clinician), path)
    }

    /// GET of a path under the base (or of an absolute URL), with a token.
    pub fn get_as(&self, token: &str, path: &str) -> Answer {
        self.ask(
            "GET",
            path,
            &[("authorization", &format!("Bearer {token}"))],
            b"",
        )
    }

    /// POST of a form, as the clinician.
    pub fn post_form(&self, path: &str, form: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token(SandboxRole::Clinician));
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.ask("POST", path, &headers, form.as_bytes())
    }

    /// Any request at all.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else if ["/_", "/openapi.json", "/oauth2", "/.well-known"]
            .iter()
            .any(|at_root| path.starts_with(at_root))
        {
            format!("{}{path}", self.root)
        } else {
            format!("{}/{}", self.base, path.trim_start_matches('/'))
                .trim_end_matches('/')
                .to_owned()
        };
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(encoded(&url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = self.agent.run(request.body(body).unwrap()).unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| {
                    (
                        name.to_string(),
                        String::from_utf8_lossy(value.as_bytes()).into_owned(),
                    )
                })
                .collect(),
            text: response
                .body_mut()
                .with_config()
                .limit(1 << 30)
                .read_to_string()
                .unwrap(),
        }
    }

    /// Sends a file as an authority's system.
    pub fn upload_as(&self, role: SandboxRole, csv: &[u8]) -> Answer {
        let bearer = format!("Bearer {}", self.token(role));
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "text/csv"),
        ];
        self.ask("POST", "$upload-plans", &headers, csv)
    }

    /// Tells plans in their authority's next file, all of which must be taken in.
    pub fn tell(&self, plans: &[PlanLine]) {
        let authority = plans[0].authority.clone();
        let role = match authority.as_str() {
            "E90002" => SandboxRole::SecondLocalAuthority,
            _ => SandboxRole::LocalAuthority,
        };
        let sequence = {
            let mut sequences = self.sequences.lock().unwrap();
            let sequence = sequences.entry(authority).or_default();
            *sequence += 1;
            *sequence
        };
        let answer = self.upload_as(role, file(sequence, plans).as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.text.contains("CPF02"), "{}", answer.text);
    }
}

impl Drop for TestService {
    fn drop(&mut self) {
        end(self.server.take());
        if !thread::panicking() {
            logs::assert_logs_say_nothing_of_children();
        }
    }
}

pub(super) fn url(user: &str, database: &str) -> String {
    cluster().url(user, database)
}
