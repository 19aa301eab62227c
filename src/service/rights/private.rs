//! Objects that are private to one user, such as notifications: their user reads them and changes a
//! little of them without any right, and no right shows them to others.

use std::collections::HashSet;

use uuid::Uuid;

use super::AllRights;
use crate::access::Scopes;
use crate::bind::{EntityRights, Rights, RowFilter, Visible};
use crate::model::{Allowed, Entity, EntityId, Model, PropertyId};

/// Narrows the rights of somebody who is no administrator to their own private objects.
pub(super) fn narrow(model: &Model, user: Uuid, scopes: Scopes, all: AllRights) -> AllRights {
    let private = model.entities().filter_map(|(id, entity)| {
        let mine = own(model, (id, entity), user)?;
        Some((id, entity, mine))
    });
    private.fold(all, |all, (id, entity, mine)| {
        let visible = |open: bool| match open {
            true => mine.clone(),
            false => Visible::Nothing,
        };
        let reads = scopes.read && entity.readers == Allowed::Granted;
        let updates = scopes.update && entity.writers == Allowed::Granted;
        let deletes = !matches!(all.delete.rows(id), Visible::Nothing);
        let unchanged: HashSet<_> = properties(entity).filter(|p| !is_own(entity, *p)).collect();
        let with = |rights: Rights, rows: Visible, closed: HashSet<PropertyId>| {
            rights.with(id, EntityRights { rows, closed })
        };
        let hidden = properties(entity).filter(|p| all.read.is_closed(id, *p));
        let hidden = hidden.collect();
        AllRights {
            read: with(all.read, visible(reads), hidden),
            create: all.create,
            update: with(all.update, visible(updates), unchanged),
            delete: with(all.delete, visible(deletes), HashSet::new()),
        }
    })
}

/// The rows of a private entity that are a user's; nothing where it is not private.
fn own(model: &Model, (id, entity): (EntityId, &Entity), user: Uuid) -> Option<Visible> {
    let reference = entity.reference(entity.private_to?);
    let set = &model.entity(reference.target).set;
    let filter = format!("{} eq '{set}({user})'", reference.name);
    // A reference that does not declare the filter shows nobody anything.
    Some(match RowFilter::parse(model, id, &filter) {
        Ok(filter) => Visible::Some(vec![filter]),
        Err(_) => Visible::Nothing,
    })
}

fn properties(entity: &Entity) -> impl Iterator<Item = PropertyId> {
    let attributes = entity.attribute_ids();
    let attributes = attributes.map(|(id, _)| PropertyId::Attribute(id));
    let references = entity.reference_ids();
    attributes.chain(references.map(|(id, _)| PropertyId::Reference(id)))
}

/// Whether users change a property of what is their own.
fn is_own(entity: &Entity, property: PropertyId) -> bool {
    match property {
        PropertyId::Attribute(id) => entity.attribute(id).self_service,
        PropertyId::Reference(_) | PropertyId::Collection(_) => false,
    }
}
