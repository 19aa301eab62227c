//! A copy of an object, and of the children of its aggregate.

use std::collections::HashMap;

use uuid::Uuid;

use super::apply::{Applier, Outcome};
use super::compose;
use super::default;
use super::lookup::Criterion;
use super::named::Named;
use super::record::Record;
use super::set::Object;
use crate::diag::{Code, Problem, Result};
use crate::model::{CollectionId, EntityId, Model, PropertyId};

/// Which properties a copy may take over, as far as the caller is concerned.
pub type Copied<'a> = &'a dyn Fn(EntityId, PropertyId) -> bool;

/// The new objects, each with the one that it is a copy of.
type Pairs = Vec<(usize, Uuid, Uuid)>;

impl Applier<'_, '_> {
    /// Copies an object and those of the children of its aggregate that the caller may see, under
    /// new keys. References among what is copied lead to the copies; all others stay. What only the
    /// service sets, what is secret, and what the model never copies has its default.
    ///
    /// # Errors
    ///
    /// `NotFound` where there is no such object, `Forbidden` where the caller does not see it as what
    /// it is, `MethodNotAllowed` where its entity is read only, `LimitExceeded`; faults of the database.
    pub fn copy(&mut self, entity: EntityId, id: Uuid, copied: Copied<'_>) -> Result<Outcome> {
        let place = self.must_open(entity, id, "")?;
        let object = self.set.objects().get(place);
        if let Some(problem) = object.and_then(|o| o.half_seen(self.model(), "copy")) {
            return Err(problem);
        }
        let entity = object.map_or(entity, |o| o.entity);
        let of = self.model().entity(entity);
        if !of.is_open() {
            let message = format!("`{}` cannot be written", of.set);
            return Err(Problem::new(Code::MethodNotAllowed, message));
        }
        let mut pairs = Pairs::new();
        let copy = self.copy_tree(place, copied, &mut pairs)?;
        self.redirect(&pairs);
        Ok(Outcome {
            entity,
            id: copy,
            created: true,
        })
    }

    /// Copies one object, then its children; answers the key of the copy.
    fn copy_tree(&mut self, place: usize, copied: Copied<'_>, pairs: &mut Pairs) -> Result<Uuid> {
        self.check_size()?;
        let Some(original) = self.set.objects().get(place).cloned() else {
            return Err(Problem::new(Code::Internal, "an object of a copy is lost"));
        };
        let (entity, id) = (original.entity, (self.ids)());
        let mut record = default::record(self.model(), entity, id, self.now, self.lookup)?;
        if let Some(from) = &original.after {
            take_over(self.model(), entity, from, &mut record, copied);
        }
        let mut object = Object {
            entity,
            seen_as: entity,
            id,
            before: None,
            after: Some(record),
            root: id,
            request: self.request,
            path: String::new(),
            named: Named::default(),
            again: None,
        };
        compose::refresh(self.model(), &mut object);
        let place = self.set.add(object);
        pairs.push((place, original.id, id));
        let collections: Vec<CollectionId> = copied_collections(self.model(), entity).collect();
        for number in collections {
            for child in self.children_of(entity, number, &original)? {
                self.copy_tree(child, copied, pairs)?;
            }
        }
        Ok(id)
    }

    /// The children of an object that the caller may see, opened.
    fn children_of(
        &mut self,
        entity: EntityId,
        number: CollectionId,
        owner: &Object,
    ) -> Result<Vec<usize>> {
        let model = self.model();
        let collection = model.entity(entity).collection(number);
        let (target, back) = (collection.target, collection.back);
        let criterion = [Criterion::PointsAt(back, vec![owner.id])];
        let mine = self.set.objects().iter().enumerate();
        let held = mine.filter(|(_, o)| {
            let record = o.after.as_ref();
            let [criterion] = &criterion;
            let holds = |r| criterion.holds(model, target, (o.entity, o.id), r);
            model.is_a(o.entity, target) && record.is_some_and(holds)
        });
        let mut places: Vec<usize> = held.map(|(place, _)| place).collect();
        if owner.before.is_some() {
            let limit = u64::try_from(super::set::MOST_OBJECTS).unwrap_or(u64::MAX);
            for stored in self.lookup.objects(target, &criterion, Some(limit))? {
                if self.set.place(stored.entity, stored.id).is_some() {
                    continue;
                }
                // The most derived entity has all values.
                if model.derived(stored.entity).is_empty() {
                    places.push(self.take(stored));
                } else {
                    places.extend(self.open(stored.entity, stored.id)?);
                }
            }
        }
        // Of what an object is only a base is seen: it is not one that the caller may copy.
        places.retain(|place| {
            let object = self.set.objects().get(*place);
            object.is_some_and(|o| !o.is_half_seen())
        });
        // In the order of their keys, whatever was opened first.
        places.sort_by_key(|place| self.set.objects().get(*place).map(|o| o.id));
        Ok(places)
    }

    /// Lets references among the originals lead to their copies.
    fn redirect(&mut self, pairs: &Pairs) {
        let model = self.model();
        let copies: HashMap<Uuid, Uuid> = pairs.iter().map(|(_, from, to)| (*from, *to)).collect();
        for (place, _, _) in pairs {
            let Some(object) = self.set.object_mut(*place) else {
                continue;
            };
            let of = model.entity(object.entity);
            if let Some(record) = &mut object.after {
                for (id, _) in of.reference_ids() {
                    let copy = record.reference(id).and_then(|target| copies.get(&target));
                    if let Some(copy) = copy {
                        record.point(id, Some(*copy));
                    }
                }
            }
        }
    }
}

/// The collections whose objects are copied with their owner.
pub fn copied_collections(
    model: &Model,
    entity: EntityId,
) -> impl Iterator<Item = CollectionId> + '_ {
    let collections = model.entity(entity).collection_ids();
    let copied = collections.filter(|(_, collection)| {
        let target = model.entity(collection.target);
        collection.owned && target.copied && target.is_open()
    });
    copied.map(|(id, _)| id)
}

/// Gives a copy the values of its original.
fn take_over(model: &Model, entity: EntityId, from: &Record, to: &mut Record, copied: Copied<'_>) {
    let of = model.entity(entity);
    for (id, attribute) in of.attribute_ids() {
        let open = of.is_writable(entity, attribute) && attribute.copied && !attribute.secret;
        if open && copied(entity, PropertyId::Attribute(id)) {
            to.set(id, from.value(id).clone());
        }
    }
    let parent = of.parent;
    for (id, reference) in of.reference_ids() {
        let open = !reference.read_only && copied(entity, PropertyId::Reference(id));
        if open || parent == Some(id) {
            to.point(id, from.reference(id));
        }
    }
}
