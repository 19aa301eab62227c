//! The history of a change set, as new objects of the entities that hold it (S1-10, S1-11).
//!
//! | level | what is kept |
//! |---|---|
//! | 0, 1 | nothing but version and time of the aggregate |
//! | 2 | that an object was created, changed or deleted |
//! | 3 | which attributes changed, old and new values; of large values only that they changed |
//! | 4 | large values too |
//!
//! A creation is one document with all values, a change one row for each attribute. Secrets are
//! never there: that one changed is told without a value.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::check::Author;
use super::record::Record;
use super::set::{ChangeSet, Kind, Object};
use crate::diag::{Code, Problem, Result};
use crate::model::{Attribute, Entity, EntityId, Model};
use crate::value::{Kind as ValueKind, Value};

/// The entities of the history, where the model has them.
const CHANGESETS: &str = "Systems.Core.ObjectChangesets";
const CHANGES: &str = "Systems.Core.ObjectChanges";
const ATTRIBUTES: &str = "Systems.Core.AttributeChanges";

/// Below so many bytes a document is not compressed.
const WORTH_COMPRESSING: usize = 1024;

/// Bytes that the document of a new object usually takes.
const USUAL_DOCUMENT: usize = 640;

/// The longest text that the history keeps below level 4.
const LARGE: u32 = 65_535;

/// How much of the changes of an entity is kept.
pub type Levels<'a> = &'a dyn Fn(EntityId) -> u8;

/// Whether anything of a change set is kept.
pub fn is_kept<S>(set: &ChangeSet<'_, S>, levels: Levels<'_>) -> bool {
    set.objects
        .iter()
        .any(|o| o.kind() != Kind::Nothing && levels(o.entity) >= 2)
        && set.model.repository(CHANGESETS).is_some()
}

/// The objects of the history: one for the set, one for each tracked object, one for each changed
/// attribute.
///
/// # Errors
///
/// `Internal` for a model whose history entities lack a property.
pub fn history<S>(
    set: &ChangeSet<'_, S>,
    levels: Levels<'_>,
    author: &Author,
    number: i64,
    ids: &mut dyn FnMut() -> Uuid,
) -> Result<Vec<(EntityId, Record)>> {
    let model = set.model;
    let mut out = Vec::new();
    let mut changeset = Row::new(model, CHANGESETS, ids())?;
    let id = changeset.id;
    changeset.set("TimeUtc", Value::Timestamp(author.now))?;
    changeset.set(
        "ServerVersion",
        Value::Text(env!("CARGO_PKG_VERSION").to_owned()),
    )?;
    changeset.set("ChangeNumber", Value::Integer(number))?;
    if let Some(application) = &author.application {
        changeset.set("ApplicationName", Value::Text(application.clone()))?;
    }
    changeset.point("User", author.user)?;
    out.push(changeset.end());
    for object in &set.objects {
        let level = levels(object.entity);
        if level >= 2 && object.kind() != Kind::Nothing {
            object_rows(model, object, level, id, ids, &mut out)?;
        }
    }
    Ok(out)
}

/// What the history keeps of one object.
fn object_rows(
    model: &Model,
    object: &Object,
    level: u8,
    changeset: Uuid,
    ids: &mut dyn FnMut() -> Uuid,
    out: &mut Vec<(EntityId, Record)>,
) -> Result<()> {
    let of = model.entity(object.entity);
    let mut row = Row::new(model, CHANGES, ids())?;
    let change = row.id;
    let kind = match object.kind() {
        Kind::Create => "C",
        Kind::Update => "U",
        Kind::Delete => "D",
        Kind::Nothing => return Ok(()),
    };
    row.set("ChangeType", Value::Text(kind.to_owned()))?;
    row.set("EntityItemId", Value::Guid(object.id))?;
    row.set("RepositoryName", Value::Text(of.name.clone()))?;
    row.point("ObjectChangeset", Some(changeset))?;
    row.point("RootObject", Some(object.root))?;
    let before = object.before.as_ref().map(|stored| &stored.record);
    let mut attributes = Vec::new();
    match (before, &object.after) {
        (None, Some(after)) if level >= 3 => {
            let document = compressed(whole(model, of, after, level))?;
            row.set("ChangesJsonCompressed", Value::Binary(document))?;
        }
        (Some(before), None) if level >= 3 => {
            let document = whole(model, of, before, level);
            row.set("OldValuesJson", Value::Text(document))?;
        }
        (Some(before), Some(after)) if level >= 3 => {
            let mut old = Map::new();
            for (name, was, is, about) in differences(of, before, after) {
                let shown = shown(about, level);
                if shown {
                    old.insert(name.to_owned(), value_json(model, about, &was));
                }
                let mut attribute = Row::new(model, ATTRIBUTES, ids())?;
                attribute.set("AttributeName", Value::Text(name.to_owned()))?;
                if shown {
                    attribute.set("NewValue", text(model, about, &is))?;
                }
                attribute.point("ObjectChange", Some(change))?;
                attributes.push(attribute.end());
            }
            row.set("OldValuesJson", Value::Text(Json::Object(old).to_string()))?;
        }
        (None | Some(_), None | Some(_)) => {}
    }
    out.push(row.end());
    out.extend(attributes);
    Ok(())
}

/// A new object of the history, written by property name.
struct Row<'m> {
    of: &'m Entity,
    entity: EntityId,
    id: Uuid,
    record: Record,
}

impl<'m> Row<'m> {
    fn new(model: &'m Model, repository: &str, id: Uuid) -> Result<Self> {
        let entity = model
            .repository(repository)
            .ok_or_else(|| lacking(repository))?;
        let of = model.entity(entity);
        Ok(Self {
            of,
            entity,
            id,
            record: Record::new(of, id),
        })
    }

    fn set(&mut self, name: &str, value: Value) -> Result<()> {
        let id = self.of.attribute_named(name).ok_or_else(|| lacking(name))?;
        self.record.set(id, value);
        Ok(())
    }

    fn point(&mut self, name: &str, target: Option<Uuid>) -> Result<()> {
        let id = self.of.reference_named(name).ok_or_else(|| lacking(name))?;
        self.record.point(id, target);
        Ok(())
    }

    fn end(self) -> (EntityId, Record) {
        (self.entity, self.record)
    }
}

fn lacking(name: &str) -> Problem {
    Problem::new(
        Code::Internal,
        format!("the model has no `{name}` for the history"),
    )
}

/// Whether the history shows the values of a property. References have no facets.
fn shown(attribute: Option<&Attribute>, level: u8) -> bool {
    attribute.is_none_or(|attribute| is_shown(attribute, level))
}

/// Whether the history shows the values of an attribute at a level.
pub fn is_shown(attribute: &Attribute, level: u8) -> bool {
    let large = attribute.kind == ValueKind::Binary
        || attribute.max_length.is_some_and(|length| length > LARGE);
    !attribute.secret && (level >= 4 || !large)
}

/// Every value of an object that is not null and may be shown, as a JSON object.
fn whole(model: &Model, of: &Entity, record: &Record, level: u8) -> String {
    let mut document = String::with_capacity(USUAL_DOCUMENT);
    document.push('{');
    let name = |document: &mut String, name: &str| {
        document.push_str(if document.len() > 1 { ",\"" } else { "\"" });
        document.push_str(name);
        document.push_str("\":");
    };
    for (id, attribute) in of.attribute_ids() {
        let value = record.value(id);
        if *value != Value::Null && shown(Some(attribute), level) {
            name(&mut document, &attribute.name);
            push_json(&mut document, model, attribute, value);
        }
    }
    for (id, reference) in of.reference_ids() {
        if let Some(target) = record.reference(id) {
            name(&mut document, &reference.name);
            push_guid(&mut document, target);
        }
    }
    document.push('}');
    document
}

/// Writes a value as [`value_json`] has it.
fn push_json(document: &mut String, model: &Model, attribute: &Attribute, value: &Value) {
    match value {
        Value::Boolean(truth) => document.push_str(if *truth { "true" } else { "false" }),
        Value::Integer(whole) => document.push_str(itoa::Buffer::new().format(*whole)),
        Value::Guid(guid) => push_guid(document, *guid),
        Value::Text(text) if attribute.enumeration.is_none() && is_plain(attribute, text) => {
            document.push('"');
            document.push_str(text);
            document.push('"');
        }
        Value::Null | Value::Text(_) | Value::Timestamp(_) | Value::Binary(_) => {
            document.push_str(&value_json(model, Some(attribute), value).to_string());
        }
    }
}

/// Whether a text stands in JSON as it is.
fn is_plain(attribute: &Attribute, text: &str) -> bool {
    let escaped = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    attribute.kind != ValueKind::Multilanguage && !text.bytes().any(escaped)
}

fn push_guid(document: &mut String, guid: Uuid) {
    let mut letters = Uuid::encode_buffer();
    document.push('"');
    document.push_str(guid.hyphenated().encode_lower(&mut letters));
    document.push('"');
}

/// The properties that differ: name, old value, new value, and the attribute where it is one.
fn differences<'e>(
    of: &'e Entity,
    before: &'e Record,
    after: &'e Record,
) -> impl Iterator<Item = (&'e str, Value, Value, Option<&'e Attribute>)> {
    let attributes = of.attribute_ids().filter_map(|(id, attribute)| {
        let (was, is) = (before.value(id), after.value(id));
        (was != is).then(|| {
            (
                attribute.name.as_str(),
                was.clone(),
                is.clone(),
                Some(attribute),
            )
        })
    });
    let references = of.reference_ids().filter_map(|(id, reference)| {
        let value = |guid: Option<Uuid>| guid.map_or(Value::Null, Value::Guid);
        let (was, is) = (value(before.reference(id)), value(after.reference(id)));
        (was != is).then_some((reference.name.as_str(), was, is, None))
    });
    attributes.chain(references)
}

/// Whether the texts of an attribute are JSON objects.
pub(super) fn is_object(attribute: &Attribute) -> bool {
    attribute.kind == ValueKind::Multilanguage || attribute.role.custom().is_some()
}

/// A value as JSON, as answers write it.
pub fn value_json(model: &Model, attribute: Option<&Attribute>, value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(truth) => Json::Bool(*truth),
        Value::Integer(whole) => Json::from(*whole),
        Value::Text(json) if attribute.is_some_and(is_object) => {
            serde_json::from_str(json).unwrap_or(Json::Null)
        }
        Value::Text(_) | Value::Guid(_) | Value::Timestamp(_) | Value::Binary(_) => {
            match text(model, attribute, value) {
                Value::Text(text) => Json::String(text),
                Value::Null
                | Value::Boolean(_)
                | Value::Integer(_)
                | Value::Guid(_)
                | Value::Timestamp(_)
                | Value::Binary(_) => Json::Null,
            }
        }
    }
}

/// A value as the text of `NewValue`: as in JSON, without quotes; enumerations by name.
fn text(model: &Model, attribute: Option<&Attribute>, value: &Value) -> Value {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    Value::Text(match value {
        Value::Null => return Value::Null,
        Value::Boolean(truth) => truth.to_string(),
        Value::Integer(whole) => whole.to_string(),
        Value::Text(text) => {
            let enumeration = attribute.and_then(|a| a.enumeration);
            let member = enumeration.and_then(|id| model.enumeration(id).by_code(text));
            member.map_or_else(|| text.clone(), |m| m.name.clone())
        }
        Value::Guid(guid) => guid.to_string(),
        Value::Timestamp(time) => time.to_string(),
        Value::Binary(bytes) => URL_SAFE_NO_PAD.encode(bytes),
    })
}

/// A document as a zlib stream (RFC 1950). A short one is framed as it is, in one stored block
/// (RFC 1951, 3.2.4): setting a compressor up would cost more than all else that is done for it.
fn compressed(document: String) -> Result<Vec<u8>> {
    let text = document.into_bytes();
    let length = u16::try_from(text.len()).ok();
    if let Some(length) = length.filter(|_| text.len() < WORTH_COMPRESSING) {
        let mut frame = Vec::with_capacity(text.len() + 11);
        frame.extend_from_slice(&[0x78, 0x01, 0x01]);
        frame.extend_from_slice(&length.to_le_bytes());
        frame.extend_from_slice(&(!length).to_le_bytes());
        frame.extend_from_slice(&text);
        frame.extend_from_slice(&adler2::adler32_slice(&text).to_be_bytes());
        return Ok(frame);
    }
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(text.len()), Compression::fast());
    let written = encoder.write_all(&text).and_then(|()| encoder.finish());
    written.map_err(|e| {
        Problem::new(Code::Internal, "a document cannot be compressed").log(e.to_string())
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn documents_are_zlib_streams_whatever_their_length() {
        for length in [0, 1, 500, 1023, 1024, 100_000] {
            let document = "ж".repeat(length);
            let bytes = compressed(document.clone()).unwrap();
            let mut text = String::new();
            let mut decoder = flate2::read::ZlibDecoder::new(bytes.as_slice());
            decoder.read_to_string(&mut text).unwrap();
            assert_eq!(text, document);
        }
    }
}
