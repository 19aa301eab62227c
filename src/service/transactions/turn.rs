//! One at a time.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::diag::{Code, Problem, Result};

/// Lets one request change a transaction while the others wait.
#[derive(Debug, Default)]
pub(super) struct Turns {
    taken: Mutex<bool>,
    free: Condvar,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(in crate::service) struct Turn<'a>(&'a Turns);

impl Turns {
    /// Waits for a turn.
    ///
    /// # Errors
    ///
    /// `ServiceUnavailable` when none comes in time.
    pub(super) fn take(&self, wait: Duration) -> Result<Turn<'_>> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.free.wait_timeout_while(taken, wait, |taken| *taken);
        let (mut taken, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() && *taken {
            let message = "another request of the transaction is still at work";
            return Err(Problem::new(Code::ServiceUnavailable, message));
        }
        *taken = true;
        Ok(Turn(self))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken = false;
        self.0.free.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_one_after_the_other() {
        let turns = Turns::default();
        let first = turns.take(Duration::ZERO).unwrap();
        let busy = turns.take(Duration::ZERO).unwrap_err();
        assert_eq!(busy.code(), Code::ServiceUnavailable);
        std::thread::scope(|scope| {
            let second = scope.spawn(|| turns.take(Duration::from_secs(60)).map(drop));
            drop(first);
            second.join().unwrap().unwrap();
        });
        turns.take(Duration::ZERO).unwrap();
    }
}
