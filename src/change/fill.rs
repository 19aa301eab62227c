//! What an object gets from its draft: values, references, children.

use uuid::Uuid;

use super::apply::{Applier, Outcome, Owner, Pending};
use super::compose;
use super::draft::{Action, Child, Children, Draft, Given, Link, Secret};
use super::family;
use super::set::{Kind, Object};
use crate::diag::{Code, Problem, Result};
use crate::model::{AttributeId, CollectionId, EntityId, PropertyId, ReferenceId};
use crate::value::{MultilanguageString, Value};

impl Applier<'_, '_> {
    /// Makes an object the child of another.
    pub(super) fn adopt(&mut self, place: usize, owner: Owner) {
        let entity = self.set.objects.get(place).map(|o| o.entity);
        let back = entity.and_then(|e| family::reference(self.model(), owner.child, e, owner.back));
        let record = self.set.objects.get(place).and_then(|o| o.after.as_ref());
        let is_child = back
            .zip(record)
            .is_some_and(|(back, record)| record.reference(back) == Some(owner.id));
        // What is one already was only found.
        if let Some(back) = back.filter(|_| !is_child) {
            self.point(place, back, Some(owner.id));
        }
    }

    /// A child names the object around it, or nothing.
    pub(super) fn check_owner(&self, draft: &Draft, owner: Owner) -> Result<()> {
        let of = self.model().entity(owner.child);
        let name = &of.reference(owner.back).name;
        let back = family::reference(self.model(), owner.child, draft.entity, owner.back);
        let given = draft.references.iter().find(|(id, _)| Some(*id) == back);
        match given {
            Some((_, Link::To(_, id))) if *id == owner.id => Ok(()),
            Some((_, Link::To(..) | Link::Null | Link::Object(_))) => {
                let message = format!("`{name}` is the object around this one");
                let problem = Problem::new(Code::InvalidPayload, message).about(name);
                Err(problem.help("leave it out").inside(&draft.path))
            }
            None => Ok(()),
        }
    }

    fn point(&mut self, place: usize, reference: ReferenceId, target: Option<Uuid>) {
        let request = self.request;
        let Some(object) = self.set.object_mut(place) else {
            return;
        };
        object.touch(request, "");
        object.named.note(PropertyId::Reference(reference));
        if let Some(record) = &mut object.after {
            record.point(reference, target);
        }
    }

    /// Gives an object the values, references and children of its draft.
    pub(super) fn fill(&mut self, place: usize, draft: &Draft, fresh: bool) -> Result<Outcome> {
        if !fresh {
            self.allowed(Kind::Update, place)
                .map_err(|p| p.inside(&draft.path))?;
        }
        let model = self.model();
        let (whole, request) = (self.replace_languages, self.request);
        let lost = || Problem::new(Code::Internal, "an object of a change set is lost");
        let known = self.set.objects.get(place).map(|object| object.entity);
        let own = family::draft(model, draft, known.ok_or_else(lost)?);
        let customs = self.customs(place, &own)?;
        let object = self.set.object_mut(place).ok_or_else(lost)?;
        let (entity, id) = (object.entity, object.id);
        // An object that is reached through its base has its properties under other numbers.
        let draft: &Draft = &own;
        if object.path.is_empty() {
            object.path.clone_from(&draft.path);
        }
        if draft.changes_something() {
            object.touch(request, &draft.path);
        }
        if !model.entity(entity).is_open() && draft.changes_something() {
            let message = format!("`{}` cannot be written", model.entity(entity).set);
            let problem = Problem::new(Code::MethodNotAllowed, message);
            return Err(problem.inside(&draft.path));
        }
        check_version(draft, object)?;
        object.named.ask();
        for (number, _) in &draft.values {
            object.named.note(PropertyId::Attribute(*number));
        }
        if let Some(record) = &mut object.after {
            for (number, given) in &draft.values {
                let value = merged(record.value(*number), given, whole);
                record.set(*number, value);
            }
            for (number, value) in customs {
                record.set(number, value);
            }
        }
        // Later requests may look for its name.
        compose::refresh(model, object);
        if let Some(secret) = &draft.secret {
            self.password(place, secret, &draft.path);
        }
        self.around.push(place);
        for (number, link) in &draft.references {
            let target = self.link_target(draft, entity, *number, link)?;
            self.point(place, *number, target);
        }
        for (number, children) in &draft.collections {
            let collection = model.entity(entity).collection(*number);
            let owner = Owner {
                child: collection.target,
                back: collection.back,
                id,
                fresh,
            };
            self.children(entity, *number, children, owner)?;
        }
        self.around.pop();
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
            Link::To(_, id) => {
                self.pending.push(Pending {
                    target: reference.target,
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
            for child in self.pointing(collection.target, owner.back, owner.id, Some(None))? {
                if !kept.contains(&child)
                    && let Some(place) = self.open(collection.target, child)?
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
        let back = family::reference(self.model(), collection.target, of, collection.back);
        let points = object.after.as_ref().zip(back);
        let points = points.and_then(|(record, back)| record.reference(back));
        if points != Some(owner) {
            let message = format!("the object is not in `{}`", collection.name);
            return Err(Problem::new(Code::NotFound, message).inside(path));
        }
        if collection.owned {
            return self.delete(of, id, path);
        }
        self.allowed(Kind::Update, place)
            .map_err(|p| p.inside(path))?;
        if let Some(back) = back {
            self.point(place, back, None);
        }
        Ok(())
    }

    /// Points a reference of an object somewhere else; it is named as one of the entity `named`,
    /// which the object has or extends.
    ///
    /// # Errors
    ///
    /// As [`Applier::object`].
    pub fn link(
        &mut self,
        place: usize,
        (named, reference): (EntityId, ReferenceId),
        target: Option<(EntityId, Uuid)>,
    ) -> Result<()> {
        let (model, entity) = (self.model(), self.set.objects.get(place).map(|o| o.entity));
        let found = entity.and_then(|e| Some((e, family::reference(model, named, e, reference)?)));
        let Some((entity, reference)) = found else {
            let message = "the object does not have this reference";
            return Err(Problem::new(Code::MethodNotAllowed, message));
        };
        let of = model.entity(entity).reference(reference);
        if of.read_only {
            let message = format!("`{}` is read only", of.name);
            return Err(Problem::new(Code::ReadOnlyAttribute, message).about(&of.name));
        }
        self.allowed(Kind::Update, place)?;
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
        let request = self.request;
        let Some(object) = self.set.object_mut(place) else {
            return;
        };
        object.touch(request, "");
        object.named.note(PropertyId::Attribute(attribute));
        if let Some(record) = &mut object.after {
            record.set(attribute, value);
        }
    }

    /// Points a reference that only the service may set, at what the service knows to be there.
    pub fn point_made(&mut self, place: usize, reference: ReferenceId, target: Option<Uuid>) {
        self.point(place, reference, target);
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
        // What its definition makes of it is set apart.
        Given::Custom(_) => return old.clone(),
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
