//! Payloads of one attribute, and of links.

use super::told;
use crate::change::testkit::{USERS, at, entity, key, model};
use crate::change::{Given, Json, Reading};
use crate::model::PropertyId;
use crate::value::Value;

fn reading() -> Reading<'static> {
    Reading {
        model: model(),
        names: &|_| None,
        strict: false,
        replace_collections: false,
    }
}

fn property(name: &str, text: &str) -> Result<Given, Vec<String>> {
    let Some(PropertyId::Attribute(id)) = model().entity(entity(USERS)).property(name) else {
        panic!("{name}");
    };
    let json = Json::parse(text.as_bytes()).unwrap();
    let read = reading().property(entity(USERS), id, &json);
    let mut read = read.map_err(|p| told(&p))?;
    Ok(read.draft.values.pop().unwrap().1)
}

#[test]
fn one_attribute() {
    let text = |text: &str| Ok(Given::Value(Value::Text(text.to_owned())));
    assert_eq!(property("Notes", r#"{"value":"x"}"#), text("x"));
    assert_eq!(
        property("Notes", r#"{"value":null}"#),
        Ok(Given::Value(Value::Null))
    );
    let names = Ok(Given::Languages(vec![(
        "EN".to_owned(),
        Some("A".to_owned()),
    )]));
    assert_eq!(property("Name", r#"{"EN":"A"}"#), names);
    assert_eq!(property("Name", r#"{"value":{"EN":"A"}}"#), names);
    for (name, body, expected) in [
        (
            "Notes",
            r#"{"valu":"x"}"#,
            "InvalidPayload -: the body has no member `value`",
        ),
        (
            "Notes",
            "[]",
            "InvalidPayload -: the body has no member `value`",
        ),
        (
            "Name",
            "[]",
            "InvalidPayload -: the body has no member `value`",
        ),
        (
            "Notes",
            r#"{"value":1}"#,
            "TypeMismatch Notes: `Notes` takes a text, not a number",
        ),
        (
            "Notes",
            r#"{"value":"a","value":"b"}"#,
            "DuplicateProperty value: `value` is given twice",
        ),
    ] {
        assert_eq!(
            property(name, body),
            Err(vec![expected.to_owned()]),
            "{body}"
        );
    }
}

#[test]
fn links() {
    let link = |text: &str| {
        let json = Json::parse(text.as_bytes()).unwrap();
        reading()
            .link(entity(USERS), &json)
            .map_err(|p| p.to_string())
    };
    let address = at(USERS, key(1));
    for name in ["@odata.id", "@id"] {
        let text = format!("{{\"{name}\":\"{address}\"}}");
        assert_eq!(link(&text), Ok((entity(USERS), key(1))));
    }
    for text in ["{}", "[]", r#"{"@odata.id":5}"#] {
        let expected =
            "the body names no object; send `{\"@odata.id\":\"Systems_Security_Users(guid)\"}`";
        assert_eq!(link(text), Err(expected.to_owned()));
    }
}
