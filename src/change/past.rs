//! Objects as they were: what the history kept of their changes, undone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::history::is_object;
use super::named::Named;
use super::record::{Record, Stored};
use super::set::{ChangeSet, Draft, Object};
use crate::model::{Attribute, EntityId, Model, PropertyId};
use crate::value::{Kind as ValueKind, Timestamp, Value};

/// What the history kept of one change of one object, as far as the past needs it.
#[derive(Debug, Clone)]
pub enum Kept {
    /// It was created.
    Created,
    /// It was changed: the values before, of what the history shows.
    Changed(Map<String, Json>),
    /// It was deleted: all its values before but null.
    Deleted(Map<String, Json>),
}

/// An object as it is and as it was.
#[derive(Debug, Clone)]
pub struct Past {
    /// Its entity, the most derived one.
    pub entity: EntityId,
    /// Its key.
    pub id: Uuid,
    /// As it is; nothing where it is gone.
    pub now: Option<Stored>,
    /// As it was; nothing where it was not there.
    pub then: Option<Record>,
}

impl Past {
    /// Undoes changes of an object, of which `changes` are all since then, the newest first. What the
    /// history does not show, secrets and large values, is taken to be as it is. Nothing where the
    /// changes do not fit what is stored: then the history has a gap.
    pub fn undo<'k>(
        model: &Model,
        (entity, id): (EntityId, Uuid),
        now: Option<Stored>,
        changes: impl Iterator<Item = &'k Kept>,
    ) -> Option<Self> {
        let of = model.entity(entity);
        let mut then = now.as_ref().map(|stored| stored.record.clone());
        for change in changes {
            then = match (change, then) {
                (Kept::Created, Some(_)) => None,
                (Kept::Changed(old), Some(mut record)) => {
                    put(model, entity, &mut record, old)?;
                    Some(record)
                }
                (Kept::Deleted(old), None) => {
                    let mut record = Record::new(of, id);
                    put(model, entity, &mut record, old)?;
                    Some(record)
                }
                (Kept::Created | Kept::Changed(_), None) | (Kept::Deleted(_), Some(_)) => {
                    return None;
                }
            };
        }
        Some(Self {
            entity,
            id,
            now,
            then,
        })
    }
}

/// The way back: the changes that would make objects what they were. It is for reading only; nothing
/// of it is ever checked or written.
pub fn back(model: &Model, objects: impl IntoIterator<Item = Past>) -> ChangeSet<'_, Draft> {
    let objects = objects.into_iter().map(|past| Object {
        entity: past.entity,
        seen_as: past.entity,
        id: past.id,
        root: past.now.as_ref().map_or(past.id, |stored| stored.root),
        before: past.now,
        after: past.then,
        request: 0,
        path: String::new(),
        named: Named::default(),
        again: None,
    });
    ChangeSet::resume(model, objects.collect())
}

/// Sets the properties that the history names. One that the model does not have any more counts for
/// nothing; nothing where a value is not of its type.
fn put(
    model: &Model,
    entity: EntityId,
    record: &mut Record,
    values: &Map<String, Json>,
) -> Option<()> {
    let of = model.entity(entity);
    for (name, json) in values {
        match of.property(name) {
            Some(PropertyId::Attribute(id)) => {
                record.set(id, value(model, of.attribute(id), json)?);
            }
            Some(PropertyId::Reference(id)) => {
                let target = match json.is_null() {
                    true => None,
                    false => Some(Uuid::try_parse(json.as_str()?).ok()?),
                };
                record.point(id, target);
            }
            Some(PropertyId::Collection(_)) | None => {}
        }
    }
    Some(())
}

/// A value of the history: the inverse of [`super::value_json`].
fn value(model: &Model, attribute: &Attribute, json: &Json) -> Option<Value> {
    if json.is_null() {
        return Some(Value::Null);
    }
    if is_object(attribute) {
        return Some(Value::Text(json.as_object().map(|_| json.to_string())?));
    }
    Some(match attribute.kind {
        ValueKind::Boolean => Value::Boolean(json.as_bool()?),
        ValueKind::Byte | ValueKind::Int16 | ValueKind::Int32 | ValueKind::Int64 => {
            Value::Integer(json.as_i64()?)
        }
        ValueKind::Enumeration => {
            let enumeration = model.enumeration(attribute.enumeration?);
            Value::Text(enumeration.member(json.as_str()?)?.code.clone())
        }
        ValueKind::Guid => Value::Guid(Uuid::try_parse(json.as_str()?).ok()?),
        ValueKind::DateTimeOffset => Value::Timestamp(Timestamp::parse(json.as_str()?)?),
        ValueKind::Binary => Value::Binary(URL_SAFE_NO_PAD.decode(json.as_str()?).ok()?),
        ValueKind::String | ValueKind::Multilanguage => Value::Text(json.as_str()?.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::value_json;
    use super::*;
    use crate::model::{Custom, CustomDefinition, CustomKind, Text};

    #[test]
    fn values_come_back_from_the_history() {
        let model = Model::shipped().unwrap();
        let users = model.entity(model.repository("Systems.Security.Users").unwrap());
        for (name, stored) in [
            ("Active", Value::Boolean(true)),
            ("AccessFailedCount", Value::Integer(3)),
            ("Name", Value::Text("{\"EN\":\"Ann\",\"BG\":\"Ан\"}".into())),
            ("UserType", Value::Text("INT".into())),
            ("Login", Value::Text("a\"b\\".into())),
            (
                "LockoutEndUtc",
                Value::Timestamp(Timestamp::from_micros(1_234_000)),
            ),
            ("Notes", Value::Null),
        ] {
            let attribute = users.attribute(users.attribute_named(name).unwrap());
            let json = value_json(&model, Some(attribute), &stored);
            assert_eq!(value(&model, attribute, &json), Some(stored), "{name}");
        }
        let definition = CustomDefinition {
            custom: Custom {
                property: Uuid::from_u128(1),
                kind: CustomKind::Text,
                limited: false,
            },
            entity: "Sec_Users".to_owned(),
            code: "color".to_owned(),
            text: Text::default(),
        };
        let (installed, _) = model.with_custom(&[definition]);
        let users = installed.entity(installed.repository("Systems.Security.Users").unwrap());
        let color = users.attribute(users.attribute_named("CustomProperty_color").unwrap());
        let stored = Value::Text("{\"Value\":\"red\"}".into());
        let json = value_json(&installed, Some(color), &stored);
        assert_eq!(value(&installed, color, &json), Some(stored));
        let active = users.attribute(users.attribute_named("Active").unwrap());
        assert_eq!(value(&model, active, &json!("yes")), None);
    }

    #[test]
    fn changes_are_undone_one_after_the_other() {
        let model = Model::shipped().unwrap();
        let entity = model.repository("Systems.Security.Users").unwrap();
        let of = model.entity(entity);
        let (id, login) = (Uuid::from_u128(1), of.attribute_named("Login").unwrap());
        let text = |text: &str| Value::Text(text.to_owned());
        let stored = |name: &str| {
            let mut record = Record::new(of, id);
            record.set(login, text(name));
            Stored {
                entity,
                id,
                record,
                root: id,
                version: 3,
            }
        };
        let old = |name: &str| json!({ "Login": name }).as_object().unwrap().clone();
        let then = |now: Option<Stored>, changes: &[Kept]| {
            let past = Past::undo(&model, (entity, id), now, changes.iter())?;
            Some(past.then.map(|record| record.value(login).clone()))
        };
        let (changed, deleted) = (Kept::Changed(old("b")), Kept::Deleted(old("d")));
        assert_eq!(then(Some(stored("a")), &[]), Some(Some(text("a"))));
        let one = [changed.clone()];
        assert_eq!(then(Some(stored("a")), &one), Some(Some(text("b"))));
        let two = [changed.clone(), Kept::Changed(old("c"))];
        assert_eq!(then(Some(stored("a")), &two), Some(Some(text("c"))));
        let new = [changed.clone(), Kept::Created];
        assert_eq!(then(Some(stored("a")), &new), Some(None));
        assert_eq!(
            then(None, std::slice::from_ref(&deleted)),
            Some(Some(text("d")))
        );
        let again = [Kept::Created, deleted.clone(), changed.clone()];
        assert_eq!(then(Some(stored("a")), &again), Some(Some(text("b"))));
        // A gap.
        assert_eq!(then(None, &one), None);
        assert_eq!(then(Some(stored("a")), &[deleted]), None);
    }
}
