//! Another process of the service, beside the one that is killed and frozen: it runs within the
//! test, on the same database and under the same keys, and its clock is the machine's, a step
//! ahead or behind.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use cpis_fhir::clock::{Clock as _, SystemClock};
use cpis_fhir::domain::durability::Durability;
use cpis_fhir::sandbox::audit_key::AUDIT_KEY_FILE;
use cpis_fhir::settings::DatabaseUrl;

use crate::support::{OwnCluster, TestService};

/// How often its clock goes on.
const TICK: Duration = Duration::from_millis(5);

/// The process.
pub struct Stepping {
    /// The service.
    pub service: TestService,
    step_ms: AtomicI64,
}

impl Stepping {
    /// A process that reaches its database by the same line.
    pub fn beside(own: &OwnCluster, folder: &Path, database_url: &str) -> Self {
        let service = own.service(|settings| {
            settings.database_url = DatabaseUrl::parse(database_url);
            settings.database_wait_ms = super::server::DATABASE_WAIT_MS;
            settings.request_deadline_ms = super::server::REQUEST_DEADLINE_MS;
            settings.audit.audit_key_file = Some(folder.join(AUDIT_KEY_FILE));
            settings.audit.durability = Durability::Single;
        });
        service.clock.set(SystemClock.now());
        Self {
            service,
            step_ms: AtomicI64::new(0),
        }
    }

    /// Lets its clock go on until all is over.
    pub fn go_on(&self, over: &AtomicBool) {
        while !over.load(Ordering::SeqCst) {
            let step = TimeDelta::milliseconds(self.step_ms.load(Ordering::SeqCst));
            self.service.clock.set(SystemClock.now() + step);
            thread::sleep(TICK);
        }
    }

    /// Steps so far from the machine's clock.
    pub fn step(&self, by: TimeDelta) {
        self.step_ms.store(by.num_milliseconds(), Ordering::SeqCst);
        thread::sleep(TICK * 4);
    }
}
