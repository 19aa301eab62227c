//! Checks that need one file only: names, facets, filters, defaults.

use std::collections::HashSet;

use super::draft::{AttributeDraft, EntityDraft, ReferenceDraft};
use super::made;
use super::yaml::{Faults, Fields, Spot, Spotted};
use crate::model::{Attribute, AttributeRole, Declared, Default, EnumMember, Filters, View};
use crate::value::Kind;

/// What an inherited line may say; everything else comes from the base entity.
const INHERITED: &[&str] = &["inherited", "default", "compose"];
/// The longest identifier of PostgreSQL, in bytes.
pub(in crate::model) const IDENTIFIER: usize = 63;
/// The ending of a shadow column.
pub(in crate::model) const SHADOW: &str = "_folded";

/// `odataIdentifier`: a letter or `_`, then letters, digits and `_`, at most 128 characters.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    first && chars.all(|c| c.is_alphanumeric() || c == '_') && name.chars().count() <= 128
}

/// A name for a table or column: ASCII, no quoting surprises, room for the shadow's ending.
fn is_database_name(name: &str) -> bool {
    is_identifier(name) && name.is_ascii() && name.len() + SHADOW.len() <= IDENTIFIER
}

pub(super) fn check_name(name: &str, at: Spot, faults: &mut Faults) {
    if !is_identifier(name) {
        faults.add(at, format!("`{name}` is not an OData identifier"));
    }
}

fn check_database_name(name: &str, at: Spot, faults: &mut Faults) {
    if !is_database_name(name) {
        let message = format!("`{name}` cannot name a table or column");
        faults.add_help(
            at,
            message,
            "letters, digits and `_`, at most 56 characters",
        );
    }
}

/// Checks of the entity's own keys.
pub(super) fn check_entity(draft: &EntityDraft, faults: &mut Faults) {
    draft
        .name
        .split('.')
        .for_each(|part| check_name(part, draft.at, faults));
    check_name(&draft.type_name.node, draft.type_name.at, faults);
    check_database_name(&draft.table.node, draft.table.at, faults);
    let key = draft
        .attributes
        .iter()
        .find(|a| a.attribute.role == AttributeRole::Key);
    match key {
        None => faults.add(draft.at, "an entity needs the attribute `Id`"),
        Some(key) if key.attribute.kind != Kind::Guid => faults.add(key.at, "`Id` is a guid"),
        Some(_) => {}
    }
    if draft
        .view
        .is_some_and(|View::AggregateRoots| draft.base.is_some())
    {
        faults.add(draft.at, "a view has no base entity");
    }
    let owners: Vec<_> = draft.references.iter().filter(|r| r.owner).collect();
    for second in owners.iter().skip(1) {
        faults.add(second.at, "an entity has one owner");
    }
    if let (Some(owner), Some(base)) = (owners.first(), &draft.base) {
        let message = format!("an entity that extends `{}` has no owner", base.node);
        faults.add(owner.at, message);
    }
}

/// Checks of one attribute line.
pub(super) fn check_attribute(draft: &AttributeDraft, fields: &Fields<'_>, faults: &mut Faults) {
    let attribute = &draft.attribute;
    check_name(&attribute.name, draft.at, faults);
    if attribute.inherited {
        return;
    }
    if fields.has("column") && attribute.role != AttributeRole::DisplayText {
        check_database_name(&attribute.column, fields.at("column"), faults);
    }
    check_length(draft, fields, faults);
    check_filters(attribute.kind, attribute.filters, fields, faults);
    if attribute.required && attribute.nullable {
        faults.add(
            fields.at("required"),
            "a required attribute is not nullable",
        );
    }
    if attribute.orderable && attribute.kind == Kind::Binary {
        faults.add(fields.at("order"), "bytes have no order");
    }
    if attribute.folded && !attribute.kind.is_text() {
        faults.add(fields.at("folded"), "only texts are folded");
    }
    check_aggregation(&draft.attribute, fields, faults);
    check_default(draft, fields, faults);
    made::check(draft, fields, faults);
    if attribute.role == AttributeRole::DisplayText && attribute.filters.any() {
        faults.add(
            fields.at("filters"),
            "a calculated attribute declares no filters",
        );
    }
}

fn check_length(draft: &AttributeDraft, fields: &Fields<'_>, faults: &mut Faults) {
    let attribute = &draft.attribute;
    let calculated = attribute.role == AttributeRole::DisplayText;
    match (attribute.kind.is_text(), attribute.max_length) {
        (true, None) if !fields.has("length") && !calculated => {
            faults.add(
                draft.at,
                format!("text attribute `{}` needs `length`", attribute.name),
            );
        }
        (true, Some(0)) => faults.add(fields.at("length"), "`length` is at least 1"),
        (false, _) if fields.has("length") => {
            faults.add(fields.at("length"), "only texts have a `length`");
        }
        (true | false, _) => {}
    }
}

/// The filters that make sense for a kind.
const fn sensible(kind: Kind) -> &'static [Declared] {
    match kind {
        Kind::Guid | Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Enumeration => {
            &[Declared::Eq, Declared::MultiEq, Declared::Ge, Declared::Le]
        }
        Kind::String | Kind::DateTimeOffset => &[
            Declared::Eq,
            Declared::MultiEq,
            Declared::Ge,
            Declared::Le,
            Declared::Like,
        ],
        Kind::Multilanguage => &[Declared::Eq, Declared::MultiEq, Declared::Like],
        Kind::Boolean => &[Declared::Eq, Declared::MultiEq],
        Kind::Binary => &[],
    }
}

fn check_filters(kind: Kind, filters: Filters, fields: &Fields<'_>, faults: &mut Faults) {
    for word in filters.words() {
        if !sensible(kind).iter().any(|known| known.word() == word) {
            let what = super::read_attribute::kind_word(kind);
            faults.add(
                fields.at("filters"),
                format!("filter `{word}` makes no sense for {what} values"),
            );
        }
    }
}

/// What groups and what is aggregated needs values for that, and none that nobody may see.
fn check_aggregation(attribute: &Attribute, fields: &Fields<'_>, faults: &mut Faults) {
    let kind = super::read_attribute::kind_word(attribute.kind);
    let can_group = Attribute::can_group(attribute.kind);
    let can_aggregate = Attribute::can_aggregate(attribute.kind);
    for (key, on, fits) in [
        ("dimension", attribute.dimension, can_group),
        ("measure", attribute.measure, can_aggregate),
    ] {
        if !on {
            continue;
        }
        let at = fields.at(key);
        if attribute.secret {
            faults.add(at, format!("`{key}` makes no sense for what is secret"));
        } else if attribute.role == AttributeRole::DisplayText {
            faults.add(at, format!("a calculated attribute is no {key}"));
        } else if !fits {
            faults.add(at, format!("`{key}` makes no sense for {kind} values"));
        }
    }
}

fn check_default(draft: &AttributeDraft, fields: &Fields<'_>, faults: &mut Faults) {
    let (kind, at) = (draft.attribute.kind, fields.at("default"));
    let Some(Default::Constant(word)) = &draft.attribute.default else {
        return;
    };
    let fits = match kind {
        Kind::Boolean => matches!(word.as_str(), "true" | "false"),
        Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => {
            let number: Option<i64> = word.parse().ok();
            let inside = |n: i64| {
                kind.integer_range()
                    .is_some_and(|(min, max)| (min..=max).contains(&n))
            };
            number.is_some_and(inside)
        }
        Kind::String => usize::try_from(draft.attribute.max_length.unwrap_or(u32::MAX))
            .is_ok_and(|max| word.chars().count() <= max),
        // Members are known after linking.
        Kind::Enumeration => true,
        Kind::Guid | Kind::DateTimeOffset | Kind::Binary | Kind::Multilanguage => false,
    };
    if !fits {
        let what = super::read_attribute::kind_word(kind);
        faults.add(at, format!("default `{word}` is not a {what} value"));
    }
}

/// Checks of one reference line.
pub(super) fn check_reference(draft: &ReferenceDraft, fields: &Fields<'_>, faults: &mut Faults) {
    check_name(&draft.name, draft.at, faults);
    if draft.inherited {
        return;
    }
    if fields.has("column") {
        check_database_name(&draft.column, fields.at("column"), faults);
    }
    if draft.owner && draft.nullable {
        faults.add(fields.at("nullable"), "an owner is never null");
    }
    if draft.outlives && !draft.nullable {
        let at = fields.at("outlives");
        faults.add(at, "a reference that may lead nowhere may be null");
    }
    let filters = draft.filters;
    if filters.range() || filters.like {
        faults.add(
            fields.at("filters"),
            "a reference declares `eq` or `multi eq` only",
        );
    }
}

/// An inherited line says little: its facts are the base entity's.
pub(super) fn check_inherited(
    fields: &Fields<'_>,
    what: &str,
    known: &[&str],
    faults: &mut Faults,
) {
    for key in known
        .iter()
        .filter(|key| !INHERITED.contains(key) && fields.has(key))
    {
        faults.add(
            fields.at(key),
            format!("{what} is inherited: `{key}` comes from the base entity"),
        );
    }
}

/// Checks of an enumeration and its members.
pub(super) fn check_enumeration(
    name: &Spotted<String>,
    members: &[Spotted<EnumMember>],
    faults: &mut Faults,
) {
    check_name(&name.node, name.at, faults);
    if members.is_empty() {
        faults.add(
            name.at,
            format!("enumeration `{}` needs members", name.node),
        );
    }
    let (mut codes, mut values) = (HashSet::new(), HashSet::new());
    for Spotted { node: member, at } in members {
        check_name(&member.name, *at, faults);
        if !codes.insert(member.code.as_str()) {
            let message = format!(
                "two members of `{}` have the code `{}`",
                name.node, member.code
            );
            faults.add(*at, message);
        }
        if !values.insert(member.value) {
            let message = format!(
                "two members of `{}` have the value {}",
                name.node, member.value
            );
            faults.add(*at, message);
        }
    }
}
