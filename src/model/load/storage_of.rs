//! Derives the tables: columns, places, indexes.

use std::collections::{HashMap, HashSet};

use super::draft::EntityDraft;
use super::link::number;
use super::local::SHADOW;
use super::members::end_of;
use super::yaml::Faults;
use super::{indexes, roots};
use crate::model::{
    Attribute, AttributeId, AttributeRole, Column, ColumnKind, ColumnNo, Entity, EntityId,
    Enumeration, Place, Stored, Table,
};
use crate::value::Kind;

/// The attributes that `$search` looks into, by the entity that stores them.
type Searched = HashSet<(EntityId, String)>;

/// Gives every entity its table, and every property its place.
pub(super) fn derive(
    entities: &mut [Entity],
    enumerations: &[Enumeration],
    drafts: &[EntityDraft],
    faults: &mut Faults,
) {
    let searched = searched(entities);
    let tables: Vec<_> = (0..)
        .zip(entities.iter().zip(drafts))
        .map(|(n, (entity, draft))| {
            table(
                EntityId(n),
                (entity, draft),
                enumerations,
                &searched,
                faults,
            )
        })
        .collect();
    let places: Vec<_> = (0..)
        .zip(entities.iter())
        .map(|(n, entity)| places(EntityId(n), entity, entities, &tables))
        .collect();
    for (draft, table) in drafts
        .iter()
        .zip(&tables)
        .filter(|(draft, _)| draft.view.is_some())
    {
        roots::check_view(table, draft, faults);
    }
    for ((entity, table), (attributes, references)) in entities.iter_mut().zip(tables).zip(places) {
        (
            entity.storage,
            entity.attribute_places,
            entity.reference_places,
        ) = (table, attributes, references);
    }
    let all: Vec<_> = (0..)
        .zip(entities.iter().zip(drafts))
        .map(|(n, (entity, draft))| {
            let searched = |name: &str| searched.contains(&(EntityId(n), name.to_owned()));
            indexes::derive(entity, draft, &searched, faults)
        })
        .collect();
    let mut names = HashMap::new();
    for ((entity, draft), indexes) in entities.iter_mut().zip(drafts).zip(all) {
        for index in &indexes {
            if let Some(other) = names.insert(index.name.to_lowercase(), entity.name.clone()) {
                faults.add(
                    draft.at,
                    format!("index `{}` exists twice, also in `{other}`", index.name),
                );
            }
        }
        entity.storage.indexes = indexes;
    }
}

fn searched(entities: &[Entity]) -> Searched {
    let mut all = Searched::new();
    for (n, entity) in (0..).zip(entities) {
        for path in &entity.search {
            let end = end_of(entities, EntityId(n), path);
            let Some(target) = entities.get(end.index()) else {
                continue;
            };
            let attribute = target.attribute(path.attribute);
            let owner = target.base.filter(|_| attribute.inherited).unwrap_or(end);
            all.insert((owner, attribute.name.clone()));
        }
    }
    all
}

/// Whether an attribute has a shadow column.
fn has_shadow(attribute: &Attribute, searched: bool) -> bool {
    let text = attribute.filters.eq || attribute.filters.like || attribute.orderable || searched;
    let wanted = match attribute.kind {
        Kind::String | Kind::Multilanguage => text,
        Kind::DateTimeOffset => attribute.filters.like,
        Kind::Guid
        | Kind::Boolean
        | Kind::Byte
        | Kind::Int16
        | Kind::Int32
        | Kind::Int64
        | Kind::Binary
        | Kind::Enumeration => false,
    };
    wanted && !attribute.secret
}

/// What the column of an attribute holds.
pub(super) fn column_kind(attribute: &Attribute, enumerations: &[Enumeration]) -> ColumnKind {
    match attribute.kind {
        Kind::Guid => ColumnKind::Guid,
        Kind::String => ColumnKind::Text,
        Kind::Boolean => ColumnKind::Boolean,
        Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => ColumnKind::Integer,
        Kind::DateTimeOffset => ColumnKind::Timestamp,
        Kind::Binary => ColumnKind::Binary,
        Kind::Multilanguage => ColumnKind::Json,
        Kind::Enumeration => {
            let found = attribute
                .enumeration
                .and_then(|id| enumerations.get(id.index()));
            let codes = found.map(|e| e.members.iter().map(|m| m.code.clone()).collect());
            ColumnKind::Code(codes.unwrap_or_default())
        }
    }
}

fn table(
    id: EntityId,
    (entity, draft): (&Entity, &EntityDraft),
    enumerations: &[Enumeration],
    searched: &Searched,
    faults: &mut Faults,
) -> Table {
    let mut table = Table::empty(id, entity.table.clone(), draft.view);
    let mut add = |name: &str, kind: ColumnKind, nullable: bool, at| {
        let taken = table
            .columns
            .iter()
            .any(|c| c.name.eq_ignore_ascii_case(name));
        if taken {
            faults.add(
                at,
                format!("column `{name}` of `{}` exists twice", entity.table),
            );
        }
        table.columns.push(Column {
            name: name.to_owned(),
            kind,
            nullable,
            initial: None,
        });
    };
    add("rid", ColumnKind::RowId, false, draft.at);
    for (line, attribute) in draft.attributes.iter().zip(&entity.attributes) {
        let (name, nullable) = (attribute.column.as_str(), attribute.nullable);
        match attribute.role {
            AttributeRole::Key => add(name, ColumnKind::Key, false, line.at),
            AttributeRole::Stored if !attribute.inherited => {
                add(
                    name,
                    column_kind(attribute, enumerations),
                    nullable,
                    line.at,
                );
                if has_shadow(attribute, searched.contains(&(id, attribute.name.clone()))) {
                    add(
                        &format!("{name}{SHADOW}"),
                        ColumnKind::Folded,
                        nullable,
                        line.at,
                    );
                }
            }
            AttributeRole::Stored
            | AttributeRole::Root
            | AttributeRole::DisplayText
            | AttributeRole::Custom(_) => {}
        }
    }
    for (line, reference) in draft.references.iter().zip(&entity.references) {
        if !reference.inherited {
            // What may lead nowhere is a key like any other text: no constraint.
            let kind = if reference.outlives {
                ColumnKind::Guid
            } else {
                ColumnKind::Reference(reference.target)
            };
            add(&reference.column, kind, reference.nullable, line.at);
        }
    }
    if entity.root == id && entity.base.is_none() {
        roots::add(&mut table, draft.at, faults);
    }
    table
}

type Places = (Vec<Option<Stored>>, Vec<Stored>);

fn places(id: EntityId, entity: &Entity, entities: &[Entity], tables: &[Table]) -> Places {
    let own = |inherited: bool| match entity.base.filter(|_| inherited) {
        Some(base) => (Place::Base, base),
        None => (Place::Own, id),
    };
    let attribute_places = entity.attributes.iter().map(|attribute| {
        let (place, at) = match attribute.role {
            AttributeRole::Key => (Place::Own, id),
            AttributeRole::Stored => own(attribute.inherited),
            AttributeRole::Root => root_place(id, entity, entities),
            AttributeRole::DisplayText | AttributeRole::Custom(_) => return None,
        };
        stored(place, at, &attribute.column, tables)
    });
    let references = entity.references.iter().map(|reference| {
        let (place, at) = own(reference.inherited);
        let missing = Stored {
            place,
            table: at,
            column: Table::KEY,
            shadow: None,
        };
        stored(place, at, &reference.column, tables).unwrap_or(missing)
    });
    (attribute_places.collect(), references.collect())
}

/// The table with the root columns: the root's own, or that of the root's base.
fn root_place(id: EntityId, entity: &Entity, entities: &[Entity]) -> (Place, EntityId) {
    let base = entities.get(entity.root.index()).and_then(|root| root.base);
    let place = match (entity.root == id, base) {
        (true, None) => Place::Own,
        (true, Some(_)) => Place::Base,
        (false, _) => Place::Root,
    };
    (place, base.unwrap_or(entity.root))
}

fn stored(place: Place, at: EntityId, column: &str, tables: &[Table]) -> Option<Stored> {
    let table = tables.get(at.index())?;
    let shadow = table.find(&format!("{column}{SHADOW}"));
    Some(Stored {
        place,
        table: at,
        column: table.find(column)?,
        shadow,
    })
}

/// The number of an attribute by its name.
pub(super) fn attribute_number(entity: &Entity, name: &str) -> Option<AttributeId> {
    entity
        .attributes
        .iter()
        .position(|a| a.name == name)
        .map(|at| AttributeId(number(at)))
}

/// The column that stands for a property in an index: folded texts by their shadow.
pub(super) fn index_column(entity: &Entity, name: &str) -> Option<ColumnNo> {
    if let Some(id) = attribute_number(entity, name) {
        let (attribute, stored) = (entity.attribute(id), entity.stored(id)?);
        let own = stored.place == Place::Own;
        let column = stored
            .shadow
            .filter(|_| attribute.folded)
            .unwrap_or(stored.column);
        return own.then_some(column);
    }
    let (id, _) = entity.reference_ids().find(|(_, r)| r.name == name)?;
    let stored = entity.stored_reference(id);
    (stored.place == Place::Own).then_some(stored.column)
}
