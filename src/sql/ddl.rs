//! The tables that the model asks for, as statements.
//!
//! The migrations were written from these once; a test proves that they still give the same.

use super::TrigramIndex;
use super::dialect::{Dialect, DialectName, IndexForm, Trigrams as _, for_dialect};
use crate::model::{Column, ColumnKind, Index, Model, Table, View, ViewCell};

/// The statements that make everything that a model asks for, in an order that works.
///
/// Indexes of trigrams are not among them: an installation turns them on ([`trigrams`]).
pub fn create(model: &Model, dialect: DialectName) -> Vec<String> {
    for_dialect!(dialect, DB => create_for::<DB>(model))
}

/// The statements that make the indexes of trigrams that a model allows, empty.
pub fn trigrams(model: &Model, dialect: DialectName) -> Vec<String> {
    let all = model.searched().map(|searched| TrigramIndex {
        table: model.table(searched.entity),
        index: searched.index,
    });
    for_dialect!(dialect, DB => all.flat_map(|of| DB::make(&of)).collect())
}

fn create_for<DB: Dialect>(model: &Model) -> Vec<String> {
    let mut statements: Vec<String> = tables(model)
        .map(|table| create_table::<DB>(model, table))
        .collect();
    if !DB::INLINE_REFERENCES {
        statements.extend(tables(model).flat_map(|table| {
            let columns = table.columns.iter();
            columns.filter_map(|column| add_reference(model, table, column))
        }));
    }
    statements.extend(indexes::<DB>(model, IndexForm::Ordered));
    statements.extend(indexes::<DB>(model, IndexForm::Covering));
    let views = model.entities().map(|(id, _)| model.table(id));
    statements.extend(views.filter_map(|view| create_view::<DB>(model, view)));
    statements
}

fn tables(model: &Model) -> impl Iterator<Item = &Table> {
    model
        .entities()
        .map(|(id, _)| model.table(id))
        .filter(|t| !t.view)
}

fn indexes<DB: Dialect>(model: &Model, form: IndexForm) -> Vec<String> {
    tables(model)
        .flat_map(|table| table.indexes.iter().map(move |index| (table, index)))
        .filter(|(_, index)| DB::index_form(index.method) == Some(form))
        .map(|(table, index)| create_index::<DB>(table, index, form))
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
    let mut line = format!("{name} {}", DB::column_type(&column.kind));
    let mut push = |prefix: &str, rule: &str| {
        let constraint = constraint_name(prefix, table, column);
        line.push_str(&format!(" CONSTRAINT {constraint} {rule}"));
    };
    match &column.kind {
        ColumnKind::RowId => push("PK", "PRIMARY KEY"),
        ColumnKind::Key => push("UQ", "UNIQUE"),
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
    if DB::INLINE_REFERENCES
        && let Some(rule) = reference_rule(model, column)
    {
        push("FK", &rule);
    }
    if let ColumnKind::Code(codes) = &column.kind {
        let codes: Vec<String> = codes.iter().map(|c| text(c)).collect();
        push("CK", &format!("CHECK ({name} IN ({}))", codes.join(", ")));
    }
    if let Some(check) = DB::column_check(&column.kind) {
        push("CK", &format!("CHECK ({})", check.replace("{}", &name)));
    }
    if !column.nullable && column.kind != ColumnKind::RowId {
        line.push_str(" NOT NULL");
    }
    if let Some(initial) = column.initial {
        line.push_str(&format!(" DEFAULT {initial}"));
    }
    line
}

/// What a reference has to meet; nothing where its target is a view. Checked at once unless a
/// transaction puts it off.
fn reference_rule(model: &Model, column: &Column) -> Option<String> {
    let ColumnKind::Reference(target) = column.kind else {
        return None;
    };
    let target = model.table(target);
    (!target.view).then(|| {
        format!(
            "REFERENCES {} ({}) DEFERRABLE",
            quoted(&target.name),
            quoted(&target.column(Table::KEY).name)
        )
    })
}

/// `ALTER TABLE … ADD CONSTRAINT … FOREIGN KEY`
fn add_reference(model: &Model, table: &Table, column: &Column) -> Option<String> {
    let rule = reference_rule(model, column)?;
    Some(format!(
        "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) {rule}",
        quoted(&table.name),
        constraint_name("FK", table, column),
        quoted(&column.name)
    ))
}

/// `CREATE INDEX`
fn create_index<DB: Dialect>(table: &Table, index: &Index, form: IndexForm) -> String {
    let mut numbers = index.columns.clone();
    match form {
        IndexForm::Ordered => {}
        IndexForm::Covering => numbers.reverse(),
    }
    let columns: Vec<String> = numbers
        .iter()
        .map(|no| {
            let column = table.column(*no);
            let name = quoted(&column.name);
            match form {
                IndexForm::Ordered if index.null_is_value.contains(no) => {
                    format!("coalesce({name}, {})", DB::null_stand_in(&column.kind))
                }
                IndexForm::Ordered | IndexForm::Covering => {
                    format!("{name}{}", DB::index_null_order(column))
                }
            }
        })
        .collect();
    format!(
        "CREATE {}INDEX {} ON {} ({})",
        if index.unique { "UNIQUE " } else { "" },
        quoted(&index.name),
        quoted(&table.name),
        columns.join(", ")
    )
}

/// `CREATE VIEW`
fn create_view<DB: Dialect>(model: &Model, view: &Table) -> Option<String> {
    let View::AggregateRoots = view.view_of?;
    let names: Vec<String> = view.columns.iter().map(|c| quoted(&c.name)).collect();
    let parts: Vec<String> = model
        .object_roots()
        .map(|(root, _)| {
            let table = model.table(root);
            let cells: Vec<String> = model
                .view_cells(view.entity, root)
                .iter()
                .zip(&view.columns)
                .map(|(cell, column)| view_cell::<DB>(table, cell, column))
                .collect();
            format!("SELECT {} FROM {}", cells.join(", "), quoted(&table.name))
        })
        .collect();
    Some(format!(
        "CREATE VIEW {} ({}) AS\n{}",
        quoted(&view.name),
        names.join(", "),
        parts.join("\nUNION ALL\n")
    ))
}

fn view_cell<DB: Dialect>(table: &Table, cell: &ViewCell, column: &Column) -> String {
    match cell {
        ViewCell::Column(no) => quoted(&table.column(*no).name),
        ViewCell::Text(constant) => DB::view_text(&text(constant)),
        ViewCell::False => DB::VIEW_FALSE.to_owned(),
        ViewCell::Null => DB::view_null(&column.kind),
    }
}

fn constraint_name(prefix: &str, table: &Table, column: &Column) -> String {
    quoted(&format!("{prefix}_{}_{}", table.name, column.name))
}

/// A name of the model as an identifier.
pub(in crate::sql) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The name of the index of trigrams that may stand beside an index for `contains`, where it has a
/// name of its own.
pub(in crate::sql) fn trigram_name(index: &str) -> String {
    let rest = index.strip_prefix("IX").unwrap_or(index);
    format!("FT{rest}")
}

/// A constant text.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
