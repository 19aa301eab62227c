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
