//! Rows changed and removed.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;
use uuid::Uuid;

use super::Dialect;
use super::scope::walk_name;
use super::statement::statements;
use crate::model::{ColumnNo, Table};
use crate::value::Value;

/// Gives the row of a key new values.
pub struct Update<'q> {
    table: &'q Table,
    key: Value,
    values: &'q [(ColumnNo, Value)],
}

/// Removes the rows of some keys.
pub struct Delete<'q> {
    table: &'q Table,
    column: ColumnNo,
    keys: &'q [Uuid],
}

statements!(Update, Delete);

impl<'q> Update<'q> {
    /// Sets `values`, at least one, in the row of `key`.
    pub fn new(table: &'q Table, key: Uuid, values: &'q [(ColumnNo, Value)]) -> Self {
        Self {
            table,
            key: Value::Guid(key),
            values,
        }
    }
}

impl<'q> Delete<'q> {
    /// Removes the rows of `keys`.
    pub fn new(table: &'q Table, keys: &'q [Uuid]) -> Self {
        Self::by(table, Table::KEY, keys)
    }

    /// Removes the rows that hold one of `keys` in a column.
    pub fn by(table: &'q Table, column: ColumnNo, keys: &'q [Uuid]) -> Self {
        Self {
            table,
            column,
            keys,
        }
    }
}

/// ` WHERE key`
fn walk_where_key<DB: Dialect>(out: &mut AstPass<'_, '_, DB>, table: &Table) {
    out.push_sql(" WHERE ");
    walk_name(out, &table.column(Table::KEY).name);
}

impl<DB: Dialect> QueryFragment<DB> for Update<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        walk_name(&mut out, &self.table.name);
        for (i, (column, value)) in self.values.iter().enumerate() {
            out.push_sql(if i == 0 { " SET " } else { ", " });
            walk_name(&mut out, &self.table.column(*column).name);
            out.push_sql(" = ");
            DB::walk_value(&mut out, value)?;
        }
        walk_where_key(&mut out, self.table);
        out.push_sql(" = ");
        DB::walk_value(&mut out, &self.key)
    }
}

impl<DB: Dialect> QueryFragment<DB> for Delete<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        walk_name(&mut out, &self.table.name);
        out.push_sql(" WHERE ");
        walk_name(&mut out, &self.table.column(self.column).name);
        DB::walk_in_guids(&mut out, self.keys)
    }
}
