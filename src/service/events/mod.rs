//! Events in real time: notifications of a user, and changes of objects, read from the log of
//! changes and handed to whoever listens (`docs/decisions/021-events.md`).
//!
//! One thread feeds all listeners of the process, as long as there are any. It reads the log once
//! for all that are at the same place in it, looks once for each caller what of it is visible, and
//! hands the same bytes to all listeners of that caller. A listener has a queue of bounded length;
//! while it is full, the listener stays behind in the log, for a while.

mod feeder;
mod hub;
pub(super) mod log;
mod page;
mod render;

pub(super) use hub::Hub;
pub use hub::{EventCounts, Listening, Queue, Renew};

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::notices::NOTIFICATIONS;
use super::write::level;
use super::{Caller, Service};
use crate::bind::Visible;
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model};
use crate::plan::LogPlace;
use hub::{Slot, Stream};
use log::Log;

/// The least level at which the log has the changes of an entity.
const LOGGED: u8 = 2;

/// How events are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventSettings {
    /// After how long without an event a sign of life is sent.
    pub heartbeat: Duration,
    /// How long a client should wait before it connects again.
    pub retry: Duration,
    /// Events that wait for one listener at most.
    pub queue: usize,
    /// How long a listener may leave its full queue as it is.
    pub stall: Duration,
    /// Streams of one user at most.
    pub per_caller: usize,
    /// Streams in all at most.
    pub most: usize,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(15),
            retry: Duration::from_secs(3),
            queue: 256,
            stall: Duration::from_secs(30),
            per_caller: 10,
            most: 2_000,
        }
    }
}

/// What somebody wants to hear of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subscription<'a> {
    /// Sets whose changes are told, by name and separated by commas; nothing for notifications only.
    pub sets: Option<&'a str>,
    /// The id of the last event that arrived.
    pub last: Option<&'a str>,
}

/// A subscription that may be opened.
struct Admitted {
    user: Uuid,
    sets: Vec<EntityId>,
    place: LogPlace,
}

/// Raises the level of notifications so that the log has them: it is where their events are from.
pub(super) fn keep_notifications(model: &Model, levels: &mut [u8]) {
    let notifications = model.repository(NOTIFICATIONS.0);
    if let Some(level) = notifications.and_then(|id| levels.get_mut(id.index())) {
        *level = LOGGED.max(*level);
    }
}

impl Service {
    /// How events are delivered.
    pub fn event_settings(&self) -> &EventSettings {
        &self.0.settings.events
    }

    /// Sees whether a caller may listen, and takes one of the places for listeners. Blocks on the
    /// database.
    ///
    /// # Errors
    ///
    /// `Forbidden` for callers and sets that may not be read, `InvalidOption` for sets that are not
    /// there or leave no trace in the log and for ids that were not given out, `Gone` for places that
    /// the log does not have any more, `TooManyRequests` and `ServiceUnavailable` where all places
    /// are taken, `NotSupported` where the model has no log.
    pub fn subscribe(&self, caller: &Arc<Caller>, asked: Subscription<'_>) -> Result<Listening> {
        let admitted = self.admit_listener(caller, asked)?;
        let slot = Slot::take(self, admitted.user)?;
        let first = render::first(
            &self.0.token_key,
            admitted.user,
            admitted.place,
            self.0.settings.events.retry,
        )?;
        let stream = Stream::new(admitted, Arc::clone(caller));
        Ok(Listening::new(slot, stream, first))
    }

    /// The same without taking a place: the answer to `HEAD`. Blocks on the database.
    ///
    /// # Errors
    ///
    /// As [`Service::subscribe`].
    pub fn check_subscription(&self, caller: &Arc<Caller>, asked: Subscription<'_>) -> Result<()> {
        self.admit_listener(caller, asked).map(drop)
    }

    fn admit_listener(&self, caller: &Arc<Caller>, asked: Subscription<'_>) -> Result<Admitted> {
        let user = caller.user().filter(|_| caller.scopes().read);
        let user = user.ok_or_else(|| {
            Problem::new(
                Code::Forbidden,
                "events are for users whose sign-in may read",
            )
        })?;
        let sets = self.sets(caller, asked.sets.unwrap_or_default())?;
        let log = Log::of(&self.0.standard)?;
        let mut session = self.0.store.session()?;
        let place = match asked.last.filter(|id| !id.is_empty()) {
            None => log.end(&self.0.standard, &mut session)?,
            Some(id) => {
                let place = LogPlace::open(id, &self.0.token_key, user).ok_or_else(|| {
                    let message = "`Last-Event-ID` is no id of an event that this user was sent";
                    Problem::new(Code::InvalidOption, message)
                        .about("Last-Event-ID")
                        .help("start without one")
                })?;
                log.check(&self.0.standard, &mut session, place)?;
                place
            }
        };
        Ok(Admitted { user, sets, place })
    }

    /// The entities of a list of sets.
    fn sets(&self, caller: &Caller, list: &str) -> Result<Vec<EntityId>> {
        let names = list
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let named = names.map(|name| self.set(caller, name));
        let mut sets = named.collect::<Result<Vec<_>>>()?;
        // An object is told under the set of its type: whoever asks for a base hears of all of them.
        let derived = sets.iter().flat_map(|id| self.0.standard.derived(*id));
        let derived = derived.copied().filter(|id| self.is_told(caller, *id));
        sets.extend(derived.collect::<Vec<_>>());
        sets.sort_unstable();
        sets.dedup();
        Ok(sets)
    }

    fn set(&self, caller: &Caller, name: &str) -> Result<EntityId> {
        let model = &*self.0.standard;
        let help = |problem: Problem| {
            let allowed = model.entities().filter(|(id, _)| self.is_told(caller, *id));
            let names: Vec<&str> = allowed.map(|(_, entity)| entity.set.as_str()).collect();
            problem.about("sets").help(match names.as_slice() {
                [] => "you may hear of no set: leave `sets` out".to_owned(),
                names => format!("you may hear of {}", names.join(", ")),
            })
        };
        let Some(id) = model.set(name) else {
            let message = format!("there is no set `{name}`");
            return Err(help(Problem::new(Code::InvalidOption, message)));
        };
        if !may_read(caller, id) {
            let message = format!("you may not read `{name}`");
            return Err(help(Problem::new(Code::Forbidden, message)));
        }
        if level(&self.0.levels, id) < LOGGED {
            let message = format!("changes of `{name}` leave no trace in the log of changes");
            return Err(help(Problem::new(Code::InvalidOption, message)));
        }
        Ok(id)
    }

    /// Whether a caller may hear of the changes of an entity.
    fn is_told(&self, caller: &Caller, id: EntityId) -> bool {
        may_read(caller, id) && level(&self.0.levels, id) >= LOGGED
    }

    /// Ends all streams, and lets none begin any more: the process is about to stop.
    pub fn end_events(&self) {
        self.0.events.close();
    }

    /// Says that there may be something new in the log.
    pub(super) fn wake_events(&self) {
        self.0.events.wake();
    }

    /// How many streams there are, and what became of them.
    pub fn event_counts(&self) -> EventCounts {
        self.0.events.counts()
    }
}

/// Whether anything of an entity can be visible to a caller.
fn may_read(caller: &Caller, id: EntityId) -> bool {
    match caller.rights.read.rows(id) {
        Visible::All | Visible::Some(_) => true,
        Visible::Nothing => false,
    }
}
