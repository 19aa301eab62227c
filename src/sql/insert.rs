//! New rows, many at once.

use std::cell::OnceCell;

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::Dialect;
use super::statement::statements;
use crate::model::{ColumnKind, ColumnNo, Table};
use crate::value::Value;

/// Rows as they are written.
#[derive(Debug)]
pub struct Rows<'q> {
    /// The rows, one value per column.
    pub values: &'q [&'q [Value]],
    into: &'q InsertInto<'q>,
    columns: OnceCell<Vec<ColumnOfRows<'q>>>,
}

impl<'q> Rows<'q> {
    /// The values by column.
    pub fn columns(&self) -> &[ColumnOfRows<'q>] {
        self.columns.get_or_init(|| {
            let columns = self.into.columns.iter().enumerate();
            columns
                .map(|(position, no)| ColumnOfRows {
                    rows: self.values,
                    position,
                    kind: &self.into.table.column(*no).kind,
                })
                .collect()
        })
    }
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

/// Where rows go: the part of an insert that does not change from row to row.
#[derive(Debug)]
pub struct InsertInto<'q> {
    table: &'q Table,
    columns: &'q [ColumnNo],
    /// Its text, kept: Diesel asks for it with every row, to look for the prepared statement.
    text: OnceCell<String>,
}

impl<'q> InsertInto<'q> {
    /// Columns of a table. It serves one database, that of its first statement.
    pub fn new(table: &'q Table, columns: &'q [ColumnNo]) -> Self {
        Self {
            table,
            columns,
            text: OnceCell::new(),
        }
    }

    fn text<DB: Dialect>(&self) -> &str {
        self.text.get_or_init(|| {
            let mut text = String::from("INSERT INTO ");
            let name = |text: &mut String, name: &str| {
                text.push_str(DB::QUOTE);
                text.push_str(name);
                text.push_str(DB::QUOTE);
            };
            name(&mut text, &self.table.name);
            for (i, column) in self.columns.iter().enumerate() {
                text.push_str(if i == 0 { " (" } else { ", " });
                name(&mut text, &self.table.column(*column).name);
            }
            text.push(')');
            text
        })
    }
}

/// Inserts rows into a table.
pub struct Insert<'q>(Rows<'q>);

statements!(Insert);

impl<'q> Insert<'q> {
    /// Inserts rows; each has one value per column.
    pub fn new(into: &'q InsertInto<'q>, values: &'q [&'q [Value]]) -> Self {
        Self(Rows {
            values,
            into,
            columns: OnceCell::new(),
        })
    }
}

impl<DB: Dialect> QueryFragment<DB> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(self.0.into.text::<DB>());
        DB::walk_rows(&mut out, &self.0)
    }
}
