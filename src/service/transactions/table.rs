//! The open transactions of this server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::entry::Entry;
use super::{TransactionSettings, invalid};
use crate::diag::{Code, Problem, Result};
use crate::value::Timestamp;

/// The open transactions by id. What has outlived its time goes whenever one is looked for or begun:
/// no thread has to watch them, and their number is bounded.
#[derive(Debug)]
pub(in crate::service) struct Transactions {
    open: Mutex<HashMap<Uuid, Arc<Entry>>>,
    settings: TransactionSettings,
}

impl Transactions {
    pub(in crate::service) fn new(settings: TransactionSettings) -> Self {
        Self {
            open: Mutex::default(),
            settings,
        }
    }

    /// The open ones, those that are over taken out.
    fn open(&self, now: Timestamp) -> MutexGuard<'_, HashMap<Uuid, Arc<Entry>>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, entry| {
            let lives = now < entry.ends;
            if !lives {
                entry.end();
            }
            lives
        });
        open
    }

    /// Begins one. Once half of the places are taken, the others are for callers who have none, so
    /// that a few do not keep out everybody else.
    pub(super) fn begin(
        &self,
        id: Uuid,
        owner: Option<Uuid>,
        tracks: bool,
        now: Timestamp,
    ) -> Result<()> {
        let mut open = self.open(now);
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
        open.insert(id, Arc::new(Entry::new(id, owner, ends, tracks)));
        Ok(())
    }

    /// The open one of an id, if it is the caller's.
    pub(super) fn find(
        &self,
        id: &str,
        caller: Option<Uuid>,
        now: Timestamp,
    ) -> Result<Arc<Entry>> {
        let open = self.open(now);
        let entry = Uuid::try_parse(id.trim()).ok().and_then(|id| open.get(&id));
        let mine = entry.filter(|entry| entry.owner == caller);
        mine.cloned().ok_or_else(|| invalid(id))
    }

    /// Ends one.
    pub(in crate::service) fn end(&self, entry: &Entry, now: Timestamp) {
        entry.end();
        self.open(now).remove(&entry.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Option<Uuid> = Some(Uuid::from_u128(1));
    const BOB: Option<Uuid> = Some(Uuid::from_u128(2));

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_micros(n * 60_000_000)
    }

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn they_live_for_a_while_and_for_their_owner() {
        let table = Transactions::new(TransactionSettings::default());
        table.begin(id(7), ANN, false, minute(0)).unwrap();
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
            table
                .begin(id(n), who, false, minute(at))
                .map_err(|p| p.code())
        };
        assert_eq!(begin(1, ANN, 0), Ok(()));
        assert_eq!(begin(2, ANN, 0), Err(Code::LimitExceeded));
        assert_eq!(begin(3, BOB, 0), Ok(()));
        assert_eq!(begin(4, None, 0), Err(Code::ServiceUnavailable));
        let entry = table.find(&id(1).to_string(), ANN, minute(0)).unwrap();
        table.end(&entry, minute(0));
        assert_eq!(begin(5, ANN, 0), Ok(()));
        // The rest ends by itself.
        assert_eq!(begin(6, None, 25), Ok(()));
    }

    #[test]
    fn half_of_the_places_are_for_those_who_have_none() {
        let settings = TransactionSettings {
            max: 5,
            ..TransactionSettings::default()
        };
        let table = Transactions::new(settings);
        let begin = |n, who| {
            let begun = table.begin(id(n), who, false, minute(0));
            begun.map_err(|p| p.code())
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
