//! The thread that feeds all listeners of a process.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use uuid::Uuid;

use super::hub::Stream;
use super::log::{Entry, Log};
use super::page::{Page, Seen};
use super::{may_read, render};
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;
use crate::plan::LogPlace;
use crate::service::write::SECURITY;
use crate::service::{Caller, Origin, Parts, Service};
use crate::store::Watch;
use crate::value::Timestamp;

/// How often the log is looked at where nobody says that there is something new, and whether
/// sessions have ended.
const TICK: Duration = Duration::from_millis(500);
/// How often the connection that hears of other servers is looked at.
const LISTEN: Duration = Duration::from_millis(50);
/// How old what is known of a caller may be when something is told.
const FRESH: Duration = Duration::from_millis(400);
/// How old it may be while nothing is told.
const IDLE: Duration = Duration::from_secs(10);
/// How far back ended sessions are looked for.
const ENDED: i64 = 5_000_000;
/// Changes that are read at once.
const PAGE: usize = 64;
/// Rounds before callers are looked at again.
const ROUNDS: usize = 16;

type Streams = [(u64, Arc<Stream>)];

/// Feeds until nobody listens any more.
pub(super) fn run(parts: &Weak<Parts>) {
    let mut feeder = Feeder::default();
    loop {
        let Some(parts) = parts.upgrade() else { return };
        let service = Service(parts, Origin::default());
        let Some(streams) = service.0.events.streams() else {
            return;
        };
        let done = feeder.cycle(&service, &streams);
        drop(streams);
        if let Err(problem) = &done {
            // What the others wait for is still in the log.
            let (code, detail) = (problem.code().word(), problem.log_text());
            tracing::warn!(code, detail, "events are late: {problem}");
            feeder.watch = None;
        }
        if !matches!(done, Ok(true)) {
            feeder.rest(&service);
        }
    }
}

/// What the thread remembers.
#[derive(Default)]
struct Feeder {
    watch: Option<Watch>,
    /// The epoch of callers at which all were looked at.
    epoch: Option<u64>,
    /// When ended sessions were looked for.
    looked: Option<Instant>,
    /// The greatest number that was read.
    read: i64,
    /// Streams that were ended in this cycle.
    ended: HashSet<u64>,
}

impl Feeder {
    /// Waits until there may be something new.
    fn rest(&mut self, service: &Service) {
        let hub = &service.0.events;
        let started = Instant::now();
        while started.elapsed() < TICK {
            let heard = match &mut self.watch {
                Some(watch) if watch.hears() => watch.heard(),
                Some(_) | None => {
                    hub.wait(TICK);
                    return;
                }
            };
            match heard {
                Ok(true) => return,
                Ok(false) => {}
                // Begun anew before the next look at the log.
                Err(_) => self.watch = None,
            }
            if hub.wait(LISTEN) {
                return;
            }
        }
    }

    /// Tells everybody what is new; answers whether there may be more.
    fn cycle(&mut self, service: &Service, streams: &Streams) -> Result<bool> {
        self.ended.clear();
        if self.watch.is_none() {
            self.watch = Some(service.0.store.watch()?);
        }
        self.look_at_callers(service, streams)?;
        for _ in 0..ROUNDS {
            if !self.round(service, streams)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Looks again at the callers of whom something may have changed, and for a while nobody looked.
    fn look_at_callers(&mut self, service: &Service, streams: &Streams) -> Result<()> {
        let epoch = service.0.callers.epoch();
        let is_same = self.epoch == Some(epoch);
        let mut over: HashSet<Uuid> = HashSet::new();
        if self.looked.is_none_or(|looked| looked.elapsed() >= TICK) {
            let now = Timestamp::now();
            let since = Timestamp::from_micros(now.micros().saturating_sub(ENDED));
            let mut session = service.0.store.session()?;
            over.extend(session.ended_sessions(since, now)?);
            self.looked = Some(Instant::now());
        }
        for (id, stream) in streams {
            let (checked, session) = {
                let at = stream.at();
                let identity = at.caller.identity();
                (at.checked, identity.and_then(|identity| identity.session))
            };
            let is_over = session.is_some_and(|session| over.contains(&session));
            if !is_same || is_over || checked.elapsed() >= IDLE {
                self.renew(service, *id, stream)?;
            }
        }
        self.epoch = Some(epoch);
        Ok(())
    }

    /// Finds out who somebody is now, and ends the stream of whoever may not listen any more.
    fn renew(&mut self, service: &Service, id: u64, stream: &Stream) -> Result<()> {
        match stream.renew() {
            Ok(caller) if is_still(&caller, stream) => {
                let mut at = stream.at();
                at.caller = caller;
                at.checked = Instant::now();
                return Ok(());
            }
            Ok(_) => {}
            Err(problem) if is_passing(&problem) => return Err(problem),
            Err(_) => {}
        }
        self.ended.insert(id);
        service.0.events.end(id);
        Ok(())
    }

    /// Reads once from each place where somebody is; answers whether anything was told.
    fn round(&mut self, service: &Service, streams: &Streams) -> Result<bool> {
        let mut places: BTreeMap<LogPlace, Vec<(u64, &Stream)>> = BTreeMap::new();
        for (id, stream) in streams {
            if !self.ended.contains(id) {
                let place = stream.at().place;
                places.entry(place).or_default().push((*id, stream));
            }
        }
        let mut has_moved = false;
        for (place, members) in places {
            has_moved |= self.tell_from(service, place, members)?;
        }
        Ok(has_moved)
    }

    /// Tells those who are at a place what comes next.
    fn tell_from(
        &mut self,
        service: &Service,
        place: LogPlace,
        members: Vec<(u64, &Stream)>,
    ) -> Result<bool> {
        let settings = service.event_settings();
        let most = PAGE.min(settings.queue).max(1);
        let model = &*service.0.standard;
        let log = Log::of(model)?;
        let mut session = service.0.store.session()?;
        let (entries, end) = log.after(model, &mut session, place, most)?;
        if end == place {
            return Ok(false);
        }
        self.note_security(service, &entries, end);
        let (ready, full): (Vec<_>, Vec<_>) = members
            .into_iter()
            .partition(|(_, stream)| stream.queue().room() >= most);
        for (id, stream) in full {
            stream.is_behind.store(true, Ordering::Release);
            let since = *stream.at().full_since.get_or_insert_with(Instant::now);
            if since.elapsed() >= settings.stall {
                self.ended.insert(id);
                service.0.events.cut_off(id);
            }
        }
        if ready.is_empty() {
            return Ok(false);
        }
        let sets = ready.iter().flat_map(|(_, stream)| stream.sets.iter());
        let wanted: HashSet<EntityId> = sets.copied().collect();
        let page = Page::new(model, &mut session, entries, &wanted)?;
        drop(session);
        self.tell(service, &page, &ready)?;
        for (_, stream) in ready {
            let mut at = stream.at();
            at.place = end;
            at.full_since = None;
        }
        Ok(true)
    }

    /// Notes what other servers changed of who may do what, so that no caller is taken from memory.
    fn note_security(&mut self, service: &Service, entries: &[Entry], end: LogPlace) {
        if end.number <= self.read {
            return;
        }
        self.read = end.number;
        let is_security = |entry: &Entry| {
            let name = &service.0.standard.entity(entry.entity).name;
            SECURITY.iter().any(|start| name.starts_with(start))
        };
        if entries.iter().any(is_security) {
            service.0.callers.changed();
        }
    }

    /// Hands a stretch of the log to those whom it concerns.
    fn tell(&mut self, service: &Service, page: &Page, ready: &[(u64, &Stream)]) -> Result<()> {
        let concerned = ready.iter();
        let concerned = concerned.filter(|(_, s)| page.concerns(s.user, &s.sets));
        let epoch = service.0.callers.epoch();
        let is_same = self.epoch == Some(epoch);
        let concerned: Vec<_> = concerned.collect();
        for (id, stream) in &concerned {
            let checked = stream.at().checked;
            if !is_same || checked.elapsed() >= FRESH {
                self.renew(service, *id, stream)?;
            }
        }
        let mut told: HashMap<*const Caller, Told> = HashMap::new();
        // Everything is made before anything is sent: what fails is told again, but nothing twice.
        let mut all: Vec<(&Stream, Vec<Bytes>)> = Vec::new();
        for (id, stream) in concerned {
            if self.ended.contains(id) {
                continue;
            }
            let caller = Arc::clone(&stream.at().caller);
            let told = told.entry(Arc::as_ptr(&caller)).or_default();
            match told.events(service, page, stream, &caller) {
                Ok(events) => all.push((stream, events)),
                Err(problem) if is_passing(&problem) => return Err(problem),
                // The others must not wait for what will never come.
                Err(problem) => {
                    let (code, detail) = (problem.code().word(), problem.log_text());
                    tracing::error!(code, detail, "a stream of events ends: {problem}");
                    self.ended.insert(*id);
                    service.0.events.end(*id);
                }
            }
        }
        for (stream, events) in all {
            for event in events {
                if stream.queue().push(event) {
                    service.0.events.count();
                }
            }
        }
        Ok(())
    }
}

/// What is made once for all streams of a caller.
#[derive(Default)]
struct Told {
    seen: Option<Seen>,
    /// The events by the position of their entry; nothing where it is not visible.
    events: HashMap<usize, Option<Bytes>>,
}

impl Told {
    /// The events of one stream of the caller.
    fn events(
        &mut self,
        service: &Service,
        page: &Page,
        stream: &Stream,
        caller: &Caller,
    ) -> Result<Vec<Bytes>> {
        let mut events = Vec::new();
        for (position, entry) in page.entries.iter().enumerate() {
            if !stream.sets.contains(&entry.entity) && !page.notifies(entry, stream.user) {
                continue;
            }
            let event = match self.events.get(&position) {
                Some(event) => event.clone(),
                None => {
                    let event = self.event(service, page, (entry, stream.user), caller)?;
                    self.events.insert(position, event.clone());
                    event
                }
            };
            events.extend(event);
        }
        Ok(events)
    }

    fn event(
        &mut self,
        service: &Service,
        page: &Page,
        (entry, user): (&Entry, Uuid),
        caller: &Caller,
    ) -> Result<Option<Bytes>> {
        let (model, key) = (&*service.model_of(caller), &service.0.token_key);
        let now = Timestamp::now();
        if page.notifies(entry, user) {
            let data = service.notification(entry, caller, now)?;
            let event =
                data.map(|data| render::event(key, user, entry.place, ("notification", &data)));
            return event.transpose();
        }
        let seen = match &self.seen {
            Some(seen) => seen,
            None => {
                let mut session = service.0.store.session()?;
                let seen = page.seen_by(model, &mut session, caller, now)?;
                self.seen.insert(seen)
            }
        };
        if !seen.has(entry) {
            return Ok(None);
        }
        let (name, data) = render::change(model, page, entry, caller);
        render::event(key, user, entry.place, (name, &data)).map(Some)
    }
}

/// Whether somebody may still listen to what they asked for.
fn is_still(caller: &Caller, stream: &Stream) -> bool {
    let is_same = caller.user() == Some(stream.user) && caller.scopes().read;
    is_same && stream.sets.iter().all(|set| may_read(caller, *set))
}

/// Whether a failure says nothing of the caller.
fn is_passing(problem: &Problem) -> bool {
    matches!(
        problem.code(),
        Code::ServiceUnavailable | Code::DeadlineExceeded | Code::DatabaseFault
    )
}
