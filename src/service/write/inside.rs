//! The story of a change inside an API transaction: it is made in memory, and nothing is stored.
//!
//! The work of the requests is applied to the objects that the transaction holds. Whether the caller
//! may do it is seen at once; what the model demands of whole objects, and the rules, wait for the
//! end of the transaction. A request that is refused leaves everything as it was.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::answer::Answering;
use super::apply::{Done, locate};
use super::ground::{Ground, Numbers};
use super::lookup::Seen;
use super::make::judged;
use super::permit::{self, When};
use super::prepare::Prepared;
use super::work::Work;
use super::{ContentIds, Progress, Refusal, WriteAnswer, WriteRequest, calls, sessions};
use crate::change::{Applier, ChangeSet, Object};
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;
use crate::rules;
use crate::service::Service;
use crate::service::transactions::{Entry, State};
use crate::store::{Overlaid, Session};

/// Changes of a transaction on their way.
struct Inside<'a> {
    requests: &'a [WriteRequest],
    prepared: &'a [Prepared],
    /// The transaction; nothing for objects that are only looked at.
    entry: Option<&'a Entry>,
    /// What was changed before.
    state: State,
    progress: &'a Progress,
}

impl Service {
    /// Makes the changes of some requests in an API transaction: all of them, or none.
    pub(super) fn write_inside(
        &self,
        requests: &[WriteRequest],
        prepared: &[Prepared],
        known: &mut ContentIds,
    ) -> Result<Vec<WriteAnswer>, Refusal> {
        let progress = Progress::default();
        let outcome = self.hold_inside(requests, prepared, &progress);
        let outcome = outcome.map_err(|problem| Refusal {
            request: progress.request.get(),
            problem,
        });
        let alone = self.make_alone(requests, prepared, outcome.as_ref().err(), &progress);
        self.wake_events();
        alone?;
        let answers = outcome?;
        self.name_met(requests, progress, known);
        Ok(answers)
    }

    fn hold_inside(
        &self,
        requests: &[WriteRequest],
        prepared: &[Prepared],
        progress: &Progress,
    ) -> Result<Vec<WriteAnswer>> {
        let Some(first) = requests.first() else {
            return Ok(Vec::new());
        };
        check_alike(first, requests, progress)?;
        let id = first.transaction.as_deref().unwrap_or_default();
        let entry = self.transaction(id, &first.caller, first.now)?;
        entry.check_model(&self.model_of(&first.caller))?;
        let turn = entry.turn(self.0.store.lock_wait())?;
        let inside = Inside {
            requests,
            prepared,
            entry: Some(&entry),
            state: entry.state()?,
            progress,
        };
        let (state, answers) = self.hold(&inside, Numbers::Taken(&self.0.store))?;
        entry.replace(state, &self.0.settings.transactions, &turn)?;
        Ok(answers)
    }

    /// Answers with a copy that is not stored anywhere.
    pub(super) fn copy_only(
        &self,
        requests: &[WriteRequest],
        prepared: &[Prepared],
    ) -> Result<Vec<WriteAnswer>, Refusal> {
        if requests.len() > 1 {
            let message = "a copy among other changes needs an API transaction";
            let problem = Problem::new(Code::NotSupported, message);
            let problem = problem.help("begin one with `BeginTransaction`");
            let request = prepared.iter().position(|p| p.work.is_copy());
            return Err(Refusal {
                request: request.unwrap_or_default(),
                problem,
            });
        }
        let progress = Progress::default();
        let inside = Inside {
            requests,
            prepared,
            entry: None,
            state: State::default(),
            progress: &progress,
        };
        let held = self.hold(&inside, Numbers::Made(HashMap::new()));
        let (_, answers) = held.map_err(|problem| Refusal {
            request: 0,
            problem,
        })?;
        Ok(answers)
    }

    /// Applies changes to what a transaction holds; what it holds then, and the answers.
    fn hold(&self, inside: &Inside<'_>, numbers: Numbers<'_>) -> Result<(State, Vec<WriteAnswer>)> {
        let mut session = self.0.store.session()?;
        session.snapshot(|session| self.hold_on(inside, numbers, session))
    }

    fn hold_on(
        &self,
        inside: &Inside<'_>,
        numbers: Numbers<'_>,
        session: &mut Session,
    ) -> Result<(State, Vec<WriteAnswer>)> {
        let Inside {
            requests,
            prepared,
            entry,
            state,
            progress,
        } = inside;
        let Some(first) = requests.first() else {
            return Ok((state.clone(), Vec::new()));
        };
        let (caller, now) = (&first.caller, first.now);
        let model = &*self.model_of(caller);
        let located = self.locate_inside(inside, session)?;
        let mut ground = Ground {
            model,
            session,
            seen: Seen {
                model,
                rights: &caller.rights.read,
                now,
            },
            numbers,
        };
        let mut ids = || self.new_id();
        let guard =
            |kind, of, object: Option<&Object>| permit::guard(caller, model, kind, of, object);
        let mut applier = Applier::new(model, &mut ground, &mut ids, now);
        // A copy that is only looked at needs no right to create.
        if entry.is_some() {
            applier.guard = Some(&guard);
        }
        let closed = |of, property| permit::is_closed(caller, of, property);
        applier.closed = Some(&closed);
        applier.set = ChangeSet::resume(model, state.objects.to_vec());
        let done = self.steps(requests, prepared, &located, &[], &mut applier, progress)?;
        if entry.is_some() {
            judged((caller, &[]), &applier.set, progress)?;
        }
        let set = applier.settle().map_err(|faults| progress.one(faults))?;
        let overlay = rules::overlay(&set, now);
        let session = ground.session;
        if entry.is_some() {
            permit::check_rows((caller, &[]), &set, When::Before, now, session)?;
            let mut over = Overlaid::new(session, model, &overlay);
            permit::check_rows((caller, &[]), &set, When::After, now, &mut over)?;
        }
        let stays = |done: &Done| done.that_stays(&set);
        let minted: Vec<_> = requests.iter().map(|_| None).collect();
        let answering = Answering {
            requests,
            prepared,
            done: &done.iter().map(stays).collect::<Vec<_>>(),
            minted: &minted,
            versions: &|entity, id| version(&set, entity, id),
        };
        let mut over = Overlaid::new(session, model, &overlay);
        let answers = self.answer_changes(&answering, &mut over, &progress.request)?;
        progress.met(&done);
        let mut cut_off = state.cut_off.to_vec();
        cut_off.extend(sessions::called(prepared, &done));
        cut_off.sort_unstable();
        cut_off.dedup();
        let told = |object: &Object| {
            let key = (object.entity, object.id);
            entry.is_some_and(|entry| entry.has_told(key))
        };
        let state = State {
            objects: Arc::new(set.into_objects(told)),
            overlay: Arc::new(overlay),
            cut_off: Arc::new(cut_off),
        };
        Ok((state, answers))
    }

    /// The objects of all addresses, and what is seen to before calls are made on them.
    fn locate_inside(
        &self,
        inside: &Inside<'_>,
        session: &mut Session,
    ) -> Result<Vec<Option<Uuid>>> {
        let model = &*self.0.standard;
        let mut on = Overlaid::new(session, model, &inside.state.overlay);
        let mut located = Vec::with_capacity(inside.prepared.len());
        let all = inside.requests.iter().zip(inside.prepared);
        for (number, (request, prepared)) in all.enumerate() {
            inside.progress.at(number);
            let id = match prepared.work.object() {
                Some(object) => locate(model, &mut on, object)?,
                None => None,
            };
            if let (Work::Call { call, .. }, Some(id)) = (&prepared.work, id) {
                if call.order().is_some() {
                    let message = "what answers a secret is done outside of API transactions";
                    let problem = Problem::new(Code::NotSupported, message);
                    return Err(problem.help("send the request without `TransactionId`"));
                }
                if call.ends_sessions() {
                    calls::check_own(request, id)?;
                }
            }
            located.push(id);
        }
        Ok(located)
    }
}

/// Sees that all requests are of one transaction, and want nothing that it cannot do.
fn check_alike(first: &WriteRequest, requests: &[WriteRequest], progress: &Progress) -> Result<()> {
    for (number, request) in requests.iter().enumerate() {
        progress.at(number);
        if request.transaction != first.transaction {
            let message = "the requests of a change set are of one API transaction, or of none";
            return Err(Problem::new(Code::InvalidBatch, message).about("TransactionId"));
        }
        if request.repeatability.is_some() {
            let message = "a request of an API transaction is not repeatable";
            let problem = Problem::new(Code::InvalidHeader, message);
            return Err(problem.about("Repeatability-Request-ID"));
        }
    }
    progress.at(0);
    Ok(())
}

/// The version of an object's aggregate: that which is stored, and which the end of the transaction
/// is held against; that of a new one.
fn version<S>(set: &ChangeSet<'_, S>, entity: EntityId, id: Uuid) -> Option<i64> {
    let object = set.object(entity, id)?;
    let root = set.object(set.model().entity(object.entity).root, object.root);
    let stored = root.unwrap_or(object).before.as_ref();
    Some(stored.map_or(1, |stored| stored.version))
}
