//! The base predicate: which rows a caller may see, bound underneath everything that reads rows.
//!
//! Rows that are not visible are as if they did not exist: they are in no collection, no count, no
//! expanded property, at no address, and a reference to one of them is null.

use crate::diag::{Code, Problem, Result, Span};
use crate::model::{EntityId, PropertyId};
use crate::plan::{Predicate, SubQuery};

use super::predicate;
use super::rights::Visible;
use super::rows::Rows;
use super::scope::Setting;
use super::tables::{Instance, Tables};

/// Whether anything of an entity may be visible.
pub(super) fn is_open(setting: Setting<'_>, entity: EntityId) -> bool {
    match setting.rights.rows(entity) {
        Visible::All | Visible::Some(_) => true,
        Visible::Nothing => false,
    }
}

/// Refuses an entity of which nothing is visible.
pub(super) fn check(setting: Setting<'_>, entity: EntityId, span: Span) -> Result<()> {
    if is_open(setting, entity) {
        return Ok(());
    }
    let set = &setting.entity(entity).set;
    let text = format!("you may not read `{set}`");
    Err(Problem::new(Code::Forbidden, text).about(set).at(span))
}

/// Refuses a property that is closed.
pub(super) fn check_property(
    setting: Setting<'_>,
    entity: EntityId,
    property: PropertyId,
    span: Span,
) -> Result<()> {
    if setting.shows(entity, property) {
        return Ok(());
    }
    let entity = setting.entity(entity);
    let name = match property {
        PropertyId::Attribute(id) => &entity.attribute(id).name,
        PropertyId::Reference(id) => &entity.reference(id).name,
        PropertyId::Collection(id) => &entity.collection(id).name,
    };
    let text = format!("`{name}` is closed: you may not read it");
    Err(Problem::new(Code::AttributeNotReadable, text)
        .about(name)
        .at(span))
}

/// The condition that rows of an entity are visible.
pub(super) fn predicate(
    setting: Setting<'_>,
    tables: &mut Tables,
    here: Instance,
) -> Result<Predicate> {
    let own = match setting.rights.rows(here.entity) {
        Visible::All => Predicate::Always,
        Visible::Nothing => Predicate::Never,
        Visible::Some(filters) => {
            let open = setting.of_record_filters();
            let bound = filters
                .iter()
                .map(|filter| predicate::filter(open, tables, here, filter.node()));
            Predicate::Any(bound.collect::<Result<_>>()?)
        }
    };
    let entity = setting.entity(here.entity);
    let Some(parent) = entity.parent else {
        return Ok(own);
    };
    // What belongs to an object that is not visible is not visible either.
    let target = entity.reference(parent).target;
    match guard(setting, target)? {
        None => Ok(own),
        Some(query) => {
            let column = tables.stored(setting, here, parent)?.column;
            let query = Box::new(query);
            Ok(own.and(Predicate::Within {
                column,
                negated: false,
                query,
            }))
        }
    }
}

/// The keys of the visible rows of an entity; nothing where all are visible.
pub(super) fn guard(setting: Setting<'_>, entity: EntityId) -> Result<Option<SubQuery>> {
    if setting.rights.sees_all(setting.model, entity) {
        return Ok(None);
    }
    let rows = Rows::all(setting, entity)?;
    let key = rows.here.key();
    Ok(Some(rows.guids(key)))
}
