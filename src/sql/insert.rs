//! New rows, many at once.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::Dialect;
use super::scope::walk_name;
use super::statement::statements;
use crate::model::{ColumnKind, ColumnNo, Table};
use crate::value::Value;

/// Rows as they are written.
#[derive(Debug)]
pub struct Rows<'q> {
    /// The rows, one value per column.
    pub values: &'q [&'q [Value]],
    /// The same by column.
    pub columns: Vec<ColumnOfRows<'q>>,
}

/// One column of many rows.
pub struct ColumnOfRows<'q> {
    rows: &'q [&'q [Value]],
    position: usize,
    /// What the column holds.
    pub kind: &'q ColumnKind,
}

impl std::fmt::Debug for ColumnOfRows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.values()).finish()
    }
}

impl<'q> ColumnOfRows<'q> {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The values from the first row to the last.
    pub fn values(&self) -> impl Iterator<Item = &'q Value> {
        let position = self.position;
        self.rows
            .iter()
            .map(move |row| row.get(position).unwrap_or(&Value::Null))
    }
}

/// Inserts rows into a table.
pub struct Insert<'q> {
    table: &'q Table,
    columns: &'q [ColumnNo],
    rows: Rows<'q>,
}

statements!(Insert);

impl<'q> Insert<'q> {
    /// Inserts `rows`; each has one value per column.
    pub fn new(table: &'q Table, columns: &'q [ColumnNo], rows: &'q [&'q [Value]]) -> Self {
        let by_column = columns
            .iter()
            .enumerate()
            .map(|(position, no)| ColumnOfRows {
                rows,
                position,
                kind: &table.column(*no).kind,
            })
            .collect();
        Self {
            table,
            columns,
            rows: Rows {
                values: rows,
                columns: by_column,
            },
        }
    }
}

impl<DB: Dialect> QueryFragment<DB> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("INSERT INTO ");
        walk_name(&mut out, &self.table.name);
        for (i, column) in self.columns.iter().enumerate() {
            out.push_sql(if i == 0 { " (" } else { ", " });
            walk_name(&mut out, &self.table.column(*column).name);
        }
        out.push_sql(")");
        DB::walk_rows(&mut out, &self.rows)
    }
}
