//! Drafts → a change set: objects are found or made, and get their values.

use std::collections::HashSet;

use uuid::Uuid;

use super::default;
use super::draft::{Action, Child, Children, Draft, Given, Link, Secret};
use super::lookup::{Criterion, Lookup};
use super::set::{ChangeSet, Object};
use crate::diag::{Code, Problem, Result};
use crate::model::{Attribute, AttributeId, CollectionId, EntityId, Model, ReferenceId};
use crate::value::{MultilanguageString, Timestamp, Value};

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
    /// The number of the request at hand.
    pub request: usize,
    /// What is wrong so far, but need not end the request at once.
    pub faults: Vec<Problem>,
    /// References that have to lead somewhere: the request, target, key, and the path that says so.
    pub(super) pending: Vec<Pending>,
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
            request: 0,
            faults: Vec::new(),
            pending: Vec::new(),
            known: HashSet::new(),
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

    /// The number of an object in the set; it is taken from the database when it is not there yet.
    /// Nothing where there is no such object, or where it goes.
    pub fn open(&mut self, entity: EntityId, id: Uuid) -> Result<Option<usize>> {
        if let Some(place) = self.set.place(entity, id) {
            let object = self.set.objects.get(place);
            return Ok(object.filter(|o| o.after.is_some()).map(|_| place));
        }
        let model = self.model();
        let keys = [Criterion::Keys(vec![id])];
        // The most derived entity has all values.
        for derived in model.derived(entity) {
            if let Some(place) = self.open(*derived, id)? {
                return Ok(Some(place));
            }
        }
        let Some(stored) = self.lookup.objects(entity, &keys, Some(1))?.pop() else {
            return Ok(None);
        };
        Ok(Some(self.set.add(Object {
            entity: stored.entity,
            id,
            after: Some(stored.record.clone()),
            root: stored.root,
            before: Some(stored),
            request: self.request,
            path: String::new(),
        })))
    }

    /// An object that must be there.
    pub(super) fn must_open(&mut self, entity: EntityId, id: Uuid, path: &str) -> Result<usize> {
        self.open(entity, id)?.ok_or_else(|| {
            let set = &self.model().entity(entity).set;
            Problem::new(Code::NotFound, format!("there is no `{set}({id})`")).inside(path)
        })
    }

    /// Does what a payload asks for; `usual` where it does not say.
    ///
    /// # Errors
    ///
    /// What ends the request at once; more may be in [`Applier::faults`].
    pub fn object(&mut self, draft: &Draft, usual: Action) -> Result<Option<Outcome>> {
        self.place(draft, draft.action.unwrap_or(usual), None)
    }

    /// Does what a payload asks for with a child of an object.
    ///
    /// # Errors
    ///
    /// As [`Applier::object`].
    pub fn child(
        &mut self,
        draft: &Draft,
        usual: Action,
        back: ReferenceId,
        owner: Uuid,
    ) -> Result<Option<Outcome>> {
        let owner = Owner {
            back,
            id: owner,
            fresh: false,
        };
        self.place(draft, draft.action.unwrap_or(usual), Some(owner))
    }

    /// Replaces an object: what is not given gets its default (OData 4.01 Part 1, 11.4.3).
    ///
    /// # Errors
    ///
    /// As [`Applier::object`].
    pub fn replace(&mut self, draft: &Draft, id: Uuid) -> Result<Option<Outcome>> {
        let place = self.must_open(draft.entity, id, &draft.path)?;
        let (model, now) = (self.model(), self.now);
        if let Some(object) = self.set.object_mut(place)
            && let Some(record) = &mut object.after
        {
            let of = model.entity(object.entity);
            for (number, attribute) in of.attribute_ids() {
                let given = draft.values.iter().any(|(known, _)| *known == number);
                // The hash stays, so does what says how to read it.
                let of_secret =
                    |a: &Attribute| a.secret && a.unit.as_deref() == Some(attribute.name.as_str());
                let stays = of.attribute_ids().any(|(_, a)| of_secret(a));
                let open = of.is_writable(object.entity, attribute) && !given && !stays;
                if open && let Some(value) = default::value(model, attribute, now) {
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

    /// Makes a new object.
    fn create(&mut self, draft: &Draft, owner: Option<Owner>) -> Result<Outcome> {
        let (model, entity) = (self.model(), draft.entity);
        let of = model.entity(entity);
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
        let taken =
            self.set.place(entity, id).is_some() || (chosen && self.open(entity, id)?.is_some());
        if taken {
            let message = format!("another `{}` has this `Id`", of.set);
            let problem = Problem::new(Code::NotUnique, message).about("Id");
            return Err(problem.inside(&draft.path));
        }
        let record = default::record(model, entity, id, self.now, self.lookup)?;
        let place = self.set.add(Object {
            entity,
            id,
            before: None,
            after: Some(record),
            root: id,
            request: self.request,
            path: draft.path.clone(),
        });
        if let Some(owner) = owner {
            self.adopt(place, owner);
        }
        self.fill(place, draft, true)
    }

    /// Makes an object the child of another.
    fn adopt(&mut self, place: usize, owner: Owner) {
        self.point(place, owner.back, Some(owner.id));
    }

    fn point(&mut self, place: usize, reference: ReferenceId, target: Option<Uuid>) {
        let record = self.set.object_mut(place).and_then(|o| o.after.as_mut());
        if let Some(record) = record {
            record.point(reference, target);
        }
    }

    /// Gives an object the values, references and children of its draft.
    fn fill(&mut self, place: usize, draft: &Draft, fresh: bool) -> Result<Outcome> {
        let model = self.model();
        let whole = self.replace_languages;
        let Some(object) = self.set.object_mut(place) else {
            return Err(Problem::new(
                Code::Internal,
                "an object of a change set is lost",
            ));
        };
        let (entity, id) = (object.entity, object.id);
        if object.path.is_empty() {
            object.path.clone_from(&draft.path);
        }
        if !model.entity(entity).is_open() && draft.changes_something() {
            let message = format!("`{}` cannot be written", model.entity(entity).set);
            let problem = Problem::new(Code::MethodNotAllowed, message);
            return Err(problem.inside(&draft.path));
        }
        check_version(draft, object)?;
        if let Some(record) = &mut object.after {
            for (number, given) in &draft.values {
                let value = merged(record.value(*number), given, whole);
                record.set(*number, value);
            }
        }
        if let Some(secret) = &draft.secret {
            self.password(place, secret, &draft.path);
        }
        for (number, link) in &draft.references {
            let target = self.link_target(draft, entity, *number, link)?;
            self.point(place, *number, target);
        }
        for (number, children) in &draft.collections {
            let collection = model.entity(entity).collection(*number);
            let owner = Owner {
                back: collection.back,
                id,
                fresh,
            };
            self.children(entity, *number, children, owner)?;
        }
        Ok(Outcome {
            entity,
            id,
            created: fresh,
        })
    }

    /// What a reference of a draft points at.
    fn link_target(
        &mut self,
        draft: &Draft,
        entity: EntityId,
        number: ReferenceId,
        link: &Link,
    ) -> Result<Option<Uuid>> {
        let reference = self.model().entity(entity).reference(number);
        match link {
            Link::Null => Ok(None),
            Link::To(of, id) => {
                self.pending.push(Pending {
                    target: if self.model().is_a(*of, reference.target) {
                        reference.target
                    } else {
                        *of
                    },
                    id: *id,
                    path: super::json::join(&draft.path, &reference.name),
                });
                Ok(Some(*id))
            }
            Link::Object(inner) => {
                let action = inner.action.unwrap_or(self.usual(inner));
                Ok(self.place(inner, action, None)?.map(|outcome| outcome.id))
            }
        }
    }

    /// What happens to a nested object that does not say: it is found if it only says how, else
    /// merged.
    fn usual(&self, draft: &Draft) -> Action {
        if self.only_searches(draft) {
            Action::Find
        } else {
            Action::Merge
        }
    }

    fn children(
        &mut self,
        entity: EntityId,
        number: CollectionId,
        children: &Children,
        owner: Owner,
    ) -> Result<()> {
        let model = self.model();
        let collection = model.entity(entity).collection(number);
        let mut kept = Vec::with_capacity(children.items.len());
        for child in &children.items {
            match child {
                Child::Kept(draft) => {
                    let action = draft
                        .action
                        .unwrap_or(if owner.fresh && draft.id.is_none() {
                            Action::Create
                        } else {
                            self.usual(draft)
                        });
                    kept.extend(self.place(draft, action, Some(owner))?.map(|o| o.id));
                }
                Child::Removed(path, id) => {
                    let place = self.must_open(collection.target, *id, path)?;
                    self.let_go(place, entity, number, owner.id, path)?;
                }
            }
        }
        if children.replace && !owner.fresh {
            let mine = [Criterion::PointsAt(owner.back, vec![owner.id])];
            for stored in self.lookup.objects(collection.target, &mine, None)? {
                if !kept.contains(&stored.id)
                    && let Some(place) = self.open(collection.target, stored.id)?
                {
                    self.let_go(place, entity, number, owner.id, "")?;
                }
            }
        }
        Ok(())
    }

    /// Takes a child out of a collection: a part of the aggregate is deleted, another object only
    /// stops to point here.
    ///
    /// # Errors
    ///
    /// `NotFound` for an object that is not in the collection.
    pub fn let_go(
        &mut self,
        place: usize,
        entity: EntityId,
        number: CollectionId,
        owner: Uuid,
        path: &str,
    ) -> Result<()> {
        let collection = self.model().entity(entity).collection(number);
        let Some(object) = self.set.objects.get(place) else {
            return Ok(());
        };
        let (of, id) = (object.entity, object.id);
        let points = object
            .after
            .as_ref()
            .and_then(|r| r.reference(collection.back));
        if points != Some(owner) {
            let message = format!("the object is not in `{}`", collection.name);
            return Err(Problem::new(Code::NotFound, message).inside(path));
        }
        if collection.owned {
            return self.delete(of, id, path);
        }
        self.point(place, collection.back, None);
        Ok(())
    }

    /// Points a reference of an object somewhere else.
    ///
    /// # Errors
    ///
    /// As [`Applier::object`].
    pub fn link(
        &mut self,
        place: usize,
        reference: ReferenceId,
        target: Option<(EntityId, Uuid)>,
    ) -> Result<()> {
        let Some(object) = self.set.objects.get(place) else {
            return Ok(());
        };
        let of = self.model().entity(object.entity).reference(reference);
        if of.read_only {
            let message = format!("`{}` is read only", of.name);
            return Err(Problem::new(Code::ReadOnlyAttribute, message).about(&of.name));
        }
        if let Some((_, id)) = target {
            self.pending.push(Pending {
                target: of.target,
                id,
                path: of.name.clone(),
            });
        }
        self.point(place, reference, target.map(|(_, id)| id));
        Ok(())
    }

    /// Sets an attribute that only the service may set.
    pub fn set_made(&mut self, place: usize, attribute: AttributeId, value: Value) {
        let record = self.set.object_mut(place).and_then(|o| o.after.as_mut());
        if let Some(record) = record {
            record.set(attribute, value);
        }
    }

    /// Gives an object the hash of its password.
    pub fn password(&mut self, place: usize, secret: &Secret, path: &str) {
        let Some(object) = self.set.objects.get(place) else {
            return;
        };
        let problem = match super::secret::cells(self.model(), object.entity, secret) {
            Ok(cells) => {
                for (attribute, value) in cells {
                    self.set_made(place, attribute, value);
                }
                return;
            }
            Err(problem) => problem,
        };
        self.faults.push(problem.inside(path));
    }
}

/// What happens where no object fits.
#[derive(Debug, Clone, Copy)]
enum Missing {
    Refused,
    Null,
    Created,
}

/// `ObjectVersion` in a payload must be that of the aggregate.
fn check_version(draft: &Draft, object: &Object) -> Result<()> {
    match (draft.version, &object.before) {
        (Some(wanted), Some(stored)) if stored.version != wanted => {
            let message = format!(
                "the object has the version {}, not {wanted}",
                stored.version
            );
            let problem = Problem::new(Code::PreconditionFailed, message).about("ObjectVersion");
            Err(problem.help("read it again").inside(&draft.path))
        }
        _ => Ok(()),
    }
}

/// A value as it becomes: languages that are not given stay, unless the text is given whole.
fn merged(old: &Value, given: &Given, whole: bool) -> Value {
    let changes = match given {
        Given::Value(value) => return value.clone(),
        Given::Languages(changes) => changes,
    };
    let kept = match old {
        Value::Text(text) if !whole => MultilanguageString::from_json(text).unwrap_or_default(),
        Value::Text(_)
        | Value::Null
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Guid(_)
        | Value::Timestamp(_)
        | Value::Binary(_) => MultilanguageString::default(),
    };
    let text = kept.with(changes.iter().map(|(k, v)| (k.as_str(), v.as_deref())));
    if text.is_empty() {
        Value::Null
    } else {
        Value::Text(text.to_json())
    }
}
