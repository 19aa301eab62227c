//! Who listens.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use uuid::Uuid;

use super::{Admitted, feeder};
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;
use crate::plan::LogPlace;
use crate::service::{Caller, Service};

/// Where the events of a listener wait. It is asked and filled by one thread only.
pub trait Queue: Send + Sync {
    /// How many more it takes now.
    fn room(&self) -> usize;
    /// Takes one; `false` when nobody listens any more.
    fn push(&self, event: Bytes) -> bool;
    /// Whether nobody listens any more.
    fn is_gone(&self) -> bool;
}

/// Finds out anew who a listener is, and what they may see; its failure ends the stream. Blocks.
pub type Renew = Arc<dyn Fn() -> Result<Arc<Caller>> + Send + Sync>;

/// All listeners of a process.
#[derive(Default)]
pub(in crate::service) struct Hub {
    state: Mutex<State>,
    /// Signalled where the feeder has something to do.
    bell: Condvar,
    sent: AtomicU64,
    cut: AtomicU64,
}

#[derive(Default)]
struct State {
    streams: BTreeMap<u64, Arc<Stream>>,
    /// Streams of each user, those that are cut off and not gone yet among them.
    open: HashMap<Uuid, usize>,
    all: usize,
    next: u64,
    is_woken: bool,
    is_fed: bool,
    is_closed: bool,
}

/// What became of streams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventCounts {
    /// Streams that are open.
    pub open: usize,
    /// Events that were handed to listeners until now.
    pub sent: u64,
    /// Streams that were cut off until now because their clients did not read.
    pub cut: u64,
}

/// Somebody who listens.
pub(super) struct Stream {
    pub(super) user: Uuid,
    /// The sets whose changes are wanted, sorted.
    pub(super) sets: Vec<EntityId>,
    /// Whether events wait in the log for room in the queue.
    pub(super) is_behind: Arc<AtomicBool>,
    /// What only the feeder touches.
    pub(super) at: Mutex<At>,
    ends: Option<Ends>,
}

/// The two functions of whoever carries events on.
struct Ends {
    queue: Box<dyn Queue>,
    renew: Renew,
}

/// How far a listener is.
pub(super) struct At {
    pub(super) caller: Arc<Caller>,
    pub(super) place: LogPlace,
    /// When the caller was looked at.
    pub(super) checked: Instant,
    /// Since when there is no room for what waits.
    pub(super) full_since: Option<Instant>,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}

impl Hub {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the feeder, where there is one.
    pub(super) fn wake(&self) {
        let mut state = self.state();
        if state.is_fed {
            state.is_woken = true;
            self.bell.notify_all();
        }
    }

    /// Ends all streams for ever.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.is_woken = true;
        state.streams.clear();
        self.bell.notify_all();
    }

    /// Waits until there may be something to do; answers whether it was woken.
    pub(super) fn wait(&self, most: Duration) -> bool {
        let state = self.state();
        let (mut state, _) = self
            .bell
            .wait_timeout_while(state, most, |state| !state.is_woken)
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.is_woken)
    }

    /// All streams; nothing where there is none, and then nobody feeds any more.
    pub(super) fn streams(&self) -> Option<Vec<(u64, Arc<Stream>)>> {
        let mut state = self.state();
        state.streams.retain(|_, stream| !stream.queue().is_gone());
        if state.streams.is_empty() {
            state.is_fed = false;
            return None;
        }
        let streams = state.streams.iter();
        Some(
            streams
                .map(|(id, stream)| (*id, Arc::clone(stream)))
                .collect(),
        )
    }

    /// Ends a stream.
    pub(super) fn end(&self, id: u64) {
        self.state().streams.remove(&id);
    }

    /// Ends a stream whose client does not read.
    pub(super) fn cut_off(&self, id: u64) {
        self.cut.fetch_add(1, Ordering::Relaxed);
        self.end(id);
    }

    /// Counts an event.
    pub(super) fn count(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> EventCounts {
        EventCounts {
            open: self.state().all,
            sent: self.sent.load(Ordering::Relaxed),
            cut: self.cut.load(Ordering::Relaxed),
        }
    }
}

impl Stream {
    pub(super) fn new(admitted: Admitted, caller: Arc<Caller>) -> Self {
        let at = At {
            caller,
            place: admitted.place,
            checked: Instant::now(),
            full_since: None,
        };
        Self {
            user: admitted.user,
            sets: admitted.sets,
            is_behind: Arc::default(),
            at: Mutex::new(at),
            ends: None,
        }
    }

    pub(super) fn at(&self) -> MutexGuard<'_, At> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where its events wait.
    pub(super) fn queue(&self) -> &dyn Queue {
        match &self.ends {
            Some(ends) => &*ends.queue,
            None => &Nowhere,
        }
    }

    /// Who it is now.
    pub(super) fn renew(&self) -> Result<Arc<Caller>> {
        match &self.ends {
            Some(ends) => (ends.renew)(),
            None => Ok(Arc::clone(&self.at().caller)),
        }
    }
}

/// The queue of a stream that has not begun.
struct Nowhere;

impl Queue for Nowhere {
    fn room(&self) -> usize {
        0
    }

    fn push(&self, _: Bytes) -> bool {
        false
    }

    fn is_gone(&self) -> bool {
        true
    }
}

/// One of the places for listeners; free again when it is dropped.
pub(super) struct Slot {
    service: Service,
    user: Uuid,
}

impl Slot {
    /// Takes a place.
    pub(super) fn take(service: &Service, user: Uuid) -> Result<Self> {
        let settings = service.event_settings();
        let mut state = service.0.events.state();
        if state.is_closed {
            let message = "the service is about to stop: connect again in a moment";
            return Err(Problem::new(Code::ServiceUnavailable, message));
        }
        if state.all >= settings.most {
            let message = "there are as many streams of events as the service allows";
            return Err(Problem::new(Code::ServiceUnavailable, message)
                .help("try again when others have ended"));
        }
        let mine = state.open.get(&user).copied().unwrap_or_default();
        if mine >= settings.per_caller {
            let seconds = settings.retry.as_secs().max(1);
            let message = format!("this user has {mine} streams of events already");
            return Err(Problem::new(Code::TooManyRequests, message)
                .help("close one, or ask for several sets in one stream")
                .retry_after(seconds));
        }
        state.open.insert(user, mine.saturating_add(1));
        state.all = state.all.saturating_add(1);
        drop(state);
        Ok(Self {
            service: service.clone(),
            user,
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.service.0.events.state();
        state.all = state.all.saturating_sub(1);
        let left = state.open.get(&self.user).copied().unwrap_or_default();
        match left.saturating_sub(1) {
            0 => drop(state.open.remove(&self.user)),
            left => drop(state.open.insert(self.user, left)),
        }
    }
}

/// A place among the listeners. To be dropped when the client is gone.
pub struct Listening {
    slot: Slot,
    waiting: Option<Stream>,
    /// Its number, and whether events wait for it. Not the stream itself: that ends with its queue.
    begun: Option<(u64, Arc<AtomicBool>)>,
    first: Bytes,
}

impl std::fmt::Debug for Listening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listening").finish_non_exhaustive()
    }
}

impl Listening {
    pub(super) fn new(slot: Slot, stream: Stream, first: Bytes) -> Self {
        Self {
            slot,
            waiting: Some(stream),
            begun: None,
            first,
        }
    }

    /// What stands before all events.
    pub fn first(&self) -> Bytes {
        self.first.clone()
    }

    /// Lets events come.
    ///
    /// # Errors
    ///
    /// `ServiceUnavailable` where the process is about to stop; `Internal` where no thread can be
    /// started.
    pub fn begin(&mut self, queue: Box<dyn Queue>, renew: Renew) -> Result<()> {
        let Some(mut stream) = self.waiting.take() else {
            return Ok(());
        };
        stream.ends = Some(Ends { queue, renew });
        let is_behind = Arc::clone(&stream.is_behind);
        let hub = &self.slot.service.0.events;
        let mut state = hub.state();
        if state.is_closed {
            let message = "the service is about to stop: connect again in a moment";
            return Err(Problem::new(Code::ServiceUnavailable, message));
        }
        if !state.is_fed {
            let service = Arc::downgrade(&self.slot.service.0);
            let thread = thread::Builder::new().name("events".to_owned());
            let started = thread.spawn(move || feeder::run(&service));
            started.map_err(|e| {
                Problem::new(Code::Internal, "a thread cannot be started").log(e.to_string())
            })?;
            state.is_fed = true;
        }
        let id = state.next;
        state.next = id.saturating_add(1);
        state.streams.insert(id, Arc::new(stream));
        // What was changed since its place was found is told at once.
        state.is_woken = true;
        hub.bell.notify_all();
        drop(state);
        self.begun = Some((id, is_behind));
        Ok(())
    }

    /// Says that the queue is empty, so that whoever stayed behind catches up.
    pub fn drained(&self) {
        let begun = self.begun.as_ref();
        if begun.is_some_and(|(_, is_behind)| is_behind.swap(false, Ordering::AcqRel)) {
            self.slot.service.wake_events();
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some((id, _)) = &self.begun {
            self.slot.service.0.events.end(*id);
        }
    }
}
