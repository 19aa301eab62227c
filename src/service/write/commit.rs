//! The story of the end of an API transaction: what it holds is saved in one go, or dropped.

use std::collections::BTreeMap;

use bytes::Bytes;
use uuid::Uuid;

use super::lookup::{Seen, Transaction};
use super::make::{Making, permitted};
use super::prepare::Prepared;
use super::{Along, Progress, Refusal, WriteAnswer, WriteRequest, author};
use crate::change::{Applier, ChangeSet, Criterion, Lookup as _};
use crate::diag::{Code, Problem, Result};
use crate::methods::Task;
use crate::model::EntityId;
use crate::service::transactions::{self, Ending, State};
use crate::service::{Format, ODataVersion, Service};
use crate::store::Writer;

impl Service {
    /// Begins or ends an API transaction, as the only request says.
    pub(super) fn frame(
        &self,
        requests: &[WriteRequest],
        prepared: &[Prepared],
        at: usize,
    ) -> Result<Vec<WriteAnswer>, Refusal> {
        let refused = |problem| Refusal {
            request: at,
            problem,
        };
        let task = prepared.get(at).and_then(|prepared| prepared.work.frame());
        let (Some(task), [request]) = (task, requests) else {
            let message = "a transaction does not begin or end inside a change set";
            return Err(refused(Problem::new(Code::InvalidBatch, message)));
        };
        if request.repeatability.is_some() {
            let message = "the beginning and the end of a transaction are not repeatable";
            let problem = Problem::new(Code::InvalidHeader, message);
            return Err(refused(problem.about("Repeatability-Request-ID")));
        }
        let mut answer = WriteAnswer {
            status: 204,
            odata_version: request.odata_version.unwrap_or(ODataVersion::V4).text(),
            ..WriteAnswer::default()
        };
        match task {
            Task::Begin { tracks } => {
                let begun = self.begin_transaction(&request.caller, tracks, request.now);
                answer.status = 200;
                answer.content_type = Some(Format::Text.content_type());
                answer.body = Bytes::from(begun.map_err(refused)?);
            }
            Task::End { commit } => self.end(request, commit).map_err(refused)?,
            Task::Copy => {}
        }
        Ok(vec![answer])
    }

    /// Ends the API transaction of a request. Where it cannot be saved, nothing of it is, and it
    /// stays open, so that what is wrong can be put right.
    fn end(&self, request: &WriteRequest, commit: bool) -> Result<()> {
        let id = request.transaction.as_deref();
        let id = id.ok_or_else(transactions::missing)?;
        // Whoever did not hear that all was saved asks again, perhaps while it is still being saved.
        let again = |problem: Problem| {
            let (caller, open) = (request.caller.user(), &self.0.transactions);
            match open.ending(id, caller, request.now) {
                Some(Ending::Saved) if commit => transactions::saved(id),
                Some(Ending::Saved | Ending::Dropped | Ending::Outlived) | None => problem,
            }
        };
        let entry = self.transaction(id, &request.caller, request.now);
        let entry = entry.map_err(again)?;
        let _turn = entry.turn(self.0.store.lock_wait())?;
        let state = entry.state().map_err(again)?;
        if commit {
            entry.check_model(&self.model_of(&request.caller))?;
            self.save_all(request, &state)?;
        }
        let ending = if commit {
            Ending::Saved
        } else {
            Ending::Dropped
        };
        self.0.transactions.end(&entry, ending, request.now);
        Ok(())
    }

    fn save_all(&self, request: &WriteRequest, state: &State) -> Result<()> {
        if state.objects.is_empty() && state.cut_off.is_empty() {
            return Ok(());
        }
        let progress = Progress::default();
        let store = &self.0.store;
        store.write(|writer| self.commit(request, state, writer, &progress))?;
        self.wake_events();
        self.tell(&progress.notices.take());
        if progress.is_security.get() {
            self.0.callers.changed();
        }
        Ok(())
    }

    /// One run of the transaction of the database.
    fn commit(
        &self,
        request: &WriteRequest,
        state: &State,
        writer: &mut Writer,
        progress: &Progress,
    ) -> Result<()> {
        let caller = &*request.caller;
        let model = &*self.model_of(caller);
        let mut transaction = Transaction {
            model,
            writer,
            seen: Seen {
                model,
                rights: &caller.rights.read,
                now: request.now,
            },
        };
        let author = author(request, &Along::default());
        let mut set = ChangeSet::resume(model, state.objects.to_vec());
        rebase(&mut set, &mut transaction)?;
        let who = (caller, [].as_slice());
        permitted(who, &set, request.now, transaction.writer, progress)?;
        let mut ids = || self.new_id();
        let mut applier = Applier::new(model, &mut transaction, &mut ids, request.now);
        applier.set = set;
        let set = applier
            .check(&author)
            .map_err(|faults| progress.one(faults))?;
        let making = Making {
            caller,
            vouched: &[],
            author: &author,
            language: &request.language,
            keeps_sessions: false,
            alone: (&[], &[]),
            in_name_of: None,
            done: &[],
            cut_off: &state.cut_off,
        };
        let (_, events) = self.make(set, &making, &mut transaction, progress)?;
        self.append(writer, &events, request.now)
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
