//! The story of a change: from a request to its answer.
//!
//! Address and payload are read first, and passwords hashed, without the database. Then, in one
//! transaction that may run again from here: the work of every request is applied to one change
//! set, the set is checked, the rules look at it, and what they seal is written with its history.
//! The answers are read before the transaction ends, so that they show what it made.

mod alone;
mod answer;
mod apply;
mod calls;
mod commit;
mod conditions;
mod customs;
mod ground;
mod group;
mod guard;
mod inside;
mod load;
mod lookup;
mod make;
mod methods;
mod once;
mod passwords;
mod permission;
mod permit;
mod prepare;
mod repeat;
mod request;
mod sessions;
mod settings;
mod work;

pub use group::State;
pub use request::{
    Conditions, ContentIds, Preferences, Refusal, Repeatability, Return, Tags, Verb, WriteAnswer,
    WriteRequest,
};
pub use settings::WriteSettings;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use uuid::Uuid;

use super::notices::Notice;
use super::tokens::Minted;
use super::{Caller, Service};
use crate::change::{
    Applier, Author, ChangeSet, Checked, Criterion, Faults, Kind, Lookup as _, Object,
};
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;
use crate::store::Writer;

pub(in crate::service) use answer::record;
pub(in crate::service) use group::{Broken, Fate, Group};
pub(in crate::service) use guard::is_token;
pub(in crate::service) use lookup::{Seen, look, present};
pub(in crate::service) use prepare::head;
pub(in crate::service) use settings::level;

use answer::Answering;
use apply::{Done, Step, locate};
use lookup::Transaction;
use make::{Making, permitted};
use prepare::Prepared;

/// The counter of change sets: a number is taken last, so that numbers rise in the order of commits.
const CHANGES: &str = "changes";

/// The namespaces of the entities that decide who may do what.
pub(in crate::service) const SECURITY: [&str; 2] = ["Systems.Security.", "Ext."];

/// The checked set, and of each request what it did and what it made that is shown once.
type Applied<'m> = (ChangeSet<'m, Checked>, Vec<Done>, Vec<Option<Minted>>);

/// What happens in a transaction before its changes.
type Before<'a> = &'a dyn Fn(&mut Writer) -> Result<()>;

/// What goes with a change that the program makes by itself.
#[derive(Default)]
pub(super) struct Along<'a> {
    /// What happens first in the transaction; its failure undoes everything.
    pub(super) before: Option<Before<'a>>,
    /// The user in whose name it is made.
    pub(super) author: Option<(Uuid, String)>,
    /// Whether a new hash of a password is one of the same password: sessions go on.
    pub(super) keeps_sessions: bool,
}

/// The object that a request made, changed or found.
type Met = Option<(EntityId, Uuid)>;

impl Service {
    /// Makes the changes of some requests in one transaction: all of them, or none. Blocks on the
    /// database.
    ///
    /// Requests may name what earlier ones created by `$id`, in their paths and bodies; what they
    /// create themselves is added to `names` when all of it is done.
    ///
    /// # Errors
    ///
    /// The first request that is refused, and why.
    pub fn write(
        &self,
        requests: &[WriteRequest],
        names: &mut ContentIds,
    ) -> Result<Vec<WriteAnswer>, Refusal> {
        self.write_until(requests, names, &AtomicBool::new(false))
    }

    /// The same; an import ends between two of its transactions once `stop` is set.
    ///
    /// # Errors
    ///
    /// As [`Service::write`].
    pub fn write_until(
        &self,
        requests: &[WriteRequest],
        names: &mut ContentIds,
        stop: &AtomicBool,
    ) -> Result<Vec<WriteAnswer>, Refusal> {
        if let Some(imported) = self.import_asked(requests, stop) {
            return imported.map(|answer| vec![answer]);
        }
        self.write_along(requests, names, &Along::default())
    }

    /// The same with what goes with it.
    pub(super) fn write_along(
        &self,
        requests: &[WriteRequest],
        names: &mut ContentIds,
        along: &Along<'_>,
    ) -> Result<Vec<WriteAnswer>, Refusal> {
        let written = self.write_each(requests, names, along);
        written.inspect_err(|refusal| {
            self.note_refused_change(requests.get(refusal.request), &refusal.problem);
        })
    }

    fn write_each(
        &self,
        requests: &[WriteRequest],
        names: &mut ContentIds,
        along: &Along<'_>,
    ) -> Result<Vec<WriteAnswer>, Refusal> {
        let refused = |request| move |problem| Refusal { request, problem };
        let mut known = names.clone();
        let prepared = self.understand(requests, &mut known)?;
        if let Some(at) = prepared.iter().position(|p| p.work.frame().is_some()) {
            return self.frame(requests, &prepared, at);
        }
        if requests.iter().any(|r| r.transaction.is_some()) {
            let answers = self.write_inside(requests, &prepared, &mut known)?;
            *names = known;
            return Ok(answers);
        }
        if prepared.iter().any(|p| p.work.is_copy()) {
            return self.copy_only(requests, &prepared);
        }
        self.ready_calls(requests, &prepared)?;
        let progress = Progress::default();
        let outcome = self
            .0
            .store
            .write(|writer| self.attempt(requests, &prepared, along, writer, &progress));
        let outcome = outcome.map_err(|problem| refused(progress.request.get())(problem));
        let alone = self.make_alone(requests, &prepared, outcome.as_ref().err(), &progress);
        self.wake_events();
        alone?;
        let answers = outcome?;
        self.tell(&progress.notices.take());
        if progress.is_security.get() {
            self.0.callers.changed();
        }
        self.name_met(requests, progress, &mut known);
        *names = known;
        Ok(answers)
    }

    /// Names what was found instead of made, which has its name only then.
    fn name_met(&self, requests: &[WriteRequest], progress: Progress, known: &mut ContentIds) {
        for (request, object) in requests.iter().zip(progress.met.into_inner()) {
            if let (Some(name), Some((entity, id))) = (&request.content_id, object) {
                let set = &self.0.standard.entity(entity).set;
                known.insert(name, format!("{set}({id})"));
            }
        }
    }

    /// Sees that requests may be made at all, and reads them.
    fn understand(
        &self,
        requests: &[WriteRequest],
        known: &mut ContentIds,
    ) -> Result<Vec<Prepared>, Refusal> {
        let refused = |request| move |problem| Refusal { request, problem };
        permit::check_scope(requests).map_err(refused(0))?;
        repeat::check(requests).map_err(refused(0))?;
        let mut prepared = Vec::with_capacity(requests.len());
        for (number, request) in requests.iter().enumerate() {
            let work = tracing::debug_span!("change")
                .in_scope(|| self.prepare_change(request, known))
                .map_err(refused(number))?;
            prepared.push(work);
        }
        Ok(prepared)
    }

    /// One run of the transaction.
    fn attempt(
        &self,
        requests: &[WriteRequest],
        prepared: &[Prepared],
        along: &Along<'_>,
        writer: &mut Writer,
        progress: &Progress,
    ) -> Result<Vec<WriteAnswer>> {
        progress.at(0);
        if let Some(before) = along.before {
            before(writer)?;
        }
        let Some(first) = requests.first() else {
            return Ok(Vec::new());
        };
        if let Some(answer) = self.repeated(first, writer)? {
            progress.is_repeated.set(true);
            return Ok(vec![answer]);
        }
        let caller = &first.caller;
        let author = author(first, along);
        let model = &*self.model_of(caller);
        let seen = Seen {
            model,
            rights: &caller.rights.read,
            now: first.now,
        };
        let mut transaction = Transaction {
            model,
            writer,
            seen,
        };
        let (set, done, minted) =
            self.apply(requests, prepared, &author, &mut transaction, progress)?;
        let vouched = calls::vouched(&minted);
        let making = Making {
            caller,
            vouched: &vouched,
            author: &author,
            language: &first.language,
            keeps_sessions: along.keeps_sessions,
            alone: (requests, prepared),
            in_name_of: along.author.as_ref(),
            cut_off: &sessions::called(prepared, &done),
            done: &done,
        };
        let (sealed, events) = self.make(set, &making, &mut transaction, progress)?;
        progress.met(&done);
        let stays = |done: Done| done.that_stays(sealed.set());
        let answering = Answering {
            requests,
            prepared,
            done: &done.into_iter().map(stays).collect::<Vec<_>>(),
            minted: &minted,
            versions: &|entity, id| sealed.version(entity, id),
        };
        let mut answers = self.answer_changes(&answering, writer, &progress.request)?;
        if let Some(answer) = answers.first_mut() {
            self.remember(first, answer, writer)?;
        }
        let mut reused = prepared.iter().enumerate();
        let reused = reused.find_map(|(number, p)| Some((number, p.reused.as_ref()?)));
        if let Some((number, problem)) = reused {
            progress.at(number);
            return Err(problem.clone());
        }
        // Last of all: from here on the transaction holds the end of the chain.
        self.append(writer, &events, first.now)?;
        Ok(answers)
    }

    /// Applies the work of every request to one change set, and checks it as a whole: what the caller
    /// may do first.
    fn apply<'m>(
        &self,
        requests: &[WriteRequest],
        prepared: &[Prepared],
        author: &Author,
        transaction: &mut Transaction<'m, '_>,
        progress: &Progress,
    ) -> Result<Applied<'m>> {
        let mut located = Vec::with_capacity(prepared.len());
        for (number, prepared) in prepared.iter().enumerate() {
            progress.at(number);
            located.push(match prepared.work.object() {
                Some(object) => locate(transaction.model, transaction.writer, object)?,
                None => None,
            });
        }
        lock(prepared, &located, transaction)?;
        let writer = &mut *transaction.writer;
        let minted = self.mint_all(requests, prepared, &located, writer, progress)?;
        let caller = requests.first().map_or(Caller::system(), |r| &r.caller);
        let model = transaction.model;
        let guard =
            |kind, of, object: Option<&Object>| permit::guard(caller, model, kind, of, object);
        let mut ids = || self.new_id();
        let mut applier = Applier::new(model, transaction, &mut ids, author.now);
        applier.guard = Some(&guard);
        let closed = |of, property| permit::is_closed(caller, of, property);
        applier.closed = Some(&closed);
        let done = self.steps(
            requests,
            prepared,
            &located,
            &minted,
            &mut applier,
            progress,
        )?;
        let set = applier.set;
        let vouched = calls::vouched(&minted);
        let who = (&**caller, vouched.as_slice());
        permitted(who, &set, author.now, transaction.writer, progress)?;
        let mut applier = Applier::new(model, transaction, &mut ids, author.now);
        applier.set = set;
        let set = applier
            .check(author)
            .map_err(|faults| progress.one(faults))?;
        Ok((set, done, minted))
    }

    /// Applies the work of every request, one after the other.
    fn steps(
        &self,
        requests: &[WriteRequest],
        prepared: &[Prepared],
        located: &[Option<Uuid>],
        minted: &[Option<Minted>],
        applier: &mut Applier<'_, '_>,
        progress: &Progress,
    ) -> Result<Vec<Done>> {
        applier.replace_languages = self.0.settings.writes.replace_multilanguage;
        let mut done = Vec::with_capacity(prepared.len());
        let steps = requests.iter().zip(prepared).zip(located).enumerate();
        for (number, ((request, prepared), id)) in steps {
            progress.at(number);
            applier.request = number;
            let step = Step {
                settings: &self.0.settings.writes,
                conditions: &request.conditions,
                id: *id,
                minted: minted.get(number).and_then(Option::as_ref),
                caller: &request.caller,
            };
            done.push(step.run(applier, &prepared.work)?);
            applier.finish()?;
        }
        Ok(done)
    }
}

/// Locks the objects of all addresses in the order of their keys: two transactions that change the
/// same objects then wait for each other, and never both at once.
fn lock(
    prepared: &[Prepared],
    located: &[Option<Uuid>],
    transaction: &mut Transaction<'_, '_>,
) -> Result<()> {
    let addressed = prepared.iter().zip(located).filter_map(|(prepared, id)| {
        let object = prepared.work.object()?;
        Some((object.entity, (*id)?))
    });
    let keys: BTreeSet<(EntityId, Uuid)> = addressed.collect();
    if keys.len() < 2 || !transaction.writer.has_rivals() {
        return Ok(());
    }
    let mut by_entity: BTreeMap<EntityId, Vec<Uuid>> = BTreeMap::new();
    for (entity, id) in keys {
        by_entity.entry(entity).or_default().push(id);
    }
    for (entity, ids) in by_entity {
        transaction.objects(entity, &[Criterion::Keys(ids)], None)?;
    }
    Ok(())
}

/// In whose name changes are made.
fn author(request: &WriteRequest, along: &Along<'_>) -> Author {
    let identity = request.caller.identity();
    let signed_in = identity.map(|identity| (identity.user, identity.login.clone()));
    let (user, login) = along.author.clone().or(signed_in).unzip();
    let application = identity.and_then(|identity| identity.application.clone());
    Author {
        now: request.now,
        user,
        login,
        application: application.or_else(|| request.application.clone()),
    }
}

/// How far a run of the transaction is. The store knows problems, and not of which request they are.
#[derive(Debug, Default)]
struct Progress {
    /// The request at hand.
    request: Cell<usize>,
    /// The object that each request made, changed or found.
    met: RefCell<Vec<Met>>,
    /// Whether anything changes that decides who may do what.
    is_security: Cell<bool>,
    /// Whether the request was answered as the first time, and nothing done.
    is_repeated: Cell<bool>,
    /// The notifications that are stored.
    notices: RefCell<Vec<Notice>>,
    /// What becomes of each request, where they are a group.
    members: Option<group::Members>,
}

impl Progress {
    fn at(&self, request: usize) {
        self.request.set(request);
    }

    /// Looks whether a set changes who may do what, and whom it notifies.
    fn see<S>(&self, set: &ChangeSet<'_, S>) {
        *self.notices.borrow_mut() = Notice::of(set);
        let is_security = |entity: EntityId| {
            let name = &set.model().entity(entity).name;
            SECURITY.iter().any(|start| name.starts_with(start))
        };
        let changed = set.objects().iter().filter(|o| o.kind() != Kind::Nothing);
        let found = changed.map(|o| o.entity).any(is_security);
        self.is_security.set(found || self.is_security.get());
    }

    fn met(&self, done: &[Done]) {
        *self.met.borrow_mut() = done.iter().map(|done| done.object()).collect();
    }

    /// The faults of a change set as one problem: those of the first faulty request.
    fn one(&self, faults: Faults) -> Problem {
        let first = faults.iter().map(|(request, _)| *request).min();
        let first = first.unwrap_or_default();
        self.at(first);
        let mine = faults.into_iter().filter(|(request, _)| *request == first);
        Problem::all(mine.map(|(_, problem)| problem).collect()).unwrap_or_else(|| {
            Problem::new(Code::Internal, "a change was refused without a reason")
        })
    }
}
