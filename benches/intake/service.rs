//! The service that is measured: the release build on a durable PostgreSQL of the bench's own, with
//! every setting that has a default left at it but for two: the deadline, since the machine may be
//! busy, and the longest file.

use std::fs::{self, File};
use std::thread;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use cpis_fhir::clock::{Clock, SystemClock};
use cpis_fhir::identity::Algorithm;
use cpis_fhir::reception::UploadForm;
use cpis_fhir::sandbox::audit_key::audit_key;
use cpis_fhir::sandbox::cluster::{Cluster, Durability};
use cpis_fhir::sandbox::issuer::{Issuer, KEY_SET_FILE};
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::store::provision::{DATABASE, OWNER, SERVER, provision};
use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};

use crate::Outcome;
use crate::started::{Started, program};
use crate::workplace::Workplace;

/// The authority that uploads.
pub const AUTHORITY: &str = "E90001";

/// Longer than any run, and as long as a token may be.
const TOKEN_MINUTES: i64 = 60;

/// How long the program may take to start.
const START_MAX: Duration = Duration::from_secs(20);

/// A file of HL7 v3 with as many plans is longer than the longest that is taken in by default.
const UPLOAD_BYTES_MAX: &str = "100000000";

/// Longer than an acknowledgement of a whole file in any form.
const ANSWER_BYTES_MAX: u64 = 100_000_000;

/// An upload of a whole file takes longer than a search may on a machine that is busy.
const DEADLINE_MS: &str = "60000";

const REGISTRATION: &str = "insert into authorities (id, code, name, emergency_phone, \
    office_phone, updated_at) select uuid_of_moment(now()), 'E90001', 'Synthetic Council', \
    '01632960001', '01632961001', now(); \
    insert into clients (id, name, front_door, registered_at) values ('upload-system-E90001', \
    'The system of Synthetic Council', 'issuer', now())";

/// The running service and its database.
pub struct Service {
    started: Started,
    cluster: Cluster,
    url: String,
    token: String,
}

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    plans: i64,
    #[diesel(sql_type = BigInt)]
    versions: i64,
    #[diesel(sql_type = BigInt)]
    taken_in: i64,
}

impl Service {
    /// Starts both.
    pub fn start(workplace: &Workplace) -> Outcome<Self> {
        let cluster = Cluster::start(&workplace.folder().join("cluster"), Durability::Durable)?;
        let superuser = cluster.url(cluster.superuser(), "postgres");
        let owner = cluster.url(OWNER, DATABASE);
        provision(&superuser, &owner, DATABASE)?;
        PgConnection::establish(&owner)?.batch_execute(REGISTRATION)?;
        let keys = workplace.folder().join("issuer");
        let issuer = Issuer::open(&keys)?;
        let lifetime = TimeDelta::minutes(TOKEN_MINUTES);
        let now = SystemClock.now();
        let token = issuer.token(SandboxRole::LocalAuthority, Algorithm::Rs512, now, lifetime)?;
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let base = format!("http://{address}/FHIR/R4");
        let log = File::create(workplace.folder().join("service.log"))?;
        let mut command = program(env!("CARGO_BIN_EXE_cpis-fhir"));
        command
            .arg("serve")
            .env_clear()
            .env("CPIS_LISTEN", address.to_string())
            .env("CPIS_PUBLIC_URL", &base)
            .env("DATABASE_URL", cluster.url(SERVER, DATABASE))
            .env("CPIS_TOKEN_ISSUER", issuer.issuer())
            .env("CPIS_TOKEN_AUDIENCE", issuer.audience())
            .env("CPIS_TOKEN_KEYS_FILE", keys.join(KEY_SET_FILE))
            .env("CPIS_AUDIT_KEY_FILE", audit_key(&keys)?)
            .env("CPIS_REQUEST_DEADLINE_MS", DEADLINE_MS)
            .env("CPIS_UPLOAD_BYTES_MAX", UPLOAD_BYTES_MAX);
        for (name, value) in std::env::vars() {
            if let Some(name) = name.strip_prefix("BENCH_SET_") {
                command.env(name, value);
            }
        }
        command.stdout(log.try_clone()?).stderr(log);
        let mut service = Self {
            started: Started::start(command)?,
            cluster,
            url: format!("{base}/$upload-plans"),
            token,
        };
        service.await_answer(&format!("http://{address}/_ping"))?;
        Ok(service)
    }

    fn await_answer(&mut self, url: &str) -> Outcome<()> {
        let since = Instant::now();
        while ureq::get(url).call().is_err() {
            self.started.still_runs()?;
            if since.elapsed() > START_MAX {
                return Err("the service does not answer".into());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// A connection as the owner of the database.
    pub fn owner(&self) -> Outcome<PgConnection> {
        Ok(PgConnection::establish(&self.cluster.url(OWNER, DATABASE))?)
    }

    /// Lets the database do what it owes, so that it falls into no measurement.
    pub fn rest(&self, postgres: &mut PgConnection) -> Outcome<()> {
        let superuser = self.cluster.url(self.cluster.superuser(), DATABASE);
        PgConnection::establish(&superuser)?.batch_execute("checkpoint")?;
        postgres.batch_execute("vacuum (analyze) children")?;
        Ok(postgres.batch_execute("vacuum (analyze) plans")?)
    }

    /// Sends a file all of whose rows must be taken in, and gives how long it took, from the first
    /// byte sent to the last of the acknowledgement.
    pub fn upload(&self, form: UploadForm, file: &[u8], rows: u32) -> Outcome<Duration> {
        let (media_type, counts) = match form {
            // Behind them stands what was matched, which is nothing here.
            UploadForm::Csv => ("text/csv", format!(",{rows},{rows},0,")),
            UploadForm::Hl7V3 => (
                "application/xml",
                format!("<successfulReturnedCP-ISRecords><value value=\"{rows}\"/>"),
            ),
        };
        let began = Instant::now();
        let mut answer = ureq::post(&self.url)
            .header("Authorization", &format!("Bearer {}", self.token))
            .header("Content-Type", media_type)
            .send(file)?;
        let read = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let acknowledgement = read.read_to_string()?;
        let took = began.elapsed();
        if acknowledgement.contains("CPF02") && acknowledgement.contains(&counts) {
            return Ok(took);
        }
        let head: String = acknowledgement.chars().take(300).collect();
        Err(format!("not every row was taken in: {head}").into())
    }

    /// Makes sure that so many plans are held, each as it was told first, and so many files.
    pub fn check(&self, postgres: &mut PgConnection, plans: u32, files: u32) -> Outcome<()> {
        let counts: Counts = sql_query(
            "select (select count(*) from plans where version = 1) as plans, \
             (select count(*) from plan_versions) as versions, \
             (select count(*) from uploads where refused = 0) as taken_in",
        )
        .get_result(postgres)?;
        let found = (counts.plans, counts.versions, counts.taken_in);
        if found != (i64::from(plans), 0, i64::from(files)) {
            return Err(format!("plans, earlier versions and files are {found:?}").into());
        }
        Ok(())
    }

    /// The most memory that the service ever had, in millions of bytes.
    pub fn memory_mb(&self) -> Outcome<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.started.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.ok_or("no VmHWM")?.trim().trim_end_matches(" kB");
        Ok(kilobytes.parse::<f64>()? * 1024.0 / 1e6)
    }
}
