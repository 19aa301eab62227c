//! Stored objects on their way into the set: each as what it really is, whatever set it is named by.

use uuid::Uuid;

use super::apply::Applier;
use super::lookup::Criterion;
use super::named::Named;
use super::record::Stored;
use super::set::Object;
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model};

impl Object {
    /// Whether the caller sees the object by a base of its entity only, and not as what it is. It
    /// may then be named, but neither changed nor copied.
    pub fn is_half_seen(&self) -> bool {
        self.seen_as != self.entity
    }

    /// The refusal to do something to an object that the caller does not see as what it is. It does
    /// not say what that would be.
    pub fn half_seen(&self, model: &Model, what: &str) -> Option<Problem> {
        if !self.is_half_seen() {
            return None;
        }
        let set = &model.entity(self.seen_as).set;
        let message = format!("you may not {what} this object of `{set}`");
        let help = "it takes the rights for the entity set of its own type";
        Some(Problem::new(Code::Forbidden, message).help(help))
    }
}

impl Applier<'_, '_> {
    /// The number of an object in the set; it is taken from the database when it is not there yet.
    /// Nothing where there is no such object that the caller may see, or where it goes.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn open(&mut self, entity: EntityId, id: Uuid) -> Result<Option<usize>> {
        if let Some(place) = self.set.place(entity, id) {
            return Ok(self.known_as(place, entity, |object| object.seen_as));
        }
        let Some(seen) = self.stored(entity, id, Seen::ByCaller)? else {
            return Ok(None);
        };
        let seen_as = seen.entity;
        // Rights are held against what an object is: what hides that makes it no object of the base.
        let real = self.as_derived(seen_as, id, Seen::ByAll)?;
        let place = self.take(real.unwrap_or(seen));
        if let Some(object) = self.set.object_mut(place) {
            object.seen_as = seen_as;
        }
        Ok(Some(place))
    }

    /// The same of an object that the caller may not see.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn open_unseen(&mut self, entity: EntityId, id: Uuid) -> Result<Option<usize>> {
        if let Some(place) = self.set.place(entity, id) {
            return Ok(self.known_as(place, entity, |object| object.entity));
        }
        let stored = self.stored(entity, id, Seen::ByAll)?;
        Ok(stored.map(|stored| self.take(stored)))
    }

    /// An object of the set, where it stays and is one of an entity: the same key may be that of
    /// another branch of the family.
    fn known_as(
        &self,
        place: usize,
        entity: EntityId,
        of: impl Fn(&Object) -> EntityId,
    ) -> Option<usize> {
        let object = self.set.objects.get(place)?;
        let there = object.after.is_some() && self.model().is_a(of(object), entity);
        there.then_some(place)
    }

    /// An object as the database has it, with the values of the most derived entity that it has.
    fn stored(&mut self, entity: EntityId, id: Uuid, seen: Seen) -> Result<Option<Stored>> {
        let derived = self.as_derived(entity, id, seen)?;
        if derived.is_some() {
            return Ok(derived);
        }
        let keys = [Criterion::Keys(vec![id])];
        let found = match seen {
            Seen::ByCaller => self.lookup.objects(entity, &keys, Some(1))?,
            Seen::ByAll => self.lookup.all(entity, &keys, Some(1))?,
        };
        Ok(found.into_iter().next())
    }

    /// The same as one of the entities that extend an entity.
    fn as_derived(&mut self, entity: EntityId, id: Uuid, seen: Seen) -> Result<Option<Stored>> {
        for derived in self.model().derived(entity) {
            let found = self.stored(*derived, id, seen)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Takes a stored object into the set, which does not have it; its number.
    pub(super) fn take(&mut self, stored: Stored) -> usize {
        self.set.add(Object {
            entity: stored.entity,
            seen_as: stored.entity,
            id: stored.id,
            after: Some(stored.record.clone()),
            root: stored.root,
            before: Some(stored),
            request: self.request,
            path: String::new(),
            named: Named::default(),
            again: None,
        })
    }

    /// An object that must be there.
    pub(super) fn must_open(&mut self, entity: EntityId, id: Uuid, path: &str) -> Result<usize> {
        self.open(entity, id)?.ok_or_else(|| {
            let set = &self.model().entity(entity).set;
            Problem::new(Code::NotFound, format!("there is no `{set}({id})`")).inside(path)
        })
    }
}

/// Which stored objects count.
#[derive(Debug, Clone, Copy)]
enum Seen {
    /// Those that the caller may see.
    ByCaller,
    /// All.
    ByAll,
}
