//! The tables that the model asks for, as statements.

use super::dialect::{Dialect, IndexForm};
use crate::model::{Column, ColumnKind, Index, Model, Table};

/// The statements that make the tables and indexes of a model, in an order that works: every table
/// after those it refers to where it can be, foreign keys where it cannot.
pub fn create<DB: Dialect>(model: &Model) -> Vec<String> {
    let tables = || model.entities().map(|(id, _)| model.table(id));
    tables()
        .filter(|t| !t.view)
        .flat_map(|table| {
            let indexes = table.indexes.iter().map(|i| create_index::<DB>(table, i));
            std::iter::once(create_table::<DB>(model, table)).chain(indexes)
        })
        .collect()
}

/// `CREATE TABLE`
fn create_table<DB: Dialect>(model: &Model, table: &Table) -> String {
    let lines: Vec<String> = table
        .columns
        .iter()
        .map(|c| column_line::<DB>(model, table, c))
        .collect();
    format!(
        "CREATE TABLE {} (\n    {}\n){}",
        quoted(&table.name),
        lines.join(",\n    "),
        DB::TABLE_OPTIONS
    )
}

/// A column with its constraints, each named after table and column.
fn column_line<DB: Dialect>(model: &Model, table: &Table, column: &Column) -> String {
    let name = quoted(&column.name);
    let constraint = |prefix: &str| quoted(&format!("{prefix}_{}_{}", table.name, column.name));
    let mut line = format!("{name} {}", DB::column_type(&column.kind));
    let mut push = |prefix: &str, rule: &str| {
        line.push_str(&format!(" CONSTRAINT {} {rule}", constraint(prefix)));
    };
    match &column.kind {
        ColumnKind::RowId => push("PK", "PRIMARY KEY"),
        ColumnKind::Key => push("UQ", "UNIQUE"),
        ColumnKind::Reference(target) if !model.table(*target).view => {
            let target = model.table(*target);
            let key = &target.column(Table::KEY).name;
            push(
                "FK",
                &format!("REFERENCES {} ({})", quoted(&target.name), quoted(key)),
            );
        }
        ColumnKind::Reference(_)
        | ColumnKind::Guid
        | ColumnKind::Text
        | ColumnKind::Folded
        | ColumnKind::Json
        | ColumnKind::Code(_)
        | ColumnKind::Boolean
        | ColumnKind::Integer
        | ColumnKind::Timestamp
        | ColumnKind::Binary => {}
    }
    if !column.nullable && column.kind != ColumnKind::RowId {
        push("NN", "NOT NULL");
    }
    if let ColumnKind::Code(codes) = &column.kind {
        let codes: Vec<String> = codes.iter().map(|c| text(c)).collect();
        push("CK", &format!("CHECK ({name} IN ({}))", codes.join(", ")));
    }
    if let Some(check) = DB::column_check(column) {
        push("CK", &format!("CHECK ({})", check.replace("{}", &name)));
    }
    line
}

/// `CREATE INDEX`
fn create_index<DB: Dialect>(table: &Table, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let columns: Vec<String> = index
        .columns
        .iter()
        .map(|no| {
            let column = table.column(*no);
            let name = quoted(&column.name);
            match DB::index_form(index) {
                IndexForm::Ordered => format!("{name}{}", DB::index_null_order(column)),
                IndexForm::Trigrams => format!("{name} gin_trgm_ops"),
            }
        })
        .collect();
    let method = match DB::index_form(index) {
        IndexForm::Ordered => "",
        IndexForm::Trigrams => " USING gin",
    };
    format!(
        "CREATE {unique}INDEX {} ON {}{method} ({})",
        quoted(&index.name),
        quoted(&table.name),
        columns.join(", ")
    )
}

/// A name of the model as an identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A constant text.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
