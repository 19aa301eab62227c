//! The properties of entities, as conditions and orders see them.

use std::cmp::Ordering;

use serde_json::Value as Json;
use userdex::model::{AttributeRole, EntityId, Filters, Model};
use userdex::value::{Kind, Timestamp};

/// A property that conditions may look at.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub kind: FieldKind,
    pub filters: Filters,
    pub orderable: bool,
    /// The type in CSDL, where it is a primitive one.
    pub edm: &'static str,
    /// The type of the target of a reference.
    pub target: Option<String>,
}

/// The type of a property, as far as conditions care.
#[derive(Debug, Clone)]
pub enum FieldKind {
    Number,
    Boolean,
    Text {
        folded: bool,
    },
    Languages,
    Time,
    Guid,
    /// The name of the type, and the members in the order of their values.
    Enumeration(String, Vec<String>),
    /// The set of the target.
    Reference(String),
    Binary,
    /// A custom property: an object with a text, which compares folded.
    Custom,
}

/// A value that can be compared with others of its field.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scalar {
    Number(i128),
    Text(String),
}

/// The properties of an entity that are open to filters, orders or selection.
pub fn fields(model: &Model, entity: EntityId) -> Vec<Field> {
    let entity = model.entity(entity);
    let attributes = entity.attributes.iter().filter(|a| !a.secret);
    let stored = attributes.filter(|a| a.role != AttributeRole::DisplayText);
    let mut fields: Vec<Field> = stored
        .map(|a| Field {
            name: a.name.clone(),
            kind: match a.kind {
                Kind::String if a.role.custom().is_some() => FieldKind::Custom,
                Kind::Guid => FieldKind::Guid,
                Kind::String => FieldKind::Text { folded: a.folded },
                Kind::Boolean => FieldKind::Boolean,
                Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => FieldKind::Number,
                Kind::DateTimeOffset => FieldKind::Time,
                Kind::Binary => FieldKind::Binary,
                Kind::Multilanguage => FieldKind::Languages,
                Kind::Enumeration => {
                    let enumeration = model.enumeration(a.enumeration.unwrap());
                    let members = enumeration.members.iter();
                    let members = members.map(|m| m.name.clone()).collect();
                    FieldKind::Enumeration(enumeration.type_name.clone(), members)
                }
            },
            filters: a.filters,
            orderable: a.orderable,
            edm: edm(a.kind),
            target: None,
        })
        .collect();
    fields.extend(entity.references.iter().map(|r| Field {
        name: r.name.clone(),
        kind: FieldKind::Reference(model.entity(r.target).set.clone()),
        filters: r.filters,
        orderable: false,
        edm: "",
        target: Some(model.entity(r.target).type_name.clone()),
    }));
    fields
}

const fn edm(kind: Kind) -> &'static str {
    match kind {
        Kind::Guid => "Edm.Guid",
        Kind::String => "Edm.String",
        Kind::Boolean => "Edm.Boolean",
        Kind::Byte => "Edm.Byte",
        Kind::Int16 => "Edm.Int16",
        Kind::Int32 => "Edm.Int32",
        Kind::Int64 => "Edm.Int64",
        Kind::DateTimeOffset => "Edm.DateTimeOffset",
        Kind::Binary => "Edm.Binary",
        Kind::Multilanguage | Kind::Enumeration => "",
    }
}

impl Field {
    /// Whether an order by it can be told from a row.
    pub fn orders(&self) -> bool {
        self.name == "Id" || self.orderable && !matches!(self.kind, FieldKind::Languages)
    }

    /// What it holds in a row: one text per language, none for null.
    pub fn held(&self, row: &Json) -> Vec<String> {
        match (&self.kind, &row[&self.name]) {
            (_, Json::Null) => Vec::new(),
            (FieldKind::Reference(_), link) => address(link).into_iter().collect(),
            (FieldKind::Languages, Json::Object(texts)) => texts.values().map(plain).collect(),
            (FieldKind::Custom, value) => vec![plain(&value["Value"])],
            (_, value) => vec![plain(value)],
        }
    }

    /// What an order compares: null first; texts folded, then as they are.
    pub fn order_key(&self, row: &Json) -> Option<(Scalar, String)> {
        let raw = self.held(row).into_iter().next()?;
        let first = match self.kind {
            FieldKind::Text { .. } => Scalar::Text(folded(&raw)),
            _ => self.scalar(&raw),
        };
        Some((first, raw))
    }

    pub fn scalar(&self, value: &str) -> Scalar {
        match &self.kind {
            // Halves, so that numbers between the whole ones have their places.
            FieldKind::Number => Scalar::Number(match value.parse::<i128>() {
                Ok(whole) => 2 * whole,
                Err(_) => (2.0 * value.parse::<f64>().unwrap()) as i128,
            }),
            FieldKind::Time => Scalar::Number(Timestamp::parse(value).unwrap().micros().into()),
            FieldKind::Enumeration(_, members) => {
                Scalar::Number(members.iter().position(|m| m == value).unwrap() as i128)
            }
            _ => Scalar::Text(self.folded(value)),
        }
    }

    pub fn folded(&self, text: &str) -> String {
        match self.kind {
            FieldKind::Text { folded: false } => text.to_owned(),
            _ => folded(text),
        }
    }

    /// The literal of a value.
    pub fn literal(&self, value: &str) -> String {
        match &self.kind {
            FieldKind::Number | FieldKind::Boolean | FieldKind::Time | FieldKind::Guid => {
                value.to_owned()
            }
            FieldKind::Reference(set) => quoted(&format!("{set}({value})")),
            _ => quoted(value),
        }
    }
}

/// The keys of rows in an order; the key decides between equals.
pub fn ordered<'r>(rows: &[&'r Json], by: &[(Field, bool)]) -> Vec<&'r Json> {
    let mut rows = rows.to_vec();
    rows.sort_by(|a, b| {
        let key = a["Id"].as_str().cmp(&b["Id"].as_str());
        let found = by.iter().map(|(field, down)| {
            let found = field.order_key(a).cmp(&field.order_key(b));
            if *down { found.reverse() } else { found }
        });
        found.fold(Ordering::Equal, Ordering::then).then(key)
    });
    rows
}

/// A text as a literal.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Case folding for the texts of these tests, independent of the program's.
pub fn folded(text: &str) -> String {
    text.to_lowercase().replace('ß', "ss")
}

/// The key in a link `{"@odata.id":"Set(key)"}`.
pub fn address(link: &Json) -> Option<String> {
    let id = link["@odata.id"].as_str()?;
    Some(id.split(['(', ')']).nth(1)?.to_owned())
}

pub fn plain(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
