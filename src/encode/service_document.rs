//! The service document: every set with its address, and the singleton `Me` (OData JSON 4.01, section 5).

use serde_json::{Map, Value as Json, json};

use super::style::Control;
use crate::model::Model;

/// The service document: sets in alphabetical order, then the singleton.
///
/// `root` is the absolute service root and ends in `/`. `context` says how the answer carries
/// `@odata.context`, where it does (not for `odata.metadata=none`).
pub fn service_document(model: &Model, root: &str, context: Option<Control>) -> String {
    let mut sets: Vec<_> = model.entities().map(|(_, entity)| entity).collect();
    sets.sort_by(|a, b| a.set.cmp(&b.set));
    let mut entries: Vec<Json> = sets
        .into_iter()
        .map(|entity| {
            let title = entity.text.en.trim_end_matches('.');
            json!({"name": entity.set, "kind": "EntitySet", "url": entity.set, "title": title})
        })
        .collect();
    if model.repository("Systems.Security.Users").is_some() {
        entries.push(json!({"name": "Me", "kind": "Singleton", "url": "Me",
            "title": "The user who has signed in"}));
    }
    let mut top = Map::new();
    if let Some(control) = context {
        top.insert(control.name("context"), json!(format!("{root}$metadata")));
    }
    top.insert("value".to_owned(), Json::Array(entries));
    Json::Object(top).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_every_set_in_order() {
        let model = Model::shipped().unwrap();
        let root = "http://localhost/api/domain/odata/";
        let document: Json =
            serde_json::from_str(&service_document(&model, root, Some(Control::Prefixed))).unwrap();
        assert_eq!(document["@odata.context"], format!("{root}$metadata"));
        let mut sets = document["value"].as_array().unwrap().clone();
        let me = sets.pop().unwrap();
        assert_eq!(
            (&me["name"], &me["kind"]),
            (&json!("Me"), &json!("Singleton"))
        );
        let names: Vec<_> = sets.iter().map(|s| s["name"].as_str().unwrap()).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert_eq!(names.len(), model.entities().count());
        let users = sets
            .iter()
            .find(|s| s["name"] == "Systems_Security_Users")
            .unwrap();
        assert_eq!(users["kind"], "EntitySet");
        assert_eq!(users["url"], "Systems_Security_Users");
    }

    #[test]
    fn without_control_information_there_is_no_context() {
        let model = Model::shipped().unwrap();
        let document: Json = serde_json::from_str(&service_document(&model, "/", None)).unwrap();
        assert!(document.get("@odata.context").is_none());
    }
}
