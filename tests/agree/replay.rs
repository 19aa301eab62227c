//! The history of changes, played again from nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use userdex::model::PropertyId;
use userdex::value::Kind;

use super::support::history::{history, key};
use super::support::world::{World, text};
use super::{DOMAINS, USER_GROUPS, USERS, mine, rows};

/// What is left after everything that happened is what is stored.
pub(super) fn check(world: &World) {
    let mut objects: BTreeMap<(String, String), Map<String, Json>> = BTreeMap::new();
    for change in history(world) {
        if !mine(&change.id) {
            continue;
        }
        let place = format!("{}: {change:?}", world.name);
        let at = (change.repository.clone(), change.id.clone());
        match change.kind.as_str() {
            "Create" => {
                let values = change.created.unwrap().as_object().unwrap().clone();
                assert!(objects.insert(at, values).is_none(), "{place}");
            }
            "Delete" => {
                let values = objects.remove(&at).expect(&place);
                assert_eq!(
                    Json::Object(values),
                    change.old.unwrap(),
                    "{}: {at:?}",
                    world.name
                );
            }
            _ => {
                let values = objects.get_mut(&at).expect(&place);
                let old = change.old.clone().unwrap();
                // That a secret changed is told, and nothing else of it.
                let told = change.new.iter().filter(|(name, _)| name != "Password");
                assert_eq!(
                    old.as_object().unwrap().len(),
                    told.clone().count(),
                    "{place}"
                );
                for (name, value) in told {
                    let before = values.get(name).unwrap_or(&Json::Null);
                    assert_eq!(before, &old[name], "{place}");
                    let after = read(world, &change.repository, name, value);
                    if after.is_null() {
                        values.remove(name);
                    } else {
                        values.insert(name.clone(), after);
                    }
                }
            }
        }
    }
    let mut stored = BTreeMap::new();
    for set in [USERS, USER_GROUPS, DOMAINS] {
        let repository = &world.model.entity(world.model.set(set).unwrap()).name;
        for row in rows(world, set) {
            let values = row
                .as_object()
                .unwrap()
                .iter()
                .filter(|(name, value)| !name.starts_with('@') && !value.is_null());
            let values: Map<String, Json> = values
                .map(|(name, value)| {
                    let link = value.get("@odata.id").is_some();
                    let value = if link {
                        Json::String(key(value))
                    } else {
                        value.clone()
                    };
                    (name.clone(), value)
                })
                .collect();
            stored.insert((repository.clone(), text(&row["Id"])), values);
        }
    }
    assert!(stored.len() > 5, "{}: {}", world.name, stored.len());
    assert_eq!(objects, stored, "{}", world.name);
}

/// A value in the text of the history.
fn read(world: &World, repository: &str, name: &str, value: &Json) -> Json {
    let Some(text) = value.as_str() else {
        return Json::Null;
    };
    let entity = world
        .model
        .entity(world.model.repository(repository).unwrap());
    let kind = match entity.property(name) {
        Some(PropertyId::Attribute(id)) => entity.attribute(id).kind,
        Some(PropertyId::Reference(_) | PropertyId::Collection(_)) | None => Kind::String,
    };
    match kind {
        Kind::Boolean
        | Kind::Byte
        | Kind::Int16
        | Kind::Int32
        | Kind::Int64
        | Kind::Multilanguage => serde_json::from_str(text).unwrap(),
        Kind::Guid | Kind::String | Kind::DateTimeOffset | Kind::Binary | Kind::Enumeration => {
            Json::String(text.to_owned())
        }
    }
}
