//! Counts equal events, so that a flood of them becomes a few entries.
//!
//! The first of its kind is handed out at once; those that follow within a minute are counted, and
//! handed out as one when the minute is over. Where more different ones come than are kept, the rest
//! is counted by kind alone: nothing is dropped, and memory is bounded.

use std::collections::HashMap;
use std::time::Duration;

use super::event::{Event, What, Who};
use crate::value::Timestamp;

/// Different events that are kept apart within a minute.
pub const MOST: usize = 1000;
/// How long equal events are counted into one.
const WINDOW: Duration = Duration::from_secs(60);

/// Events that wait to be written.
#[derive(Debug, Default)]
pub struct Tally {
    events: HashMap<Event, Seen>,
    /// Those that found no room.
    rest: HashMap<What, Seen>,
}

/// How often something was seen.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// Since it was handed out last.
    times: u64,
    /// What was counted along, such as rows.
    amount: u64,
    span: (Timestamp, Timestamp),
    /// When the window began, by the clock.
    since: Timestamp,
    handed_out: bool,
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

impl Seen {
    fn new(time: Timestamp, amount: u64, clock: Timestamp) -> Self {
        Self {
            times: 1,
            amount,
            span: (time, time),
            since: clock,
            handed_out: false,
        }
    }

    fn again(&mut self, time: Timestamp, amount: u64) {
        if self.times == 0 {
            self.span = (time, time);
        }
        self.times = self.times.saturating_add(1);
        self.amount = self.amount.saturating_add(amount);
        self.span = (self.span.0.min(time), self.span.1.max(time));
    }

    fn is_over(&self, clock: Timestamp) -> bool {
        let passed = clock.micros().saturating_sub(self.since.micros());
        // A clock that was put back ends it too.
        passed < 0 || u128::try_from(passed).is_ok_and(|passed| passed >= WINDOW.as_micros())
    }

    fn hand_out(&mut self, event: Event) -> Option<Counted> {
        self.handed_out = true;
        let counted = Counted {
            event,
            times: std::mem::take(&mut self.times),
            amount: std::mem::take(&mut self.amount),
            span: self.span,
        };
        (counted.times > 0).then_some(counted)
    }
}

impl Tally {
    /// Counts an event that happened at a time; `clock` is now.
    pub fn note(&mut self, event: Event, amount: u64, time: Timestamp, clock: Timestamp) {
        if let Some(seen) = self.events.get_mut(&event) {
            seen.again(time, amount);
        } else if self.events.len() < MOST {
            self.events.insert(event, Seen::new(time, amount, clock));
        } else {
            let seen = self.rest.entry(event.what);
            seen.and_modify(|seen| seen.again(time, amount))
                .or_insert_with(|| Seen::new(time, amount, clock));
        }
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
        self.rest.retain(|what, seen| {
            let is_over = all || seen.is_over(clock);
            if is_over {
                let who = Who {
                    caller: "several".to_owned(),
                    ..Who::default()
                };
                out.extend(seen.hand_out(Event::new(*what, who).with("others", true)));
            }
            !is_over
        });
        out.sort_by_key(|counted| counted.span);
        out
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

    #[test]
    fn a_flood_of_different_ones_is_counted_and_bounded() {
        let mut tally = Tally::default();
        for n in 0..5 * MOST {
            tally.note(event(n), 0, at(0), at(0));
        }
        let first = tally.take(at(0), false);
        assert_eq!(first.len(), MOST);
        let rest = tally.take(at(60), false);
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].times, u64::try_from(4 * MOST).unwrap());
        assert!(rest[0].event.more.contains_key("others"));
        assert!(tally.is_empty());
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
