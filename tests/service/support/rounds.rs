//! What happens in time on most machines, tried until it did.

use std::thread;
use std::time::Duration;

/// How often looks are asked for that are to share a statement.
const ROUNDS: usize = 20;

/// How long between two rounds.
const PAUSE: Duration = Duration::from_millis(500);

/// Tries until looks shared a statement. On a busy machine they may not at once, and go alone for
/// five seconds after a statement was slow.
pub fn until_shared(mut round: impl FnMut() -> bool) {
    for _ in 0..ROUNDS {
        if round() {
            return;
        }
        thread::sleep(PAUSE);
    }
    panic!("no statement was shared in {ROUNDS} rounds");
}
