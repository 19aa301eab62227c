//! The story of a change: from a request to its answer.
//!
//! Address and payload are read first, and passwords hashed, without the database. Then, in one
//! transaction that may run again from here: the work of every request is applied to one change
//! set, the set is checked, the rules look at it, and what they seal is written with its history.
//! The answers are read before the transaction ends, so that they show what it made.

mod answer;
mod apply;
mod conditions;
mod lookup;
mod prepare;
mod repeat;
mod request;
mod settings;
mod work;

pub use request::{
    Conditions, ContentIds, Preferences, Refusal, Repeatability, Return, Tags, Verb, WriteAnswer,
    WriteRequest,
};
pub use settings::WriteSettings;

use std::cell::{Cell, RefCell};

use uuid::Uuid;

use super::Service;
use crate::access;
use crate::change::{Applier, Author, Faults, history, is_kept};
use crate::diag::{Code, Problem, Result};
use crate::encode::Source;
use crate::model::EntityId;
use crate::plan::{Query, Restriction, SubQuery};
use crate::rules::{self, Sealed};
use crate::store::{RowSink, Writer};

use answer::Answering;
use apply::{Step, locate};
use lookup::Transaction;
use prepare::Prepared;

/// The counter of change sets: a number is taken last, so that numbers rise in the order of commits.
const CHANGES: &str = "changes";

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
        let refused = |request| move |problem| Refusal { request, problem };
        repeat::check(requests).map_err(refused(0))?;
        let mut known = names.clone();
        let mut prepared = Vec::with_capacity(requests.len());
        for (number, request) in requests.iter().enumerate() {
            let work = tracing::debug_span!("change")
                .in_scope(|| self.prepare_change(request, &mut known))
                .map_err(refused(number))?;
            prepared.push(work);
        }
        // The store knows problems, and not of which request they are.
        let at = Cell::new(0);
        let met = RefCell::new(Vec::new());
        let answers = self.0.store.write(|writer| {
            at.set(0);
            self.attempt(requests, &prepared, writer, (&at, &met))
        });
        let answers = answers.map_err(refused(at.get()))?;
        // What was found instead of made has its name only now.
        for (request, object) in requests.iter().zip(met.into_inner()) {
            if let (Some(name), Some((entity, id))) = (&request.content_id, object) {
                let set = &self.0.model.entity(entity).set;
                known.insert(name, format!("{set}({id})"));
            }
        }
        *names = known;
        Ok(answers)
    }

    /// One run of the transaction. `at` is told which request a problem is of, `met` which object
    /// each request made, changed or found.
    fn attempt(
        &self,
        requests: &[WriteRequest],
        prepared: &[Prepared],
        writer: &mut Writer,
        (at, met): (&Cell<usize>, &RefCell<Vec<Met>>),
    ) -> Result<Vec<WriteAnswer>> {
        let Some(first) = requests.first() else {
            return Ok(Vec::new());
        };
        if let Some(answer) = self.repeated(first, writer)? {
            return Ok(vec![answer]);
        }
        let model = &*self.0.model;
        let mut transaction = Transaction { model, writer };
        let author = Author {
            now: first.now,
            user: None,
            login: None,
            application: first.application.clone(),
        };
        let mut ids = || self.new_id();
        let mut located = Vec::with_capacity(prepared.len());
        for (number, prepared) in prepared.iter().enumerate() {
            at.set(number);
            located.push(match prepared.work.object() {
                Some(object) => locate(&mut transaction, object)?,
                None => None,
            });
        }
        let mut applier = Applier::new(model, &mut transaction, &mut ids, first.now);
        applier.replace_languages = self.0.settings.writes.replace_multilanguage;
        let mut done = Vec::with_capacity(prepared.len());
        let steps = requests.iter().zip(prepared).zip(located).enumerate();
        for (number, ((request, prepared), id)) in steps {
            at.set(number);
            applier.request = number;
            let step = Step {
                settings: &self.0.settings.writes,
                conditions: &request.conditions,
                id,
            };
            done.push(step.run(&mut applier, &prepared.work)?);
            applier.finish()?;
        }
        let set = applier.check(&author).map_err(|faults| one(faults, at))?;
        let mut setting = rules::Setting {
            lookup: &mut transaction,
            ids: &mut ids,
            unusable: &|| {
                Ok(access::unusable(
                    &self.random()?,
                    self.0.settings.writes.hashing,
                ))
            },
            author: &author,
            language: &first.language,
        };
        let sealed = rules::run(set, &mut setting).map_err(|faults| one(faults, at))?;
        self.save(&sealed, &author, transaction.writer)?;
        *met.borrow_mut() = done.iter().map(|done| done.object()).collect();
        let versions = |entity: EntityId, id: Uuid| sealed.version(entity, id);
        let answering = Answering {
            requests,
            prepared,
            done: &done,
            versions: &versions,
        };
        let mut answers = self.answer_changes(&answering, &mut transaction, at)?;
        if let Some(answer) = answers.first_mut() {
            self.remember(first, answer, transaction.writer)?;
        }
        Ok(answers)
    }

    /// Writes sealed changes and their history.
    fn save(&self, sealed: &Sealed<'_>, author: &Author, writer: &mut Writer) -> Result<()> {
        let set = sealed.set();
        if set.is_empty() {
            return Ok(());
        }
        let levels = |entity| settings::level(&self.0.levels, entity);
        let mut ids = || self.new_id();
        let model = sealed.model();
        writer.run(model, &sealed.plan(author.now))?;
        if !is_kept(set, &levels) {
            return Ok(());
        }
        let number = writer.next_number(CHANGES, 1)?;
        let history = history(set, &levels, author, number, &mut ids)?;
        writer.run(model, &rules::history_plan(model, &history, author.now))
    }
}

/// The faults of a change set as one problem, those of the first faulty request.
fn one(faults: Faults, at: &Cell<usize>) -> Problem {
    let first = faults
        .iter()
        .map(|(request, _)| *request)
        .min()
        .unwrap_or_default();
    at.set(first);
    let mine = faults.into_iter().filter(|(request, _)| *request == first);
    Problem::all(mine.map(|(_, problem)| problem).collect())
        .unwrap_or_else(|| Problem::new(Code::Internal, "a change was refused without a reason"))
}

impl Source for Transaction<'_> {
    fn select<S: RowSink>(
        &mut self,
        query: &Query,
        restriction: Option<Restriction<'_>>,
        sink: &mut S,
    ) -> Result<()> {
        self.writer.select(self.model, query, restriction, sink)
    }

    fn count_per_parent(
        &mut self,
        query: &Query,
        restriction: Restriction<'_>,
    ) -> Result<Vec<(Uuid, u64)>> {
        self.writer.count_per_parent(self.model, query, restriction)
    }
}

impl super::read::Reader for Transaction<'_> {
    fn count(&mut self, query: &Query) -> Result<u64> {
        self.writer.count(self.model, query)
    }

    fn exists(&mut self, query: &SubQuery) -> Result<bool> {
        self.writer.exists(self.model, query)
    }
}
