//! Payloads made from the model: a value for every property that a client may write.

use std::cell::Cell;

use serde_json::{Map, Value, json};
use userdex::model::{Attribute, AttributeRole, ComposePart, Entity, EntityId, Model, Reference};
use userdex::value::Kind as ValueKind;

use super::server::{Server, link};

/// What the rules, or the shape of the tree, ask for beyond the types.
const FIXED: &[(&str, &str, &str)] = &[
    (
        "Systems.Security.Users",
        "UserType",
        r#""VirtualUserNoLogin""#,
    ),
    ("Systems.Security.Users", "IsAdmin", "false"),
    ("Systems.Security.Users", "DefaultLanguage", r#""bg""#),
    (
        "Systems.Core.Notifications",
        "NotificationClass",
        r#""NT_SOC_REPLY""#,
    ),
    // No plain change switches a second factor, or brings back what was ended.
    ("Systems.Security.Users", "TwoFactorEnabled", "false"),
    ("Systems.Security.AccessTokens", "ConsumedTimestamp", "null"),
    (
        "Ext.EntityPermissions",
        "EntitySet",
        r#""General_Contacts_Persons""#,
    ),
    (
        "Ext.EntityPermissions",
        "RecordFilter",
        r#""contains(City,'open')""#,
    ),
    (
        "Systems.Security.ColumnPermissions",
        "TableName",
        r#""Sec_Users""#,
    ),
    (
        "Systems.Security.ColumnPermissions",
        "ColumnName",
        r#""Notes""#,
    ),
];

/// Makes payloads that never repeat a text.
pub struct Payloads<'a> {
    pub server: &'a Server,
    number: Cell<u32>,
}

/// The entities that clients create objects of.
pub fn open_entities(model: &Model) -> Vec<EntityId> {
    let open = model
        .entities()
        .filter(|(id, entity)| entity.is_open() && model.derived(*id).is_empty());
    open.map(|(id, _)| id).collect()
}

/// The attributes that a client may write.
pub fn writable(model: &Model, id: EntityId) -> Vec<&Attribute> {
    let entity = model.entity(id);
    let all = entity.attributes.iter();
    all.filter(|a| entity.is_writable(id, a)).collect()
}

/// The attributes that a client may not write, but the key and the version, which say what is meant.
pub fn read_only(model: &Model, id: EntityId) -> Vec<&Attribute> {
    let entity = model.entity(id);
    let made = entity
        .attributes
        .iter()
        .filter(|a| !entity.is_writable(id, a));
    made.filter(|a| a.role != AttributeRole::Key && a.name != Attribute::VERSION)
        .collect()
}

/// Whether a test may give an attribute any value.
pub fn is_free(entity: &Entity, attribute: &Attribute) -> bool {
    let fixed = |(of, name, _): &&(&str, &str, &str)| *of == entity.name && *name == attribute.name;
    FIXED.iter().find(fixed).is_none() && attribute.name != "PartyType"
}

/// Whether something that must be there is put together from an attribute.
pub fn is_part(entity: &Entity, attribute: &Attribute) -> bool {
    let mine = |part: &ComposePart| match part {
        ComposePart::Literal(_) => false,
        ComposePart::Attribute(id) => entity.attribute(*id).name == attribute.name,
    };
    let mut made = entity.attributes.iter().filter(|a| !a.nullable);
    made.any(|a| a.compose.iter().any(mine))
}

impl<'a> Payloads<'a> {
    pub fn new(server: &'a Server) -> Self {
        Self {
            server,
            number: Cell::new(0),
        }
    }

    fn next(&self) -> u32 {
        self.number.set(self.number.get() + 1);
        self.number.get()
    }

    /// A value for an attribute, another one each time where there is more than one.
    pub fn value(&self, entity: &Entity, attribute: &Attribute) -> Value {
        let fixed = FIXED
            .iter()
            .find(|(of, name, _)| *of == entity.name && *name == attribute.name);
        if let Some((_, _, value)) = fixed {
            return serde_json::from_str(value).unwrap();
        }
        let n = self.next();
        let text = || {
            let text = format!("Ж{n:05} {}", attribute.name);
            let longest = usize::try_from(attribute.max_length.unwrap_or(1000)).unwrap();
            text.chars()
                .take(longest)
                .collect::<String>()
                .trim_end()
                .to_owned()
        };
        match attribute.kind {
            ValueKind::Boolean => json!(n.is_multiple_of(2)),
            ValueKind::Byte | ValueKind::Int16 | ValueKind::Int32 | ValueKind::Int64 => {
                json!(attribute.min.unwrap_or(0) + i64::from(n % 5))
            }
            ValueKind::Guid => json!(format!("00000000-0000-4000-8000-{n:012}")),
            ValueKind::String => json!(text()),
            ValueKind::DateTimeOffset => json!(format!("2026-01-02T03:{:02}:05.678Z", n % 60)),
            ValueKind::Binary => json!("AAEC_w"),
            ValueKind::Multilanguage => json!({"EN": text(), "BG": "И"}),
            ValueKind::Enumeration => {
                let enumeration = self
                    .server
                    .model
                    .enumeration(attribute.enumeration.unwrap());
                let default = match &attribute.default {
                    Some(userdex::model::Default::Constant(name)) => Some(name.clone()),
                    _ => None,
                };
                let members = &enumeration.members;
                let other = || {
                    members[usize::try_from(n).unwrap() % members.len()]
                        .name
                        .clone()
                };
                let keep = attribute.name == "PartyType";
                json!(if keep { default.unwrap() } else { other() })
            }
        }
    }

    /// A payload with what must be there; with `whole`, everything that may be.
    pub fn object(&self, id: EntityId, whole: bool, without: Option<&str>) -> Value {
        let model = &self.server.model;
        let entity = model.entity(id);
        let mut members = Map::new();
        for attribute in writable(model, id) {
            let fixed = !is_free(entity, attribute);
            let needed = attribute.required && attribute.default.is_none();
            if whole || fixed || needed || is_part(entity, attribute) {
                members.insert(attribute.name.clone(), self.value(entity, attribute));
            }
        }
        for reference in &entity.references {
            let taken = !reference.read_only && without != Some(reference.name.as_str());
            if taken && (whole || !reference.nullable) {
                members.extend(
                    self.target(reference)
                        .map(|t| (reference.name.clone(), link(&t))),
                );
            }
        }
        Value::Object(members)
    }

    /// A new object that a reference can point at; nothing for objects that clients cannot make.
    pub fn target(&self, reference: &Reference) -> Option<String> {
        self.create(reference.target)
    }

    /// A new object of an entity, or of one that extends it.
    pub fn create(&self, id: EntityId) -> Option<String> {
        let model = &self.server.model;
        let id = model.derived(id).last().copied().unwrap_or(id);
        let entity = model.entity(id);
        let address = |body| self.server.create(&entity.set, &body);
        entity
            .is_open()
            .then(|| address(self.object(id, false, None)))
    }
}
