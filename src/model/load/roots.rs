//! The columns that every aggregate root has, and the view of all roots.

use super::draft::{AttributeDraft, EntityDraft};
use super::local::SHADOW;
use super::storage_of::column_kind;
use super::yaml::{Faults, Spot};
use crate::model::{AttributeRole, Column, ColumnKind, Table};

/// One column of the roots. It is nullable unless there is a first value.
struct RootColumn {
    name: &'static str,
    kind: ColumnKind,
    initial: Option<i64>,
    shadow: bool,
}

/// Present in every root without a base, whether or not the entity publishes them.
const ROOT: &[RootColumn] = &[
    column("Latest_Version", ColumnKind::Integer, Some(1), false),
    column("External_Id", ColumnKind::Text, None, true),
    column("External_System", ColumnKind::Text, None, true),
    column("Creation_Time_Utc", ColumnKind::Timestamp, None, false),
    column("Last_Update_Time_Utc", ColumnKind::Timestamp, None, false),
    column("Additional_Data_Json", ColumnKind::Text, None, false),
];

const fn column(
    name: &'static str,
    kind: ColumnKind,
    initial: Option<i64>,
    shadow: bool,
) -> RootColumn {
    RootColumn {
        name,
        kind,
        initial,
        shadow,
    }
}

/// Adds the root columns that the entity does not have as attributes of its own.
pub(super) fn add(table: &mut Table, at: Spot, faults: &mut Faults) {
    for root in ROOT {
        let (name, nullable) = (root.name.to_owned(), root.initial.is_none());
        match table.columns.iter().find(|column| column.name == name) {
            Some(own) if own.kind != root.kind => {
                let message = format!(
                    "column `{name}` of `{}` has another type in the roots",
                    table.name
                );
                faults.add(at, message);
            }
            Some(_) => {}
            None => {
                let (kind, initial) = (root.kind.clone(), root.initial);
                table.columns.push(Column {
                    name,
                    kind,
                    nullable,
                    initial,
                });
            }
        }
        let name = format!("{}{SHADOW}", root.name);
        if root.shadow && table.find(&name).is_none() {
            let kind = ColumnKind::Folded;
            table.columns.push(Column {
                name,
                kind,
                nullable,
                initial: None,
            });
        }
    }
}

/// A system attribute of the roots names one of their columns.
pub(super) fn check_attribute(line: &AttributeDraft, faults: &mut Faults) {
    let attribute = &line.attribute;
    if attribute.role != AttributeRole::Root {
        return;
    }
    match ROOT.iter().find(|root| root.name == attribute.column) {
        Some(root) if column_kind(attribute, &[]) == root.kind => {}
        Some(root) => {
            let message = format!("column `{}` has another type in the roots", root.name);
            faults.add(line.at, message);
        }
        None => {
            let known = ROOT.iter().map(|root| root.name);
            faults.unknown(
                line.at,
                "column of aggregate roots",
                &attribute.column,
                known,
            );
        }
    }
}

/// A view of all roots can show what every root has.
pub(super) fn check_view(table: &Table, draft: &EntityDraft, faults: &mut Faults) {
    let known = |column: &Column| {
        let name = column.name.strip_suffix(SHADOW).unwrap_or(&column.name);
        let root = ROOT.iter().any(|root| root.name == name);
        let constant = ["rid", "Entity_Type", "Entity_Item_Id"].contains(&name);
        let free = column.nullable || column.kind == ColumnKind::Boolean;
        root || constant || free || column.kind == ColumnKind::Key
    };
    for column in table.columns.iter().filter(|column| !known(column)) {
        let message = format!(
            "the view cannot fill column `{}`: it must be nullable",
            column.name
        );
        faults.add(draft.at, message);
    }
}
