//! The service document: every set with its address (OData JSON 4.01, section 5).

use serde_json::{Map, Value as Json, json};

use crate::model::Model;

/// The service document, sets in alphabetical order.
///
/// `root` is the absolute service root and ends in `/`. `context` says whether the answer carries
/// `@odata.context` (it does not for `odata.metadata=none`).
pub fn service_document(model: &Model, root: &str, context: bool) -> String {
    let mut sets: Vec<_> = model.entities().map(|(_, entity)| entity).collect();
    sets.sort_by(|a, b| a.set.cmp(&b.set));
    let sets: Vec<Json> = sets
        .into_iter()
        .map(|entity| {
            let title = entity.text.en.trim_end_matches('.');
            json!({"name": entity.set, "kind": "EntitySet", "url": entity.set, "title": title})
        })
        .collect();
    let mut top = Map::new();
    if context {
        top.insert(
            "@odata.context".to_owned(),
            json!(format!("{root}$metadata")),
        );
    }
    top.insert("value".to_owned(), Json::Array(sets));
    Json::Object(top).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_every_set_in_order() {
        let model = Model::shipped().unwrap();
        let root = "http://localhost/api/domain/odata/";
        let document: Json = serde_json::from_str(&service_document(&model, root, true)).unwrap();
        assert_eq!(document["@odata.context"], format!("{root}$metadata"));
        let sets = document["value"].as_array().unwrap();
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
        let document: Json = serde_json::from_str(&service_document(&model, "/", false)).unwrap();
        assert!(document.get("@odata.context").is_none());
    }
}
