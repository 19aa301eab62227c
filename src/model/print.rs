//! Prints an entity for people.

use std::fmt::Write;

use super::load::{MAX_LENGTH, kind_word};
use super::{Attribute, AttributeRole, Default, Entity, EntityId, Model, Reference, Visibility};

/// One entity as a table for people: facts, attributes, references, collections, columns, indexes.
pub fn print_entity(model: &Model, id: EntityId) -> String {
    let entity = model.entity(id);
    let mut out = format!("{}: {}\n", entity.name, entity.text.en);
    print_facts(&mut out, model, entity);
    let attributes: Vec<_> = entity
        .attributes
        .iter()
        .map(|a| attribute_row(model, entity, a))
        .collect();
    section(
        &mut out,
        "attributes",
        ["name", "type", "filters", "flags", "column"],
        &attributes,
    );
    let references: Vec<_> = entity
        .references
        .iter()
        .map(|r| reference_row(model, r))
        .collect();
    section(
        &mut out,
        "references",
        ["name", "to", "filters", "flags", "column"],
        &references,
    );
    let collections: Vec<_> = entity
        .collections
        .iter()
        .map(|c| {
            let target = model.entity(c.target);
            let back = target.reference(c.back).name.clone();
            let owned = if c.owned { "owned" } else { "" };
            [
                c.name.clone(),
                target.name.clone(),
                back,
                owned.to_owned(),
                String::new(),
            ]
        })
        .collect();
    section(
        &mut out,
        "collections",
        ["name", "of", "back reference", "flags", ""],
        &collections,
    );
    print_indexes(&mut out, model, id);
    out
}

fn print_facts(out: &mut String, model: &Model, entity: &Entity) {
    let kind = if entity.view { "view" } else { "table" };
    let facts = [
        ("set", entity.set.clone()),
        ("type", format!("Erp.{}", entity.type_name)),
        (kind, entity.table.clone()),
        (
            "base",
            entity
                .base
                .map(|base| model.entity(base).name.clone())
                .unwrap_or_default(),
        ),
        ("aggregate root", model.entity(entity.root).name.clone()),
        ("display", entity.display_format.clone()),
        ("old names", old_names(entity)),
        ("readers", entity.readers.word().to_owned()),
        ("writers", entity.writers.word().to_owned()),
        (
            "private to",
            entity
                .private_to
                .map(|id| entity.reference(id).name.clone())
                .unwrap_or_default(),
        ),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a text cannot fail.
        let _ = writeln!(out, "  {name:<14} {value}");
    }
}

fn old_names(entity: &Entity) -> String {
    let names: Vec<_> = entity.old_sets.iter().map(|old| old.set.as_str()).collect();
    names.join(", ")
}

fn attribute_row(model: &Model, entity: &Entity, attribute: &Attribute) -> [String; 5] {
    let word = attribute.enumeration.map_or_else(
        || kind_word(attribute.kind).to_owned(),
        |id| model.enumeration(id).name.clone(),
    );
    let length = match attribute.max_length {
        Some(MAX_LENGTH) => " (max)".to_owned(),
        Some(length) => format!(" ({length})"),
        None => String::new(),
    };
    let default = match &attribute.default {
        Some(Default::Constant(word)) => format!("default {word}"),
        Some(Default::NewGuid) => "default new guid".to_owned(),
        Some(Default::Now) => "default now".to_owned(),
        Some(Default::NextCode) => "default next code".to_owned(),
        None => String::new(),
    };
    let bound = |word, bound: Option<i64>| bound.map(|n| format!("{word} {n}"));
    let (min, max) = (bound("min", attribute.min), bound("max", attribute.max));
    let made = attribute
        .stamp
        .map(|stamp| format!("stamp of the {}", stamp.word()))
        .or_else(|| Some(format!("composed of {}", entity.composition(attribute)?)));
    let [min, max, made] = [min, max, made].map(Option::unwrap_or_default);
    let flags = [
        (!min.is_empty(), min.as_str()),
        (!max.is_empty(), max.as_str()),
        (attribute.line, "line"),
        (attribute.nullable, "nullable"),
        (attribute.required, "required"),
        (attribute.orderable, "ORD"),
        (attribute.dimension, "dimension"),
        (attribute.measure, "measure"),
        (attribute.read_only, "read only"),
        (attribute.secret, "secret"),
        (attribute.unlogged, "unlogged"),
        (attribute.self_service, "self service"),
        (!attribute.copied, "never copied"),
        (attribute.indexed, "indexed"),
        (attribute.inherited, "inherited"),
        (attribute.role == AttributeRole::Root, "of the root"),
        (!default.is_empty(), default.as_str()),
        (!made.is_empty(), made.as_str()),
        (
            attribute.visibility != Visibility::ShownByDefault,
            visibility(attribute.visibility),
        ),
    ];
    [
        attribute.name.clone(),
        format!("{word}{length}"),
        attribute.filters.words().join("; "),
        chosen(&flags),
        attribute.column.clone(),
    ]
}

fn reference_row(model: &Model, reference: &Reference) -> [String; 5] {
    let flags = [
        (reference.nullable, "nullable"),
        (reference.owner, "owner"),
        (reference.outlives, "outlives"),
        (reference.filterable, "filterable"),
        (reference.read_only, "read only"),
        (reference.indexed, "indexed"),
        (reference.inherited, "inherited"),
    ];
    [
        reference.name.clone(),
        model.entity(reference.target).name.clone(),
        reference.filters.words().join("; "),
        chosen(&flags),
        reference.column.clone(),
    ]
}

fn print_indexes(out: &mut String, model: &Model, id: EntityId) {
    let table = model.table(id);
    let rows: Vec<_> = table
        .indexes
        .iter()
        .map(|index| {
            let columns: Vec<_> = index
                .columns
                .iter()
                .map(|no| table.column(*no).name.as_str())
                .collect();
            let unique = if index.unique { "unique" } else { "" };
            [
                index.name.clone(),
                columns.join(", "),
                unique.to_owned(),
                String::new(),
                String::new(),
            ]
        })
        .collect();
    section(out, "indexes", ["name", "columns", "", "", ""], &rows);
}

const fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::ShownByDefault => "shown",
        Visibility::HiddenByDefault => "hidden",
        Visibility::CannotBeShown => "never shown",
    }
}

fn chosen(flags: &[(bool, &str)]) -> String {
    let words: Vec<_> = flags
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, word)| *word)
        .collect();
    words.join(", ")
}

/// A heading and its rows in columns; nothing where there are no rows.
fn section(out: &mut String, title: &str, head: [&str; 5], rows: &[[String; 5]]) {
    if rows.is_empty() {
        return;
    }
    let head = head.map(str::to_owned);
    let widths = (0..5).map(|column| {
        let cells = rows.iter().chain([&head]).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    });
    let widths: Vec<_> = widths.collect();
    let _ = writeln!(out, "\n{title}");
    for row in [&head].into_iter().chain(rows) {
        let cells: Vec<_> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
    }
}
