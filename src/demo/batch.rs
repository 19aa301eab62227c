//! Rows of one entity's own table, written by property name, shadows and defaults filled in.

use crate::diag::Result;
use crate::model::{
    Attribute, AttributeRole, ColumnNo, Default, Entity, EntityId, Model, Place, PropertyId,
    Stored, shadow,
};
use crate::store::Writer;
use crate::value::{Kind, Value};

use super::missing;

/// Rows of one table, collected until they are written.
#[derive(Debug)]
pub(super) struct Batch<'m> {
    model: &'m Model,
    entity: EntityId,
    columns: Vec<ColumnNo>,
    /// The kind of each named property that has a shadow; nothing where it has none.
    shadows: Vec<Option<Kind>>,
    /// What goes behind the named values in every row.
    constants: Vec<Value>,
    rows: Vec<Vec<Value>>,
}

impl<'m> Batch<'m> {
    /// Rows of `set` that give these properties of its own table, in this order. Properties that
    /// are not named get their default, or null.
    pub(super) fn new(model: &'m Model, set: &str, names: &[&str]) -> Result<Self> {
        let id = model.set(set).ok_or_else(|| missing(set))?;
        let entity = model.entity(id);
        let mut batch = Self {
            model,
            entity: id,
            columns: Vec::new(),
            shadows: Vec::new(),
            constants: Vec::new(),
            rows: Vec::new(),
        };
        let places = names
            .iter()
            .map(|name| place(entity, name).ok_or_else(|| missing(&format!("{set}/{name}"))))
            .collect::<Result<Vec<_>>>()?;
        batch.columns = places.iter().map(|(stored, _)| stored.column).collect();
        batch.shadows = places
            .iter()
            .map(|(stored, kind)| stored.shadow.and(Some(*kind)))
            .collect();
        batch
            .columns
            .extend(places.iter().filter_map(|(stored, _)| stored.shadow));
        for (attribute, stored) in defaults(entity, names) {
            if let Some(value) = constant(model, attribute) {
                batch.columns.push(stored.column);
                batch.constants.push(value);
            }
        }
        Ok(batch)
    }

    /// Adds a row: one value per named property.
    pub(super) fn push(&mut self, values: Vec<Value>) {
        let shadows: Vec<_> = values
            .iter()
            .zip(&self.shadows)
            .filter_map(|(value, kind)| kind.map(|kind| shadow(kind, value)))
            .collect();
        let mut row = values;
        row.extend(shadows);
        row.extend(self.constants.iter().cloned());
        self.rows.push(row);
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> u64 {
        u64::try_from(self.rows.len()).unwrap_or(u64::MAX)
    }

    /// Writes the rows.
    pub(super) fn write(&self, writer: &mut Writer) -> Result<()> {
        writer.insert_many(self.model.table(self.entity), &self.columns, &self.rows)
    }
}

/// Where a property of the entity's own table is stored.
fn place(entity: &Entity, name: &str) -> Option<(Stored, Kind)> {
    let (stored, kind) = match entity.property(name)? {
        PropertyId::Attribute(id) => (entity.stored(id)?, entity.attribute(id).kind),
        PropertyId::Reference(id) => (entity.stored_reference(id), Kind::Guid),
        PropertyId::Collection(_) => return None,
    };
    (stored.place == Place::Own).then_some((stored, kind))
}

/// The attributes of the own table that are not named and have a default.
fn defaults<'e>(
    entity: &'e Entity,
    names: &'e [&str],
) -> impl Iterator<Item = (&'e Attribute, Stored)> {
    entity.attribute_ids().filter_map(|(id, attribute)| {
        let stored = entity
            .stored(id)
            .filter(|stored| stored.place == Place::Own)?;
        let named = names.contains(&attribute.name.as_str());
        (!named && attribute.role == AttributeRole::Stored).then_some((attribute, stored))
    })
}

/// The value of a constant default; no, or nought, for flags and numbers that need a value and have
/// no default.
fn constant(model: &Model, attribute: &Attribute) -> Option<Value> {
    let value = match &attribute.default {
        Some(Default::Constant(text)) => model.constant(attribute, text),
        None if !attribute.nullable => attribute.kind.nought(),
        None | Some(Default::NewGuid | Default::Now | Default::NextCode) => return None,
    };
    (value != Value::Null).then_some(value)
}
