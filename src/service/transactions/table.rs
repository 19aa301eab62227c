//! The open transactions of this server.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::entry::{Begun, Entry};
use super::{Ending, TransactionSettings, invalid};
use crate::diag::{Code, Problem, Result};
use crate::value::Timestamp;

/// How many ended transactions are remembered, so that whoever asks for one hears how it ended.
const REMEMBERED: usize = 1_000;

/// The open transactions by id. What has outlived its time goes whenever one is looked for or begun:
/// no thread has to watch them, and their number is bounded.
#[derive(Debug)]
pub(in crate::service) struct Transactions {
    held: Mutex<Held>,
    settings: TransactionSettings,
}

/// Transactions that are open, and how the last of the others ended, the newest at the end.
#[derive(Default)]
struct Held {
    open: HashMap<Uuid, Arc<Entry>>,
    ended: VecDeque<(Uuid, Option<Uuid>, Ending)>,
}

impl std::fmt::Debug for Held {
    /// Without ids, which let their owners in.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (open, ended) = (self.open.len(), self.ended.len());
        f.debug_struct("Held")
            .field("open", &open)
            .field("ended", &ended)
            .finish()
    }
}

impl Held {
    /// Ends one, and remembers how.
    fn end(&mut self, entry: &Entry, ending: Ending) {
        entry.end();
        if self.open.remove(&entry.id).is_none() {
            // Its time ran out while it was being saved.
            let mut ended = self.ended.iter_mut().rev();
            if ending == Ending::Saved
                && let Some((_, _, how)) = ended.find(|(known, _, _)| *known == entry.id)
            {
                *how = ending;
            }
            return;
        }
        if self.ended.len() >= REMEMBERED {
            self.ended.pop_front();
        }
        self.ended.push_back((entry.id, entry.owner, ending));
    }

    /// How one of a caller ended, as far as that is remembered.
    fn ending(&self, id: Uuid, caller: Option<Uuid>) -> Option<Ending> {
        let mut ended = self.ended.iter().rev();
        let found = ended.find(|(known, owner, _)| (*known, *owner) == (id, caller));
        found.map(|(_, _, ending)| *ending)
    }
}

impl Transactions {
    pub(in crate::service) fn new(settings: TransactionSettings) -> Self {
        Self {
            held: Mutex::default(),
            settings,
        }
    }

    /// What is held, those that are over taken out of the open ones.
    fn held(&self, now: Timestamp) -> MutexGuard<'_, Held> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let over = held.open.values().filter(|entry| now >= entry.ends);
        for entry in over.cloned().collect::<Vec<_>>() {
            held.end(&entry, Ending::Outlived);
        }
        held
    }

    /// Begins one. Once half of the places are taken, the others are for callers who have none, so
    /// that a few do not keep out everybody else.
    pub(super) fn begin(&self, begun: Begun, now: Timestamp) -> Result<()> {
        let (id, owner) = (begun.id, begun.owner);
        let mut held = self.held(now);
        let open = &mut held.open;
        let mine = open.values().filter(|entry| entry.owner == owner).count();
        let most = self.settings.per_caller;
        if mine >= most {
            let message = format!("you have {mine} open transactions, and may have {most}");
            let problem = Problem::new(Code::LimitExceeded, message);
            return Err(problem.help("end one of them with `EndTransaction`"));
        }
        if open.len() >= self.settings.max {
            let message = "the server has as many open transactions as it may have";
            return Err(Problem::new(Code::ServiceUnavailable, message));
        }
        if mine > 0 && open.len() >= self.settings.max.div_ceil(2) {
            let message = "half of the transactions that the server may have are open: only who has none begins one";
            let problem = Problem::new(Code::ServiceUnavailable, message);
            return Err(problem.help("end one of yours with `EndTransaction`"));
        }
        let life = i64::try_from(self.settings.life.as_micros()).unwrap_or(i64::MAX);
        let ends = Timestamp::from_micros(now.micros().saturating_add(life));
        open.insert(id, Arc::new(Entry::new(begun, ends)));
        Ok(())
    }

    /// The open one of an id, if it is the caller's.
    pub(super) fn find(
        &self,
        id: &str,
        caller: Option<Uuid>,
        now: Timestamp,
    ) -> Result<Arc<Entry>> {
        let held = self.held(now);
        let known = Uuid::try_parse(id.trim()).ok();
        let entry = known.and_then(|id| held.open.get(&id));
        let mine = entry.filter(|entry| entry.owner == caller);
        mine.cloned().ok_or_else(|| {
            let ending = known.and_then(|id| held.ending(id, caller));
            invalid(id, ending)
        })
    }

    /// How one of a caller ended; nothing for one that is open, unknown, somebody else's, or
    /// forgotten.
    pub(in crate::service) fn ending(
        &self,
        id: &str,
        caller: Option<Uuid>,
        now: Timestamp,
    ) -> Option<Ending> {
        let id = Uuid::try_parse(id.trim()).ok()?;
        self.held(now).ending(id, caller)
    }

    /// Answers whoever waits for changes of any.
    pub(super) fn wake(&self) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.open.values().for_each(|entry| entry.wake());
    }

    /// Ends one.
    pub(in crate::service) fn end(&self, entry: &Entry, ending: Ending, now: Timestamp) {
        self.held(now).end(entry, ending);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    const ANN: Option<Uuid> = Some(Uuid::from_u128(1));
    const BOB: Option<Uuid> = Some(Uuid::from_u128(2));

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_micros(n * 60_000_000)
    }

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn begun(n: u128, owner: Option<Uuid>) -> Begun {
        Begun {
            id: id(n),
            owner,
            tracks: false,
            model: Arc::new(Model::shipped().unwrap()),
        }
    }

    #[test]
    fn they_live_for_a_while_and_for_their_owner() {
        let table = Transactions::new(TransactionSettings::default());
        table.begin(begun(7, ANN), minute(0)).unwrap();
        let find = |who, at| table.find(&id(7).to_string(), who, minute(at));
        assert!(find(ANN, 0).is_ok());
        assert!(find(BOB, 0).is_err());
        let entry = find(ANN, 24).unwrap();
        assert!(entry.state().is_ok());
        let over = find(ANN, 25).unwrap_err();
        assert_eq!(over.code(), Code::InvalidTransaction);
        assert_eq!(over.message(), format!("Invalid TransactionId {}", id(7)));
        // Whoever still holds it learns that it is over.
        assert!(entry.state().is_err());
        assert!(find(ANN, 0).is_err());
    }

    #[test]
    fn there_are_only_so_many() {
        let settings = TransactionSettings {
            per_caller: 1,
            max: 2,
            ..TransactionSettings::default()
        };
        let table = Transactions::new(settings);
        let begin = |n, who, at| {
            let begun = begun(n, who);
            table.begin(begun, minute(at)).map_err(|p| p.code())
        };
        assert_eq!(begin(1, ANN, 0), Ok(()));
        assert_eq!(begin(2, ANN, 0), Err(Code::LimitExceeded));
        assert_eq!(begin(3, BOB, 0), Ok(()));
        assert_eq!(begin(4, None, 0), Err(Code::ServiceUnavailable));
        let entry = table.find(&id(1).to_string(), ANN, minute(0)).unwrap();
        table.end(&entry, Ending::Dropped, minute(0));
        assert_eq!(begin(5, ANN, 0), Ok(()));
        // The rest ends by itself.
        assert_eq!(begin(6, None, 25), Ok(()));
    }

    #[test]
    fn how_they_ended_is_remembered_for_their_owner() {
        let table = Transactions::new(TransactionSettings {
            max: REMEMBERED + 2,
            per_caller: REMEMBERED + 2,
            ..TransactionSettings::default()
        });
        let ended = |n, who| table.ending(&id(n).to_string(), who, minute(0));
        let end = |n, how| {
            table.begin(begun(n, ANN), minute(0)).unwrap();
            assert_eq!(ended(n, ANN), None);
            let entry = table.find(&id(n).to_string(), ANN, minute(0)).unwrap();
            table.end(&entry, how, minute(0));
            // Once is enough.
            table.end(&entry, Ending::Dropped, minute(0));
            assert_eq!(ended(n, ANN), Some(how));
        };
        end(1, Ending::Saved);
        end(2, Ending::Dropped);
        assert_eq!(ended(1, ANN), Some(Ending::Saved));
        assert_eq!(ended(2, ANN), Some(Ending::Dropped));
        assert_eq!(ended(1, BOB), None);
        table.begin(begun(3, ANN), minute(0)).unwrap();
        let entry = table.find(&id(3).to_string(), ANN, minute(0)).unwrap();
        assert!(table.find(&id(3).to_string(), ANN, minute(25)).is_err());
        assert_eq!(ended(3, ANN), Some(Ending::Outlived));
        // It was being saved when its time ran out.
        table.end(&entry, Ending::Saved, minute(25));
        assert_eq!(ended(3, ANN), Some(Ending::Saved));
        for n in 0..u128::try_from(REMEMBERED).unwrap() {
            end(100 + n, Ending::Saved);
        }
        assert_eq!((ended(1, ANN), ended(3, ANN)), (None, None));
        assert_eq!(ended(100, ANN), Some(Ending::Saved));
    }

    #[test]
    fn half_of_the_places_are_for_those_who_have_none() {
        let settings = TransactionSettings {
            max: 5,
            ..TransactionSettings::default()
        };
        let table = Transactions::new(settings);
        let begin = |n, who| {
            let made = table.begin(begun(n, who), minute(0));
            made.map_err(|p| p.code())
        };
        for n in 1..=3 {
            assert_eq!(begin(n, ANN), Ok(()));
        }
        assert_eq!(begin(4, ANN), Err(Code::ServiceUnavailable));
        assert_eq!(begin(4, BOB), Ok(()));
        assert_eq!(begin(5, BOB), Err(Code::ServiceUnavailable));
        assert_eq!(begin(5, None), Ok(()));
        assert_eq!(begin(6, Some(id(9))), Err(Code::ServiceUnavailable));
    }
}
