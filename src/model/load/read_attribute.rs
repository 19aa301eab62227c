//! Reads one attribute line.

use marked_yaml::Node;

use super::draft::AttributeDraft;
use super::local;
use super::read::{SHOW, read_copied};
use super::yaml::{Faults, Fields, Spotted};
use crate::model::{Attribute, AttributeRole, Declared, Default, Filters, Stamp, Text, Visibility};
use crate::value::Kind;

const ATTRIBUTE: &[&str] = &[
    "type",
    "column",
    "length",
    "min",
    "max",
    "line",
    "nullable",
    "required",
    "default",
    "compose",
    "stamp",
    "filters",
    "order",
    "dimension",
    "measure",
    "read_only",
    "secret",
    "unlogged",
    "self_service",
    "copy",
    "indexed",
    "folded",
    "show",
    "since",
    "unit",
    "role",
    "inherited",
    "text",
];

/// The words for kinds; any other word is an enumeration.
const KINDS: &[(&str, Kind)] = &[
    ("guid", Kind::Guid),
    ("string", Kind::String),
    ("boolean", Kind::Boolean),
    ("byte", Kind::Byte),
    ("int16", Kind::Int16),
    ("int32", Kind::Int32),
    ("int64", Kind::Int64),
    ("datetime", Kind::DateTimeOffset),
    ("binary", Kind::Binary),
    ("multilanguage", Kind::Multilanguage),
];

/// The words for stamps.
const STAMPS: &[(&str, Stamp)] = &[
    (Stamp::CreationTime.word(), Stamp::CreationTime),
    (Stamp::CreationUser.word(), Stamp::CreationUser),
    (Stamp::UpdateTime.word(), Stamp::UpdateTime),
    (Stamp::UpdateUser.word(), Stamp::UpdateUser),
];

/// The word of a kind in metadata files.
pub(in crate::model) fn kind_word(kind: Kind) -> &'static str {
    KINDS
        .iter()
        .find(|(_, k)| *k == kind)
        .map_or("enumeration", |(word, _)| word)
}

/// The length that `length: max` stands for.
pub(in crate::model) const MAX_LENGTH: u32 = 2_147_483_647;

/// Reads an attribute. `system` attributes are those of `system.yaml`: they have a `role`.
pub(super) fn read_attribute(
    name: Spotted<String>,
    node: &Node,
    system: bool,
    faults: &mut Faults,
) -> Option<AttributeDraft> {
    let what = format!("attribute `{}`", name.node);
    let fields = Fields::read(node, &what, ATTRIBUTE, faults)?;
    let inherited = fields.flag("inherited", faults);
    let role = read_role(&name.node, &fields, system, faults);
    let (type_word, column, text) = if inherited {
        local::check_inherited(&fields, &what, ATTRIBUTE, faults);
        (None, None, Text::default())
    } else {
        let word = fields.needed("type", &what, faults);
        let column = read_column(&fields, &what, role, faults);
        (Some(word?), column, read_text(&fields, &what, faults))
    };
    let known = type_word
        .as_ref()
        .and_then(|word| KINDS.iter().find(|(w, _)| *w == word.node));
    let kind = known.map_or(Kind::Enumeration, |(_, kind)| *kind);
    let filters = read_filters(&fields, faults);
    let attribute = Attribute {
        name: name.node,
        text,
        kind,
        enumeration: None,
        max_length: read_length(&fields, faults),
        min: fields.number("min", faults),
        max: fields.number("max", faults),
        line: fields.flag("line", faults),
        nullable: fields.flag("nullable", faults),
        required: fields.flag("required", faults),
        default: fields
            .text("default", faults)
            .map(|default| read_default(kind, default.node)),
        compose: Vec::new(),
        stamp: fields.choice("stamp", STAMPS, faults),
        filters,
        orderable: fields.flag("order", faults),
        dimension: fields.flag("dimension", faults),
        measure: fields.flag("measure", faults),
        read_only: fields.flag("read_only", faults),
        secret: fields.flag("secret", faults),
        unlogged: fields.flag("unlogged", faults),
        self_service: fields.flag("self_service", faults),
        copied: read_copied(&fields, faults),
        indexed: fields.flag("indexed", faults),
        visibility: fields
            .choice("show", SHOW, faults)
            .unwrap_or(Visibility::ShownByDefault),
        role,
        since: fields.text("since", faults).map(|since| since.node),
        unit: fields.text("unit", faults).map(|unit| unit.node),
        column: column.map(|column| column.node).unwrap_or_default(),
        inherited,
        folded: fields.flag("folded", faults)
            || kind == Kind::Multilanguage
            || (kind == Kind::String && filters.like),
    };
    let draft = AttributeDraft {
        at: name.at,
        attribute,
        enumeration: type_word.filter(|_| kind == Kind::Enumeration),
        default_at: fields.has("default").then(|| fields.at("default")),
        compose: fields.text("compose", faults),
    };
    local::check_attribute(&draft, &fields, faults);
    Some(draft)
}

fn read_role(name: &str, fields: &Fields<'_>, system: bool, faults: &mut Faults) -> AttributeRole {
    let roles = [
        ("root", AttributeRole::Root),
        ("display text", AttributeRole::DisplayText),
    ];
    match (fields.has("role"), system) {
        (true, true) => fields
            .choice("role", &roles, faults)
            .unwrap_or(AttributeRole::Root),
        (false, true) => {
            faults.add(
                fields.at("role"),
                format!("system attribute `{name}` needs `role`"),
            );
            AttributeRole::Root
        }
        (true, false) => {
            faults.add(
                fields.at("role"),
                "`role` is for the attributes of `system.yaml`",
            );
            AttributeRole::Stored
        }
        (false, false) if name == "Id" => AttributeRole::Key,
        (false, false) => AttributeRole::Stored,
    }
}

fn read_column(
    fields: &Fields<'_>,
    what: &str,
    role: AttributeRole,
    faults: &mut Faults,
) -> Option<Spotted<String>> {
    match role {
        AttributeRole::Stored | AttributeRole::Key | AttributeRole::Root => {
            fields.needed("column", what, faults)
        }
        // No file has a custom property.
        AttributeRole::DisplayText | AttributeRole::Custom(_) => {
            if fields.has("column") {
                faults.add(fields.at("column"), "a calculated attribute has no column");
            }
            None
        }
    }
}

fn read_length(fields: &Fields<'_>, faults: &mut Faults) -> Option<u32> {
    let text = fields.text("length", faults)?;
    if text.node == "max" {
        Some(MAX_LENGTH)
    } else {
        fields.number("length", faults)
    }
}

fn read_default(kind: Kind, word: String) -> Default {
    match (kind, word.as_str()) {
        (Kind::Guid, "new guid") => Default::NewGuid,
        (Kind::DateTimeOffset, "now") => Default::Now,
        (Kind::String, "next code") => Default::NextCode,
        _ => Default::Constant(word),
    }
}

/// The declared filters.
pub(super) fn read_filters(fields: &Fields<'_>, faults: &mut Faults) -> Filters {
    const WORDS: [&str; 5] = ["eq", "multi eq", "ge", "le", "like"];
    let mut words = Vec::new();
    for text in fields.texts("filters", faults) {
        match Declared::parse(&text.node) {
            Some(word) if words.contains(&word) => {
                faults.add(text.at, format!("filter `{}` is given twice", text.node));
            }
            Some(word) => words.push(word),
            None => faults.unknown(text.at, "filter", &text.node, WORDS),
        }
    }
    Filters::of(&words)
}

/// The description: one text, or a text per language.
pub(super) fn read_text(fields: &Fields<'_>, what: &str, faults: &mut Faults) -> Text {
    let Some(node) = fields.node("text") else {
        faults.add(fields.at("text"), format!("{what} needs `text`"));
        return Text::default();
    };
    if node.as_mapping().is_none() {
        let en = fields
            .text("text", faults)
            .map(|text| text.node)
            .unwrap_or_default();
        return Text { en, bg: None };
    }
    let Some(texts) = Fields::read(node, "`text`", &["en", "bg"], faults) else {
        return Text::default();
    };
    let en = texts
        .needed("en", "`text`", faults)
        .map(|text| text.node)
        .unwrap_or_default();
    Text {
        en,
        bg: texts.text("bg", faults).map(|text| text.node),
    }
}

/// The words for kinds.
pub(super) fn kind_words<'a>() -> impl Iterator<Item = &'a str> {
    KINDS.iter().map(|(word, _)| *word)
}
