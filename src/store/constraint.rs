//! Broken unique keys in the words of the model.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

use crate::diag::{Code, Problem};
use crate::model::{ColumnNo, EntityId, Model, Table};
use crate::plan::NewRow;
use crate::value::Value;
use uuid::Uuid;

/// What SQLite says of a unique key: `index 'UX_…'` follows, or the columns with their table.
const UNIQUE_FAILED: &str = "UNIQUE constraint failed: ";

/// The problem of a row of an entity's own table that has the values of another; nothing for other
/// failures.
pub(in crate::store) fn not_unique(
    model: &Model,
    entity: EntityId,
    error: &Error,
) -> Option<Problem> {
    let columns = broken_key(model.table(entity), information(error)?)?;
    let mut members: Vec<&str> = columns
        .iter()
        .filter_map(|no| member(model, entity, *no))
        .collect();
    let last = members.pop()?;
    let set = &model.entity(entity).set;
    let mut message = format!("another `{set}` has this `{last}`");
    for (i, member) in members.iter().enumerate() {
        message.push_str(if i == 0 { " in the same " } else { " and " });
        message.push_str(&format!("`{member}`"));
    }
    Some(Problem::new(Code::NotUnique, message).about(last))
}

/// Whether what a failure tells of is the key of the table.
pub(in crate::store) fn is_key(table: &Table, error: &Error) -> bool {
    let key = information(error).and_then(|i| broken_key(table, i));
    key.is_some_and(|key| key == [Table::KEY])
}

/// The one of the rows of an insert that broke a unique key; nothing where it is not known.
pub(in crate::store) fn blamed<'r>(
    table: &Table,
    columns: &[ColumnNo],
    rows: &'r [NewRow],
    error: &Error,
) -> Option<&'r NewRow> {
    if let [row] = rows {
        return Some(row);
    }
    let information = information(error)?;
    let details = information.details()?;
    let key = broken_key(table, information)?;
    // Of two that clash with each other, the later one is to blame.
    rows.iter().rev().find(|row| {
        let texts: Option<Vec<String>> = key
            .iter()
            .map(|no| {
                let position = columns.iter().position(|c| c == no);
                let value = position.and_then(|p| row.values.get(p));
                printed(value.unwrap_or(&Value::Null))
            })
            .collect();
        texts.is_some_and(|texts| details.contains(&format!(")=({})", texts.join(", "))))
    })
}

/// A value of a key as PostgreSQL prints it in the details of a failure, for the kinds that keys
/// are made of. Null is in a broken key only where a guid stands for it.
fn printed(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(Uuid::nil().to_string()),
        Value::Text(text) => Some(text.clone()),
        Value::Guid(guid) => Some(guid.to_string()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(_) | Value::Timestamp(_) | Value::Binary(_) => None,
    }
}

/// What the database says of a broken unique key; nothing for other failures.
fn information(error: &Error) -> Option<&dyn DatabaseErrorInformation> {
    if let Error::DatabaseError(DatabaseErrorKind::UniqueViolation, information) = error {
        Some(&**information)
    } else {
        None
    }
}

/// The columns of the unique key that a failure tells of.
fn broken_key(table: &Table, information: &dyn DatabaseErrorInformation) -> Option<Vec<ColumnNo>> {
    if let Some(name) = information.constraint_name() {
        return Some(named_key(table, name));
    }
    let failed = information.message().strip_prefix(UNIQUE_FAILED)?;
    if let Some(name) = failed.strip_prefix("index ") {
        return Some(named_key(table, name.trim_matches('\'')));
    }
    let own = |column: &str| table.find(column.strip_prefix(&table.name)?.strip_prefix('.')?);
    failed.split(", ").map(own).collect()
}

/// The columns of a unique key by its name: that of an index, else the key of the table.
fn named_key(table: &Table, name: &str) -> Vec<ColumnNo> {
    let index = table.indexes.iter().find(|i| i.unique && i.name == name);
    index.map_or_else(|| vec![Table::KEY], |i| i.columns.clone())
}

/// The property whose value a column of an entity's own table holds, itself or folded.
fn member(model: &Model, entity: EntityId, column: ColumnNo) -> Option<&str> {
    let of = model.entity(entity);
    let attribute = of.attribute_ids().find(|(id, _)| {
        of.stored(*id).is_some_and(|stored| {
            stored.table == entity && (stored.column == column || stored.shadow == Some(column))
        })
    });
    let reference = || {
        of.reference_ids().find(|(id, _)| {
            let stored = of.stored_reference(*id);
            stored.table == entity && stored.column == column
        })
    };
    match attribute {
        Some((_, attribute)) => Some(&attribute.name),
        None => reference().map(|(_, reference)| reference.name.as_str()),
    }
}
