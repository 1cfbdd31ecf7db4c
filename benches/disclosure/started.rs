//! Programs that the bench starts, each ended by its id with the bench, however that ends.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::Outcome;
use crate::interruption::Interruption;

/// How long between two looks at a program that is awaited: short beside a cell.
const PAUSE: Duration = Duration::from_millis(10);

/// A program that runs until it is dropped.
pub struct Started(Child);

impl Started {
    /// Starts a command.
    pub fn start(mut command: Command) -> Outcome<Self> {
        let program = format!("{command:?}");
        let child = command.stdin(Stdio::null()).spawn();
        child
            .map(Self)
            .map_err(|cause| format!("{program}: {cause}").into())
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// An error if it has ended by itself.
    pub fn still_runs(&mut self) -> Outcome<()> {
        match self.0.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("a program ended by itself: {status}").into()),
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _status = self.0.wait();
    }
}

/// A command that the kernel ends with the thread that starts it, should that be killed.
pub fn program(path: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(path);
    command
}

/// Runs a command to its end and returns what it printed; what it complains of goes to the error.
pub fn output(mut command: Command, folder: &Path, interruption: &Interruption) -> Outcome<String> {
    let (said, complained) = (folder.join("said"), folder.join("complained"));
    command
        .stdout(File::create(&said)?)
        .stderr(File::create(&complained)?);
    let mut started = Started::start(command)?;
    let status = loop {
        interruption.check()?;
        match started.0.try_wait()? {
            Some(status) => break status,
            None => thread::sleep(PAUSE),
        }
    };
    let said = fs::read_to_string(said)?;
    if status.success() {
        return Ok(said);
    }
    Err(format!(
        "a program failed: {status}\n{said}{}",
        fs::read_to_string(complained)?
    )
    .into())
}
