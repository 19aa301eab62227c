//! The thread that writes what was noted without a transaction.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use uuid::Uuid;

use super::retention;
use crate::audit::{Counted, Entry, Event, Tally};
use crate::diag::{Problem, Result};
use crate::service::sign_in::later;
use crate::store::Store;
use crate::value::Timestamp;

/// How long the first thing that is noted waits for others, to be written with them.
const GATHER: Duration = Duration::from_millis(100);
/// How often the thread looks whether a minute is over, and tries again what could not be written.
const TICK: Duration = Duration::from_secs(1);
/// Entries of one transaction: whoever adds entries waits for its end.
const AT_ONCE: usize = 200;
/// How often old entries are removed.
const RETENTION: Duration = Duration::from_secs(6 * 60 * 60);

/// Counts what was noted, and writes it. Dropped, it writes what is left.
pub struct Recorder {
    shared: Arc<Shared>,
    thread: OnceLock<Mutex<Option<JoinHandle<()>>>>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

struct Shared {
    store: Store,
    state: Mutex<State>,
    wake: Condvar,
    /// What was taken and not written yet. Held while it is written, so that entries come in the
    /// order of their events.
    pending: Mutex<Vec<Entry>>,
    retention: OnceLock<Duration>,
}

#[derive(Default)]
struct State {
    tally: Tally,
    /// Whether something was noted since the thread looked last.
    is_new: bool,
    stopping: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recorder {
    /// A recorder without a thread: the first thing that is noted starts it.
    pub(in crate::service) fn new(store: Store) -> Self {
        Self {
            shared: Arc::new(Shared {
                store,
                state: Mutex::default(),
                wake: Condvar::new(),
                pending: Mutex::default(),
                retention: OnceLock::new(),
            }),
            thread: OnceLock::new(),
        }
    }

    /// Counts an event, and what was counted along. Asks no database and waits for none.
    pub(in crate::service) fn note(&self, event: Event, amount: u64, time: Timestamp) {
        let mut state = lock(&self.shared.state);
        state.tally.note(event, amount, time, Timestamp::now());
        state.is_new = true;
        drop(state);
        self.shared.wake.notify_all();
        self.start();
    }

    /// Lets the thread remove old entries from now on.
    pub(super) fn keep_for(&self, retention: Duration) {
        // A second call of the same process changes nothing.
        let _ = self.shared.retention.set(retention);
        self.start();
    }

    /// Writes everything, as [`super::Service::write_out_audit`] says.
    pub(super) fn write_out(&self) -> Result<()> {
        // What an earlier failure has left, and then the rest.
        self.shared.flush(true)?;
        self.shared.flush(true)
    }

    fn start(&self) {
        self.thread.get_or_init(|| {
            let shared = Arc::clone(&self.shared);
            let thread = std::thread::Builder::new().name("audit".to_owned());
            let started = thread.spawn(move || shared.run());
            if let Err(error) = &started {
                tracing::error!(%error, "the audit log has no thread: what is noted waits");
            }
            Mutex::new(started.ok())
        });
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        lock(&self.shared.state).stopping = true;
        self.shared.wake.notify_all();
        if let Some(thread) = self.thread.take().and_then(|t| lock(&t).take()) {
            let _ = thread.join();
        }
        if let Err(problem) = self.write_out() {
            complain(&problem);
        }
    }
}

impl Shared {
    fn run(&self) {
        let mut shortened = None;
        let mut state = lock(&self.state);
        while !state.stopping {
            drop(state);
            if let Err(problem) = self.flush(false) {
                complain(&problem);
            }
            self.shorten(&mut shortened);
            state = lock(&self.state);
            let idle = |state: &mut State| !state.is_new && !state.stopping;
            let woken = self.wake.wait_timeout_while(state, TICK, idle);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
            if state.is_new {
                let stay = |state: &mut State| !state.stopping;
                let gathered = self.wake.wait_timeout_while(state, GATHER, stay);
                state = gathered.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    /// Removes old entries, where it is time. `last` is when that was done last.
    fn shorten(&self, last: &mut Option<Timestamp>) {
        let now = Timestamp::now();
        let is_due = last.is_none_or(|last| later(last, RETENTION) <= now);
        let Some(retention) = self.retention.get().filter(|_| is_due) else {
            return;
        };
        *last = Some(now);
        if let Err(problem) = retention::shorten(&self.store, *retention, now) {
            complain(&problem);
        }
    }

    /// Writes what is due; with `all`, whatever was noted.
    fn flush(&self, all: bool) -> Result<()> {
        let mut pending = lock(&self.pending);
        if pending.is_empty() {
            let mut state = lock(&self.state);
            state.is_new = false;
            let due = state.tally.take(Timestamp::now(), all);
            drop(state);
            pending.extend(due.into_iter().map(entry));
        }
        while !pending.is_empty() {
            let count = pending.len().min(AT_ONCE);
            let entries = pending.get(..count).unwrap_or_default();
            self.store
                .write_aside(|writer| writer.append_audit(entries))?;
            pending.drain(..count);
        }
        Ok(())
    }
}

/// The entry of what was counted.
fn entry(counted: Counted) -> Entry {
    let Counted {
        event,
        times,
        amount,
        span,
    } = counted;
    let event = match event.more.get("rows") {
        Some(_) => event.with("rows", amount),
        None => event,
    };
    Entry::of(Uuid::now_v7(), &event, times, span)
}

fn complain(problem: &Problem) {
    let (code, detail) = (problem.code().word(), problem.log_text());
    tracing::error!(
        code,
        detail,
        "the audit log cannot be written now: {problem}"
    );
}
