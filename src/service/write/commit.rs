//! The story of the end of an API transaction: what it holds is saved in one go, or dropped.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::lookup::{Seen, Transaction};
use super::make::Making;
use super::{Progress, permit};
use crate::change::{Applier, Author, ChangeSet, Criterion, Lookup as _};
use crate::diag::Result;
use crate::model::EntityId;
use crate::service::transactions::State;
use crate::service::{Caller, Service};
use crate::store::Writer;
use crate::value::{Language, Timestamp};

/// A request to end an API transaction.
#[derive(Debug, Clone)]
pub struct TransactionEnd {
    /// The id of the transaction.
    pub id: String,
    /// Whether it is saved; dropped otherwise.
    pub commit: bool,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// The language of messages.
    pub language: Language,
    /// The program that sends the request.
    pub application: Option<String>,
    /// The time of the request.
    pub now: Timestamp,
}

impl Service {
    /// Ends an API transaction. Where it cannot be saved, nothing of it is, and it stays open, so
    /// that what is wrong can be put right. Blocks on the database.
    ///
    /// # Errors
    ///
    /// `InvalidTransaction` for a transaction that is not there; `PreconditionFailed` where an
    /// object was changed by somebody else since it was read; all that a change may be refused for.
    pub fn end_transaction(&self, end: &TransactionEnd) -> Result<()> {
        let entry = self.transaction(&end.id, &end.caller, end.now)?;
        let _turn = entry.turn(self.0.store.lock_wait())?;
        let state = entry.state()?;
        if end.commit {
            permit::check_updates(&end.caller)?;
            self.save_all(end, &state)?;
        }
        self.0.transactions.end(&entry, end.now);
        Ok(())
    }

    fn save_all(&self, end: &TransactionEnd, state: &State) -> Result<()> {
        if state.objects.is_empty() && state.cut_off.is_empty() {
            return Ok(());
        }
        let progress = Progress::default();
        let store = &self.0.store;
        store.write(|writer| self.commit(end, state, writer, &progress))?;
        if progress.is_security.get() {
            self.0.callers.changed();
        }
        Ok(())
    }

    /// One run of the transaction of the database.
    fn commit(
        &self,
        end: &TransactionEnd,
        state: &State,
        writer: &mut Writer,
        progress: &Progress,
    ) -> Result<()> {
        let (model, caller) = (&*self.0.model, &*end.caller);
        let mut transaction = Transaction {
            model,
            writer,
            seen: Seen {
                model,
                rights: &caller.rights.read,
                now: end.now,
            },
        };
        let author = author(end);
        let mut set = ChangeSet::resume(model, state.objects.to_vec());
        rebase(&mut set, &mut transaction)?;
        let mut ids = || self.new_id();
        let mut applier = Applier::new(model, &mut transaction, &mut ids, end.now);
        applier.set = set;
        let set = applier
            .check(&author)
            .map_err(|faults| progress.one(faults))?;
        let making = Making {
            caller,
            vouched: &[],
            author: &author,
            language: &end.language,
            keeps_sessions: false,
            alone: (&[], &[]),
            cut_off: &state.cut_off,
        };
        self.make(set, &making, &mut transaction, progress)
            .map(drop)
    }
}

/// Reads what the changes rest on once more, locked in the order of keys.
fn rebase(set: &mut ChangeSet<'_>, transaction: &mut Transaction<'_, '_>) -> Result<()> {
    let mut grounds: BTreeMap<EntityId, Vec<Uuid>> = BTreeMap::new();
    for (entity, id) in set.grounds() {
        grounds.entry(entity).or_default().push(id);
    }
    for (entity, ids) in grounds {
        let keys = [Criterion::Keys(ids.clone())];
        let mut stored = transaction.all(entity, &keys, None)?;
        for id in ids {
            let place = stored.iter().position(|stored| stored.id == id);
            let now = place.map(|place| stored.swap_remove(place));
            set.rebase(entity, id, now)?;
        }
    }
    Ok(())
}

/// In whose name a transaction is saved.
fn author(end: &TransactionEnd) -> Author {
    let identity = end.caller.identity();
    let application = identity.and_then(|identity| identity.application.clone());
    Author {
        now: end.now,
        user: identity.map(|identity| identity.user),
        login: identity.map(|identity| identity.login.clone()),
        application: application.or_else(|| end.application.clone()),
    }
}
