//! The service itself: the release build, as an operator starts it, with every setting that has a
//! default left at it.

use std::error::Error;
use std::fs::File;
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use cpis_fhir::clock::{Clock, SystemClock};
use cpis_fhir::identity::Algorithm;
use cpis_fhir::sandbox::audit_key::audit_key;
use cpis_fhir::sandbox::issuer::{Issuer, KEY_SET_FILE};
use cpis_fhir::sandbox::role::SandboxRole;

use crate::Outcome;
use crate::bare_route::free_address;
use crate::certificates::Certificates;
use crate::database::{Database, Look};
use crate::processor_time::status_kilobytes;
use crate::question::Question;
use crate::started::{Started, program};
use crate::workplace::Workplace;

/// Longer than any run, and as long as a token may be.
const TOKEN_MINUTES: i64 = 60;

/// How long a program may take to start.
const START_MAX: Duration = Duration::from_secs(20);

/// The running service.
pub struct Service {
    started: Started,
    base: String,
    token: String,
    authority_token: String,
    first_answer: Duration,
}

/// A kind of look, and the numbers it is at.
type Asked = (Look, Vec<String>);

/// The program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_cpis-fhir");

impl Service {
    /// Starts the service on the loaded database and makes sure that it answers as it should.
    pub fn start(workplace: &Workplace, database: &mut Database) -> Outcome<Self> {
        let asked = [Look::Hit, Look::Miss].map(|look| Ok((look, database.numbers(look)?)));
        let began = Instant::now();
        let mut service = Self::begin(workplace, database, None)?;
        service.answers(asked, began)?;
        Ok(service)
    }

    /// Starts another whose callers' line is TLS, with a certificate of theirs or without, and
    /// waits until it can be connected to.
    pub fn start_tls(
        workplace: &Workplace,
        database: &Database,
        certificates: &Certificates,
    ) -> Outcome<Self> {
        let mut service = Self::begin(workplace, database, Some(certificates))?;
        let address = service.address()?;
        awaited(&mut service.started, || {
            Ok(TcpStream::connect(address.as_str())?)
        })?;
        Ok(service)
    }

    fn begin(
        workplace: &Workplace,
        database: &Database,
        certificates: Option<&Certificates>,
    ) -> Outcome<Self> {
        let keys = workplace.folder().join("issuer");
        let issuer = Issuer::open(&keys)?;
        let lifetime = TimeDelta::minutes(TOKEN_MINUTES);
        let now = SystemClock.now();
        let token = |role| issuer.token(role, Algorithm::Rs512, now, lifetime);
        let address = free_address()?.to_string();
        let scheme = certificates.map_or("http", |_| "https");
        let base = format!("{scheme}://{address}/FHIR/R4");
        let log = File::create(workplace.folder().join(format!("service-{scheme}.log")))?;
        let mut command = program(PROGRAM);
        command
            .arg("serve")
            .env_clear()
            .env("CPIS_LISTEN", &address)
            .env("CPIS_PUBLIC_URL", &base)
            .env("DATABASE_URL", database.url())
            .env("CPIS_TOKEN_ISSUER", issuer.issuer())
            .env("CPIS_TOKEN_AUDIENCE", issuer.audience())
            .env("CPIS_TOKEN_KEYS_FILE", keys.join(KEY_SET_FILE))
            .env("CPIS_AUDIT_KEY_FILE", audit_key(&keys)?)
            .envs(ONE_PERSON.map(|name| (name, "10000000")));
        for (name, value) in certificates
            .map(Certificates::settings)
            .into_iter()
            .flatten()
        {
            command.env(name, value);
        }
        set_stated(&mut command);
        command.stdout(log.try_clone()?).stderr(log);
        Ok(Self {
            started: Started::start(command)?,
            base,
            token: token(SandboxRole::Clinician)?,
            authority_token: token(SandboxRole::LocalAuthority)?,
            first_answer: Duration::ZERO,
        })
    }

    /// Where a question is asked.
    pub fn url(&self, question: Question) -> String {
        format!("{}/{}", self.base, question.path())
    }

    /// The address and port it listens on.
    pub fn address(&self) -> Outcome<String> {
        let authority = self.base.split('/').nth(2);
        Ok(authority.ok_or("no address")?.to_owned())
    }

    /// What it knows the system of the first authority by.
    pub fn authority_token(&self) -> &str {
        &self.authority_token
    }

    /// What it knows the clinician by.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.started.id()
    }

    /// The most memory that it ever had, in millions of bytes.
    pub fn memory_mb(&self) -> Outcome<f64> {
        Ok(f64::from(status_kilobytes(self.id(), "VmHWM:")?) * 1024.0 / 1e6)
    }

    /// What it takes to start: the time from nothing to an answer about a child, and the program.
    pub fn start_described(&self) -> Outcome<String> {
        let bytes = std::fs::metadata(PROGRAM)?.len();
        Ok(format!(
            "The first answer came {:.2} s after the start; the program has {}.{} MB.",
            self.first_answer.as_secs_f64(),
            bytes / 1_000_000,
            bytes / 100_000 % 10
        ))
    }

    /// Waits for the first answer, and asks for a child with a plan and for one without.
    fn answers(&mut self, asked: [Outcome<Asked>; 2], began: Instant) -> Outcome<()> {
        let url = self.url(Question::Flags);
        let token = format!("Bearer {}", self.token);
        let ask = |number: &str| -> Outcome<String> {
            let identifier = format!("https://fhir.nhs.uk/Id/nhs-number|{number}");
            let mut answer = ureq::post(&url)
                .header("Authorization", &token)
                .send_form([("patient:identifier", identifier)])?;
            Ok(answer.body_mut().read_to_string()?)
        };
        for (asked, total) in asked.into_iter().zip(["\"total\":1", "\"total\":0"]) {
            let (look, numbers) = asked?;
            let number = numbers.first().ok_or("no numbers")?;
            let answer = awaited(&mut self.started, || ask(number))?;
            if self.first_answer.is_zero() {
                self.first_answer = began.elapsed();
            }
            println!("An answer to a {} has {} bytes.", look.name(), answer.len());
            if !answer.contains(total) {
                return Err(format!("the answer to a {} lacks {total}", look.name()).into());
            }
        }
        Ok(())
    }
}

/// The settings of what may be looked at, which are as large as they can be: here one person stands
/// for all.
const ONE_PERSON: [&str; 7] = [
    "CPIS_PERSON_CHILDREN_MAX",
    "CPIS_PERSON_MISSES_MAX",
    "CPIS_ORGANISATION_CHILDREN_MAX",
    "CPIS_ORGANISATION_MISSES_MAX",
    "CPIS_CLIENT_CHILDREN_MAX",
    "CPIS_CLIENT_MISSES_MAX",
    "CPIS_PERSON_ROW_MAX",
];

/// Gives the service each setting that the environment holds with `BENCH_SET_` before its name.
fn set_stated(command: &mut Command) {
    for (name, value) in std::env::vars() {
        if let Some(name) = name.strip_prefix("BENCH_SET_") {
            command.env(name, value);
        }
    }
}

/// Asks until there is an answer, or until a program that has had time enough gives none.
pub fn awaited<T>(started: &mut Started, ask: impl Fn() -> Outcome<T>) -> Outcome<T> {
    let since = Instant::now();
    loop {
        started.still_runs()?;
        match ask() {
            Ok(answer) => return Ok(answer),
            Err(cause) if since.elapsed() > START_MAX => return Err(no_answer(&*cause)),
            Err(_not_yet) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn no_answer(cause: &dyn Error) -> Box<dyn Error> {
    format!("no answer in {} s: {cause}", START_MAX.as_secs()).into()
}
