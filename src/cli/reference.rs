//! Reference pages in Markdown: the model set by set, and the tables of error codes and rules.

use std::fmt::Write;
use std::path::PathBuf;

use crate::diag::Code;
use crate::model::{
    Allowed, Attribute, Default, Entity, Enumeration, Filters, Model, Reference, Visibility,
};
use crate::rules::{RULES, english};
use crate::value::Kind;

/// What stands on top of every page.
const MADE: &str = "<!-- Made by `userdex model docs docs` from the model. Do not edit. -->\n\n";

/// Every page: its place below `docs/` and its text.
pub(super) fn pages(model: &Model) -> Vec<(PathBuf, String)> {
    let sets = model.entities().map(|(_, entity)| {
        let file = PathBuf::from("reference").join(format!("{}.md", entity.set));
        (file, set_page(model, entity))
    });
    let fixed = [
        (PathBuf::from("ERRORS.md"), errors()),
        (PathBuf::from("RULES.md"), rules(model)),
        (PathBuf::from("reference").join("README.md"), index(model)),
    ];
    fixed.into_iter().chain(sets).collect()
}

/// The table of error codes.
fn errors() -> String {
    let rows = Code::ALL.iter().map(|code| {
        [
            format!("`{}`", code.word()),
            code.status().to_string(),
            code.meaning().to_owned(),
        ]
    });
    format!(
        "{MADE}# Error codes\n\nThe member `code` of an error is one of these words. A word never \
         changes its meaning.\n\n{}",
        table(["code", "status", "meaning"], rows)
    )
}

/// The table of business rules.
fn rules(model: &Model) -> String {
    let rows = RULES.iter().map(|rule| {
        let entities = rule.entities().iter().map(|name| {
            let known = model.repository(name).map(|id| &model.entity(id).set);
            known.map_or_else(
                || format!("`{name}`"),
                |set| format!("[{set}](reference/{set}.md)"),
            )
        });
        [
            format!("`{}`", rule.code()),
            entities.collect::<Vec<_>>().join(", "),
            cell(rule.about()),
            english(rule.code()).map_or_else(String::new, cell),
        ]
    });
    format!(
        "{MADE}# Business rules\n\nIn the order in which they look at an object. A refusal answers \
         422, and `code` is the code of the rule. A rule without a message refuses nothing: it \
         changes something. The message of R33153 is what administrators are told. Messages are in the language of the request where \
         `src/rules/messages/` has it.\n\n{}",
        table(["code", "looks at", "what it demands", "message"], rows)
    )
}

fn index(model: &Model) -> String {
    let rows = model
        .entities()
        .map(|(_, entity)| [format!("[{0}]({0}.md)", entity.set), cell(&entity.text.en)]);
    format!(
        "{MADE}# Entity sets\n\n{}",
        table(["set", "what it holds"], rows)
    )
}

fn set_page(model: &Model, entity: &Entity) -> String {
    let mut out = format!("{MADE}# {}\n\n{}\n\n", entity.set, entity.text.en);
    facts(&mut out, model, entity);
    let attributes = entity.attributes.iter().filter(|a| !a.secret);
    let attributes = attributes.map(|a| attribute_row(model, entity, a));
    let head = ["name", "type", "declared filters", "order", "about"];
    section(&mut out, "Attributes", &table(head, attributes));
    if !entity.references.is_empty() {
        let rows = entity.references.iter().map(|r| reference_row(model, r));
        let head = ["name", "leads to", "declared filters", "about"];
        section(&mut out, "References", &table(head, rows));
    }
    if !entity.collections.is_empty() {
        let rows = entity.collections.iter().map(|c| {
            let target = model.entity(c.target);
            let back = &target.reference(c.back).name;
            [
                format!("`{}`", c.name),
                link(target),
                format!("`{back}`"),
                cell(&c.text.en),
            ]
        });
        let head = ["name", "children", "back reference", "about"];
        section(&mut out, "Child collections", &table(head, rows));
    }
    for enumeration in enumerations(model, entity) {
        let rows = enumeration.members.iter().map(|m| {
            let code = format!("`{}`", m.code);
            [
                format!("`{}`", m.name),
                m.value.to_string(),
                code,
                cell(&m.text.en),
            ]
        });
        let head = ["member", "number", "in the database", "about"];
        section(&mut out, &enumeration.type_name, &table(head, rows));
    }
    out
}

fn facts(out: &mut String, model: &Model, entity: &Entity) {
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "- {name}: {value}");
        }
    };
    let code = |text: &str| format!("`{text}`");
    fact("repository", code(&entity.name));
    fact("type", code(&format!("Erp.{}", entity.type_name)));
    fact("table", code(&entity.table));
    let base = entity.base.map(|base| link(model.entity(base)));
    fact("extends", base.unwrap_or_default());
    fact("aggregate root", link(model.entity(entity.root)));
    fact("display text", code(&entity.display_format));
    let search = entity
        .search
        .iter()
        .map(|path| code(&model.member_name(entity, path, ".")));
    fact(
        "`$search` looks into",
        search.collect::<Vec<_>>().join(", "),
    );
    let track = entity
        .track
        .map(|t| format!("level {} to {}", t.min, t.max));
    fact("change tracking", track.unwrap_or_default());
    fact("may be read by", allowed(entity.readers).to_owned());
    if entity.is_open() {
        fact("may be changed by", allowed(entity.writers).to_owned());
    }
    out.push('\n');
}

/// Who may be allowed something, in words.
fn allowed(to: Allowed) -> &'static str {
    match to {
        Allowed::Granted => "administrators, and whom they grant it",
        Allowed::Administrators => "administrators",
        Allowed::Sec => "administrators with the scope `sec`",
    }
}

fn attribute_row(model: &Model, entity: &Entity, attribute: &Attribute) -> [String; 5] {
    let ty = match attribute.enumeration {
        Some(id) => model.enumeration(id).name.clone(),
        None => kind(attribute.kind).to_owned(),
    };
    let length = attribute.max_length.map(|n| format!(" ({n})"));
    let null = if attribute.nullable { ", nullable" } else { "" };
    [
        format!("`{}`", attribute.name),
        format!("{ty}{}{null}", length.unwrap_or_default()),
        filters(attribute.filters),
        if attribute.orderable { "yes" } else { "" }.to_owned(),
        cell(&format!(
            "{}{}",
            attribute.text.en,
            notes(entity, attribute)
        )),
    ]
}

/// What else is to be known about an attribute, as short sentences.
fn notes(entity: &Entity, attribute: &Attribute) -> String {
    let mut notes = Vec::new();
    match &attribute.default {
        Some(Default::Constant(text)) => notes.push(format!("Default `{text}`.")),
        Some(Default::NewGuid) => notes.push("Default: a new guid.".to_owned()),
        Some(Default::Now) => notes.push("Default: now.".to_owned()),
        Some(Default::NextCode) => notes.push("Default: the next number.".to_owned()),
        None => {}
    }
    if attribute.required && attribute.default.is_none() {
        notes.push("Required.".to_owned());
    }
    notes.extend(attribute.min.map(|min| format!("At least {min}.")));
    notes.extend(attribute.max.map(|max| format!("At most {max}.")));
    if attribute.line {
        notes.push("One line, not blank.".to_owned());
    }
    if attribute.is_made() {
        notes.push("Read only.".to_owned());
    }
    let composed = entity.composition(attribute);
    notes.extend(composed.map(|parts| format!("Composed of `{parts}`.")));
    match attribute.visibility {
        Visibility::ShownByDefault => {}
        Visibility::HiddenByDefault if entity.in_default_set(attribute) => {}
        Visibility::HiddenByDefault => notes.push("Returned only when selected.".to_owned()),
        Visibility::CannotBeShown => notes.push("Not shown in user interfaces.".to_owned()),
    }
    notes.extend(
        attribute
            .since
            .as_ref()
            .map(|since| format!("Since {since}.")),
    );
    notes.iter().map(|note| format!(" {note}")).collect()
}

fn reference_row(model: &Model, reference: &Reference) -> [String; 4] {
    let null = if reference.nullable { ", nullable" } else { "" };
    let through = reference.owner || reference.filterable;
    let through = if through {
        " Filters may go through it."
    } else {
        ""
    };
    let since = reference
        .since
        .as_ref()
        .map(|since| format!(" Since {since}."));
    [
        format!("`{}`", reference.name),
        format!("{}{null}", link(model.entity(reference.target))),
        filters(reference.filters),
        cell(&format!(
            "{}{through}{}",
            reference.text.en,
            since.unwrap_or_default()
        )),
    ]
}

/// The enumerations that an entity uses, each once.
fn enumerations<'a>(model: &'a Model, entity: &Entity) -> Vec<&'a Enumeration> {
    let mut ids = Vec::new();
    for id in entity
        .attributes
        .iter()
        .filter(|a| !a.secret)
        .filter_map(|a| a.enumeration)
    {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.into_iter().map(|id| model.enumeration(id)).collect()
}

/// The source's words for a kind.
const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Guid => "guid",
        Kind::String => "string",
        Kind::Boolean => "boolean",
        Kind::Byte => "byte",
        Kind::Int16 => "int16",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::DateTimeOffset => "datetime",
        Kind::Binary => "binary",
        Kind::Multilanguage => "MultilanguageString",
        Kind::Enumeration => "enumeration",
    }
}

fn filters(filters: Filters) -> String {
    filters.words().join("; ")
}

fn link(entity: &Entity) -> String {
    format!("[{0}]({0}.md)", entity.set)
}

/// A text inside a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn section(out: &mut String, title: &str, table: &str) {
    let _ = write!(out, "## {title}\n\n{table}\n");
}

fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut out = line(&head.map(str::to_owned)) + &line(&head.map(|_| "---".to_owned()));
    out.extend(rows.map(|row| line(&row)));
    out
}
