//! Properties of an object that is reached through its base: the same names under other numbers.

use std::borrow::Cow;

use super::draft::Draft;
use super::lookup::Criterion;
use crate::model::{AttributeId, CollectionId, EntityId, Model, PropertyId, ReferenceId};

/// The number that an attribute of one entity has in another of its family.
pub(super) fn attribute(
    model: &Model,
    from: EntityId,
    to: EntityId,
    id: AttributeId,
) -> Option<AttributeId> {
    if from == to {
        return Some(id);
    }
    let name = &model.entity(from).attribute(id).name;
    model.entity(to).attribute_named(name)
}

/// The number that a reference of one entity has in another of its family.
pub(super) fn reference(
    model: &Model,
    from: EntityId,
    to: EntityId,
    id: ReferenceId,
) -> Option<ReferenceId> {
    if from == to {
        return Some(id);
    }
    let name = &model.entity(from).reference(id).name;
    model.entity(to).reference_named(name)
}

fn collection(
    model: &Model,
    from: EntityId,
    to: EntityId,
    id: CollectionId,
) -> Option<CollectionId> {
    match model
        .entity(to)
        .property(&model.entity(from).collection(id).name)
    {
        Some(PropertyId::Collection(id)) => Some(id),
        Some(PropertyId::Attribute(_) | PropertyId::Reference(_)) | None => None,
    }
}

/// A draft of a base as one of the entity that its object turned out to have.
pub(super) fn draft<'d>(model: &Model, given: &'d Draft, to: EntityId) -> Cow<'d, Draft> {
    let from = given.entity;
    if from == to {
        return Cow::Borrowed(given);
    }
    let mut draft = given.clone();
    draft.entity = to;
    draft.values.retain_mut(|(id, _)| {
        let found = attribute(model, from, to, *id);
        found.map(|found| *id = found).is_some()
    });
    draft.references.retain_mut(|(id, _)| {
        let found = reference(model, from, to, *id);
        found.map(|found| *id = found).is_some()
    });
    draft.collections.retain_mut(|(id, _)| {
        let found = collection(model, from, to, *id);
        found.map(|found| *id = found).is_some()
    });
    Cow::Owned(draft)
}

/// A criterion for objects of one entity as one for those of another of its family.
pub(super) fn criterion<'c>(
    model: &Model,
    given: &'c Criterion,
    from: EntityId,
    to: EntityId,
) -> Option<Cow<'c, Criterion>> {
    if from == to {
        return Some(Cow::Borrowed(given));
    }
    let attribute = |id: &AttributeId| attribute(model, from, to, *id);
    let reference = |id: &ReferenceId| reference(model, from, to, *id);
    Some(Cow::Owned(match given {
        Criterion::Keys(ids) => Criterion::Keys(ids.clone()),
        Criterion::Equal(id, value) => Criterion::Equal(attribute(id)?, value.clone()),
        Criterion::Contains(id, text) => Criterion::Contains(attribute(id)?, text.clone()),
        Criterion::PointsAt(id, targets) => Criterion::PointsAt(reference(id)?, targets.clone()),
        Criterion::PointsNowhere(id) => Criterion::PointsNowhere(reference(id)?),
    }))
}
