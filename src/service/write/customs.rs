//! The values of custom properties of stored objects.

use uuid::Uuid;

use super::load::{all, among};
use crate::change::Stored;
use crate::diag::Result;
use crate::model::{ColumnKind, CustomColumns, EntityId, Model};
use crate::plan::{Column, Slot, Term};
use crate::store::{Flow, Reads, Row, RowSink};
use crate::value::{CustomValue, MultilanguageString, Value};

/// Objects whose values are read at once.
const AT_ONCE: usize = 500;

/// Gives objects of an entity the values that they have of its custom properties.
pub(super) fn fill(
    model: &Model,
    on: &mut impl Reads,
    entity: EntityId,
    objects: &mut [Stored],
) -> Result<()> {
    let of = model.entity(entity);
    let mut customs = of.custom_ids().peekable();
    let Some(columns) = customs.peek().and_then(|_| model.custom_columns()) else {
        return Ok(());
    };
    let customs: Vec<_> = customs.collect();
    for some in objects.chunks_mut(AT_ONCE) {
        let ids: Vec<Uuid> = some.iter().map(|object| object.id).collect();
        for value in values(model, on, columns, &ids)? {
            let object = some.iter_mut().find(|object| object.id == value.item);
            let custom = customs.iter().find(|(_, c)| c.property == value.property);
            if let (Some(object), Some((id, _))) = (object, custom) {
                object.record.set(*id, Value::Text(value.value.to_json()));
            }
        }
    }
    Ok(())
}

/// The value that an object has of a property.
struct Found {
    item: Uuid,
    property: Uuid,
    value: CustomValue,
}

fn values(
    model: &Model,
    on: &mut impl Reads,
    columns: CustomColumns,
    ids: &[Uuid],
) -> Result<Vec<Found>> {
    let column = |no| Column {
        slot: Slot::BASE,
        table: columns.table,
        no,
    };
    let wanted = [
        columns.item,
        columns.property,
        columns.value,
        columns.value_id,
        columns.description,
    ];
    let terms = wanted.iter().map(|no| Term::Column(column(*no)));
    let mut query = all(columns.table, terms.collect());
    query.predicate = among(column(columns.item), ids);
    let table = model.table(columns.table);
    let mut sink = Sink {
        kinds: wanted.map(|no| &table.column(no).kind),
        found: Vec::new(),
    };
    on.select(model, &query, None, &mut sink)?;
    Ok(sink.found)
}

/// Takes rows as values.
struct Sink<'m> {
    kinds: [&'m ColumnKind; 5],
    found: Vec<Found>,
}

impl RowSink for Sink<'_> {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let mut values = Vec::with_capacity(self.kinds.len());
        for (position, kind) in self.kinds.iter().enumerate() {
            values.push(row.cell(position, kind, |cell| cell.value())?);
        }
        let [item, property, value, id, description] = values.as_slice() else {
            return Ok(Flow::More);
        };
        if let (Value::Guid(item), Value::Guid(property)) = (item, property) {
            let text = text(description).and_then(MultilanguageString::from_json);
            self.found.push(Found {
                item: *item,
                property: *property,
                value: CustomValue {
                    value: self::text(value).map(str::to_owned),
                    id: match id {
                        Value::Guid(id) => Some(*id),
                        Value::Null
                        | Value::Boolean(_)
                        | Value::Integer(_)
                        | Value::Text(_)
                        | Value::Timestamp(_)
                        | Value::Binary(_) => None,
                    },
                    description: text.unwrap_or_default(),
                },
            });
        }
        Ok(Flow::More)
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Null
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Guid(_)
        | Value::Timestamp(_)
        | Value::Binary(_) => None,
    }
}
