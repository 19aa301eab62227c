//! Requests of which each is a change of its own, some of them written together: an import.
//!
//! Written together, each must be what it would be alone. [`independent`] says when that is sure;
//! where it is not, the caller writes each by itself.

use std::cell::{Cell, RefCell};

use uuid::Uuid;

use super::apply::Done;
use super::prepare::Prepared;
use super::work::Work;
use super::{Along, ContentIds, Progress, WriteRequest};
use crate::change::{Action, Kind, Object};
use crate::diag::{Code, Problem, Result};
use crate::model::{Entity, EntityId, Model};
use crate::rules::Sealed;
use crate::service::Service;
use crate::service::notices::Notice;
use crate::store::Writer;
use crate::value::Kind as ValueKind;

/// What became of an object that somebody wanted to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is new.
    Added,
    /// It, or a part of it, was changed.
    Modified,
    /// It was deleted.
    Deleted,
    /// Nothing was written.
    Unchanged,
}

impl State {
    /// The word in answers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "Added",
            Self::Modified => "Modified",
            Self::Deleted => "Deleted",
            Self::Unchanged => "Unchanged",
        }
    }
}

/// What became of a request, and the object that it was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) struct Fate {
    pub(in crate::service) state: State,
    pub(in crate::service) object: Option<(EntityId, Uuid)>,
}

/// Requests that were read: what is left to do needs the database.
#[derive(Debug, Default)]
pub(in crate::service) struct Group {
    requests: Vec<WriteRequest>,
    prepared: Vec<Prepared>,
}

/// Why requests were not written.
#[derive(Debug)]
pub(in crate::service) struct Broken {
    /// The position of the request that was refused, as far as that is known.
    pub(in crate::service) request: usize,
    /// Why.
    pub(in crate::service) problem: Problem,
}

impl Group {
    /// How many there are.
    pub(in crate::service) fn len(&self) -> usize {
        self.requests.len()
    }

    /// A request.
    pub(in crate::service) fn request(&self, at: usize) -> Option<&WriteRequest> {
        self.requests.get(at)
    }
}

/// Some of the requests of a group, which lie side by side.
#[derive(Clone, Copy)]
struct Part<'a> {
    requests: &'a [WriteRequest],
    prepared: &'a [Prepared],
}

impl<'a> Part<'a> {
    fn of(group: &'a Group, from: usize, to: usize) -> Self {
        Self {
            requests: group.requests.get(from..to).unwrap_or_default(),
            prepared: group.prepared.get(from..to).unwrap_or_default(),
        }
    }

    /// Each request by itself.
    fn singly(self) -> impl Iterator<Item = Self> {
        let all = self.requests.chunks(1).zip(self.prepared.chunks(1));
        all.map(|(requests, prepared)| Self { requests, prepared })
    }
}

impl Service {
    /// Reads a request into a group. `usual` is what happens to an object whose payload does not say.
    ///
    /// # Errors
    ///
    /// What is wrong with the request, which is not in the group then.
    pub(in crate::service) fn add_to_group(
        &self,
        group: &mut Group,
        request: WriteRequest,
        usual: Action,
    ) -> Result<()> {
        super::permit::check_scope(std::slice::from_ref(&request))?;
        let mut prepared = self.prepare_change(&request, &mut ContentIds::default())?;
        if let Work::Create(draft) = &mut prepared.work {
            let action = *draft.action.get_or_insert(usual);
            if action != Action::Create && draft.id_is_made {
                (draft.id, draft.id_is_made) = (None, false);
            }
        }
        group.requests.push(request);
        group.prepared.push(prepared);
        Ok(())
    }

    /// Writes requests of a group, from one position up to another, in one transaction. A rehearsal
    /// does the same and undoes it.
    ///
    /// # Errors
    ///
    /// Nothing was written then; of several requests, the one that is named need not be to blame.
    pub(in crate::service) fn write_group(
        &self,
        group: &Group,
        (from, to): (usize, usize),
        is_rehearsal: bool,
    ) -> Result<Vec<Fate>, Broken> {
        let part = Part::of(group, from, to);
        let told = Told::default();
        let rehearsed = RefCell::new(None);
        let outcome = self.0.store.write(|writer| {
            told.forget();
            let fates = self.attempt_part(part, writer, &told)?;
            if is_rehearsal {
                *rehearsed.borrow_mut() = Some(fates);
                return Err(undone());
            }
            Ok(fates)
        });
        match (outcome, rehearsed.into_inner()) {
            (Ok(fates), _) => {
                self.tell_all(told);
                Ok(fates)
            }
            (Err(_), Some(fates)) => Ok(fates),
            (Err(problem), None) => Err(Broken {
                request: from.saturating_add(told.at.get()),
                problem,
            }),
        }
    }

    /// Writes groups, as many as there are, in one transaction: all of them, or none. `next` gives
    /// the next group, `done` hears what became of its requests.
    ///
    /// # Errors
    ///
    /// The first request that is refused, counted from the first of its group; what `next` answers;
    /// another transaction that is in the way, since groups that are gone cannot be written again.
    pub(in crate::service) fn write_groups(
        &self,
        next: &mut dyn FnMut() -> Result<Option<Group>>,
        done: &mut dyn FnMut(&Group, Vec<Fate>),
        is_rehearsal: bool,
    ) -> Result<(), Broken> {
        let told = Told::default();
        let mut first = None;
        let mut is_through = false;
        let outcome = self.0.store.write(|writer| {
            if let Some(problem) = first.take() {
                // The groups are gone.
                return Err(problem);
            }
            let mut all = || {
                while let Some(group) = next()? {
                    let part = Part::of(&group, 0, group.len());
                    let fates = match self.attempt_part(part, writer, &told) {
                        // Nothing was written yet.
                        Err(_) if told.is_apart.take() => {
                            self.attempt_singly(part, writer, &told)?
                        }
                        other => other?,
                    };
                    done(&group, fates);
                }
                Ok(())
            };
            all().inspect_err(|problem: &Problem| first = Some(problem.clone()))?;
            is_through = true;
            if is_rehearsal { Err(undone()) } else { Ok(()) }
        });
        match outcome {
            Ok(()) => {
                self.tell_all(told);
                Ok(())
            }
            Err(_) if is_rehearsal && is_through => Ok(()),
            Err(problem) => Err(Broken {
                request: told.at.get(),
                problem,
            }),
        }
    }

    fn attempt_singly(
        &self,
        part: Part<'_>,
        writer: &mut Writer,
        told: &Told,
    ) -> Result<Vec<Fate>> {
        let mut all = Vec::with_capacity(part.requests.len());
        for (number, one) in part.singly().enumerate() {
            let fates = self.attempt_part(one, writer, told);
            told.at.set(number);
            all.extend(fates?);
        }
        Ok(all)
    }

    /// Applies and writes requests inside a transaction.
    fn attempt_part(&self, part: Part<'_>, writer: &mut Writer, told: &Told) -> Result<Vec<Fate>> {
        let progress = Progress {
            members: Some(Members::default()),
            ..Progress::default()
        };
        let along = Along::default();
        let done = self.attempt(part.requests, part.prepared, &along, writer, &progress);
        let members = progress.members.unwrap_or_default();
        told.at.set(progress.request.get());
        told.is_apart.set(members.is_apart.get());
        done?;
        told.notices.borrow_mut().extend(progress.notices.take());
        told.is_security
            .set(told.is_security.get() || progress.is_security.get());
        Ok(members.fates.take())
    }

    /// What others are told once a transaction is over.
    fn tell_all(&self, told: Told) {
        self.wake_events();
        self.tell(&told.notices.into_inner());
        if told.is_security.get() {
            self.0.callers.changed();
        }
    }
}

/// What becomes of the requests of a group.
#[derive(Debug, Default)]
pub(super) struct Members {
    fates: RefCell<Vec<Fate>>,
    /// Whether they have to be written by themselves.
    is_apart: Cell<bool>,
}

impl Members {
    /// Looks at what is about to be written.
    pub(super) fn see(&self, sealed: &Sealed<'_>, done: &[Done]) -> Result<()> {
        if done.len() > 1 && !independent(sealed) {
            self.is_apart.set(true);
            let message = "these changes are not written together";
            return Err(Problem::new(Code::Internal, message));
        }
        *self.fates.borrow_mut() = fates_of(sealed, done);
        Ok(())
    }
}

/// What is known of a transaction beside its outcome.
#[derive(Default)]
struct Told {
    /// The request at hand.
    at: Cell<usize>,
    /// Whether requests have to be written by themselves.
    is_apart: Cell<bool>,
    is_security: Cell<bool>,
    notices: RefCell<Vec<Notice>>,
}

impl Told {
    /// What a run of the transaction that failed has told.
    fn forget(&self) {
        self.notices.take();
        self.is_security.set(false);
        self.is_apart.set(false);
    }
}

fn undone() -> Problem {
    Problem::new(Code::Internal, "a rehearsal was undone")
}

/// Whether the changes of some requests are what each would be alone: no object is changed by two
/// of them, and none takes anything away that another could have lived on, such as a unique name or
/// the last administrator.
fn independent(sealed: &Sealed<'_>) -> bool {
    let model = sealed.model();
    sealed.set().objects().iter().all(|object| {
        if object.last().0 != object.request {
            return false;
        }
        match object.kind() {
            Kind::Create => true,
            // One that came and went again belongs to two requests.
            Kind::Nothing => object.before.is_some(),
            Kind::Delete => false,
            Kind::Update => only_texts(model, object),
        }
    })
}

/// Whether nothing but texts, numbers and times differ, none of them unique.
fn only_texts(model: &Model, object: &Object) -> bool {
    let of = model.entity(object.entity);
    let (Some(before), Some(after)) = (&object.before, &object.after) else {
        return false;
    };
    let attributes = of.attribute_ids().all(|(id, attribute)| {
        let is_free = match attribute.kind {
            ValueKind::Boolean | ValueKind::Enumeration | ValueKind::Guid => false,
            ValueKind::Byte
            | ValueKind::Int16
            | ValueKind::Int32
            | ValueKind::Int64
            | ValueKind::String
            | ValueKind::DateTimeOffset
            | ValueKind::Binary
            | ValueKind::Multilanguage => !attribute.secret && !is_unique(model, of, object, id),
        };
        is_free || before.record.value(id) == after.value(id)
    });
    let references = of
        .reference_ids()
        .all(|(id, _)| before.record.reference(id) == after.reference(id));
    attributes && references
}

/// Whether an attribute is in a unique index.
fn is_unique(model: &Model, of: &Entity, object: &Object, id: crate::model::AttributeId) -> bool {
    let Some(stored) = of.stored(id) else {
        return false;
    };
    let mut unique = model.table(object.entity).indexes.iter();
    unique.any(|index| {
        let mut columns = index.columns.iter();
        index.unique && columns.any(|no| *no == stored.column || Some(*no) == stored.shadow)
    })
}

/// What becomes of each request.
fn fates_of(sealed: &Sealed<'_>, done: &[Done]) -> Vec<Fate> {
    let set = sealed.set();
    let mut changed = vec![false; done.len()];
    let mut deleted: Vec<Option<(EntityId, Uuid)>> = vec![None; done.len()];
    for object in set.objects() {
        let (request, _) = object.last();
        if object.kind() != Kind::Nothing
            && let Some(slot) = changed.get_mut(request)
        {
            *slot = true;
        }
        if object.kind() == Kind::Delete
            && let Some(slot) = deleted.get_mut(request)
            && (slot.is_none() || object.id == object.root)
        {
            *slot = Some((object.entity, object.id));
        }
    }
    let all = done.iter().zip(changed).zip(deleted);
    all.map(|((done, changed), deleted)| {
        let object = done.object();
        let met = object.and_then(|(entity, id)| set.object(entity, id));
        let state = match met.map(Object::kind) {
            Some(Kind::Create) => State::Added,
            Some(Kind::Delete) => State::Deleted,
            Some(Kind::Update) => State::Modified,
            Some(Kind::Nothing) | None => match (object, deleted, changed) {
                (None, Some(_), _) => State::Deleted,
                (_, _, true) => State::Modified,
                (_, _, false) => State::Unchanged,
            },
        };
        let object = met.map(|met| (met.entity, met.id)).or(object).or(deleted);
        Fate { state, object }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_vendor() {
        let all = [
            State::Added,
            State::Modified,
            State::Deleted,
            State::Unchanged,
        ];
        let words: Vec<_> = all.into_iter().map(State::word).collect();
        assert_eq!(words, ["Added", "Modified", "Deleted", "Unchanged"]);
    }
}
