//! The value of a custom property, as `{"Value":"blue","ValueId":null,"Description":{"EN":"…"}}`.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::MultilanguageString;

/// The value that an object has of a custom property.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomValue {
    /// The short value.
    pub value: Option<String>,
    /// What the value stands for: an allowed value of a list, or an object.
    pub id: Option<Uuid>,
    /// What the value means; empty where nothing is said.
    pub description: MultilanguageString,
}

impl CustomValue {
    /// As objects in memory hold it: equal values have equal texts.
    pub fn to_json(&self) -> String {
        let value = Json::from(self.value.as_deref());
        let id = Json::from(self.id.map(|id| id.to_string()));
        let description = match self.description.is_empty() {
            true => "null".to_owned(),
            false => self.description.to_json(),
        };
        format!("{{\"Value\":{value},\"ValueId\":{id},\"Description\":{description}}}")
    }

    /// Reads [`CustomValue::to_json`]; nothing for any other text.
    pub fn from_json(text: &str) -> Option<Self> {
        let object: Json = serde_json::from_str(text).ok()?;
        let text = |name: &str| object.get(name).and_then(Json::as_str);
        let description = object.get("Description").filter(|json| json.is_object());
        let description = description.map(|json| MultilanguageString::from_json(&json.to_string()));
        Some(Self {
            value: text("Value").map(str::to_owned),
            id: text("ValueId").and_then(|id| Uuid::try_parse(id).ok()),
            description: description.flatten().unwrap_or_default(),
        })
    }

    /// As answers have it.
    pub fn json(&self) -> Json {
        let description = match self.description.is_empty() {
            true => Json::Null,
            false => serde_json::from_str(&self.description.to_json()).unwrap_or_default(),
        };
        let id = self.id.map(|id| id.to_string());
        json!({"Value": self.value, "ValueId": id, "Description": description})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_as_it_was_written() {
        let texts = MultilanguageString::from_pairs([("EN", "a \"red\" one"), ("BG", "червен")]);
        for value in [
            CustomValue::default(),
            CustomValue {
                value: Some("red".to_owned()),
                id: Some(Uuid::from_u128(7)),
                description: texts,
            },
        ] {
            let text = value.to_json();
            assert_eq!(CustomValue::from_json(&text), Some(value), "{text}");
        }
        assert_eq!(CustomValue::from_json("blue"), None);
    }
}
