//! Which columns of which tables an object fills.

use crate::change::Record;
use crate::model::{
    AttributeId, AttributeRole, ColumnNo, Entity, EntityId, Model, ReferenceId, Table, shadow,
};
use crate::value::{Kind, Timestamp, Value};

/// Columns of the row of an aggregate root.
pub(super) const VERSION: &str = "Latest_Version";
pub(super) const CREATED: &str = "Creation_Time_Utc";
pub(super) const CHANGED: &str = "Last_Update_Time_Utc";

/// Where the value of a column comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Origin {
    /// An attribute.
    Attribute(AttributeId),
    /// The folded text of an attribute of this kind.
    Shadow(AttributeId, Kind),
    /// A reference.
    Reference(ReferenceId),
    /// The key of the object.
    Key,
    /// The time of the change.
    Now,
}

impl Origin {
    /// The value for an object with a key.
    pub(super) fn value(self, key: &Value, record: &Record, now: Timestamp) -> Value {
        match self {
            Self::Attribute(id) => record.value(id).clone(),
            Self::Shadow(id, kind) => shadow(kind, record.value(id)),
            Self::Reference(id) => record.reference(id).map_or(Value::Null, Value::Guid),
            Self::Key => key.clone(),
            Self::Now => Value::Timestamp(now),
        }
    }
}

/// Columns of each table.
pub(super) type Columns = Vec<(EntityId, Vec<(ColumnNo, Origin)>)>;

/// The columns that a new object of an entity fills, by table.
pub(super) fn columns(model: &Model, entity: EntityId) -> Columns {
    let of = model.entity(entity);
    let mut tables = Columns::new();
    let mut put = |table: EntityId, column: ColumnNo, origin: Origin| {
        let known = tables.iter_mut().find(|(t, _)| *t == table);
        match known {
            Some((_, columns)) => columns.push((column, origin)),
            None => tables.push((table, vec![(Table::KEY, Origin::Key), (column, origin)])),
        }
    };
    // An object of a derived entity has a row in the table of each base.
    let mut table = Some(entity);
    while let Some(id) = table {
        root_columns(model, (entity, of), id, &mut put);
        table = model.entity(id).base;
    }
    for (id, attribute) in of.attribute_ids() {
        let Some(stored) = of.stored(id).filter(|_| writes(of, entity, id)) else {
            continue;
        };
        put(stored.table, stored.column, Origin::Attribute(id));
        if let Some(shadow) = stored.shadow {
            put(stored.table, shadow, Origin::Shadow(id, attribute.kind));
        }
    }
    for (id, _) in of.reference_ids() {
        let stored = of.stored_reference(id);
        put(stored.table, stored.column, Origin::Reference(id));
    }
    if !tables.iter().any(|(t, _)| *t == entity) {
        tables.push((entity, vec![(Table::KEY, Origin::Key)]));
    }
    tables
}

/// The times of a new aggregate, where no attribute writes their column.
fn root_columns(
    model: &Model,
    (entity, of): (EntityId, &Entity),
    table: EntityId,
    put: &mut impl FnMut(EntityId, ColumnNo, Origin),
) {
    if model.table(table).find(VERSION).is_none() {
        return;
    }
    for name in [CREATED, CHANGED] {
        let taken = of.attribute_ids().any(|(id, attribute)| {
            let here = of.stored(id).is_some_and(|s| s.table == table);
            attribute.column == name && here && writes(of, entity, id)
        });
        if let Some(column) = model.table(table).find(name).filter(|_| !taken) {
            put(table, column, Origin::Now);
        }
    }
}

/// Whether a change of an object writes one of its attributes: not the key, which stands in every
/// row, and of the columns of the root only those that are not counted.
pub(super) fn writes(of: &Entity, entity: EntityId, id: AttributeId) -> bool {
    let attribute = of.attribute(id);
    match attribute.role {
        AttributeRole::Root => of.is_writable(entity, attribute),
        AttributeRole::Stored => true,
        AttributeRole::Key | AttributeRole::DisplayText | AttributeRole::Custom(_) => false,
    }
}
