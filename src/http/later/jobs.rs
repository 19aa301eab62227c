//! All answers that come later: whose they are, how many, how long.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::job::{Job, Whose};
use super::settings::{LaterSettings, file};
use super::spool::{Room, Spool, unkept};
use crate::diag::{Code, Problem, Result};
use crate::service::ODataVersion;
use crate::value::Timestamp;

/// The answers that are under way or wait to be fetched. They are this process's own: nothing of
/// them is left when it ends.
#[derive(Debug)]
pub(in crate::http) struct Jobs {
    held: Mutex<Held>,
    used: Arc<AtomicU64>,
    pub(super) settings: LaterSettings,
}

/// How many there are, and what they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct Usage {
    /// Those whose work goes on.
    pub(in crate::http) running: usize,
    /// Those whose result waits to be fetched.
    pub(in crate::http) kept: usize,
    /// How many there may be.
    pub(in crate::http) most: usize,
    /// Bytes of their results.
    pub(in crate::http) bytes: u64,
}

#[derive(Debug, Default)]
struct Held {
    jobs: HashMap<Uuid, Arc<Job>>,
    /// Whether the server finishes.
    is_stopping: bool,
    /// Whether somebody looks from time to time which of them have outlived theirs.
    is_watched: bool,
}

impl Held {
    fn end(&mut self, id: Uuid) {
        if let Some(job) = self.jobs.remove(&id) {
            job.stop();
        }
    }
}

impl Jobs {
    /// None yet.
    ///
    /// # Errors
    ///
    /// As [`LaterSettings::check`].
    pub(in crate::http) fn new(settings: LaterSettings) -> Result<Self> {
        settings.check()?;
        Ok(Self {
            held: Mutex::default(),
            used: Arc::default(),
            settings,
        })
    }

    /// What there is; whatever has outlived its time goes.
    fn held(&self, now: Timestamp) -> MutexGuard<'_, Held> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let over = held.jobs.values().filter(|job| now >= job.ends);
        for id in over.map(|job| job.id).collect::<Vec<_>>() {
            held.end(id);
        }
        held
    }

    /// Begins one. Once half of the places are taken, the others are for callers who have none, so
    /// that a few do not keep out everybody else.
    ///
    /// # Errors
    ///
    /// `TooManyRequests` where the caller has as many as one may have, `ServiceUnavailable` where the
    /// server has, and where it stops.
    pub(super) fn begin(
        &self,
        id: Uuid,
        whose: Whose,
        version: ODataVersion,
        now: Timestamp,
    ) -> Result<Arc<Job>> {
        let mut held = self.held(now);
        if held.is_stopping {
            return Err(Problem::new(Code::ServiceUnavailable, "the server stops"));
        }
        let (per_caller, max) = (self.settings.per_caller, self.settings.max);
        let of = held.jobs.values();
        let mine = of.filter(|job| job.whose.user == whose.user).count();
        if mine >= per_caller {
            let message =
                format!("you have {mine} asynchronous requests, and may have {per_caller}");
            return Err(Problem::new(Code::TooManyRequests, message)
                .help("fetch the result of one at its monitor, or delete it there")
                .retry_after(1));
        }
        let all = held.jobs.len();
        if all >= max || mine > 0 && all >= max.div_ceil(2) {
            let message = "the server has as many asynchronous requests as it may have";
            let problem = Problem::new(Code::ServiceUnavailable, message);
            return Err(problem.help("try again later, or without `Prefer: respond-async`"));
        }
        let life = i64::try_from(self.settings.life.as_micros()).unwrap_or(i64::MAX);
        let ends = Timestamp::from_micros(now.micros().saturating_add(life));
        let job = Arc::new(Job::new(id, whose, version, ends));
        held.jobs.insert(id, Arc::clone(&job));
        Ok(job)
    }

    /// The file that a result is written to. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// `ServiceUnavailable` where the disk takes none.
    pub(super) fn spool(&self, job: &Arc<Job>) -> Result<Spool> {
        let settings = &self.settings;
        let file = file(settings.folder.as_deref()).map_err(|e| unkept(&e))?;
        let room = Room::new(&self.used, settings.total_bytes, settings.bytes);
        Ok(Spool::new(Arc::clone(job), file, room))
    }

    /// The one of an id, if it is the caller's.
    ///
    /// # Errors
    ///
    /// `NotFound` for one that is unknown, over, or somebody else's: the three look the same. `Gone`
    /// where the caller sees other things than when it was begun.
    pub(super) fn find(&self, id: &str, whose: Whose, now: Timestamp) -> Result<Arc<Job>> {
        let job = mine(&self.held(now), id, whose)?;
        if job.whose.sight != whose.sight {
            let message = "what you may see has changed since this was asked for";
            return Err(Problem::new(Code::Gone, message).help("ask for it again"));
        }
        Ok(job)
    }

    /// Ends the one of an id, if it is the caller's: the work stops, the result goes.
    ///
    /// # Errors
    ///
    /// `NotFound` as [`Jobs::find`].
    pub(super) fn cancel(&self, id: &str, whose: Whose, now: Timestamp) -> Result<()> {
        let mut held = self.held(now);
        let job = mine(&held, id, whose)?;
        held.end(job.id);
        Ok(())
    }

    /// Ends one.
    pub(super) fn end(&self, id: Uuid) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.end(id);
    }

    /// How many there are now.
    pub(in crate::http) fn usage(&self, now: Timestamp) -> Usage {
        let held = self.held(now);
        let done = held.jobs.values().filter(|job| job.outcome().is_some());
        let kept = done.count();
        Usage {
            running: held.jobs.len().saturating_sub(kept),
            kept,
            most: self.settings.max,
            bytes: self.used.load(Ordering::Relaxed),
        }
    }

    /// Whether nobody looks yet which of them have outlived their time: then who asks does so.
    pub(super) fn watch(&self) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        !std::mem::replace(&mut held.is_watched, true)
    }

    /// Ends what has outlived its time. Whether there are any left; if not, nobody looks any more.
    pub(super) fn sweep(&self, now: Timestamp) -> bool {
        let mut held = self.held(now);
        held.is_watched = !held.jobs.is_empty();
        held.is_watched
    }

    /// Ends all of them, and begins no more: the server stops. What is on its way to a client comes
    /// to its end.
    pub(in crate::http) fn stop(&self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.is_stopping = true;
        for (_, job) in held.jobs.drain() {
            if !job.is_fetched() {
                job.stop();
            }
        }
    }
}

/// The one of an id, if it is the caller's.
fn mine(held: &Held, id: &str, whose: Whose) -> Result<Arc<Job>> {
    let known = Uuid::try_parse(id).ok().and_then(|id| held.jobs.get(&id));
    let mine = known.filter(|job| job.whose.user == whose.user);
    mine.cloned().ok_or_else(|| {
        let problem = Problem::new(Code::NotFound, "there is no asynchronous request here");
        problem.help("it was fetched, deleted, or took too long; after a restart, ask again")
    })
}
