//! Spreads requests over time, so that the service's rate limit is never met
//! (<https://digital.nhs.uk/developer/guides-and-documentation/reference-guide#rate-limits>).

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::demographics::Unavailable;

/// When the next request may go.
#[derive(Debug)]
pub struct Pace {
    between: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// So many requests in a second.
    pub fn of(requests_per_second: NonZeroU32) -> Self {
        Self {
            between: Duration::from_secs(1) / requests_per_second.get(),
            next: Mutex::default(),
        }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Unavailable::Late`] when the turn would come only after the deadline; then none is taken.
    pub fn wait_until(&self, deadline: Instant) -> Result<(), Unavailable> {
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let turn = next.unwrap_or(now).max(now);
            if turn >= deadline {
                return Err(Unavailable::Late);
            }
            *next = Some(turn + self.between);
            turn
        };
        thread::sleep(turn.saturating_duration_since(Instant::now()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use std::num::NonZeroU32;
    use std::time::{Duration, Instant};

    use super::Pace;
    use crate::demographics::Unavailable;

    #[test]
    fn requests_go_no_faster_than_the_pace() {
        let pace = Pace::of(NonZeroU32::new(100).unwrap());
        let began = Instant::now();
        for _ in 0..6 {
            pace.wait_until(began + Duration::from_secs(60)).unwrap();
        }
        assert!(began.elapsed() >= Duration::from_millis(50));
    }

    #[test]
    fn nobody_waits_for_a_turn_after_the_deadline() {
        let pace = Pace::of(NonZeroU32::new(1).unwrap());
        let began = Instant::now();
        pace.wait_until(began + Duration::from_millis(300)).unwrap();
        let second = pace.wait_until(began + Duration::from_millis(300));
        assert_eq!(second, Err(Unavailable::Late));
        assert!(began.elapsed() < Duration::from_millis(300));
    }
}
