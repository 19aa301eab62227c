//! Statements that read changed rows in place of stored ones.
//!
//! Each changed table gets a row source of its name in front of the statement: the stored rows
//! without the changed keys, and the rows that take their place. What follows is the same text as
//! without changes, so that there is one way to write a query.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Untyped;

use super::Dialect;
use super::scope::walk_name;
use crate::model::{ColumnKind, ColumnNo, Model, Table};
use crate::plan::{Overlay, OverlayRows, OverlayTable};
use crate::value::Value;

/// A statement over an overlay.
pub struct With<'q, S> {
    statement: &'q S,
    tables: Vec<Changed<'q>>,
}

/// A changed table.
struct Changed<'q> {
    table: &'q Table,
    /// The keys that are not read from the table.
    keys: Vec<Value>,
    rows: Vec<BoundRows<'q>>,
}

/// Rows that stand in a statement, and the table whose columns they have.
pub struct BoundRows<'q>(pub(in crate::sql) &'q OverlayRows, &'q Table);

impl std::fmt::Debug for BoundRows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BoundRows").finish_non_exhaustive()
    }
}

impl BoundRows<'_> {
    /// What a column of them holds.
    pub(in crate::sql) fn kind(&self, no: ColumnNo) -> &ColumnKind {
        &self.1.column(no).kind
    }
}

impl<S> std::fmt::Debug for With<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("With").finish_non_exhaustive()
    }
}

impl<'q, S> With<'q, S> {
    /// Reads the rows of an overlay in place of those of the database.
    pub fn new(model: &'q Model, overlay: &'q Overlay, statement: &'q S) -> Self {
        let changed = |changed: &'q OverlayTable| {
            let table = model.table(changed.table);
            Changed {
                table,
                keys: changed.keys.iter().copied().map(Value::Guid).collect(),
                rows: changed.rows.iter().map(|r| BoundRows(r, table)).collect(),
            }
        };
        Self {
            statement,
            tables: overlay.tables.iter().map(changed).collect(),
        }
    }
}

impl<S> QueryId for With<'_, S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S> Query for With<'_, S> {
    type SqlType = Untyped;
}

impl<S: QueryFragment<DB>, DB: Dialect> QueryFragment<DB> for With<'_, S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // Its text is one for each set of changed tables: too many to be kept.
        out.unsafe_to_cache_prepared();
        for (number, changed) in self.tables.iter().enumerate() {
            out.push_sql(if number == 0 { "WITH " } else { ", " });
            changed.walk(&mut out)?;
        }
        if !self.tables.is_empty() {
            out.push_sql(" ");
        }
        self.statement.walk_ast(out)
    }
}

impl Changed<'_> {
    /// `table AS NOT MATERIALIZED (stored rows UNION ALL changed rows)`, behind the changed rows where
    /// they are sources of their own.
    fn walk<'b, DB: Dialect>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let apart = self.rows.iter().enumerate().filter(|_| DB::CHANGED_APART);
        for (number, rows) in apart {
            // Each alone: what reads from a union cannot be flattened into the statement.
            self.walk_changed_name(out, number);
            out.push_sql(" (");
            self.walk_columns(out);
            out.push_sql(") AS MATERIALIZED (");
            self.walk_rows(out, rows)?;
            out.push_sql("), ");
        }
        walk_name(out, &self.table.name);
        // The conditions of the statement then reach the indexes of the table.
        out.push_sql(" AS NOT MATERIALIZED (SELECT ");
        self.walk_columns(out);
        out.push_sql(" FROM ");
        self.walk_stored(out);
        out.push_sql(" WHERE ");
        self.walk_key(out);
        DB::walk_in(out, &self.keys, true)?;
        for (number, rows) in self.rows.iter().enumerate() {
            out.push_sql(" UNION ALL ");
            if DB::CHANGED_APART {
                out.push_sql("SELECT ");
                self.walk_columns(out);
                out.push_sql(" FROM ");
                self.walk_changed_name(out, number);
            } else {
                self.walk_rows(out, rows)?;
            }
        }
        out.push_sql(")");
        Ok(())
    }

    /// The name of a source of changed rows: no table has a blank in its name.
    fn walk_changed_name<DB: Dialect>(&self, out: &mut AstPass<'_, '_, DB>, number: usize) {
        walk_name(out, &format!("{} changed {number}", self.table.name));
    }

    fn walk_columns<DB: Dialect>(&self, out: &mut AstPass<'_, '_, DB>) {
        for (position, column) in self.table.columns.iter().enumerate() {
            out.push_sql(if position == 0 { "" } else { ", " });
            walk_name(out, &column.name);
        }
    }

    /// `SELECT values FROM rows LEFT JOIN stored row`
    fn walk_rows<'b, DB: Dialect>(
        &'b self,
        out: &mut AstPass<'_, 'b, DB>,
        rows: &'b BoundRows<'_>,
    ) -> QueryResult<()> {
        out.push_sql("SELECT ");
        let mut key = 0;
        for (position, column) in rows.0.columns.iter().enumerate() {
            out.push_sql(if position == 0 { "" } else { ", " });
            let of = self.table.column(column.no);
            if column.no == Table::KEY {
                key = position;
            }
            DB::walk_typed(out, &of.kind, |out| {
                if column.kept {
                    out.push_sql("coalesce(s.");
                    walk_name(out, &of.name);
                    out.push_sql(", ");
                }
                DB::walk_bound_value(out, position, &of.kind);
                if column.kept {
                    out.push_sql(")");
                }
                Ok(())
            })?;
        }
        out.push_sql(" FROM ");
        DB::walk_bound_rows(out, rows)?;
        out.push_sql(" LEFT JOIN ");
        self.walk_stored(out);
        out.push_sql(" AS s ON s.");
        self.walk_key(out);
        out.push_sql(" = ");
        DB::walk_bound_value(out, key, &ColumnKind::Key);
        Ok(())
    }

    fn walk_stored<DB: Dialect>(&self, out: &mut AstPass<'_, '_, DB>) {
        out.push_sql(DB::STORED);
        walk_name(out, &self.table.name);
    }

    fn walk_key<DB: Dialect>(&self, out: &mut AstPass<'_, '_, DB>) {
        walk_name(out, &self.table.column(Table::KEY).name);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::plan::OverlayColumn;
    use crate::sql::{DialectName, Ping};

    #[test]
    fn changed_tables_stand_in_front() {
        let model = Model::shipped().unwrap();
        let table = model.set("Systems_Security_Roles").unwrap();
        let value = |name: &str| match name {
            "Role_Id" => Value::Guid(Uuid::from_u128(7)),
            "Role_Name" => Value::Text("secret".to_owned()),
            _ => Value::Null,
        };
        let of = model.table(table);
        let columns = of.column_ids().map(|no| OverlayColumn {
            no,
            kept: no == Table::ROW_ID,
            values: vec![value(&of.column(no).name)],
        });
        let rows = OverlayRows {
            columns: columns.collect(),
        };
        let overlay = Overlay {
            tables: vec![OverlayTable {
                table,
                keys: vec![Uuid::from_u128(7)],
                rows: vec![rows],
            }],
        };
        let sqlite: &[&str] = &[
            "WITH `Wf_Roles changed 0` (`rid`, `Role_Id`, ",
            ") AS MATERIALIZED (SELECT CAST(coalesce(s.`rid`, (o.value->>0)) AS INTEGER), CAST(unhex(o.value->>1) AS BLOB), ",
            " FROM json_each(?) AS o LEFT JOIN main.`Wf_Roles` AS s ON s.`Role_Id` = unhex(o.value->>1)), `Wf_Roles` AS NOT MATERIALIZED (SELECT `rid`, `Role_Id`, ",
            " FROM main.`Wf_Roles` WHERE `Role_Id` NOT IN (SELECT unhex(value) FROM json_each(?)) UNION ALL SELECT `rid`, `Role_Id`, ",
            " FROM `Wf_Roles changed 0`) SELECT 1",
        ];
        let postgres: &[&str] = &[
            "WITH \"Wf_Roles\" AS NOT MATERIALIZED (SELECT \"rid\", \"Role_Id\", ",
            " FROM \"Wf_Roles\" WHERE \"Role_Id\" <> ALL ($1)",
            " UNION ALL SELECT coalesce(s.\"rid\", o.c0), o.c1, ",
            " LEFT JOIN \"Wf_Roles\" AS s ON s.\"Role_Id\" = o.c1) SELECT 1",
        ];
        for (dialect, pieces) in [
            (DialectName::Sqlite, sqlite),
            (DialectName::Postgres, postgres),
        ] {
            let text = dialect.text(&With::new(&model, &overlay, &Ping));
            for piece in pieces {
                assert!(text.contains(*piece), "{piece}\n{text}");
            }
        }
        for silent in [format!("{overlay:?}"), format!("{:?}", overlay.tables)] {
            assert!(!silent.contains("secret"), "{silent}");
        }
    }
}
