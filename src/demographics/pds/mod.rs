//! A client of the Personal Demographics Service FHIR API, application-restricted access:
//! `GET /Patient/{NHS number}`
//! (<https://digital.nhs.uk/developer/api-catalogue/personal-demographics-service-fhir>).
//!
//! An NHS number goes to that service and nowhere else: to no log, and into no error's words.

mod access_token;
mod calls;
mod pace;
mod patient;

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::StatusCode;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use uuid::Uuid;

use self::access_token::AccessTokens;
pub use self::access_token::{ApplicationKey, ApplicationKeyError};
use self::calls::CallTimes;
use self::pace::Pace;
use crate::demographics::{TraceTime, Unavailable};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::domain::person::Trace;
use crate::settings::matching::PeerUrl;
use crate::store::identifiers::id_of;

/// How often one number is asked for: a passing fault passes within three tries.
const TRIES: u32 = 3;
/// The pause after the first failed try, without other word from the service; it doubles.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest pause that the service may ask for.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// The longest answer read, in bytes: ten times a Patient with every field filled.
const ANSWER_BYTES_MAX: u64 = 256 * 1024;

/// Where the service is, and how it is asked.
#[derive(Debug)]
pub struct PdsSettings {
    /// Its base.
    pub url: PeerUrl,
    /// Who asks, where tokens are asked for; without it the service is asked without a token, as
    /// its public sandbox is.
    pub application: Option<ApplicationKey>,
    /// The organisation that asks, where calls are to be attributed to one.
    pub organisation: Option<OdsCode>,
    /// How many requests there are at once.
    pub parallelism: usize,
    /// How many requests there are in a second, tries included.
    pub requests_per_second: NonZeroU32,
    /// The longest wait for one answer.
    pub wait: Duration,
}

/// The client. Threads share it.
#[derive(Debug)]
pub struct PdsClient {
    settings: PdsSettings,
    agent: Agent,
    tokens: Option<AccessTokens>,
    pace: Pace,
    /// How long calls take.
    pub(super) calls: CallTimes,
}

/// What one try came to.
enum Try {
    Answered(Trace),
    Again(Unavailable, Option<Duration>),
    Over(Unavailable),
}

impl Try {
    fn failed(&self) -> Option<Unavailable> {
        match self {
            Self::Answered(_) => None,
            Self::Again(unavailable, _) | Self::Over(unavailable) => Some(*unavailable),
        }
    }
}

impl PdsClient {
    /// A client of the service that the settings name.
    #[must_use]
    pub fn new(mut settings: PdsSettings) -> Self {
        let application = settings.application.take();
        Self {
            agent: agent(&settings.url),
            tokens: application.map(AccessTokens::of),
            pace: Pace::of(settings.requests_per_second),
            settings,
            calls: CallTimes::default(),
        }
    }

    /// Traces numbers, several at once; stops at the first that has no answer.
    ///
    /// # Errors
    /// [`Unavailable`] when one of the numbers has no answer that can be trusted.
    pub(super) fn trace(
        &self,
        numbers: &[NhsNumber],
        time: TraceTime,
    ) -> Result<HashMap<NhsNumber, Trace>, Unavailable> {
        let (next, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
        let correlation_id = id_of(time.now);
        let work = || {
            let mut traced = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) else {
                    break;
                };
                let trace = self.trace_one(*number, time, correlation_id);
                stopped.fetch_or(trace.is_err(), Ordering::Relaxed);
                traced.push((*number, trace?));
            }
            Ok(traced)
        };
        let threads = self.settings.parallelism.clamp(1, numbers.len().max(1));
        let parts = thread::scope(|scope| {
            let started: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            started
                .into_iter()
                .map(|thread| thread.join().unwrap_or(Err(Unavailable::CutShort)))
                .collect::<Result<Vec<_>, _>>()
        })?;
        Ok(parts.into_iter().flatten().collect())
    }

    fn trace_one(
        &self,
        number: NhsNumber,
        time: TraceTime,
        correlation_id: Uuid,
    ) -> Result<Trace, Unavailable> {
        // A request sent again keeps its id, as the service asks.
        let ids = (id_of(time.now), correlation_id);
        let mut pause = PAUSE;
        let mut last = Unavailable::Late;
        for _ in 0..TRIES {
            self.pace.wait_until(time.deadline)?;
            let began_at = Instant::now();
            let tried = self.try_once(number, time, ids);
            self.calls.add(began_at.elapsed(), tried.failed());
            match tried {
                Try::Answered(trace) => return Ok(trace),
                Try::Over(unavailable) => return Err(unavailable),
                Try::Again(unavailable, asked) => {
                    last = unavailable;
                    let asked = asked.unwrap_or(pause).min(PAUSE_MAX);
                    thread::sleep(asked.min(left(time.deadline)));
                    pause *= 2;
                }
            }
        }
        Err(last)
    }

    fn try_once(&self, number: NhsNumber, time: TraceTime, ids: (Uuid, Uuid)) -> Try {
        let wait = self.settings.wait.min(left(time.deadline));
        let bearer = match self
            .tokens
            .as_ref()
            .map(|tokens| tokens.bearer(&self.agent, time.now, wait))
        {
            Some(Ok(bearer)) => Some(bearer),
            Some(Err(unavailable)) => return Try::Again(unavailable, None),
            None => None,
        };
        let mut request = self
            .agent
            .get(format!(
                "{}/Patient/{}",
                self.settings.url.as_str(),
                number.reveal()
            ))
            .header("Accept", "application/fhir+json")
            .header("X-Request-ID", ids.0.to_string())
            .header("X-Correlation-ID", ids.1.to_string());
        if let Some(organisation) = &self.settings.organisation {
            request = request.header("NHSD-End-User-Organisation-ODS", organisation.as_str());
        }
        if let Some(bearer) = &bearer {
            request = request.header("Authorization", bearer.expose());
        }
        let answer = request.config().timeout_global(Some(wait)).build().call();
        match answer {
            Ok(response) => self.read(response, number, time),
            Err(ureq::Error::Timeout(_)) => Try::Again(Unavailable::Late, None),
            Err(_) => Try::Again(Unavailable::Unreachable, None),
        }
    }

    fn read(
        &self,
        mut response: ureq::http::Response<ureq::Body>,
        number: NhsNumber,
        time: TraceTime,
    ) -> Try {
        let status = response.status();
        let asked_pause = response
            .headers()
            .get("Retry-After")
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        let body = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_vec();
        let unavailable = Unavailable::Status(status.as_u16());
        let trace = match (status, body) {
            (StatusCode::UNAUTHORIZED, _) => {
                // The token was withdrawn early, or its key: the next try asks for another.
                self.tokens.iter().for_each(AccessTokens::forget);
                return Try::Again(unavailable, None);
            }
            (StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS, _) => {
                return Try::Again(unavailable, asked_pause);
            }
            (status, _) if status.is_server_error() => {
                return Try::Again(unavailable, asked_pause);
            }
            (_, Err(ureq::Error::BodyExceedsLimit(_))) => None,
            (_, Err(_)) => return Try::Again(Unavailable::Unreachable, None),
            (StatusCode::OK, Ok(body)) => patient::trace_of(&body, number, time.now),
            (StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND, Ok(body)) => {
                patient::trace_of_refusal(&body)
            }
            _ => return Try::Over(unavailable),
        };
        trace.map_or(Try::Over(Unavailable::Unreadable), Try::Answered)
    }
}

/// What is left of the time.
fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

fn agent(url: &PeerUrl) -> Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::NativeTls)
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    let on_loopback = url.is_on_loopback();
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .https_only(!on_loopback)
        .tls_config(tls)
        .max_redirects(0)
        .max_redirects_will_error(false);
    let config = if on_loopback {
        config.proxy(None)
    } else {
        config
    };
    config.build().into()
}
