//! Counts equal events, so that a flood of them becomes a few entries.
//!
//! The first of its kind is handed out at once; those that follow within a minute are counted, and
//! handed out as one when the minute is over. Memory is bounded: of each kind of event so many are
//! kept apart, of each source (a user, else an address) so many of them. What finds no room is
//! counted for its source; only where there are too many of those that nobody answers for, for the
//! kind. Nothing is dropped; whoever makes a flood merges what is theirs, and hides nothing of
//! others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use uuid::Uuid;

use super::event::{Event, Outcome, What, Who};
use crate::value::Timestamp;

/// Different events of one kind that are kept apart within a minute.
pub const MOST: usize = 1000;
/// Of these, events of one source. A user who has signed in may have as many beyond [`MOST`].
pub const MOST_OF_ONE: usize = 50;
/// Sources of one kind that nobody answers for, and that are told apart once they have no room.
const MOST_SOURCES: usize = 1000;
/// How long equal events are counted into one.
const WINDOW: Duration = Duration::from_secs(60);

/// Events that wait to be written.
#[derive(Debug, Default)]
pub struct Tally {
    events: HashMap<Event, Seen>,
    /// Those that found no room, for each source; `others` stands for sources that found none.
    rest: HashMap<Rest, Seen>,
    /// How many events of a source, and of a kind, are kept apart.
    held: HashMap<(What, Option<Source>), usize>,
    /// How many sources of a kind that nobody answers for are among the rest.
    sources: HashMap<What, usize>,
}

/// Where events come from, as far as their maker cannot choose it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Source {
    /// A user who has proved to be it.
    User(Uuid),
    /// An address; of IPv6 a network (/64).
    Address(IpAddr),
    /// This machine, by its own word.
    Here,
}

/// What is counted together for want of room.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Rest {
    what: What,
    outcome: Outcome,
    source: Option<Source>,
}

/// How often something was seen.
#[derive(Debug, Clone)]
struct Seen {
    /// Since it was handed out last.
    times: u64,
    /// What was counted along, such as rows.
    amount: u64,
    span: (Timestamp, Timestamp),
    /// When the window began, by the clock.
    since: Timestamp,
    handed_out: bool,
    /// Who took part; of what differs between those that were counted, nothing.
    who: Who,
}

/// What was counted into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// What happened.
    pub event: Event,
    /// How often.
    pub times: u64,
    /// Of how much in all, such as rows.
    pub amount: u64,
    /// From when to when.
    pub span: (Timestamp, Timestamp),
}

/// One event as it comes in.
struct Note {
    amount: u64,
    time: Timestamp,
    clock: Timestamp,
    who: Who,
}

impl Source {
    fn of(who: &Who) -> Self {
        if let Some(user) = who.user {
            return Self::User(user);
        }
        let address = who.address.as_deref().and_then(|text| text.parse().ok());
        match address.map(|address: IpAddr| address.to_canonical()) {
            Some(IpAddr::V6(address)) => {
                Self::Address(IpAddr::V6((address.to_bits() >> 64 << 64).into()))
            }
            Some(address @ IpAddr::V4(_)) => Self::Address(address),
            None => Self::Here,
        }
    }

    const fn is_user(&self) -> bool {
        match self {
            Self::User(_) => true,
            Self::Address(_) | Self::Here => false,
        }
    }
}

impl Seen {
    fn new(note: Note) -> Self {
        Self {
            times: 1,
            amount: note.amount,
            span: (note.time, note.time),
            since: note.clock,
            handed_out: false,
            who: note.who,
        }
    }

    fn again(&mut self, note: Note) {
        if self.times == 0 {
            self.span = (note.time, note.time);
            self.who = note.who;
        } else {
            merge(&mut self.who, &note.who);
        }
        self.times = self.times.saturating_add(1);
        self.amount = self.amount.saturating_add(note.amount);
        self.span = (self.span.0.min(note.time), self.span.1.max(note.time));
    }

    fn is_over(&self, clock: Timestamp) -> bool {
        let passed = clock.micros().saturating_sub(self.since.micros());
        // A clock that was put back ends it too.
        passed < 0 || u128::try_from(passed).is_ok_and(|passed| passed >= WINDOW.as_micros())
    }

    fn hand_out(&mut self, mut event: Event) -> Option<Counted> {
        self.handed_out = true;
        event.who = self.who.clone();
        let counted = Counted {
            event,
            times: std::mem::take(&mut self.times),
            amount: std::mem::take(&mut self.amount),
            span: self.span,
        };
        (counted.times > 0).then_some(counted)
    }
}

/// Takes away what two do not have in common.
fn merge(who: &mut Who, other: &Who) {
    fn common<T: PartialEq>(one: &mut Option<T>, other: &Option<T>) {
        if one != other {
            *one = None;
        }
    }
    common(&mut who.user, &other.user);
    common(&mut who.way, &other.way);
    common(&mut who.application, &other.application);
    common(&mut who.address, &other.address);
    common(&mut who.operator, &other.operator);
    if who.caller != other.caller {
        "several".clone_into(&mut who.caller);
    }
}

impl Tally {
    /// Counts an event that happened at a time; `clock` is now.
    pub fn note(&mut self, mut event: Event, amount: u64, time: Timestamp, clock: Timestamp) {
        let note = Note {
            amount,
            time,
            clock,
            who: event.who.clone(),
        };
        let source = Source::of(&event.who);
        if !source.is_user() {
            // Whoever has proved nothing names any program they like.
            event.who.application = None;
        }
        if let Some(seen) = self.events.get_mut(&event) {
            seen.again(note);
            return;
        }
        let what = event.what;
        let has_room = self.held(what, Some(&source)) < MOST_OF_ONE
            && (source.is_user() || self.held(what, None) < MOST);
        if has_room {
            if !source.is_user() {
                *self.held.entry((what, None)).or_default() += 1;
            }
            *self.held.entry((what, Some(source))).or_default() += 1;
            self.events.insert(event, Seen::new(note));
            return;
        }
        let mut key = Rest {
            what,
            outcome: event.outcome,
            source: Some(source),
        };
        if let Some(seen) = self.rest.get_mut(&key) {
            seen.again(note);
            return;
        }
        if !key.source.as_ref().is_some_and(Source::is_user) {
            let sources = self.sources.entry(what).or_default();
            if *sources < MOST_SOURCES {
                *sources += 1;
            } else {
                key.source = None;
            }
        }
        match self.rest.get_mut(&key) {
            Some(seen) => seen.again(note),
            None => drop(self.rest.insert(key, Seen::new(note))),
        }
    }

    fn held(&self, what: What, source: Option<&Source>) -> usize {
        let held = self.held.get(&(what, source.cloned()));
        held.copied().unwrap_or_default()
    }

    /// What is to be written now: what was not handed out yet, and what was counted in a minute that
    /// is over. With `all`, everything.
    pub fn take(&mut self, clock: Timestamp, all: bool) -> Vec<Counted> {
        let mut out = Vec::new();
        self.events.retain(|event, seen| {
            let is_over = all || seen.is_over(clock);
            if is_over || !seen.handed_out {
                out.extend(seen.hand_out(event.clone()));
            }
            !is_over
        });
        self.rest.retain(|rest, seen| {
            let is_over = all || seen.is_over(clock);
            if is_over {
                let event = Event::new(rest.what, Who::default()).ended(rest.outcome);
                out.extend(seen.hand_out(event.with("others", true)));
            }
            !is_over
        });
        self.count();
        out.sort_by_key(|counted| counted.span);
        out
    }

    /// Counts anew what is kept apart.
    fn count(&mut self) {
        self.held.clear();
        self.sources.clear();
        for event in self.events.keys() {
            let source = Source::of(&event.who);
            if !source.is_user() {
                *self.held.entry((event.what, None)).or_default() += 1;
            }
            *self.held.entry((event.what, Some(source))).or_default() += 1;
        }
        for rest in self.rest.keys() {
            if rest.source.as_ref().is_some_and(|source| !source.is_user()) {
                *self.sources.entry(rest.what).or_default() += 1;
            }
        }
    }

    /// Whether nothing waits, not even for the end of its minute.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_000_000 * seconds)
    }

    fn event(n: usize) -> Event {
        Event::new(What::SignInFailed, Who::default()).with("n", n)
    }

    #[test]
    fn equal_events_become_two_entries() {
        let mut tally = Tally::default();
        for second in 0..30 {
            tally.note(event(1), 2, at(second), at(second));
            let out = tally.take(at(second), false);
            let times: Vec<_> = out.iter().map(|c| (c.times, c.amount)).collect();
            assert_eq!(times, if second == 0 { vec![(1, 2)] } else { vec![] });
        }
        assert_eq!(tally.take(at(59), false), []);
        let out = tally.take(at(60), false);
        assert_eq!(out.len(), 1);
        assert_eq!((out[0].times, out[0].amount), (29, 58));
        assert_eq!(out[0].span, (at(1), at(29)));
        assert!(tally.is_empty());
        tally.note(event(1), 0, at(61), at(61));
        assert_eq!(tally.take(at(61), false).len(), 1);
        assert_eq!(tally.take(at(200), false), [], "once is not told twice");
    }

    fn from(address: &str, n: usize) -> Event {
        let who = Who {
            caller: "unknown".to_owned(),
            address: Some(address.to_owned()),
            application: Some(format!("agent {n}")),
            ..Who::default()
        };
        Event::new(What::SignInFailed, who).ended(Outcome::Refused)
    }

    fn by(user: u128, what: What, n: usize) -> Event {
        let who = Who {
            user: Some(Uuid::from_u128(user)),
            caller: format!("user {user}"),
            ..Who::default()
        };
        Event::new(what, who).with("n", n)
    }

    #[test]
    fn what_nobody_has_proved_makes_no_new_events() {
        let mut tally = Tally::default();
        for n in 0..5 * MOST {
            tally.note(from("192.0.2.1", n), 0, at(0), at(0));
        }
        let out = tally.take(at(0), true);
        assert_eq!(out.len(), 1);
        assert_eq!(out[0].event.outcome, Outcome::Refused);
        assert_eq!(out[0].event.who.application, None, "they differ");
        assert_eq!(out[0].event.who.address.as_deref(), Some("192.0.2.1"));
        tally.note(from("192.0.2.1", 7), 0, at(1), at(1));
        let one = tally.take(at(1), false);
        assert_eq!(one[0].event.who.application.as_deref(), Some("agent 7"));
    }

    #[test]
    fn a_flood_merges_what_is_its_own() {
        let mut tally = Tally::default();
        let flood = |tally: &mut Tally, address: &str| {
            for n in 0..5 * MOST {
                tally.note(from(address, n).with("login", n), 0, at(0), at(0));
            }
        };
        flood(&mut tally, "192.0.2.1");
        // A network of IPv6 is one.
        for n in 0..5 * MOST {
            let address = format!("2001:db8::{n:x}");
            tally.note(from(&address, n), 0, at(0), at(0));
        }
        assert_eq!(tally.take(at(0), false).len(), 2 * MOST_OF_ONE);
        tally.note(from("192.0.2.2", 1), 0, at(1), at(1));
        tally.note(by(1, What::Exported, 1), 5, at(1), at(1));
        let others = tally.take(at(1), false);
        let callers = others.iter().map(|c| c.event.who.caller.as_str());
        let mut callers: Vec<_> = callers.collect();
        callers.sort_unstable();
        assert_eq!(callers, ["unknown", "user 1"]);
        let rest = tally.take(at(60), false);
        let told: Vec<_> = rest
            .iter()
            .map(|c| (c.times, c.event.outcome, c.event.who.address.as_deref()))
            .collect();
        let left = u64::try_from(5 * MOST - MOST_OF_ONE).unwrap();
        let refused = Outcome::Refused;
        assert_eq!(told.len(), 2);
        assert!(told.contains(&(left, refused, Some("192.0.2.1"))));
        assert!(told.contains(&(left, refused, None)));
        assert!(rest[0].event.more.contains_key("others"));
        tally.take(at(200), true);
        assert!(tally.is_empty());
    }

    #[test]
    fn whoever_has_signed_in_is_always_named() {
        let mut tally = Tally::default();
        let users = u128::try_from(MOST + 10).unwrap();
        for user in 0..users {
            for n in 0..2 * MOST_OF_ONE {
                tally.note(by(user, What::Exported, n), 1, at(0), at(0));
            }
        }
        let out = tally.take(at(0), true);
        assert!(out.iter().all(|c| c.event.who.user.is_some()));
        assert_eq!(out.len(), (MOST + 10) * (MOST_OF_ONE + 1));
    }

    #[test]
    fn a_flood_of_many_addresses_is_bounded() {
        let mut tally = Tally::default();
        let count = 3 * (MOST + MOST_SOURCES);
        for n in 0..count {
            let address = format!("10.0.{}.{}", n / 256, n % 256);
            tally.note(from(&address, n), 0, at(0), at(0));
        }
        let out = tally.take(at(0), true);
        assert_eq!(out.len(), MOST + MOST_SOURCES + 1);
        let times: u64 = out.iter().map(|counted| counted.times).sum();
        assert_eq!(times, u64::try_from(count).unwrap());
        let several = out.iter().find(|c| c.event.who.address.is_none()).unwrap();
        assert_eq!(several.event.outcome, Outcome::Refused);
        assert!(several.event.more.contains_key("others"));
    }

    #[test]
    fn at_the_end_all_is_handed_out() {
        let mut tally = Tally::default();
        for _ in 0..3 {
            tally.note(event(1), 0, at(0), at(0));
            tally.note(event(2), 0, at(0), at(0));
            tally.take(at(0), false);
        }
        let out = tally.take(at(1), true);
        assert_eq!(out.iter().map(|c| c.times).collect::<Vec<_>>(), [2, 2]);
        assert!(tally.is_empty());
    }
}
