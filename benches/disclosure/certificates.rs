//! Certificates for one run, made by `openssl`: an authority's, and of it the server's and a
//! caller's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::interruption::Interruption;
use crate::started::{output, program};

/// For how many days they hold.
const DAYS: &str = "2";

/// Where they are.
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    /// Makes them, with keys of the curve that most services have.
    pub fn make(workplace: &Path, interruption: &Interruption) -> Outcome<Self> {
        let folder = workplace.join("certificates");
        fs::create_dir(&folder)?;
        let certificates = Self { folder };
        let run = |command| output(command, workplace, interruption).map(drop);
        run(certificates.authority())?;
        for (who, usage) in [("server", "serverAuth"), ("client", "clientAuth")] {
            run(certificates.request(who, usage))?;
            run(certificates.signed(who))?;
        }
        Ok(certificates)
    }

    /// The file of somebody's certificate.
    pub fn certificate(&self, who: &str) -> PathBuf {
        self.folder.join(format!("{who}.pem"))
    }

    /// The file of somebody's key.
    pub fn key(&self, who: &str) -> PathBuf {
        self.folder.join(format!("{who}.key"))
    }

    /// The service's settings: a caller may show a certificate, and need not, since not every
    /// load generator can.
    pub fn settings(&self) -> [(&'static str, PathBuf); 4] {
        [
            ("CPIS_TLS_CERTIFICATE_FILE", self.certificate("server")),
            ("CPIS_TLS_KEY_FILE", self.key("server")),
            ("CPIS_TLS_CLIENT_CA_FILE", self.certificate("authority")),
            ("CPIS_TLS_CLIENT_CERTIFICATES", PathBuf::from("optional")),
        ]
    }

    fn authority(&self) -> Command {
        let mut command = program("openssl");
        command
            .args(["req", "-x509", "-subj", "/CN=bench", "-days", DAYS])
            .args(NEW_KEY)
            .arg(self.key("authority"))
            .arg("-out")
            .arg(self.certificate("authority"));
        command
    }

    fn request(&self, who: &str, usage: &str) -> Command {
        let mut command = program("openssl");
        command
            .args(["req", "-subj", &format!("/CN={who}")])
            .args(["-addext", "subjectAltName=IP:127.0.0.1"])
            .args(["-addext", &format!("extendedKeyUsage={usage}")])
            .args(NEW_KEY)
            .arg(self.key(who))
            .arg("-out")
            .arg(self.asked(who));
        command
    }

    fn signed(&self, who: &str) -> Command {
        let mut command = program("openssl");
        command
            .args(["x509", "-req", "-copy_extensions", "copyall", "-days", DAYS])
            .arg("-in")
            .arg(self.asked(who))
            .arg("-CA")
            .arg(self.certificate("authority"))
            .arg("-CAkey")
            .arg(self.key("authority"))
            .args(["-CAcreateserial", "-out"])
            .arg(self.certificate(who));
        command
    }

    fn asked(&self, who: &str) -> PathBuf {
        self.folder.join(format!("{who}.csr"))
    }
}

/// A key of its own, in a file of which the name follows.
const NEW_KEY: [&str; 6] = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
];
