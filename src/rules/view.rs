//! Everything else as it will be when the change is done: the database, and over it the change set.

use uuid::Uuid;

use super::case::Facts;
use crate::change::{ChangeSet, Checked, Criterion, Kind, Lookup, Record};
use crate::diag::Result;
use crate::model::{EntityId, Model};
use crate::value::Value;

/// What a rule may ask for.
pub struct View<'a, 'm> {
    pub(super) set: &'a ChangeSet<'m, Checked>,
    pub(super) lookup: &'a mut dyn Lookup,
    pub(super) unusable: &'a dyn Fn() -> Result<String>,
}

/// A condition on a property, by name.
#[derive(Debug, Clone)]
pub enum Where {
    /// The key.
    Key(Uuid),
    /// The attribute has this value.
    Is(&'static str, Value),
    /// The reference points at this object.
    At(&'static str, Uuid),
    /// The reference points at one of these.
    In(&'static str, Vec<Uuid>),
}

/// An object that the database has and the change set changes or deletes.
#[derive(Debug, Clone, Copy)]
pub struct Loss<'a> {
    /// Its number in the set.
    pub place: usize,
    /// Its key.
    pub id: Uuid,
    /// As the database has it.
    pub before: Facts<'a>,
    /// As it will be; nothing where it goes.
    pub after: Option<Facts<'a>>,
}

/// An object that was found.
#[derive(Debug, Clone)]
pub struct Item<'m> {
    model: &'m Model,
    entity: EntityId,
    record: Record,
    /// Its key.
    pub id: Uuid,
}

impl Item<'_> {
    /// Its values.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            model: self.model,
            entity: self.model.entity(self.entity),
            record: &self.record,
        }
    }
}

impl std::fmt::Debug for View<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").finish_non_exhaustive()
    }
}

impl<'a, 'm> View<'a, 'm> {
    /// The objects of some repositories that change or go.
    pub fn losses(&self, repositories: &[&str]) -> Vec<Loss<'a>> {
        let (set, model): (&'a ChangeSet<'m, Checked>, _) = (self.set, self.set.model());
        let losses = set
            .objects()
            .iter()
            .enumerate()
            .filter_map(|(place, object)| {
                let entity = model.entity(object.entity);
                let there = matches!(object.kind(), Kind::Update | Kind::Delete);
                if !there || !repositories.contains(&entity.name.as_str()) {
                    return None;
                }
                let facts = |record| Facts {
                    model,
                    entity,
                    record,
                };
                Some(Loss {
                    place,
                    id: object.id,
                    before: facts(&object.before.as_ref()?.record),
                    after: object.after.as_ref().map(facts),
                })
            });
        losses.collect()
    }

    /// Lets transactions that ask for the same word go on one after the other.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn one_at_a_time(&mut self, word: &str) -> Result<()> {
        self.lookup.next_number(word, 1).map(drop)
    }

    /// The objects of a repository that will meet all conditions, by rising key. None for a name
    /// that the model does not have.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn find(&mut self, repository: &str, wanted: &[Where]) -> Result<Vec<Item<'m>>> {
        let model = self.set.model();
        let Some(entity) = model.repository(repository) else {
            return Ok(Vec::new());
        };
        let Some(criteria) = criteria(model, entity, wanted) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for object in self.set.objects_of(entity) {
            if let Some(record) = &object.after {
                let mut all = criteria.iter();
                if all.all(|c| c.holds(model, entity, (object.entity, object.id), record)) {
                    found.push(item(model, object.entity, object.id, record.clone()));
                }
            }
        }
        // Nothing stored points at an object that is not stored yet.
        let unborn = |name: &str, id: &Uuid| {
            let of = model.entity(entity);
            let reference = of.reference_named(name).map(|id| of.reference(id));
            let target = reference.and_then(|r| self.set.object(r.target, *id));
            target.is_some_and(|object| object.kind() == Kind::Create)
        };
        let hopeless = wanted.iter().any(|w| match w {
            Where::At(name, id) => unborn(name, id),
            Where::In(name, ids) => ids.iter().all(|id| unborn(name, id)),
            Where::Key(_) | Where::Is(..) => false,
        });
        if hopeless {
            found.sort_by_key(|item| item.id);
            return Ok(found);
        }
        for stored in self.lookup.look(entity, &criteria)? {
            if self.set.place(entity, stored.id).is_none() {
                found.push(item(model, entity, stored.id, stored.record));
            }
        }
        found.sort_by_key(|item| item.id);
        Ok(found)
    }

    /// The object of a key.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn get(&mut self, repository: &str, id: Uuid) -> Result<Option<Item<'m>>> {
        Ok(self.find(repository, &[Where::Key(id)])?.pop())
    }

    /// The object of a key as the database has it.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn stored(&mut self, repository: &str, id: Uuid) -> Result<Option<Item<'m>>> {
        let model = self.set.model();
        let Some(entity) = model.repository(repository) else {
            return Ok(None);
        };
        let found = self.lookup.look(entity, &[Criterion::Keys(vec![id])])?;
        let found = found.into_iter().next();
        Ok(found.map(|stored| item(model, entity, id, stored.record)))
    }

    /// The stored form of a password that nobody knows.
    ///
    /// # Errors
    ///
    /// Faults of the system's source of random numbers.
    pub fn unusable_password(&self) -> Result<String> {
        (self.unusable)()
    }

    /// Whether the change set creates or changes this very object, so that rules look at it too.
    pub fn is_touched(&self, repository: &str, id: Uuid) -> bool {
        let entity = self.set.model().repository(repository);
        let object = entity.and_then(|entity| self.set.object(entity, id));
        object.is_some_and(|o| matches!(o.kind(), Kind::Create | Kind::Update))
    }
}

fn item(model: &Model, entity: EntityId, id: Uuid, record: Record) -> Item<'_> {
    Item {
        model,
        entity,
        record,
        id,
    }
}

/// Conditions by name as those of the model. Nothing where no object can meet them all: the model
/// lacks a name, or a reference is to point at one of none.
pub fn criteria(model: &Model, entity: EntityId, wanted: &[Where]) -> Option<Vec<Criterion>> {
    let of = model.entity(entity);
    let criterion = |condition: &Where| match condition {
        Where::Key(id) => Some(Criterion::Keys(vec![*id])),
        Where::Is(name, value) => {
            let id = of.attribute_named(name)?;
            Some(Criterion::Equal(id, value.clone()))
        }
        Where::At(name, target) => {
            let id = of.reference_named(name)?;
            Some(Criterion::PointsAt(id, vec![*target]))
        }
        Where::In(_, targets) if targets.is_empty() => None,
        Where::In(name, targets) => {
            let id = of.reference_named(name)?;
            Some(Criterion::PointsAt(id, targets.clone()))
        }
    };
    wanted.iter().map(criterion).collect()
}
