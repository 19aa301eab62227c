//! One object with its properties by name, as rules and methods of the shipped model look at it.

use uuid::Uuid;

use super::record::Record;
use crate::model::{Entity, Model};
use crate::value::{Language, MultilanguageString, Value};

/// The values of an object by name. A name that the model lacks has no value: rules and methods of the
/// shipped model then have nothing to say about another one.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The model.
    pub model: &'a Model,
    /// The entity of the object.
    pub entity: &'a Entity,
    /// Its values.
    pub record: &'a Record,
}

impl<'a> Facts<'a> {
    /// The value of an attribute; null for an unknown name.
    pub fn value(&self, name: &str) -> &'a Value {
        let id = self.entity.attribute_named(name);
        id.map_or(&Value::Null, |id| self.record.value(id))
    }

    /// The text of a text attribute.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        match self.value(name) {
            Value::Text(text) => Some(text),
            Value::Null
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Guid(_)
            | Value::Timestamp(_)
            | Value::Binary(_) => None,
        }
    }

    /// Whether a truth value is true.
    pub fn flag(&self, name: &str) -> bool {
        *self.value(name) == Value::Boolean(true)
    }

    /// The API name of the member that an enumeration attribute has.
    pub fn member(&self, name: &str) -> Option<&'a str> {
        let attribute = self.entity.attribute(self.entity.attribute_named(name)?);
        let enumeration = self.model.enumeration(attribute.enumeration?);
        let member = enumeration.by_code(self.text(name)?)?;
        Some(&member.name)
    }

    /// What a reference points at.
    pub fn reference(&self, name: &str) -> Option<Uuid> {
        self.record.reference(self.entity.reference_named(name)?)
    }

    /// The texts of a multi-language attribute.
    pub fn texts(&self, name: &str) -> MultilanguageString {
        let json = self.text(name).unwrap_or_default();
        MultilanguageString::from_json(json).unwrap_or_default()
    }

    /// The text of a multi-language attribute for people who read `language`.
    pub fn shown(&self, name: &str, language: &Language) -> String {
        self.texts(name)
            .text(language)
            .unwrap_or_default()
            .to_owned()
    }
}
