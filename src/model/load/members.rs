//! Resolves the members that entities name: display, search, code, name.

use super::display::{Piece, pieces};
use super::draft::EntityDraft;
use super::link::number;
use super::yaml::{Faults, Spot, Spotted};
use crate::model::{
    AttributeRole, DisplayPart, Entity, EntityId, MemberPath, PropertyId, ReferenceId,
};

/// What a dotted member name stands for.
enum Member {
    Attribute(MemberPath),
    Reference(ReferenceId),
}

/// Resolves the members of every entity.
pub(super) fn link(entities: &mut [Entity], drafts: &[EntityDraft], faults: &mut Faults) {
    let displays: Vec<_> = (0..)
        .zip(drafts)
        .map(|(n, draft)| display(entities, EntityId(n), &draft.display, true, faults))
        .collect();
    for (position, (draft, display)) in drafts.iter().zip(displays).enumerate() {
        let own = EntityId(number(position));
        let declared: Vec<_> = draft
            .search
            .iter()
            .filter_map(|member| text_member(entities, own, member, faults))
            .collect();
        let code = draft
            .code
            .as_ref()
            .and_then(|member| text_member(entities, own, member, faults));
        let name = draft
            .name_member
            .as_ref()
            .and_then(|member| text_member(entities, own, member, faults));
        let search = with_display(entities, own, declared, &display);
        if let Some(entity) = entities.get_mut(position) {
            (
                entity.display,
                entity.search,
                entity.code,
                entity.name_member,
            ) = (display, search, code, name);
        }
    }
}

/// Follows `User.Name` from an entity.
fn resolve(entities: &[Entity], from: EntityId, path: &str) -> Option<Member> {
    let (mut entity, mut references) = (entities.get(from.index())?, Vec::new());
    let mut segments = path.split('.').peekable();
    while let Some(segment) = segments.next() {
        match (entity.property(segment)?, segments.peek().is_some()) {
            (PropertyId::Attribute(attribute), false) => {
                return Some(Member::Attribute(MemberPath {
                    references,
                    attribute,
                }));
            }
            (PropertyId::Reference(id), false) if references.is_empty() => {
                return Some(Member::Reference(id));
            }
            (PropertyId::Reference(id), true) => {
                references.push(id);
                entity = entities.get(entity.reference(id).target.index())?;
            }
            (PropertyId::Attribute(_), true)
            | (PropertyId::Reference(_), false)
            | (PropertyId::Collection(_), true | false) => return None,
        }
    }
    None
}

/// The entity at the end of a member path.
pub(super) fn end_of(entities: &[Entity], from: EntityId, path: &MemberPath) -> EntityId {
    path.references.iter().fold(from, |at, reference| {
        entities
            .get(at.index())
            .map_or(at, |entity| entity.reference(*reference).target)
    })
}

fn unresolved(entities: &[Entity], from: EntityId, member: &str, at: Spot, faults: &mut Faults) {
    let names = entities
        .get(from.index())
        .into_iter()
        .flat_map(Entity::property_names);
    faults.unknown(at, "member", member, names);
}

/// A member that must be an open text.
fn text_member(
    entities: &[Entity],
    from: EntityId,
    member: &Spotted<String>,
    faults: &mut Faults,
) -> Option<MemberPath> {
    let Some(Member::Attribute(path)) = resolve(entities, from, &member.node) else {
        unresolved(entities, from, &member.node, member.at, faults);
        return None;
    };
    let attribute = entities
        .get(end_of(entities, from, &path).index())?
        .attribute(path.attribute);
    if attribute.secret {
        faults.add(
            member.at,
            format!("secret attribute `{}` cannot be a member here", member.node),
        );
    } else if !attribute.kind.is_text() || attribute.role == AttributeRole::DisplayText {
        faults.add(member.at, format!("`{}` is not a stored text", member.node));
    }
    Some(path)
}

/// The parts of a display format. A reference shows its target's format, one level deep.
fn display(
    entities: &[Entity],
    from: EntityId,
    format: &Spotted<String>,
    deeper: bool,
    faults: &mut Faults,
) -> Vec<DisplayPart> {
    let Some(pieces) = pieces(&format.node) else {
        faults.add_help(
            format.at,
            "the braces of the display format do not match",
            "`{Name} <{Login}>`",
        );
        return Vec::new();
    };
    let mut parts = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => parts.push(DisplayPart::Literal(text.to_owned())),
            Piece::Member(member) => {
                parts.extend(display_member(
                    entities,
                    from,
                    (member, format.at),
                    deeper,
                    faults,
                ));
            }
        }
    }
    parts
}

fn display_member(
    entities: &[Entity],
    from: EntityId,
    (member, at): (&str, Spot),
    deeper: bool,
    faults: &mut Faults,
) -> Option<DisplayPart> {
    match resolve(entities, from, member) {
        None => {
            unresolved(entities, from, member, at, faults);
            None
        }
        Some(Member::Attribute(path)) => {
            let attribute = entities
                .get(end_of(entities, from, &path).index())?
                .attribute(path.attribute);
            if attribute.secret || attribute.role == AttributeRole::DisplayText {
                faults.add(
                    at,
                    format!("`{member}` cannot be displayed: it is secret or calculated"),
                );
            }
            Some(DisplayPart::Member(path))
        }
        Some(Member::Reference(id)) if deeper => {
            let target = entities.get(from.index())?.reference(id).target;
            let format = Spotted {
                node: entities.get(target.index())?.display_format.clone(),
                at,
            };
            Some(DisplayPart::Reference(
                id,
                display(entities, target, &format, false, faults),
            ))
        }
        Some(Member::Reference(_)) => None,
    }
}

/// The search members and the texts of the display format, each once.
fn with_display(
    entities: &[Entity],
    own: EntityId,
    mut search: Vec<MemberPath>,
    parts: &[DisplayPart],
) -> Vec<MemberPath> {
    let is_text = |path: &MemberPath| {
        let end = entities.get(end_of(entities, own, path).index());
        end.is_some_and(|entity| entity.attribute(path.attribute).kind.is_text())
    };
    for path in parts
        .iter()
        .flat_map(|part| paths(part, &[]))
        .filter(is_text)
    {
        if !search.contains(&path) {
            search.push(path);
        }
    }
    search
}

fn paths(part: &DisplayPart, before: &[ReferenceId]) -> Vec<MemberPath> {
    match part {
        DisplayPart::Literal(_) => Vec::new(),
        DisplayPart::Member(path) => {
            let references = before.iter().chain(&path.references).copied().collect();
            vec![MemberPath {
                references,
                attribute: path.attribute,
            }]
        }
        DisplayPart::Reference(id, parts) => {
            let before: Vec<_> = before.iter().copied().chain([*id]).collect();
            parts.iter().flat_map(|part| paths(part, &before)).collect()
        }
    }
}
