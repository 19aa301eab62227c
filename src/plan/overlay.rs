//! Rows that stand before those of the database.

use uuid::Uuid;

use crate::model::{ColumnNo, EntityId};
use crate::value::Value;

/// What the database would have, were some changes made: for each table that they concern, the rows
/// that go and those that take their place.
#[derive(Clone, Default)]
pub struct Overlay {
    /// The tables, each once.
    pub tables: Vec<OverlayTable>,
}

impl std::fmt::Debug for Overlay {
    /// Without values: some are secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Overlay")
            .field("tables", &self.tables.len())
            .finish_non_exhaustive()
    }
}

impl Overlay {
    /// Whether it hides and adds nothing.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// About how many bytes of memory it takes.
    pub fn weight(&self) -> usize {
        let column = |column: &OverlayColumn| {
            let texts: usize = column.values.iter().map(Value::weight).sum();
            texts.saturating_add(size_of_val(column.values.as_slice()))
        };
        let table = |table: &OverlayTable| {
            let columns = table.rows.iter().flat_map(|rows| &rows.columns);
            let values: usize = columns.map(column).sum();
            values.saturating_add(size_of_val(table.keys.as_slice()))
        };
        self.tables.iter().map(table).sum()
    }
}

/// The changed rows of one table or view.
#[derive(Clone)]
pub struct OverlayTable {
    /// The entity whose own table it is.
    pub table: EntityId,
    /// The keys of the stored rows that do not count any more, without duplicates.
    pub keys: Vec<Uuid>,
    /// The rows that take their place, those with the same columns together.
    pub rows: Vec<OverlayRows>,
}

/// Rows in columns: every list has one value for each row.
#[derive(Clone)]
pub struct OverlayRows {
    /// The columns of the table, in its order.
    pub columns: Vec<OverlayColumn>,
}

/// One column of some rows.
#[derive(Clone)]
pub struct OverlayColumn {
    /// Which one.
    pub no: ColumnNo,
    /// Whether the value of the stored row of the same key counts, where there is one.
    pub kept: bool,
    /// The values.
    pub values: Vec<Value>,
}

impl OverlayRows {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

macro_rules! silent {
    ($($name:ident),*) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })*
    };
}

silent!(OverlayTable, OverlayRows, OverlayColumn);
