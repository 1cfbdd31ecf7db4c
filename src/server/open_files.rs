//! How many files the process may have open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::warn;

/// Files beside callers' connections: the database's, the log, and spare.
const BESIDE: u64 = 512;

/// Raises the limit so far that this many connections can be held, where the system lets us; where
/// it does not, the log says so, for connections beyond it would wait unheard.
pub fn allow(connections: u32) {
    let needed = u64::from(connections).saturating_add(BESIDE);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= needed) {
        return;
    }
    let allowed = maximum.map_or(needed, |maximum| maximum.min(needed));
    let raised = Rlimit {
        current: Some(allowed),
        maximum,
    };
    if setrlimit(Resource::Nofile, raised).is_err() || allowed < needed {
        warn!(
            needed,
            allowed, "The limit of open files is below what connections_max needs"
        );
    }
}
