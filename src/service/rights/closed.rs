//! Which columns are closed to a user: those that are named so, and those that repeat what they hold.

use std::collections::HashSet;

use super::held::ClosedColumn;
use crate::model::{Attribute, ColumnNo, ComposePart, Entity, EntityId, Model, PropertyId, Stored};

/// A column: the entity whose table it is in, and its place there.
type Column = (EntityId, ColumnNo);

/// Closed columns. A property is closed by where it is stored, so in every entity that has it.
pub(super) struct Closed {
    named: HashSet<Column>,
    /// Those with texts that some entity composes of closed ones.
    composed: HashSet<Column>,
    /// Custom properties, which have no column: the entity that they are defined on, and their name
    /// in small letters.
    custom: HashSet<(EntityId, String)>,
}

impl Closed {
    /// The columns of some that are closed.
    pub(super) fn of(
        model: &Model,
        columns: &[ClosedColumn],
        closed: fn(&ClosedColumn) -> bool,
    ) -> Self {
        let (mut named, mut custom) = (HashSet::new(), HashSet::new());
        for column in columns.iter().filter(|column| closed(column)) {
            let has = |entity: &Entity| entity.table.eq_ignore_ascii_case(&column.table);
            for (id, _) in model.entities().filter(|(_, entity)| has(entity)) {
                let table = model.table(id);
                let found = table.column_ids().filter(|no| {
                    let name = &table.column(*no).name;
                    name.eq_ignore_ascii_case(&column.column)
                });
                named.extend(found.map(|no| (id, no)));
                custom.insert((id, column.column.to_ascii_lowercase()));
            }
        }
        Self {
            named,
            composed: HashSet::new(),
            custom,
        }
    }

    /// The same with texts that are composed of what closed columns hold: they would tell it, in the
    /// entity that composes them and in a base of it. Another entity that composes the same text of
    /// something else keeps it.
    pub(super) fn with_composed(mut self, model: &Model) -> Self {
        loop {
            let entities = model.entities();
            let composed = entities.flat_map(|(_, entity)| {
                let attributes = entity.attribute_ids();
                let telling = attributes.filter(|(_, attribute)| self.tells(entity, attribute));
                telling.filter_map(|(id, _)| entity.stored(id))
            });
            let more: Vec<Stored> = composed.filter(|stored| !self.has(*stored)).collect();
            if more.is_empty() {
                return self;
            }
            let more = more.iter().map(|at| (at.table, at.column));
            self.composed.extend(more);
        }
    }

    /// The closed properties of an entity.
    pub(super) fn in_entity(&self, model: &Model, of: EntityId) -> HashSet<PropertyId> {
        let entity = model.entity(of);
        let attributes = entity
            .attribute_ids()
            .filter(|(id, attribute)| {
                if attribute.role.custom().is_some() {
                    let owner = model.custom_owner(of, &attribute.name);
                    let name = attribute.name.to_ascii_lowercase();
                    return self.custom.contains(&(owner, name));
                }
                let at = entity.stored(*id);
                at.is_some_and(|at| match attribute.compose.is_empty() {
                    true => self.has(at),
                    false => self.is_named(at) || self.tells(entity, attribute),
                })
            })
            .map(|(id, _)| PropertyId::Attribute(id));
        let references = entity
            .reference_ids()
            .filter(|(id, _)| self.has(entity.stored_reference(*id)))
            .map(|(id, _)| PropertyId::Reference(id));
        attributes.chain(references).collect()
    }

    fn is_named(&self, at: Stored) -> bool {
        self.named.contains(&(at.table, at.column))
    }

    fn has(&self, at: Stored) -> bool {
        self.is_named(at) || self.composed.contains(&(at.table, at.column))
    }

    /// Whether an attribute is composed of something closed.
    fn tells(&self, entity: &Entity, attribute: &Attribute) -> bool {
        attribute.compose.iter().any(|part| match part {
            ComposePart::Attribute(id) => entity.stored(*id).is_some_and(|at| self.has(at)),
            ComposePart::Literal(_) => false,
        })
    }
}
