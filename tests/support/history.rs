//! The history of changes, as the read API gives it.

use std::collections::HashMap;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value as Json;

use super::world::{World, text};

/// What happened to one object in one change set.
#[derive(Debug, Clone)]
pub struct Change {
    /// The number of the change set.
    pub number: i64,
    pub repository: String,
    pub id: String,
    /// `Create`, `Update` or `Delete`.
    pub kind: String,
    /// The values of an object that was made.
    pub created: Option<Json>,
    /// The values before.
    pub old: Option<Json>,
    /// The values after: null, or as text.
    pub new: Vec<(String, Json)>,
}

/// Everything that happened, in the order of the change sets.
pub fn history(world: &World) -> Vec<Change> {
    let numbers: HashMap<String, i64> = world
        .all("Systems_Core_ObjectChangesets?$select=Id,ChangeNumber")
        .iter()
        .map(|row| (text(&row["Id"]), row["ChangeNumber"].as_i64().unwrap()))
        .collect();
    let mut values: HashMap<String, Vec<(String, Json)>> = HashMap::new();
    let rows =
        world.all("Systems_Core_AttributeChanges?$select=AttributeName,NewValue,ObjectChange");
    for row in rows {
        let of = key(&row["ObjectChange"]);
        let value = (text(&row["AttributeName"]), row["NewValue"].clone());
        values.entry(of).or_default().push(value);
    }
    let mut all: Vec<Change> = world
        .all(
            "Systems_Core_ObjectChanges?$select=Id,ChangeType,ChangesJsonCompressed,EntityItemId,\
             OldValuesJson,RepositoryName,ObjectChangeset",
        )
        .iter()
        .map(|row| Change {
            number: numbers[&key(&row["ObjectChangeset"])],
            repository: text(&row["RepositoryName"]),
            id: text(&row["EntityItemId"]),
            kind: text(&row["ChangeType"]),
            created: row["ChangesJsonCompressed"].as_str().map(unpacked),
            old: row["OldValuesJson"]
                .as_str()
                .map(|t| serde_json::from_str(t).unwrap()),
            new: values.remove(&text(&row["Id"])).unwrap_or_default(),
        })
        .collect();
    assert!(
        values.is_empty(),
        "{}: values of no change: {values:?}",
        world.name
    );
    all.sort_by_key(|change| change.number);
    all
}

/// The key in `{"@odata.id":"Set(key)"}`.
pub fn key(link: &Json) -> String {
    let address = text(&link["@odata.id"]);
    let key = address.split(['(', ')']).nth(1);
    key.unwrap_or_else(|| panic!("{link}")).to_owned()
}

fn unpacked(text: &str) -> Json {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).unwrap();
    let mut document = String::new();
    flate2::read::ZlibDecoder::new(&bytes[..])
        .read_to_string(&mut document)
        .unwrap();
    serde_json::from_str(&document).unwrap()
}
