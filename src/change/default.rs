//! What an object is before anybody says anything about it.

use uuid::Uuid;

use super::lookup::{Criterion, Lookup};
use super::record::Record;
use crate::diag::{Code, Problem, Result};
use crate::model::{Attribute, AttributeId, AttributeRole, Default, EntityId, Model};
use crate::value::{Timestamp, Value};

/// Codes that are tried before giving up: existing ones that were not made by counting are rare.
const TRIES: u8 = 100;

/// A new object: its key, and every value that needs no writer.
pub(super) fn record(
    model: &Model,
    entity: EntityId,
    id: Uuid,
    now: Timestamp,
    lookup: &mut dyn Lookup,
) -> Result<Record> {
    let of = model.entity(entity);
    let mut record = Record::new(of, id);
    for (number, attribute) in of.attribute_ids() {
        let stored = match attribute.role {
            AttributeRole::Stored => true,
            AttributeRole::Key
            | AttributeRole::Root
            | AttributeRole::DisplayText
            | AttributeRole::Custom(_) => false,
        };
        if stored {
            let value = match value(model, attribute, now) {
                Some(value) => value,
                None => code(model, entity, number, lookup)?,
            };
            record.set(number, value);
        }
    }
    Ok(record)
}

/// The value that a writer's silence means; nothing where a counter has to be asked.
pub(super) fn value(model: &Model, attribute: &Attribute, now: Timestamp) -> Option<Value> {
    let needed = !attribute.nullable && !attribute.required;
    match &attribute.default {
        Some(Default::NextCode) => None,
        Some(Default::Now) => Some(Value::Timestamp(now)),
        Some(Default::NewGuid) | None if !needed => Some(Value::Null),
        Some(Default::NewGuid) | None => Some(attribute.kind.nought()),
        Some(Default::Constant(text)) => Some(model.constant(attribute, text)),
    }
}

/// The next code that no object has, five digits or more.
fn code(
    model: &Model,
    entity: EntityId,
    attribute: AttributeId,
    lookup: &mut dyn Lookup,
) -> Result<Value> {
    let of = model.entity(entity);
    let table = of.stored(attribute).map_or(entity, |s| s.table);
    let table_name = &model.table(table).name;
    // The column may be that of the base, and other entities then use the same codes.
    let column = &of.attribute(attribute).column;
    let mut shared = model.entity(table).attribute_ids();
    let shared = shared
        .find(|(_, a)| a.column == *column)
        .map_or(attribute, |(id, _)| id);
    let counter = format!("{}.{}", table_name, column);
    for _ in 0..TRIES {
        let mut number = lookup.next_number(&counter, 1)?;
        if number == 1 {
            // Objects from before the counter have used as many.
            let used = lookup.count(table)?;
            if used > 0 {
                number = lookup.next_number(&counter, i64::try_from(used).unwrap_or(i64::MAX))?;
            }
        }
        let code = Value::Text(format!("{number:05}"));
        let same = Criterion::Equal(shared, code.clone());
        if lookup.all(table, &[same], Some(1))?.is_empty() {
            return Ok(code);
        }
    }
    let message = format!("no free code for `{}` was found", of.set);
    Err(Problem::new(Code::ServiceUnavailable, message))
}
