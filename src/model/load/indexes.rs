//! Derives the indexes of a table from the declared filters and orders.

use super::draft::EntityDraft;
use super::local::IDENTIFIER;
use super::storage_of::index_column;
use super::yaml::{Faults, Spotted};
use crate::model::{
    Attribute, AttributeRole, ColumnNo, Entity, Index, IndexMethod, Place, Stored, Table,
};
use crate::value::Kind;

/// The indexes of an entity's own table; views have none.
pub(super) fn derive(
    entity: &Entity,
    draft: &EntityDraft,
    searched: &dyn Fn(&str) -> bool,
    faults: &mut Faults,
) -> Vec<Index> {
    let mut indexes: Vec<Index> = Vec::new();
    if entity.view {
        return indexes;
    }
    for unique in &draft.unique {
        let Some(columns) = columns(entity, &unique.members, faults) else {
            continue;
        };
        let Some(null_is_value) = columns_of(entity, &unique.nulls_equal, &columns, faults) else {
            continue;
        };
        let name = name("UX", &entity.table, &names(&unique.members));
        indexes.push(Index {
            name,
            columns,
            unique: true,
            null_is_value,
            method: IndexMethod::Ordered,
        });
    }
    for members in &draft.indexes {
        if let Some(columns) = columns(entity, members, faults) {
            indexes.push(ordered(entity, &names(members), columns));
        }
    }
    for (id, reference) in entity.reference_ids() {
        let stored = entity.stored_reference(id);
        if stored.place == Place::Own {
            indexes.push(ordered(
                entity,
                &[reference.name.as_str()],
                vec![stored.column],
            ));
        }
    }
    for (id, attribute) in entity.attribute_ids() {
        if let Some(stored) = entity
            .stored(id)
            .filter(|stored| stored.place == Place::Own)
        {
            indexes.extend(of_attribute(
                entity,
                attribute,
                stored,
                // A log that only the service writes grows with every change, and is asked by object
                // and time: a search in its texts reads it.
                entity.is_open() && searched(&attribute.name),
            ));
        }
    }
    // A unique index over the same columns finds the one row already.
    let unique: Vec<_> = indexes
        .iter()
        .filter(|i| i.unique)
        .map(|i| i.columns.clone())
        .collect();
    indexes.retain(|index| {
        let method = index.method == IndexMethod::Substring;
        index.unique
            || method
            || !index
                .columns
                .split_last()
                .is_some_and(|(_, c)| unique.iter().any(|u| u == c))
    });
    indexes
}

/// The indexes that serve the filters and the order of one attribute.
fn of_attribute(
    entity: &Entity,
    attribute: &Attribute,
    stored: Stored,
    searched: bool,
) -> Vec<Index> {
    if attribute.role == AttributeRole::Key {
        return Vec::new();
    }
    let (filters, name) = (attribute.filters, attribute.name.as_str());
    let folded = stored.shadow.unwrap_or(stored.column);
    let compared = if attribute.folded {
        folded
    } else {
        stored.column
    };
    let found = match attribute.kind {
        // Order: folded text, then raw text, then key. It serves equality of folded texts too.
        Kind::String if attribute.orderable && folded != stored.column => {
            vec![folded, stored.column]
        }
        Kind::String if filters.multi || (filters.eq && filters.like) || attribute.indexed => {
            vec![compared]
        }
        Kind::Guid if filters.eq || attribute.orderable || attribute.indexed => vec![stored.column],
        Kind::DateTimeOffset if filters.range() || attribute.orderable || attribute.indexed => {
            vec![stored.column]
        }
        Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64
            if attribute.orderable || attribute.indexed =>
        {
            vec![stored.column]
        }
        // Few values: an index of their own would only mislead the planner (`docs/decisions/004-storage.md`).
        Kind::Boolean | Kind::Enumeration if attribute.orderable || attribute.indexed => {
            vec![stored.column]
        }
        // The stored text is JSON: only the shadow can be searched.
        Kind::Multilanguage
        | Kind::String
        | Kind::Guid
        | Kind::DateTimeOffset
        | Kind::Byte
        | Kind::Int16
        | Kind::Int32
        | Kind::Int64
        | Kind::Boolean
        | Kind::Enumeration
        | Kind::Binary => Vec::new(),
    };
    let mut indexes = Vec::new();
    if !found.is_empty() {
        indexes.push(ordered(entity, &[name], found));
        // An exactly compared text that is ordered folded needs both.
        if attribute.kind == Kind::String && attribute.orderable && compared != folded && filters.eq
        {
            indexes.push(ordered(entity, &[name, "Exact"], vec![compared]));
        }
    }
    if let Some(shadow) = stored
        .shadow
        .filter(|_| filters.like && (searched || attribute.indexed))
    {
        let name = self::name("IX", &entity.table, &[name, "Substring"]);
        let columns = vec![shadow, Table::KEY];
        let (unique, null_is_value) = (false, Vec::new());
        indexes.push(Index {
            name,
            columns,
            unique,
            null_is_value,
            method: IndexMethod::Substring,
        });
    }
    indexes
}

/// An ordered index that ends in the key, so that it serves pages.
fn ordered(entity: &Entity, members: &[&str], mut columns: Vec<ColumnNo>) -> Index {
    columns.push(Table::KEY);
    let name = name("IX", &entity.table, members);
    Index {
        name,
        columns,
        unique: false,
        null_is_value: Vec::new(),
        method: IndexMethod::Ordered,
    }
}

fn names(members: &[Spotted<String>]) -> Vec<&str> {
    members.iter().map(|member| member.node.as_str()).collect()
}

/// The columns of members; nothing, and a fault, where one is not a column of the table.
fn columns(
    entity: &Entity,
    members: &[Spotted<String>],
    faults: &mut Faults,
) -> Option<Vec<ColumnNo>> {
    let found = members.iter().map(|member| {
        let column = index_column(entity, &member.node);
        if column.is_none() {
            let message = format!(
                "`{}` is not a stored property of `{}` itself",
                member.node, entity.name
            );
            faults.add(member.at, message);
        }
        column
    });
    found.collect::<Vec<_>>().into_iter().collect()
}

/// The columns of members that must be among others.
fn columns_of(
    entity: &Entity,
    members: &[Spotted<String>],
    among: &[ColumnNo],
    faults: &mut Faults,
) -> Option<Vec<ColumnNo>> {
    let found = columns(entity, members, faults)?;
    for (member, _) in members
        .iter()
        .zip(&found)
        .filter(|(_, column)| !among.contains(column))
    {
        faults.add(
            member.at,
            format!("`{}` is not among the unique members", member.node),
        );
    }
    Some(found)
}

/// The name of an index after the model elements it serves. Names longer than a database takes are
/// cut and end in a checksum.
fn name(prefix: &str, table: &str, members: &[&str]) -> String {
    let full = format!("{prefix}_{table}_{}", members.join("_"));
    if full.len() <= IDENTIFIER {
        return full;
    }
    // FNV-1a: short, stable, and only there to tell names apart.
    let sum = full.bytes().fold(0x811c_9dc5_u32, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let head: String = full.chars().take(IDENTIFIER - 9).collect();
    format!("{head}_{sum:08x}")
}
