//! The first of PostgreSQL's processes, which starts all others: its start, its signals, its end.
//! What each signal means to it: <https://www.postgresql.org/docs/15/server-shutdown.html>.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::folders::{Folders, failed};
use super::{ClusterError, programs};

/// How long between two looks at something that is awaited.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks before a start is given up: two minutes, as a crashed cluster first replays its log.
const START_LOOKS_MAX: u32 = 6_000;

/// Looks before a stop becomes a kill: half a minute.
pub(super) const STOP_LOOKS_MAX: u32 = 1_500;

/// How many lines of the log an error quotes.
const LOG_LINES_QUOTED: usize = 5;

/// PostgreSQL's first process, our child.
#[derive(Debug)]
pub(super) struct Postmaster {
    child: Child,
    /// Ends, when dropped, the thread that started the child. Linux sends a child its parent's
    /// death signal when the *thread* that started it ends, so that thread must stay.
    _keeper: mpsc::Sender<()>,
}

impl Postmaster {
    /// Starts PostgreSQL and waits until it accepts connections. It gets a process group of its
    /// own, so that a Ctrl-C reaches it through us, after our last request.
    pub(super) fn start(mut command: Command, folders: &Folders) -> Result<Self, ClusterError> {
        let log = folders.open_log()?;
        let log_too = log.try_clone().map_err(failed(&folders.log))?;
        command
            .stdin(Stdio::null())
            .stdout(log_too)
            .stderr(log)
            .process_group(0);
        let program = command.get_program().to_string_lossy().into_owned();
        let (child, keeper) = spawn_kept(command).map_err(|error| ClusterError::Program {
            program,
            said: error.to_string(),
        })?;
        let mut postmaster = Self {
            child,
            _keeper: keeper,
        };
        if postmaster.becomes_ready(folders) {
            return Ok(postmaster);
        }
        postmaster.kill();
        Err(ClusterError::NotStarted(end_of_log(folders)))
    }

    /// Ends every session, rolls its transaction back, and waits for the end; a PostgreSQL that
    /// does not end is killed.
    pub(super) fn stop(mut self) {
        let asked = self
            .resume()
            .and_then(|()| signal("INT", &[self.child.id()]));
        let ended = asked.is_ok() && waited(STOP_LOOKS_MAX, || self.has_ended());
        if !ended {
            self.kill();
        }
    }

    /// Ends all the processes at once. The first is frozen before the others are listed, so that
    /// it starts no more, and leaves no process id free for another to take.
    pub(super) fn kill(mut self) {
        let first = self.child.id();
        let others = match signal("STOP", &[first]) {
            Ok(()) => children(first),
            Err(_already_ended) => Vec::new(),
        };
        let _gone_already = self.child.kill();
        let _gone_already = signal("KILL", &others);
        let _status = self.child.wait();
        waited(STOP_LOOKS_MAX, || !others.iter().any(|id| is_alive(*id)));
    }

    /// Freezes all the processes.
    pub(super) fn pause(&self) -> Result<(), ClusterError> {
        let first = self.child.id();
        signal("STOP", &[first])?;
        signal("STOP", &children(first))
    }

    /// Lets all the processes go on, the first one last: it may have news of the others.
    pub(super) fn resume(&self) -> Result<(), ClusterError> {
        resume(self.child.id())
    }

    /// Waits until PostgreSQL says that it is ready, or ends, or has had time enough.
    fn becomes_ready(&mut self, folders: &Folders) -> bool {
        let mut has_ended = false;
        waited(START_LOOKS_MAX, || {
            has_ended = self.has_ended();
            has_ended || said_in_pid_file(folders) == Some((self.child.id(), true))
        }) && !has_ended
    }

    /// Whether the first process has ended; the others end before it.
    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

/// Whether a PostgreSQL of an earlier run is still at work on this data; it is let go on, so that
/// it can be stopped. A leftover file that names a process of somebody else's is removed, as
/// PostgreSQL would take that process for a running server and refuse to start.
pub(super) fn left_running(folders: &Folders) -> Result<bool, ClusterError> {
    let Some((first, _)) = said_in_pid_file(folders) else {
        return Ok(false);
    };
    let data = folders.data.as_os_str().as_encoded_bytes();
    let Ok(arguments) = fs::read(format!("/proc/{first}/cmdline")) else {
        return Ok(false);
    };
    if arguments
        .split(|byte| *byte == 0)
        .any(|argument| argument == data)
    {
        resume(first)?;
        return Ok(true);
    }
    let file = folders.data.join("postmaster.pid");
    fs::remove_file(&file).map_err(failed(&file))?;
    Ok(false)
}

/// Starts `command` from a thread that lasts until the sender is dropped.
fn spawn_kept(mut command: Command) -> io::Result<(Child, mpsc::Sender<()>)> {
    let (give_child, take_child) = mpsc::channel();
    let (keeper, until_dropped) = mpsc::channel();
    thread::Builder::new()
        .name("postgres".to_owned())
        .spawn(move || {
            let _nobody_waits = give_child.send(command.spawn());
            let _dropped = until_dropped.recv();
        })?;
    let child = take_child.recv().map_err(io::Error::other)??;
    Ok((child, keeper))
}

/// Lets a postmaster and its children go on.
fn resume(first: u32) -> Result<(), ClusterError> {
    signal("CONT", &children(first))?;
    signal("CONT", &[first])
}

/// Sends a signal to each process. Only the shell's own `kill` is on every machine.
fn signal(name: &str, processes: &[u32]) -> Result<(), ClusterError> {
    if processes.is_empty() {
        return Ok(());
    }
    let mut kill = Command::new("/bin/sh");
    kill.args(["-c", "kill -s \"$0\" \"$@\"", name]);
    kill.args(processes.iter().map(u32::to_string));
    programs::output(kill).map(drop)
}

/// The processes that `parent` started and that have not ended.
fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .filter(|id| state_and_parent(*id).is_some_and(|(state, p)| p == parent && state != 'Z'))
        .collect()
}

/// Whether a process runs; one that has ended may stay listed until its parent hears of it.
fn is_alive(id: u32) -> bool {
    state_and_parent(id).is_some_and(|(state, _)| state != 'Z')
}

/// What Linux says of a process: <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>.
fn state_and_parent(id: u32) -> Option<(char, u32)> {
    read_state_and_parent(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

/// Reads `12 (postgres) S 1 ...`; the name may hold spaces and brackets too.
fn read_state_and_parent(stat: &str) -> Option<(char, u32)> {
    let (_, after_name) = stat.rsplit_once(") ")?;
    let mut fields = after_name.split(' ');
    let state = fields.next()?.parse().ok()?;
    Some((state, fields.next()?.parse().ok()?))
}

/// What PostgreSQL has written in its `postmaster.pid`.
fn said_in_pid_file(folders: &Folders) -> Option<(u32, bool)> {
    read_pid_file(&fs::read_to_string(folders.data.join("postmaster.pid")).ok()?)
}

/// The process id on the first line, and whether the eighth says that it accepts connections.
fn read_pid_file(text: &str) -> Option<(u32, bool)> {
    let mut lines = text.lines();
    let id = lines.next()?.trim().parse().ok()?;
    Some((
        id,
        lines.nth(6).is_some_and(|status| status.trim() == "ready"),
    ))
}

/// Looks until `is_so`, at most `looks_max` times; whether it was so.
pub(super) fn waited(looks_max: u32, mut is_so: impl FnMut() -> bool) -> bool {
    for _ in 0..looks_max {
        if is_so() {
            return true;
        }
        thread::sleep(PAUSE);
    }
    false
}

/// The last lines that PostgreSQL logged, in one line.
fn end_of_log(folders: &Folders) -> String {
    let log = fs::read_to_string(&folders.log).unwrap_or_default();
    let lines: Vec<_> = log.lines().collect();
    let skipped = lines.len().saturating_sub(LOG_LINES_QUOTED);
    lines
        .into_iter()
        .skip(skipped)
        .collect::<Vec<_>>()
        .join(" / ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{read_pid_file, read_state_and_parent};

    proptest! {
        #[test]
        fn a_process_is_read_whatever_its_name(
            name in "\\PC{0,15}",
            state in "[RSDTZ]",
            parent in any::<u32>(),
        ) {
            let read = read_state_and_parent(&format!("12 ({name}) {state} {parent} 12 12 0 -1\n"));
            assert_eq!(read, state.chars().next().map(|state| (state, parent)));
        }

        #[test]
        fn a_pid_file_is_ready_only_when_its_eighth_line_says_so(
            id in any::<u32>(),
            status in "ready|starting|standby|stopping",
        ) {
            let file = format!("{id}\n/data\n1700000000\n5432\n/socket\n\n  123  4\n{status:<8}\n");
            assert_eq!(read_pid_file(&file), Some((id, status == "ready")));
        }

        #[test]
        fn half_a_pid_file_is_not_ready(text in "[0-9]{0,12}\n?\\PC*") {
            assert!(!read_pid_file(&text).is_some_and(|(_, is_ready)| is_ready));
        }
    }
}
