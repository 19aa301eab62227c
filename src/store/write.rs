//! Transactions that run again when others are in their way.

use std::time::{Duration, Instant};

use super::failure::{self, Trouble};
use super::{Store, Writer};
use crate::diag::{Code, Problem, Result};

/// How often a transaction runs again, at most.
const RERUNS: u32 = 4;

/// What passes before the first rerun, at most; it doubles with each.
const PAUSE: Duration = Duration::from_millis(8);

impl Store {
    /// Runs `work` in one transaction: all of it happens, or nothing.
    ///
    /// Where another transaction is in the way, all of it is undone and `work` runs again from its
    /// start, a few times at most; so it must do nothing but use the writer. It pauses first, for a
    /// time of chance, or the two would meet again and again. Waiting for a lock in vain counts only
    /// as long as [`super::StoreOptions::lock_wait`] is not over: nobody waits many times that long.
    ///
    /// # Errors
    ///
    /// What `work` answers; [`Code::ServiceUnavailable`] when no connection becomes free, or others
    /// are in the way each time; [`Code::UnknownReference`] when a row refers to one that is not
    /// there; faults of the database.
    pub fn write<T>(&self, work: impl FnMut(&mut Writer) -> Result<T>) -> Result<T> {
        self.run_again(self.writer()?, work)
    }

    /// The same for work that is of no request: its statements are not counted.
    ///
    /// # Errors
    ///
    /// As [`Store::write`].
    pub fn write_aside<T>(&self, work: impl FnMut(&mut Writer) -> Result<T>) -> Result<T> {
        self.run_again(self.writer()?.aside(), work)
    }

    fn run_again<T>(
        &self,
        mut writer: Writer,
        mut work: impl FnMut(&mut Writer) -> Result<T>,
    ) -> Result<T> {
        let start = Instant::now();
        let mut reruns = RERUNS;
        let mut pause = PAUSE;
        loop {
            let problem = match writer.transaction(&mut work) {
                Ok(value) => return Ok(value),
                Err(problem) => problem,
            };
            let hopeful = match writer.trouble() {
                Some(Trouble::Conflict | Trouble::Gone | Trouble::Came) => true,
                Some(Trouble::Locked) => start.elapsed() < self.options().lock_wait,
                Some(Trouble::Other) | None => false,
            };
            if !hopeful || reruns == 0 {
                return Err(given_up(problem, writer.trouble()));
            }
            reruns = reruns.saturating_sub(1);
            #[expect(
                clippy::disallowed_methods,
                reason = "a blocking worker gives way to whoever is in its way, a few times"
            )]
            std::thread::sleep(pause.mul_f64(fastrand::f64()));
            pause = pause.saturating_mul(2);
        }
    }
}

/// The problem of the last run, whatever the work made of it.
fn given_up(problem: Problem, trouble: Option<Trouble>) -> Problem {
    match trouble {
        Some(Trouble::Conflict | Trouble::Locked) if problem.code() != Code::ServiceUnavailable => {
            let log = problem.log_text().map(str::to_owned);
            failure::busy().log(log.unwrap_or_else(|| problem.to_string()))
        }
        Some(
            Trouble::Conflict | Trouble::Locked | Trouble::Gone | Trouble::Came | Trouble::Other,
        )
        | None => problem,
    }
}
