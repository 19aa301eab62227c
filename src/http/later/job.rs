//! One answer that comes later, from its request to its end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use uuid::Uuid;

use super::spool::Kept;
use crate::diag::{Code, Problem, Result};
use crate::service::{Caller, ODataVersion};
use crate::value::Timestamp;

/// Who has asked, and what they may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Whose {
    pub(super) user: Option<Uuid>,
    /// An imprint of what they may see.
    pub(super) sight: Uuid,
}

impl Whose {
    pub(super) fn of(caller: &Caller) -> Self {
        Self {
            user: caller.user(),
            sight: caller.sight(),
        }
    }
}

/// How the work ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// With an answer.
    Kept(Box<Kept>),
    /// With an error.
    Refused(Problem),
}

/// One answer that comes later.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: Uuid,
    pub(super) whose: Whose,
    /// The version that the request is answered in.
    pub(super) version: ODataVersion,
    /// When it is over, whatever has become of it.
    pub(super) ends: Timestamp,
    outcome: OnceLock<Outcome>,
    is_stopped: AtomicBool,
    is_fetched: AtomicBool,
    done: watch::Sender<bool>,
}

impl Job {
    pub(super) fn new(id: Uuid, whose: Whose, version: ODataVersion, ends: Timestamp) -> Self {
        Self {
            id,
            whose,
            version,
            ends,
            outcome: OnceLock::new(),
            is_stopped: AtomicBool::new(false),
            is_fetched: AtomicBool::new(false),
            done: watch::Sender::new(false),
        }
    }

    /// Says how the work ended. What nobody wants any more is dropped.
    pub(super) fn end(&self, outcome: Result<Kept>) {
        if !self.is_stopped() {
            let outcome = match outcome {
                Ok(kept) => Outcome::Kept(Box::new(kept)),
                Err(problem) => Outcome::Refused(problem),
            };
            // Its end comes once.
            drop(self.outcome.set(outcome));
        }
        self.done.send_replace(true);
    }

    /// How the work ended; nothing while it runs.
    pub(super) fn outcome(&self) -> Option<&Outcome> {
        self.outcome.get()
    }

    /// Ends the work at its next piece, and the delivery of its result.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.done.send_replace(true);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// Whether its result is being delivered.
    pub(super) fn is_fetched(&self) -> bool {
        self.is_fetched.load(Ordering::Acquire)
    }

    /// Waits until the work has ended, but not longer than that.
    pub(super) async fn ended_within(&self, wait: Duration) -> bool {
        let mut done = self.done.subscribe();
        timeout(wait, done.wait_for(|done| *done)).await.is_ok()
    }

    /// Takes the result to deliver it: one request at a time, since each takes a thread.
    ///
    /// # Errors
    ///
    /// `TooManyRequests` where another request fetches it.
    pub(super) fn fetch(self: &Arc<Self>) -> Result<Fetched> {
        if self.is_fetched.swap(true, Ordering::AcqRel) {
            let message = "another request fetches this result";
            return Err(Problem::new(Code::TooManyRequests, message)
                .help("read that one to its end")
                .retry_after(1));
        }
        Ok(Fetched(Arc::clone(self)))
    }
}

/// A result that is being delivered, until it is dropped.
#[derive(Debug)]
pub(super) struct Fetched(pub(super) Arc<Job>);

impl Drop for Fetched {
    fn drop(&mut self) {
        self.0.is_fetched.store(false, Ordering::Release);
    }
}
