//! Attributes whose values the service makes or bounds: composed texts, stamps, least and greatest
//! numbers.

use super::display::{Piece, pieces};
use super::draft::{AttributeDraft, EntityDraft};
use super::yaml::{Faults, Fields, Spotted};
use crate::model::{Attribute, AttributeRole, ComposePart, Default, Entity, PropertyId};
use crate::value::Kind;

/// Checks what one line says of its own.
pub(super) fn check(draft: &AttributeDraft, fields: &Fields<'_>, faults: &mut Faults) {
    check_bounds(&draft.attribute, fields, faults);
    if draft.attribute.line && draft.attribute.kind != Kind::String {
        faults.add(fields.at("line"), "only a string is a `line`");
    }
    check_stamp(&draft.attribute, fields, faults);
}

fn check_bounds(attribute: &Attribute, fields: &Fields<'_>, faults: &mut Faults) {
    let range = attribute.kind.integer_range();
    for (key, bound) in [("min", attribute.min), ("max", attribute.max)] {
        match (bound, range) {
            (None, _) => {}
            (Some(_), None) => {
                faults.add(fields.at(key), format!("only numbers have a `{key}`"));
            }
            (Some(bound), Some((least, most))) => {
                if !(least..=most).contains(&bound) {
                    let what = super::kind_word(attribute.kind);
                    faults.add(
                        fields.at(key),
                        format!("`{key}` {bound} is not a {what} value"),
                    );
                }
            }
        }
    }
    if let (Some(min), Some(max)) = (attribute.min, attribute.max)
        && min > max
    {
        faults.add(fields.at("max"), "`max` is not below `min`");
    }
    if let Some(Default::Constant(word)) = &attribute.default
        && let Ok(number) = word.parse::<i64>()
    {
        let least = attribute.min.is_none_or(|min| min <= number);
        let most = attribute.max.is_none_or(|max| number <= max);
        if !least || !most {
            let message = format!("default `{word}` is not between `min` and `max`");
            faults.add(fields.at("default"), message);
        }
    }
}

fn check_stamp(attribute: &Attribute, fields: &Fields<'_>, faults: &mut Faults) {
    let Some(stamp) = attribute.stamp else {
        return;
    };
    let (kind, what) = if stamp.is_time() {
        (Kind::DateTimeOffset, "a datetime")
    } else {
        (Kind::String, "a string")
    };
    let at = fields.at("stamp");
    if attribute.kind != kind {
        faults.add(at, format!("the stamp `{}` is {what}", stamp.word()));
    }
    if attribute.role != AttributeRole::Stored || !attribute.read_only {
        faults.add(at, "a stamp is a stored attribute that is `read_only`");
    }
}

/// Resolves the composed texts of every entity.
pub(super) fn link(entities: &mut [Entity], drafts: &[EntityDraft], faults: &mut Faults) {
    for (entity, draft) in entities.iter_mut().zip(drafts) {
        let lines = draft.attributes.iter().enumerate();
        let composed: Vec<_> = lines
            .filter_map(|(position, line)| Some((position, line, line.compose.as_ref()?)))
            .map(|(position, line, format)| {
                (
                    position,
                    compose(entity, draft, &line.attribute, format, faults),
                )
            })
            .collect();
        for (position, parts) in composed {
            if let Some(attribute) = entity.attributes.get_mut(position) {
                attribute.compose = parts;
            }
        }
    }
}

/// The parts of one composed text.
fn compose(
    entity: &Entity,
    draft: &EntityDraft,
    attribute: &Attribute,
    format: &Spotted<String>,
    faults: &mut Faults,
) -> Vec<ComposePart> {
    if !attribute.kind.is_text() || !attribute.read_only || attribute.role != AttributeRole::Stored
    {
        let message = "a composed attribute is a stored text that is `read_only`";
        faults.add(format.at, message);
    }
    let Some(pieces) = pieces(&format.node) else {
        let message = "the braces of `compose` do not match";
        faults.add_help(format.at, message, "`{FirstName} {LastName}`");
        return Vec::new();
    };
    let mut parts = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => parts.push(ComposePart::Literal(text.to_owned())),
            Piece::Member(name) => {
                parts.extend(part(entity, draft, attribute, (name, format), faults));
            }
        }
    }
    parts
}

/// An open stored text of the same entity, itself not composed: every write can read it.
fn part(
    entity: &Entity,
    draft: &EntityDraft,
    whole: &Attribute,
    (name, format): (&str, &Spotted<String>),
    faults: &mut Faults,
) -> Option<ComposePart> {
    let Some(PropertyId::Attribute(id)) = entity.property(name) else {
        let known = entity.attributes.iter().map(|a| a.name.as_str());
        faults.unknown(format.at, "attribute", name, known);
        return None;
    };
    let found = entity.attribute(id);
    let line = draft.attributes.get(id.index());
    let composed = line.is_some_and(|line| line.compose.is_some());
    if found.secret || composed || found.role != AttributeRole::Stored || !found.kind.is_text() {
        let message = format!("`{name}` is not an open stored text that writers give");
        faults.add(format.at, message);
    } else if found.kind == Kind::Multilanguage && whole.kind != Kind::Multilanguage {
        let message = format!("`{name}` has several languages, `{}` has none", whole.name);
        faults.add(format.at, message);
    }
    Some(ComposePart::Attribute(id))
}
