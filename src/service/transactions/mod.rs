//! API transactions: changes that are held in memory until they are saved together or dropped.
//!
//! A transaction holds the objects that its requests have changed, before and after. Its reads see
//! them through an overlay over the tables; its changes are applied to them and nothing else. They
//! belong to whoever began them and to this server (`docs/decisions/020-api-transactions.md`).

mod changes;
mod entry;
mod settings;
mod table;
mod turn;

use entry::Begun;
pub use entry::News;
pub use settings::TransactionSettings;

pub(in crate::service) use changes::Telling;
pub(in crate::service) use entry::{Entry, State};
pub(in crate::service) use table::Transactions;
pub(in crate::service) use turn::Turn;

use std::sync::Arc;

use super::{Caller, Service};
use crate::diag::{Code, Problem, Result};
use crate::value::Timestamp;

impl Service {
    /// Begins a transaction; answers its id.
    ///
    /// # Errors
    ///
    /// `LimitExceeded` where the caller has as many as one may have; `ServiceUnavailable` where the
    /// server has.
    pub(in crate::service) fn begin_transaction(
        &self,
        caller: &Caller,
        tracks: bool,
        now: Timestamp,
    ) -> Result<String> {
        let id = uuid::Builder::from_random_bytes(self.random()?).into_uuid();
        let begun = Begun {
            id,
            owner: caller.user(),
            tracks,
            model: self.model_of(caller),
        };
        self.0.transactions.begin(begun, now)?;
        Ok(id.to_string())
    }

    /// The open transaction of an id.
    ///
    /// # Errors
    ///
    /// `InvalidTransaction` for one that is unknown, has ended, or belongs to somebody else.
    pub(in crate::service) fn transaction(
        &self,
        id: &str,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Arc<Entry>> {
        self.0.transactions.find(id, caller.user(), now)
    }

    /// Answers everybody who waits for changes of a transaction: the process is about to stop.
    pub fn end_waits(&self) {
        self.0.transactions.wake();
    }

    /// How long a caller waits for changes of a transaction at most.
    pub fn transaction_wait(&self) -> std::time::Duration {
        self.0.settings.transactions.wait
    }
}

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) enum Ending {
    /// All of it was saved.
    Saved,
    /// It was dropped.
    Dropped,
    /// It lived as long as one may.
    Outlived,
}

/// The problem of an id that leads nowhere, or no more.
fn invalid(id: &str, ending: Option<Ending>) -> Problem {
    let how = match ending {
        None => return told(Code::InvalidTransaction, id),
        Some(Ending::Saved) => "it has ended: all of it was saved",
        Some(Ending::Dropped) => "it has ended: it was dropped",
        Some(Ending::Outlived) => "it has outlived its time: begin another one",
    };
    let how = Problem::new(Code::InvalidTransaction, how);
    told(Code::InvalidTransaction, id).with_detail(how)
}

/// The problem of an end that is asked for again after all was saved: the first answer was lost.
pub(in crate::service) fn saved(id: &str) -> Problem {
    let message = "all of it was saved before: nothing is left to do";
    let how = Problem::new(Code::TransactionSaved, message);
    told(Code::TransactionSaved, id).with_detail(how)
}

/// The message is the vendor's, to the letter: what else there is to say is a detail.
fn told(code: Code, id: &str) -> Problem {
    let shown: String = id.chars().take(64).collect();
    let message = format!("Invalid TransactionId {shown}");
    Problem::new(code, message).about("TransactionId")
}

/// The problem of a request that needs a transaction and names none.
pub(in crate::service) fn missing() -> Problem {
    let message = "the request does not say which transaction it is about";
    Problem::new(Code::InvalidTransaction, message)
        .about("TransactionId")
        .help("send the header `TransactionId`")
}
