//! Drafts → a change set: objects are found or made, and get their values.

use std::collections::HashSet;

use uuid::Uuid;

use super::default;
use super::draft::{Action, Draft};
use super::family;
use super::lookup::Lookup;
use super::named::Named;
use super::set::{ChangeSet, Kind, MOST_OBJECTS, Object};
use crate::diag::{Code, Problem, Result};
use crate::model::{Attribute, AttributeId, EntityId, Model, PropertyId, ReferenceId};
use crate::value::{Timestamp, Value};

/// Whether the caller may do something to objects of an entity at all, or to this one: asked before
/// it is done, so that nothing else is told instead.
pub type Guard<'s> = dyn Fn(Kind, EntityId, Option<&Object>) -> Result<()> + 's;

/// Whether a property of an entity is closed to the caller.
pub type Closed<'s> = &'s dyn Fn(EntityId, PropertyId) -> bool;

/// Applies the requests of one transaction, one after the other.
pub struct Applier<'s, 'm> {
    /// What they change.
    pub set: ChangeSet<'m>,
    /// The database.
    pub lookup: &'s mut dyn Lookup,
    /// Keys for new objects.
    pub ids: &'s mut dyn FnMut() -> Uuid,
    /// The time of the transaction.
    pub now: Timestamp,
    /// Whether a multi-language text that is given is the whole text: the vendor's way. Otherwise
    /// languages that are not given stay.
    pub replace_languages: bool,
    /// Refuses what payloads may not do; nothing where that is seen to elsewhere.
    pub guard: Option<&'s Guard<'s>>,
    /// Which properties the caller may not know: nothing may hang on what they hold. Nothing where
    /// all may be known.
    pub closed: Option<Closed<'s>>,
    /// The number of the request at hand.
    pub request: usize,
    /// What is wrong so far, but need not end the request at once.
    pub faults: Vec<Problem>,
    /// References that have to lead somewhere: the request, target, key, and the path that says so.
    pub(super) pending: Vec<Pending>,
    /// The objects of the payload around the one at hand, from outside.
    pub(super) around: Vec<usize>,
    /// Objects that references were seen to lead to.
    pub(super) known: HashSet<(EntityId, Uuid)>,
}

/// A reference that has to lead somewhere.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) target: EntityId,
    pub(super) id: Uuid,
    pub(super) path: String,
}

/// What became of an object of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Its entity.
    pub entity: EntityId,
    /// Its key.
    pub id: Uuid,
    /// Whether it is new.
    pub created: bool,
}

/// The object around a child: the reference that points at it, and its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    /// The entity of its children, whose reference it is.
    pub(super) child: EntityId,
    pub(super) back: ReferenceId,
    pub(super) id: Uuid,
    /// Whether it is new itself, so that it has no children yet.
    pub(super) fresh: bool,
}

impl std::fmt::Debug for Applier<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Applier")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

impl<'s, 'm> Applier<'s, 'm> {
    /// An applier that has seen nothing yet.
    pub fn new(
        model: &'m Model,
        lookup: &'s mut dyn Lookup,
        ids: &'s mut dyn FnMut() -> Uuid,
        now: Timestamp,
    ) -> Self {
        Self {
            set: ChangeSet::new(model),
            lookup,
            ids,
            now,
            replace_languages: false,
            guard: None,
            closed: None,
            request: 0,
            faults: Vec::new(),
            pending: Vec::new(),
            around: Vec::new(),
            known: HashSet::new(),
        }
    }

    /// Sees that the caller may do something to an object of the set.
    ///
    /// # Errors
    ///
    /// Those of the guard.
    pub fn allowed(&self, kind: Kind, place: usize) -> Result<()> {
        match (self.guard, self.set.objects.get(place)) {
            (Some(guard), Some(object)) => guard(kind, object.entity, Some(object)),
            (None, _) | (_, None) => Ok(()),
        }
    }

    pub(super) fn model(&self) -> &'m Model {
        self.set.model
    }

    /// Ends a request: everything that was found to be wrong with it.
    ///
    /// # Errors
    ///
    /// The first fault, the others as details.
    pub fn finish(&mut self) -> Result<()> {
        self.check_pending()?;
        match Problem::all(std::mem::take(&mut self.faults)) {
            Some(problem) => Err(problem),
            None => Ok(()),
        }
    }

    /// Does what a payload asks for; `usual` where it does not say.
    ///
    /// # Errors
    ///
    /// What ends the request at once; more may be in [`Applier::faults`].
    pub fn object(&mut self, draft: &Draft, usual: Action) -> Result<Option<Outcome>> {
        self.place(draft, draft.action.unwrap_or(usual), None)
    }

    /// Does what a payload asks for with a child of an object: one of the entity `child`, whose
    /// reference `back` points at the object.
    ///
    /// # Errors
    ///
    /// As [`Applier::object`].
    pub fn child(
        &mut self,
        draft: &Draft,
        usual: Action,
        (child, back): (EntityId, ReferenceId),
        owner: Uuid,
    ) -> Result<Option<Outcome>> {
        let owner = Owner {
            child,
            back,
            id: owner,
            fresh: false,
        };
        self.place(draft, draft.action.unwrap_or(usual), Some(owner))
    }

    /// Replaces an object as one of a type: of what that has, whatever is not given gets its default
    /// (OData 4.01 Part 1, 11.4.3). What only a derived type has is changed where it is given, and
    /// stays where it is not: whoever read the object as one of its base was not shown it.
    ///
    /// # Errors
    ///
    /// As [`Applier::object`].
    pub fn replace(
        &mut self,
        draft: &Draft,
        id: Uuid,
        replaced: EntityId,
    ) -> Result<Option<Outcome>> {
        let place = self.must_open(draft.entity, id, &draft.path)?;
        self.allowed(Kind::Update, place)?;
        let (model, now) = (self.model(), self.now);
        if let Some(object) = self.set.object_mut(place)
            && let Some(record) = &mut object.after
        {
            let of = model.entity(object.entity);
            let draft = family::draft(model, draft, object.entity);
            for (number, attribute) in of.attribute_ids() {
                let given = draft.values.iter().any(|(known, _)| *known == number);
                // Replaced as one of a base, it keeps what the base does not know.
                let known = family::attribute(model, object.entity, replaced, number).is_some();
                // What says how a value that stays is to be read stays with it.
                let unit = |(id, a): (AttributeId, &Attribute)| {
                    let named = a.is_made() && a.unit.as_ref() == Some(&attribute.name);
                    named && *record.value(id) != Value::Null
                };
                let stays = given || of.attribute_ids().any(unit);
                let open = of.is_writable(object.entity, attribute) && known;
                if open {
                    // All of it is given, whether or not something is written.
                    object.named.note(PropertyId::Attribute(number));
                }
                if open
                    && !stays
                    && let Some(value) = default::value(model, attribute, now)
                {
                    record.set(number, value);
                }
            }
        }
        let whole = std::mem::replace(&mut self.replace_languages, true);
        let done = self.fill(place, draft, false);
        self.replace_languages = whole;
        done.map(Some)
    }

    /// Changes an object whose key is known.
    ///
    /// # Errors
    ///
    /// As [`Applier::object`].
    pub fn update(&mut self, draft: &Draft, id: Uuid) -> Result<Outcome> {
        let place = self.must_open(draft.entity, id, &draft.path)?;
        self.fill(place, draft, false)
    }

    /// An object at its place: nothing where the action says that it may be missing.
    pub(super) fn place(
        &mut self,
        draft: &Draft,
        action: Action,
        owner: Option<Owner>,
    ) -> Result<Option<Outcome>> {
        if let Some(owner) = owner {
            self.check_owner(draft, owner)?;
        }
        let (single, update, create) = match action {
            Action::Create => return self.create(draft, owner).map(Some),
            Action::Find => (false, false, Missing::Refused),
            Action::FindOrNull => (false, false, Missing::Null),
            Action::FindOrCreate => (false, false, Missing::Created),
            Action::FindSingle => (true, false, Missing::Refused),
            Action::FindSingleOrNull => (true, false, Missing::Null),
            Action::Update | Action::Delete => (false, true, Missing::Refused),
            Action::Merge => (false, true, Missing::Created),
        };
        self.check_size()?;
        let found = self.locate(draft, owner, single)?;
        let Some((entity, id)) = found else {
            return match create {
                Missing::Created => self.create(draft, owner).map(Some),
                Missing::Null => Ok(None),
                Missing::Refused => {
                    let set = &self.model().entity(draft.entity).set;
                    let message = format!("no object of `{set}` fits");
                    let code = if draft.path.is_empty() {
                        Code::NotFound
                    } else {
                        Code::UnknownReference
                    };
                    Err(Problem::new(code, message).inside(&draft.path))
                }
            };
        };
        if action == Action::Delete {
            self.delete(entity, id, &draft.path)?;
            return Ok(None);
        }
        let place = self.must_open(entity, id, &draft.path)?;
        if update {
            if self.around.contains(&place) && draft.changes_something() {
                let message = "the object is inside itself";
                let problem = Problem::new(Code::InvalidPayload, message);
                let problem = problem.help("give its address only");
                return Err(problem.inside(&draft.path));
            }
            self.fill(place, draft, false)?;
        }
        if let Some(owner) = owner {
            self.adopt(place, owner);
        }
        Ok(Some(Outcome {
            entity,
            id,
            created: false,
        }))
    }

    /// Sees that the set has room for one more object.
    pub(super) fn check_size(&self) -> Result<()> {
        if self.set.objects.len() < MOST_OBJECTS {
            return Ok(());
        }
        let message = format!("one change holds more than {MOST_OBJECTS} objects");
        Err(Problem::new(Code::LimitExceeded, message).help("send less at once"))
    }

    /// Makes a new object.
    fn create(&mut self, draft: &Draft, owner: Option<Owner>) -> Result<Outcome> {
        self.check_size()?;
        let (model, entity) = (self.model(), draft.entity);
        let of = model.entity(entity);
        if let Some(guard) = self.guard {
            // Before anything that tells of other objects.
            guard(Kind::Create, entity, None).map_err(|p| p.inside(&draft.path))?;
        }
        if let Some(derived) = model.derived(entity).first() {
            let message = format!("`{}` holds objects of other types", of.set);
            let type_name = &model.entity(*derived).type_name;
            let problem = Problem::new(Code::InvalidPayload, message);
            let help = format!("name the type: `\"@odata.type\":\"#Erp.{type_name}\"`");
            return Err(problem.help(help).inside(&draft.path));
        }
        if !of.is_open() {
            let message = format!("`{}` cannot be written", of.set);
            return Err(Problem::new(Code::MethodNotAllowed, message).inside(&draft.path));
        }
        let id = match draft.id {
            Some(id) => id,
            None => (self.ids)(),
        };
        // A key that the client chose may be taken: said before anything of the other object is
        // taken for a part of this one.
        let chosen = draft.id.is_some() && !draft.id_is_made;
        if self.set.place(entity, id).is_some() || (chosen && self.is_taken(entity, id)?) {
            let message = if self.open(entity, id)?.is_some() {
                format!("another `{}` has this `Id`", of.set)
            } else {
                "another object has this `Id`".to_owned()
            };
            let problem = Problem::new(Code::NotUnique, message).about("Id");
            return Err(problem.inside(&draft.path));
        }
        let record = default::record(model, entity, id, self.now, self.lookup)?;
        let place = self.set.add(Object {
            entity,
            seen_as: entity,
            id,
            before: None,
            after: Some(record),
            root: id,
            request: self.request,
            path: draft.path.clone(),
            named: Named::default(),
            again: None,
        });
        let outcome = self.fill(place, draft, true)?;
        if let Some(owner) = owner {
            self.adopt(place, owner);
        }
        Ok(outcome)
    }
}

/// What happens where no object fits.
#[derive(Debug, Clone, Copy)]
enum Missing {
    Refused,
    Null,
    Created,
}
