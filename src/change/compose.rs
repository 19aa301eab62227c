//! Texts that the service puts together from others.

use super::record::Record;
use super::set::Object;
use crate::model::{Attribute, ComposePart, Entity, Model};
use crate::value::{Kind, Language, MultilanguageString, Value};

/// Composes the texts of an object anew. What was composed otherwise long ago stays until a part
/// of it changes.
pub(super) fn refresh(model: &Model, object: &mut Object) {
    let before = object.before.as_ref().map(|stored| &stored.record);
    let Some(record) = &mut object.after else {
        return;
    };
    let of = model.entity(object.entity);
    for (number, attribute) in of.attribute_ids() {
        let mut parts = attribute.compose.iter();
        let stale = parts.any(|part| match part {
            ComposePart::Attribute(id) => before.is_none_or(|b| b.value(*id) != record.value(*id)),
            ComposePart::Literal(_) => before.is_none(),
        });
        if stale {
            let text = text(of, attribute, record);
            record.set(number, text);
        }
    }
}

/// The names of the attributes that an attribute is composed of.
pub(super) fn parts<'e>(of: &'e Entity, attribute: &Attribute) -> Vec<&'e str> {
    let parts = attribute.compose.iter().filter_map(|part| match part {
        ComposePart::Attribute(id) => Some(of.attribute(*id).name.as_str()),
        ComposePart::Literal(_) => None,
    });
    parts.collect()
}

/// The composed value of an attribute: for a multi-language text one in each language that any of
/// its parts has; a part that lacks the language gives its first one.
fn text(of: &Entity, attribute: &Attribute, record: &Record) -> Value {
    let parts: Vec<Part> = attribute
        .compose
        .iter()
        .map(|part| match part {
            ComposePart::Literal(text) => Part::Fixed(text.clone()),
            ComposePart::Attribute(id) => match (of.attribute(*id).kind, record.value(*id)) {
                (Kind::Multilanguage, Value::Text(json)) => {
                    Part::Languages(MultilanguageString::from_json(json).unwrap_or_default())
                }
                (_, Value::Text(text)) => Part::Value(text.clone()),
                (
                    _,
                    Value::Null
                    | Value::Boolean(_)
                    | Value::Integer(_)
                    | Value::Guid(_)
                    | Value::Timestamp(_)
                    | Value::Binary(_),
                ) => Part::Nothing,
            },
        })
        .collect();
    let limit = attribute
        .max_length
        .map_or(usize::MAX, |l| usize::try_from(l).unwrap_or(usize::MAX));
    if attribute.kind != Kind::Multilanguage {
        let text = joined(&parts, &Language::default(), limit);
        return if text.is_empty() {
            Value::Null
        } else {
            Value::Text(text)
        };
    }
    let mut keys: Vec<&str> = Vec::new();
    for part in &parts {
        if let Part::Languages(texts) = part {
            for (key, _) in texts.iter() {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
    }
    let default = Language::default();
    if keys.is_empty() {
        keys.push(default.key());
    }
    let texts: Vec<(&str, String)> = keys
        .into_iter()
        .filter_map(|key| {
            let language = Language::parse(key)?;
            let text = joined(&parts, &language, limit);
            (!text.is_empty()).then_some((key, text))
        })
        .collect();
    if texts.is_empty() {
        return Value::Null;
    }
    let all = MultilanguageString::from_pairs(texts.iter().map(|(k, t)| (*k, t.as_str())));
    Value::Text(all.to_json())
}

/// A piece of a composition.
enum Part {
    Fixed(String),
    Value(String),
    Languages(MultilanguageString),
    Nothing,
}

/// The pieces in one language. Blanks around a piece that is missing go with it.
fn joined(parts: &[Part], language: &Language, limit: usize) -> String {
    let mut whole = String::new();
    for part in parts {
        whole.push_str(match part {
            Part::Fixed(text) | Part::Value(text) => text,
            Part::Languages(texts) => texts.text(language).unwrap_or_default(),
            Part::Nothing => "",
        });
    }
    let words: Vec<&str> = whole.split_whitespace().collect();
    words.join(" ").chars().take(limit).collect()
}
