//! Whether the version of an object is one of what an answer says of it (RFC 9110, 8.8.1): nothing in
//! it changes without the version, neither by others nor by what the caller may see.

use crate::model::{DisplayPart, Entity, EntityId, PropertyId};
use crate::plan::{Expand, ExpandBody, Member, Predicate};
use crate::value::Kind;

use super::scope::Setting;
use super::select::Choice;
use super::shape::Link;
use super::tables::Instance;

/// Whether the version of the rows covers their members, and what is expanded.
pub(super) fn is_covered(
    setting: Setting<'_>,
    at: Instance,
    choice: &Choice,
    (members, expands): (&[Member], &[(Link, Expand)]),
) -> bool {
    let entity = setting.entity(at.entity);
    // A row of everything has what is not logged too; it is a fault only where somebody asks for it.
    let mut named = entity.attribute_ids();
    let named = named.any(|(id, attribute)| attribute.unlogged && choice.names_attribute(id));
    !named
        && choice.is_whole(setting, at.entity)
        && members.iter().all(|m| holds(setting, at.entity, m))
        && expands.iter().all(|(link, e)| is_part(setting, *link, e))
}

/// Whether the version covers a member of an entity.
fn holds(setting: Setting<'_>, of: EntityId, member: &Member) -> bool {
    let entity = setting.entity(of);
    let sees_all = |entity| setting.rights.sees_all(setting.model, entity);
    match member {
        Member::Attribute { .. } | Member::Custom { .. } | Member::CustomPart { .. } => true,
        // Null where its target is hidden.
        Member::Reference { id, .. } => sees_all(entity.reference(*id).target),
        Member::OfType {
            entity, members, ..
        } => sees_all(*entity) && members.iter().all(|m| holds(setting, *entity, m)),
        Member::DisplayText(_) => is_own(entity),
        // It may be made of anything, the time too.
        Member::Computed(_) => false,
        // It has been looked at by itself.
        Member::Expanded(_) => true,
    }
}

/// Whether the display text is made of the object alone, and is one text in all languages.
fn is_own(entity: &Entity) -> bool {
    entity.display.iter().all(|part| match part {
        DisplayPart::Literal(_) => true,
        DisplayPart::Member(path) => {
            path.references.is_empty()
                && entity.attribute(path.attribute).kind != Kind::Multilanguage
        }
        DisplayPart::Reference(..) => false,
    })
}

/// Whether what is expanded has the same version: children, all of them and as they are.
fn is_part(setting: Setting<'_>, link: Link, expand: &Expand) -> bool {
    let PropertyId::Collection(id) = link.property else {
        return false;
    };
    let collection = setting.entity(link.of).collection(id);
    let child = setting.entity(collection.target);
    let is_child = child.parent == Some(collection.back);
    let sees_all = setting.rights.sees_all(setting.model, collection.target);
    let is_plain = expand.query.predicate == Predicate::Always && expand.query.order.len() <= 1;
    match expand.body {
        ExpandBody::Entities | ExpandBody::Links | ExpandBody::Count => {
            is_child && sees_all && is_plain && expand.shape.covered
        }
    }
}
