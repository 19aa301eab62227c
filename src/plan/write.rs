//! What one transaction writes.

use std::collections::HashMap;

use uuid::Uuid;

use crate::model::{ColumnNo, EntityId, Table};
use crate::value::Value;

/// Everything that a transaction writes, in an order that never trips a unique key which it is
/// about to free: deletes, then updates, then inserts. Foreign keys are checked at its end.
///
/// INVARIANT: shadow columns are among the columns wherever their texts are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WritePlan {
    /// The statements.
    pub steps: Vec<WriteStep>,
}

impl WritePlan {
    /// Whether references between its rows do not hold at every moment on the way: a row refers to
    /// one that comes later, or one goes before what refers to it. Their check must then wait for
    /// the end of the transaction.
    pub fn is_tangled(&self) -> bool {
        // The last row of each new object: one of a derived entity has a row for each of its bases.
        let mut new = HashMap::new();
        let (mut position, mut deleted) = (0_usize, 0_usize);
        for step in &self.steps {
            match step {
                WriteStep::Insert { columns, rows, .. } => {
                    let key = columns.iter().position(|no| *no == Table::KEY);
                    for row in rows {
                        if let Some(Value::Guid(id)) = key.and_then(|at| row.values.get(at)) {
                            new.insert(*id, position);
                        }
                        position += 1;
                    }
                }
                WriteStep::Delete { keys, .. } => deleted += keys.len(),
                WriteStep::Update { .. } | WriteStep::DeleteBy { .. } => {}
            }
        }
        let refers = |value: &Value, before: usize| match value {
            Value::Guid(id) => new.get(id).is_some_and(|row| *row > before),
            Value::Null
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Text(_)
            | Value::Timestamp(_)
            | Value::Binary(_) => false,
        };
        let mut inserted = 0_usize;
        deleted > 1
            || self.steps.iter().any(|step| match step {
                WriteStep::Delete { .. } | WriteStep::DeleteBy { .. } => false,
                WriteStep::Update { values, .. } => values.iter().any(|(_, value)| match value {
                    Value::Guid(id) => deleted > 0 || new.contains_key(id),
                    Value::Null => deleted > 0,
                    Value::Boolean(_)
                    | Value::Integer(_)
                    | Value::Text(_)
                    | Value::Timestamp(_)
                    | Value::Binary(_) => false,
                }),
                WriteStep::Insert { rows, .. } => rows.iter().any(|row| {
                    let here = inserted;
                    inserted += 1;
                    row.values.iter().any(|value| refers(value, here))
                }),
            })
    }
}

/// Rows of one table that are written in one way.
#[derive(Debug, Clone, PartialEq)]
pub enum WriteStep {
    /// Removes the rows of these keys.
    Delete {
        /// The entity whose own table it is.
        table: EntityId,
        /// The keys, without duplicates.
        keys: Vec<Uuid>,
    },
    /// Removes the rows, as many as there are, that hold one of these keys.
    DeleteBy {
        /// The entity whose own table it is.
        table: EntityId,
        /// The column that holds them.
        column: ColumnNo,
        /// The keys, without duplicates.
        keys: Vec<Uuid>,
    },
    /// Changes the row of a key.
    Update {
        /// The entity whose own table it is.
        table: EntityId,
        /// The key.
        key: Uuid,
        /// The new values; at least one.
        values: Vec<(ColumnNo, Value)>,
        /// Where the object stands in the request, for faults: empty, or such as `Groups/0`.
        path: String,
        /// The number of that request in its transaction.
        request: usize,
    },
    /// Adds rows.
    Insert {
        /// The entity whose own table it is.
        table: EntityId,
        /// The columns that every row gives, the key among them.
        columns: Vec<ColumnNo>,
        /// The rows.
        rows: Vec<NewRow>,
    },
}

/// A row that is added.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRow {
    /// One value for each column.
    pub values: Vec<Value>,
    /// As [`WriteStep::Update::path`].
    pub path: String,
    /// As [`WriteStep::Update::request`].
    pub request: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    fn guid(number: u128) -> Value {
        Value::Guid(Uuid::from_u128(number))
    }

    #[test]
    fn references_that_do_not_hold_on_the_way_are_seen() {
        let model = Model::shipped().unwrap();
        let (table, _) = model.entities().next().unwrap();
        let insert = |rows: &[[u128; 2]]| WriteStep::Insert {
            table,
            columns: vec![Table::KEY, Table::ROW_ID],
            rows: rows
                .iter()
                .map(|row| NewRow {
                    values: row.iter().map(|number| guid(*number)).collect(),
                    path: String::new(),
                    request: 0,
                })
                .collect(),
        };
        let delete = |keys: &[u128]| WriteStep::Delete {
            table,
            keys: keys.iter().map(|key| Uuid::from_u128(*key)).collect(),
        };
        let update = |value: Value| WriteStep::Update {
            table,
            key: Uuid::from_u128(9),
            values: vec![(Table::ROW_ID, value)],
            path: String::new(),
            request: 0,
        };
        for (steps, tangled) in [
            (vec![], false),
            (vec![insert(&[[1, 1], [2, 1], [3, 7]])], false),
            (vec![insert(&[[1, 2], [2, 7]])], true),
            // The second row of an object is one of its base.
            (vec![insert(&[[1, 7], [2, 1]]), insert(&[[1, 7]])], true),
            (vec![update(guid(7))], false),
            (vec![update(guid(1)), insert(&[[1, 7]])], true),
            (vec![delete(&[1])], false),
            (vec![delete(&[1, 2])], true),
            (vec![delete(&[1]), update(Value::Integer(1))], false),
            (vec![delete(&[1]), update(Value::Null)], true),
            (vec![delete(&[1]), update(guid(7))], true),
        ] {
            let plan = WritePlan { steps };
            assert_eq!(plan.is_tangled(), tangled, "{plan:?}");
        }
    }
}
