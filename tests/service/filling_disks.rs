//! The disk of the service's own log, or of its file of checkpoints, is full. What happens where
//! PostgreSQL's is: `surviving_faults`.

use std::fs::{self, File};
use std::net::TcpListener;
use std::process::{Child, Stdio};

use chrono::TimeDelta;
use cpis_fhir::clock::{Clock as _, SystemClock};
use cpis_fhir::identity::Algorithm;
use cpis_fhir::sandbox::issuer::Issuer;
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::sealing::sealer::SealingError;
use cpis_fhir::store::provision::{OWNER, SERVER};
use ureq::Agent;

use crate::support::{
    SealedService, ServedProgram, SmallDisk, cluster, new_database, program, register_all,
    wait_until, words,
};

/// The program, killed when the test is over.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Looks while a disk is full: their lines are several times what a page of it holds.
const LOOKS: usize = 60;
/// Rounds of sealing that fit into the last page of the file, and more.
const ROUNDS: usize = 60;

#[test]
fn a_service_whose_log_has_no_room_goes_on_answering_and_writes_lines_again_once_there_is() {
    let database = new_database();
    register_all(&cluster().url(OWNER, &database), SystemClock.now());
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("small");
    fs::create_dir(&place).unwrap();
    let mut disk = SmallDisk::at(&place, 4);
    let log = disk.folder().join("server.log");
    let file = File::options().create(true).append(true).open(&log);
    let file = file.unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let address = free.unwrap().to_string();
    // Both streams of the program end in one file, as under a supervisor.
    let server = ServedProgram::with_its_settings(program(&["serve"]), folder.path())
        .env("CPIS_LISTEN", &address)
        .env("CPIS_PUBLIC_URL", format!("http://{address}/FHIR/R4"))
        .env("DATABASE_URL", cluster().url(SERVER, &database))
        .env("CPIS_REQUEST_DEADLINE_MS", "60000")
        .stdout(Stdio::from(file.try_clone().unwrap()))
        .stderr(Stdio::from(file))
        .spawn();
    let mut server = Killed(server.unwrap());
    let issuer = Issuer::open(folder.path()).unwrap();
    let (now, hour) = (SystemClock.now(), TimeDelta::hours(1));
    let token = issuer.token(SandboxRole::Clinician, Algorithm::Es256, now, hour);
    let token = token.unwrap();
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let look = || {
        let path = format!("http://{address}/FHIR/R4/Flag?patient=9990000026");
        let asked = agent.get(path);
        let answer = asked
            .header("authorization", format!("Bearer {token}"))
            .call();
        answer.map(|answer| answer.status().as_u16()).ok()
    };
    wait_until(|| look() == Some(200));
    disk.fill();
    for place in 0..LOOKS {
        assert_eq!(look(), Some(200), "look {place} while the log is full");
    }
    let lines = || fs::read_to_string(&log).unwrap().lines().count();
    let full = lines();
    disk.make_room();
    // The first of them may go on where the last before them was cut short.
    assert_eq!([look(), look()], [Some(200); 2]);
    wait_until(|| lines() > full);
    assert!(server.0.try_wait().unwrap().is_none());
    drop(server);
    let text = fs::read_to_string(&log).unwrap();
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn sealing_whose_file_has_no_room_says_so_and_goes_on_with_a_valid_file_once_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut disk = SmallDisk::at(folder.path(), 4);
    let sealed = SealedService::keeping_its_file_at(disk.folder().join("checkpoints"));
    let look = |sealed: &SealedService| {
        assert_eq!(sealed.service.get("Flag?patient=9990000018").status, 200);
    };
    look(&sealed);
    assert!(sealed.seal().unwrap().signed.is_some());
    disk.fill();
    let refused = (0..ROUNDS).find_map(|_| {
        look(&sealed);
        sealed.seal().err()
    });
    assert!(
        matches!(refused, Some(SealingError::File(_))),
        "{refused:?}"
    );
    for _ in 0..3 {
        look(&sealed);
        assert!(matches!(sealed.seal(), Err(SealingError::File(_))));
    }
    assert_eq!(sealed.verified().wrong, None);
    disk.make_room();
    look(&sealed);
    assert!(sealed.seal().unwrap().signed.is_some());
    assert_eq!(sealed.verified().wrong, None);
    let verify = program(&["audit", "verify"])
        .envs(sealed.environment())
        .output()
        .unwrap();
    assert!(verify.status.success(), "{}", words(&verify));
}

#[test]
fn a_checkpoint_that_was_cut_short_by_a_crash_does_not_keep_the_next_start_from_sealing() {
    let sealed = SealedService::new();
    let seal = || {
        assert_eq!(sealed.service.get("Flag?patient=9990000018").status, 200);
        sealed.seal().unwrap().signed.unwrap()
    };
    seal();
    let before = fs::read(sealed.path("checkpoints")).unwrap();
    seal();
    let whole = fs::read(sealed.path("checkpoints")).unwrap();
    for kept in (1..whole.len())
        .step_by(61)
        .filter(|kept| *kept != before.len())
    {
        fs::write(sealed.path("checkpoints"), &whole[..kept]).unwrap();
        seal();
        assert_eq!(sealed.verified().wrong, None, "{kept} bytes were kept");
    }
}
