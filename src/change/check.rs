//! The change set as a whole: what must hold for every object, whoever changed it.

use uuid::Uuid;

use super::apply::Applier;
use super::compose;
use super::set::{ChangeSet, Checked, Kind, Object};
use crate::diag::{Code, Problem, Result};
use crate::model::{Attribute, AttributeRole, EntityId, Model, Stamp};
use crate::value::{Timestamp, Value};

/// Who changes something, and when.
#[derive(Debug, Clone)]
pub struct Author {
    /// The time of the change.
    pub now: Timestamp,
    /// The key of the user; nothing where nobody has signed in.
    pub user: Option<Uuid>,
    /// The login of the user.
    pub login: Option<String>,
    /// The program that sent the change.
    pub application: Option<String>,
}

/// Faults of a change set, each with the number of the request that it is of.
pub type Faults = Vec<(usize, Problem)>;

impl<'m> Applier<'_, 'm> {
    /// Finds the aggregate of every object, fills in what the service writes, and sees that every
    /// object is whole and that nothing is left pointing at what goes.
    ///
    /// # Errors
    ///
    /// Every fault of the set; or, alone, a fault of the database.
    pub fn check(mut self, author: &Author) -> Result<ChangeSet<'m, Checked>, Faults> {
        let alone = |problem| vec![(0, problem)];
        self.find_roots()?;
        let mut faults = self.left_behind().map_err(alone)?;
        let model = self.model();
        for object in &mut self.set.objects {
            complete(model, object, author);
            let found = missing(model, object).into_iter();
            faults.extend(found.map(|problem| (object.request, problem.inside(&object.path))));
        }
        if faults.is_empty() {
            Ok(self.set.into_stage())
        } else {
            Err(faults)
        }
    }

    /// Finds the aggregate of every object of a set that is not whole yet.
    ///
    /// # Errors
    ///
    /// As [`Applier::check`].
    pub fn settle(mut self) -> Result<ChangeSet<'m>, Faults> {
        self.find_roots()?;
        Ok(self.set)
    }

    /// Sets the root of every changed object, and takes the roots into the set: their versions rise.
    fn find_roots(&mut self) -> Result<(), Faults> {
        let mut place = 0;
        // Roots are added behind while this goes on.
        while let Some(object) = self.set.objects.get(place) {
            let (entity, id, request) = (object.entity, object.id, object.request);
            let path = object.path.clone();
            let alone = |problem: Problem| vec![(request, problem.inside(&path))];
            let root_entity = self.model().entity(entity).root;
            if object.kind() != Kind::Nothing && root_entity != entity {
                let before = object.before.as_ref().map(|stored| stored.root);
                let after = match object.after {
                    Some(_) => Some(self.root_of(entity, id).map_err(alone)?),
                    None => None,
                };
                for root in [before, after].into_iter().flatten() {
                    self.open(root_entity, root).map_err(alone)?;
                }
                if let Some(object) = self.set.object_mut(place) {
                    object.root = after.or(before).unwrap_or(id);
                }
            }
            place += 1;
        }
        Ok(())
    }

    /// The key of the root of an object, over its aggregate parents.
    fn root_of(&mut self, entity: EntityId, id: Uuid) -> Result<Uuid> {
        let model = self.model();
        let (mut entity, mut id) = (entity, id);
        while let Some(parent) = model.entity(entity).parent {
            let reference = model.entity(entity).reference(parent);
            let record = self.set.object(entity, id).and_then(|o| o.after.as_ref());
            let Some(next) = record.and_then(|r| r.reference(parent)) else {
                // That it is missing is found when the object is looked at.
                return Ok(id);
            };
            if self.open(reference.target, next)?.is_none() {
                let set = &model.entity(reference.target).set;
                let message = format!("there is no `{set}({next})`");
                let problem = Problem::new(Code::UnknownReference, message);
                return Err(problem.about(&reference.name));
            }
            (entity, id) = (reference.target, next);
        }
        Ok(id)
    }
}

/// Fills in what the service itself writes: composed texts and stamps.
pub(super) fn complete(model: &Model, object: &mut Object, author: &Author) {
    let kind = object.kind();
    compose::refresh(model, object);
    let Some(record) = &mut object.after else {
        return;
    };
    let created = match kind {
        Kind::Create => true,
        Kind::Update => false,
        Kind::Delete | Kind::Nothing => return,
    };
    let of = model.entity(object.entity);
    for (number, attribute) in of.attribute_ids() {
        if let Some(stamp) = attribute.stamp
            && (created || stamp.follows_changes())
        {
            let login = || author.login.clone().map_or(Value::Null, Value::Text);
            record.set(
                number,
                match stamp {
                    Stamp::CreationTime | Stamp::UpdateTime => Value::Timestamp(author.now),
                    Stamp::CreationUser | Stamp::UpdateUser => login(),
                },
            );
        }
    }
}

/// What must be there and is not. Of an object that changes, only what changes is looked at: an old
/// fault does not stop an unrelated change.
pub(super) fn missing(model: &Model, object: &Object) -> Vec<Problem> {
    let created = match object.kind() {
        Kind::Create => true,
        Kind::Update => false,
        Kind::Delete | Kind::Nothing => return Vec::new(),
    };
    let Some(record) = &object.after else {
        return Vec::new();
    };
    let of = model.entity(object.entity);
    let required = |name: &str| {
        let message = format!("`{name}` of `{}` is required", of.set);
        Problem::new(Code::ValueRequired, message).about(name)
    };
    // A writer cannot give what is composed, only its parts.
    let lacking = |attribute: &Attribute| {
        let parts = compose::parts(of, attribute);
        match parts.as_slice() {
            [] => required(&attribute.name),
            [part] => required(part).help(format!("`{}` is made of it", attribute.name)),
            [first, ..] => {
                let names: Vec<_> = parts.iter().map(|part| format!("`{part}`")).collect();
                let message = format!("one of {} of `{}` is required", names.join(", "), of.set);
                Problem::new(Code::ValueRequired, message)
                    .about(*first)
                    .help(format!("`{}` is made of them", attribute.name))
            }
        }
    };
    let before = object.before.as_ref().map(|stored| &stored.record);
    let attributes = of.attribute_ids().filter_map(|(number, attribute)| {
        let stored = match attribute.role {
            AttributeRole::Stored => true,
            AttributeRole::Root
            | AttributeRole::Key
            | AttributeRole::DisplayText
            | AttributeRole::Custom(_) => false,
        };
        let value = record.value(number);
        let changed = created || before.is_some_and(|b| b.value(number) != value);
        let gap = stored && changed && *value == Value::Null && !attribute.nullable;
        gap.then(|| lacking(attribute))
    });
    let references = of.reference_ids().filter_map(|(number, reference)| {
        let target = record.reference(number);
        let changed = created || before.is_some_and(|b| b.reference(number) != target);
        let gap = changed && target.is_none() && !reference.nullable;
        gap.then(|| required(&reference.name))
    });
    attributes.chain(references).collect()
}
