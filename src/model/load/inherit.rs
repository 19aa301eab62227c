//! Completes the drafts: facts of inherited lines, the shared system attributes, the key first.

use super::draft::{AttributeDraft, Drafts, EntityDraft, ReferenceDraft};
use super::link::Names;
use super::yaml::Faults;
use crate::model::{AttributeRole, Default};

/// Completes every entity of the drafts.
pub(super) fn inherit(drafts: &mut Drafts, names: &Names, faults: &mut Faults) {
    let bases: Vec<_> = drafts
        .entities
        .iter()
        .map(|draft| base_of(draft, &drafts.entities, names, faults))
        .collect();
    let lines: Vec<_> = bases
        .iter()
        .map(|base| base.and_then(|base| drafts.entities.get(base)))
        .map(|base| base.map(|b| (b.attributes.clone(), b.references.clone())))
        .collect();
    for (draft, base) in drafts.entities.iter_mut().zip(&lines) {
        let (attributes, references) = base
            .as_ref()
            .map_or((&[][..], &[][..]), |(a, r)| (a.as_slice(), r.as_slice()));
        take_attributes(draft, attributes, faults);
        take_references(draft, references, faults);
        take_system(draft, &drafts.system, faults);
        draft
            .attributes
            .sort_by_key(|a| a.attribute.role != AttributeRole::Key);
    }
}

/// The position of the base entity: an entity without a base, with a table.
fn base_of(
    draft: &EntityDraft,
    all: &[EntityDraft],
    names: &Names,
    faults: &mut Faults,
) -> Option<usize> {
    let name = draft.base.as_ref()?;
    let position = names.entity(name, faults)?.index();
    let base = all.get(position)?;
    if base.base.is_some() || base.view.is_some() || base.references.iter().any(|r| r.owner) {
        let message = format!("`{}` cannot be a base entity", name.node);
        faults.add_help(
            name.at,
            message,
            "a base is an aggregate root with a table and no base of its own",
        );
        return None;
    }
    Some(position)
}

fn take_attributes(draft: &mut EntityDraft, base: &[AttributeDraft], faults: &mut Faults) {
    for line in draft
        .attributes
        .iter_mut()
        .filter(|line| line.attribute.inherited)
    {
        let own = &line.attribute;
        let fits = |b: &&AttributeDraft| {
            b.attribute.name == own.name && b.attribute.role == AttributeRole::Stored
        };
        let Some(found) = base.iter().find(fits) else {
            let known = base.iter().map(|b| b.attribute.name.as_str());
            faults.unknown(line.at, "attribute of the base entity", &own.name, known);
            continue;
        };
        let (default, at) = match own.default.clone() {
            Some(default) => (
                Some(retype(default, &found.attribute.default)),
                line.default_at,
            ),
            None => (found.attribute.default.clone(), None),
        };
        let facts = found.attribute.clone();
        line.attribute = crate::model::Attribute {
            inherited: true,
            default,
            ..facts
        };
        line.default_at = at;
        line.compose = line.compose.take().or_else(|| found.compose.clone());
    }
}

/// An inherited line knows no kind; special words mean what they mean in the base entity.
fn retype(default: Default, base: &Option<Default>) -> Default {
    match base {
        Some(special @ (Default::NewGuid | Default::Now | Default::NextCode)) => special.clone(),
        Some(Default::Constant(_)) | None => default,
    }
}

fn take_references(draft: &mut EntityDraft, base: &[ReferenceDraft], faults: &mut Faults) {
    for line in draft.references.iter_mut().filter(|line| line.inherited) {
        match base.iter().find(|b| b.name == line.name) {
            Some(found) => {
                *line = ReferenceDraft {
                    inherited: true,
                    at: line.at,
                    ..found.clone()
                }
            }
            None => {
                let known = base.iter().map(|b| b.name.as_str());
                faults.unknown(line.at, "reference of the base entity", &line.name, known);
            }
        }
    }
}

fn take_system(draft: &mut EntityDraft, system: &[AttributeDraft], faults: &mut Faults) {
    for name in &draft.system {
        match system.iter().find(|s| s.attribute.name == name.node) {
            Some(found) => draft.attributes.push(AttributeDraft {
                at: name.at,
                ..found.clone()
            }),
            None => {
                let known = system.iter().map(|s| s.attribute.name.as_str());
                faults.unknown(name.at, "system attribute", &name.node, known);
            }
        }
    }
}
