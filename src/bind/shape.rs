//! The output of an entity: members, expanded properties, the columns that they need.

use crate::diag::{Problem, Result};
use crate::model::{Entity, Place, PropertyId};
use crate::plan::{Expand, Member, Shape, Term};
use crate::syntax::ast::QueryOptions;

use super::compute;
use super::expand::{self, Again, Depth};
use super::rows::Rows;
use super::select::Choice;

/// Binds `$select` and `$expand` over the rows of a query.
///
/// `again` is the property that `$levels` expands once more.
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
        let (property, expand) = again.expand(rows, depth)?;
        if expands.iter().all(|(other, _)| *other != property) {
            expands.push((property, expand));
        }
    }
    assemble(rows, &choice, expands)
}

/// The output of a choice, without anything expanded.
pub(super) fn chosen(rows: &mut Rows<'_>, choice: &Choice) -> Result<Shape> {
    assemble(rows, choice, Vec::new())
}

fn assemble(
    rows: &mut Rows<'_>,
    choice: &Choice,
    expands: Vec<(PropertyId, Expand)>,
) -> Result<Shape> {
    let key = rows.key();
    let mut members = choice.attributes(rows)?;
    let entity = rows.setting.entity(rows.entity());
    for (id, _) in entity.reference_ids() {
        let wanted = PropertyId::Reference(id);
        if let Some(number) = expands.iter().position(|(p, _)| *p == wanted) {
            members.push(Member::Expanded(number));
        } else if rows.setting.shows(rows.entity(), wanted) && choice.has_reference(entity, id) {
            let position = rows.reference(id)?;
            members.push(Member::Reference { id, position });
        }
    }
    for (id, _) in entity.collection_ids() {
        let wanted = PropertyId::Collection(id);
        if let Some(number) = expands.iter().position(|(p, _)| *p == wanted) {
            members.push(Member::Expanded(number));
        }
    }
    let computed = compute::members(rows)?.into_iter();
    let computed = computed.filter(|of| choice.has_computed(&of.name));
    members.extend(computed.map(Member::Computed));
    let version = version(rows, entity, choice)?;
    let expands: Vec<Expand> = expands.into_iter().map(|(_, expand)| expand).collect();
    let context_select = context_select(choice, &expands);
    Ok(Shape {
        entity: rows.entity(),
        key,
        version,
        members,
        expands,
        context_select,
        groups: None,
    })
}

/// The position of `ObjectVersion`: always for aggregate roots, whose own table has it; for
/// children only where it was asked for, since it needs the way up to the root.
fn version(rows: &mut Rows<'_>, entity: &Entity, choice: &Choice) -> Result<Option<usize>> {
    let Some(PropertyId::Attribute(id)) = entity.property(VERSION) else {
        return Ok(None);
    };
    let near = entity.root == rows.entity()
        || match entity.stored(id).map(|stored| stored.place) {
            Some(Place::Own | Place::Base) => true,
            Some(Place::Root) | None => false,
        };
    let shown = rows.setting.shows(rows.entity(), PropertyId::Attribute(id));
    if !shown || (!near && !choice.names_attribute(id)) {
        return Ok(None);
    }
    let located = rows.attribute(id)?;
    Ok(located.map(|located| rows.position(Term::Column(located.column))))
}

/// The attribute that numbers the changes of an aggregate.
const VERSION: &str = "ObjectVersion";

/// The select list of the context URL: the selected names, and with their own list the expanded
/// properties that have one. `Name()` is left out: clients of OData 4.0 do not know it.
fn context_select(choice: &Choice, expands: &[Expand]) -> Option<String> {
    let mut parts: Vec<String> = choice.names.clone().unwrap_or_default();
    for expand in expands {
        if let Some(inner) = &expand.shape.context_select {
            parts.retain(|part| *part != expand.name);
            parts.push(format!("{}({inner})", expand.name));
        }
    }
    (!parts.is_empty()).then(|| parts.join(","))
}

/// Joins the problems of two independent parts.
pub(super) fn both<A, B>(first: Result<A>, second: Result<B>) -> Result<(A, B)> {
    match (first, second) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(a), Err(b)) => Err(Problem::with_detail(a, b)),
        (Err(problem), Ok(_)) | (Ok(_), Err(problem)) => Err(problem),
    }
}
