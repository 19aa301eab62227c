//! The new value of one attribute, or of a part of it, as its address is sent it.

use super::{Preparing, Verb, media_type, unsupported};
use crate::change::{Draft, Given, Json};
use crate::diag::{Code, Problem, Result};
use crate::model::{Attribute, AttributeId};
use crate::plan::{Located, ValuePart};
use crate::value::{Kind, Value};

impl Preparing<'_> {
    /// The new value of one attribute, or of one language of it.
    pub(super) fn value(
        &mut self,
        object: &Located,
        attribute: AttributeId,
        part: Option<&ValuePart>,
        raw: bool,
    ) -> Result<Draft> {
        let of = self.model().entity(object.entity);
        let facts = of.attribute(attribute);
        if !of.is_writable(object.entity, facts) {
            let message = format!("`{}` is read only", facts.name);
            return Err(Problem::new(Code::ReadOnlyAttribute, message).about(&facts.name));
        }
        let language = match part {
            None => None,
            Some(ValuePart::Language(key)) => Some(key.as_str()),
            Some(ValuePart::Value | ValuePart::ValueId | ValuePart::Description(_)) => {
                return Err(together(facts));
            }
        };
        let payload = match (self.request.verb, raw) {
            (Verb::Delete, _) => Json::Null,
            (Verb::Post | Verb::Patch | Verb::Put, false) => {
                let payload = self.json()?;
                let payload = match language {
                    Some(key) => one_language(key, &payload)?,
                    None => payload,
                };
                let read = self.reading.property(object.entity, attribute, &payload)?;
                return Ok(self.keep(read));
            }
            (Verb::Post | Verb::Patch | Verb::Put, true) => self.raw(facts, language)?,
        };
        let payload = match (language, payload) {
            (Some(key), payload) => Json::Object(vec![(key.to_owned(), payload)]),
            (None, Json::Null) => {
                let nothing = match facts.role.custom() {
                    Some(_) => Given::Custom(None),
                    None => Given::Value(Value::Null),
                };
                let mut draft = Draft::empty(object.entity, String::new());
                draft.values.push((attribute, nothing));
                return Ok(draft);
            }
            (None, payload) => payload,
        };
        let whole = Json::Object(vec![("value".to_owned(), payload)]);
        let read = self.reading.property(object.entity, attribute, &whole)?;
        Ok(self.keep(read))
    }

    /// A bare value (OData 4.01 Part 1, 11.4.9.1).
    fn raw(&self, facts: &Attribute, language: Option<&str>) -> Result<Json> {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        if facts.kind == Kind::Binary {
            return Ok(Json::Text(URL_SAFE_NO_PAD.encode(&self.request.body)));
        }
        let media = media_type(self.request.content_type.as_deref());
        if !media.is_empty() && media != "text/plain" {
            return Err(unsupported(&media, "text/plain"));
        }
        let text = std::str::from_utf8(&self.request.body).map_err(|e| {
            let message = format!("the body is not UTF-8: see byte {}", e.valid_up_to());
            Problem::new(Code::SyntaxError, message)
        })?;
        if language.is_none() && facts.role.custom().is_some() {
            // What its bare value is when it is read: the short one.
            let short = Json::Text(text.to_owned());
            return Ok(Json::Object(vec![("Value".to_owned(), short)]));
        }
        match facts.kind {
            Kind::Boolean | Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => {
                Json::parse(text.trim().as_bytes())
            }
            Kind::Guid
            | Kind::String
            | Kind::DateTimeOffset
            | Kind::Binary
            | Kind::Multilanguage
            | Kind::Enumeration => Ok(Json::Text(text.to_owned())),
        }
    }
}

/// `{"value":"Ann"}` of one language as the payload of the whole text.
fn one_language(key: &str, payload: &Json) -> Result<Json> {
    let members = payload.members().unwrap_or_default();
    if payload.member("value").is_none() {
        let message = "the body has no member `value`";
        return Err(Problem::new(Code::InvalidPayload, message));
    }
    let wrapped = members.iter().map(|(name, json)| {
        let json = match name.as_str() {
            "value" => Json::Object(vec![(key.to_owned(), json.clone())]),
            _ => json.clone(),
        };
        (name.clone(), json)
    });
    Ok(Json::Object(wrapped.collect()))
}

/// The parts of a custom property's value are one value: an allowed one has its own id and
/// description.
fn together(facts: &Attribute) -> Problem {
    let name = &facts.name;
    let message = format!("the parts of `{name}` are changed together");
    let problem = Problem::new(Code::MethodNotAllowed, message).about(name);
    problem
        .takes("GET, HEAD, OPTIONS")
        .help(format!("change `{name}` itself"))
}
