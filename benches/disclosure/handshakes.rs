//! Connections by TLS with a certificate on either side, begun and ended one after another by
//! `openssl s_time`. The ceiling is openssl's own `s_server`, which also tells what it would be
//! worth to resume sessions: the service resumes none.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::Outcome;
use crate::bare_route::free_address;
use crate::certificates::Certificates;
use crate::load::Answered;
use crate::service::{Service, awaited};
use crate::started::{Started, program};

/// Who is connected to, and how.
#[derive(Debug, Clone, Copy)]
pub enum Line {
    /// `s_server`, each caller proved anew.
    Anew,
    /// `s_server`, each caller after the first known again by its ticket.
    Resumed,
    /// The service.
    Service,
}

impl Line {
    /// How the table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anew => "openssl s_server, handshake",
            Self::Resumed => "openssl s_server, handshake resumed",
            Self::Service => "service, handshake",
        }
    }
}

/// What connects, and what is connected to.
pub struct Handshakes {
    certificates: Certificates,
    ceiling: (Started, String),
    service: (u32, String),
}

impl Handshakes {
    /// Starts `s_server` beside a service that speaks TLS.
    pub fn prepare(certificates: Certificates, service: &Service) -> Outcome<Self> {
        let address = free_address()?.to_string();
        let mut command = program("openssl");
        command
            .args(["s_server", "-quiet", "-www", "-accept", &address])
            .args(["-Verify", "1", "-verify_return_error"])
            .arg("-cert")
            .arg(certificates.certificate("server"))
            .arg("-key")
            .arg(certificates.key("server"))
            .arg("-CAfile")
            .arg(certificates.certificate("authority"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut started = Started::start(command)?;
        awaited(&mut started, || Ok(TcpStream::connect(address.as_str())?))?;
        Ok(Self {
            certificates,
            ceiling: (started, address),
            service: (service.id(), service.address()?),
        })
    }

    /// The id of the process that is connected to.
    pub fn server(&self, line: Line) -> u32 {
        match line {
            Line::Anew | Line::Resumed => self.ceiling.0.id(),
            Line::Service => self.service.0,
        }
    }

    /// What connects for so many seconds, always one connection at a time.
    pub fn command(&self, line: Line, (_one, seconds): (u32, u32)) -> Command {
        let (address, again, path) = match line {
            // A ticket comes behind the handshake, with what is answered.
            Line::Anew => (&self.ceiling.1, "-new", "/"),
            Line::Resumed => (&self.ceiling.1, "-reuse", "/"),
            Line::Service => (&self.service.1, "-new", "/FHIR/R4/_ping"),
        };
        let file = |name: &str, path: PathBuf| [name.into(), path.into_os_string()];
        let mut command = program("openssl");
        command
            .args(["s_time", again, "-connect", address, "-www", path])
            .args(["-time", &seconds.to_string(), "-verify", "1"])
            .args(file("-cert", self.certificates.certificate("client")))
            .args(file("-key", self.certificates.key("client")))
            .args(file("-CAfile", self.certificates.certificate("authority")));
        command
    }
}

/// Reads how many connections there were; how long each took is not told.
pub fn answered(said: &str, seconds: f64) -> Outcome<Answered> {
    let counted = said
        .lines()
        .find(|line| line.contains(" real seconds, "))
        .and_then(|line| line.split(' ').next())
        .and_then(|number| number.parse::<u32>().ok())
        .filter(|number| *number > 0);
    let connections = counted.ok_or_else(|| format!("s_time said: {said}"))?;
    Ok(Answered {
        looks: 0,
        written: 0,
        requests_per_second: f64::from(connections) / seconds,
        times_ms: None,
    })
}
