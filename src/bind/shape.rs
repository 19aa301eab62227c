//! The output of an entity: members, expanded properties, the columns that they need.

use crate::diag::{Problem, Result};
use crate::model::{Attribute, Entity, EntityId, Place, PropertyId};
use crate::plan::{Expand, Member, Shape, Term};
use crate::syntax::ast::QueryOptions;

use super::compute;
use super::covered;
use super::expand;
use super::levels::{Again, Depth};
use super::rows::Rows;
use super::scope::NAMESPACE;
use super::select::Choice;
use super::tables::Instance;
use super::visible;

/// A reference or collection of the rows, or of what they are as rows of a derived type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) of: EntityId,
    pub(super) property: PropertyId,
}

/// Binds `$select` and `$expand` over the rows of a query.
///
/// `again` is what `$levels` expands once more.
pub(super) fn shape(
    rows: &mut Rows<'_>,
    options: &QueryOptions,
    depth: Depth,
    again: Option<Again<'_>>,
) -> Result<Shape> {
    let (setting, entity) = (rows.setting, rows.entity());
    let choice = match &options.select {
        None => Ok(Choice::defaults(setting)),
        Some(opt) => Choice::of(setting, entity, &opt.value)
            .map_err(|p| p.within(expand::source("$select", depth.nested()), &opt.text)),
    };
    let expands = match &options.expand {
        None => Ok(Vec::new()),
        Some(opt) => {
            expand::bind(rows, &opt.value, depth).map_err(|p| p.within("$expand", &opt.text))
        }
    };
    let (choice, mut expands) = both(choice, expands)?;
    if let Some(again) = again {
        again.expand(rows, depth, &mut expands)?;
    }
    let types = match setting.context.tells_types {
        true => setting.model.derived(entity),
        false => &[],
    };
    assemble(rows, &choice, expands, types)
}

/// The output of a choice, without anything expanded; rows do not say of which type they are.
pub(super) fn chosen(rows: &mut Rows<'_>, choice: &Choice) -> Result<Shape> {
    assemble(rows, choice, Vec::new(), &[])
}

/// `types` are the derived types of which the rows say whether they are.
fn assemble(
    rows: &mut Rows<'_>,
    choice: &Choice,
    expands: Vec<(Link, Expand)>,
    types: &[EntityId],
) -> Result<Shape> {
    let key = rows.key();
    let entity = rows.setting.entity(rows.entity());
    let here = rows.here;
    let mut members = self::members(rows, here, choice, &expands)?;
    let computed = compute::members(rows)?.into_iter();
    let computed = computed.filter(|of| choice.has_computed(&of.name));
    members.extend(computed.map(Member::Computed));
    of_types(rows, choice, &expands, types, &mut members)?;
    let version = version(rows, entity, choice)?;
    let covered = covered::is_covered(rows.setting, here, choice, (&members, &expands));
    let expands = expands.into_iter();
    let expands = expands.map(|(link, expand)| labelled(rows, link, expand));
    let expands = expands.collect();
    Ok(Shape {
        entity: rows.entity(),
        typed: false,
        key,
        version,
        covered,
        members,
        expands,
        selected: choice.names.clone(),
        groups: None,
    })
}

/// The members of rows, or of what they are as rows of a derived type: attributes, references,
/// collections.
fn members(
    rows: &mut Rows<'_>,
    at: Instance,
    choice: &Choice,
    expands: &[(Link, Expand)],
) -> Result<Vec<Member>> {
    let mut members = choice.attributes(rows, at)?;
    let (setting, of) = (rows.setting, at.entity);
    let entity = setting.entity(of);
    let expanded = |property| {
        expands
            .iter()
            .position(|(l, _)| *l == Link { of, property })
    };
    for (id, _) in entity.reference_ids() {
        let wanted = PropertyId::Reference(id);
        if let Some(number) = expanded(wanted) {
            members.push(Member::Expanded(number));
        } else if setting.shows(of, wanted) && choice.has_reference(entity, id) {
            let position = rows.reference(at, id)?;
            members.push(Member::Reference { id, position });
        }
    }
    for (id, _) in entity.collection_ids() {
        if let Some(number) = expanded(PropertyId::Collection(id)) {
            members.push(Member::Expanded(number));
        }
    }
    Ok(members)
}

/// What only rows of derived types have, in the order in which the request first names the types;
/// after it the types that are only `told`: those of which the caller may see rows.
fn of_types(
    rows: &mut Rows<'_>,
    choice: &Choice,
    expands: &[(Link, Expand)],
    told: &[EntityId],
    members: &mut Vec<Member>,
) -> Result<()> {
    let (setting, nothing) = (rows.setting, Choice::nothing());
    let mut types: Vec<(EntityId, &Choice)> = Vec::new();
    types.extend(choice.derived().iter().map(|(of, inner)| (*of, inner)));
    let links = expands.iter().map(|(link, _)| link.of);
    let links = links.filter(|of| *of != rows.entity());
    let told = told.iter().copied();
    for of in links.chain(told.filter(|of| visible::is_open(setting, *of))) {
        if types.iter().all(|(known, _)| *known != of) {
            types.push((of, &nothing));
        }
    }
    for (entity, inner) in types {
        let (at, key) = rows.of_type(entity)?;
        let inner = self::members(rows, at, inner, expands)?;
        members.push(Member::OfType {
            entity,
            key,
            members: inner,
        });
    }
    Ok(())
}

/// The position of `ObjectVersion` in many rows: always for aggregate roots, whose own table has it;
/// for children only where it was asked for, since it needs the way up to the root.
fn version(rows: &mut Rows<'_>, entity: &Entity, choice: &Choice) -> Result<Option<usize>> {
    let Some(PropertyId::Attribute(id)) = entity.property(Attribute::VERSION) else {
        return Ok(None);
    };
    let near = entity.root == rows.entity()
        || match entity.stored(id).map(|stored| stored.place) {
            Some(Place::Own | Place::Base) => true,
            Some(Place::Root) | None => false,
        };
    if !near && !choice.names_attribute(id) {
        return Ok(None);
    }
    version_of_one(rows)
}

/// The position of `ObjectVersion`, whatever the way to it.
pub(super) fn version_of_one(rows: &mut Rows<'_>) -> Result<Option<usize>> {
    let of = rows.entity();
    let property = rows.setting.entity(of).property(Attribute::VERSION);
    match property {
        Some(shown @ PropertyId::Attribute(id)) if rows.setting.shows(of, shown) => {
            let located = rows.attribute(id)?;
            Ok(located.map(|located| rows.position(Term::Column(located.column))))
        }
        _ => Ok(None),
    }
}

/// What is expanded, with the type in its label where only rows of a derived type have it.
fn labelled(rows: &Rows<'_>, link: Link, expand: Expand) -> Expand {
    if link.of == rows.entity() {
        return expand;
    }
    let of = &rows.setting.entity(link.of).type_name;
    let label = format!("{NAMESPACE}.{of}/{}", expand.name);
    Expand { label, ..expand }
}

/// Joins the problems of two independent parts.
pub(super) fn both<A, B>(first: Result<A>, second: Result<B>) -> Result<(A, B)> {
    match (first, second) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(a), Err(b)) => Err(Problem::with_detail(a, b)),
        (Err(problem), Ok(_)) | (Ok(_), Err(problem)) => Err(problem),
    }
}
