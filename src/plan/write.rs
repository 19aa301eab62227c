//! What one transaction writes.

use uuid::Uuid;

use crate::model::{ColumnNo, EntityId};
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
