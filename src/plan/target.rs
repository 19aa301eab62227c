//! What the address of a change means.

use uuid::Uuid;

use super::SubQuery;
use crate::model::{AttributeId, CollectionId, EntityId, ReferenceId};

/// One object, or how it is found.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// Its entity.
    pub entity: EntityId,
    /// Which object.
    pub by: By,
}

/// Which object an address means.
#[derive(Debug, Clone, PartialEq)]
pub enum By {
    /// That of a key of a set, whether it is there or not.
    Key(Uuid),
    /// That whose key the query gives, if any: `Users(id)/Person`.
    Rows(Box<SubQuery>),
}

impl Located {
    /// Whether the address names the object by its key, so that it can be one that is not there
    /// yet.
    pub fn is_key(&self) -> bool {
        match self.by {
            By::Key(_) => true,
            By::Rows(_) => false,
        }
    }
}

/// A part of a structured value that has an address of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValuePart {
    /// One language of a text, by its key: `Name/EN`.
    Language(String),
    /// The short value of a custom property.
    Value,
    /// What that stands for.
    ValueId,
    /// What it means; in one language where there is a key.
    Description(Option<String>),
}

impl std::fmt::Display for ValuePart {
    /// Its path behind the property: `EN`, `Description/EN`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Language(key) => f.write_str(key),
            Self::Value => f.write_str("Value"),
            Self::ValueId => f.write_str("ValueId"),
            Self::Description(None) => f.write_str("Description"),
            Self::Description(Some(key)) => write!(f, "Description/{key}"),
        }
    }
}

/// What the address of a change means.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// An entity set.
    Set(EntityId),
    /// The children of an object: `Users(id)/Groups`.
    Children {
        /// Their parent.
        owner: Located,
        /// Its collection.
        collection: CollectionId,
    },
    /// An object.
    Object(Located),
    /// An attribute of an object: `Users(id)/Notes`.
    Attribute {
        /// The object.
        object: Located,
        /// Its attribute.
        attribute: AttributeId,
        /// The part of its value that is meant, where it is not all of it: `Users(id)/Name/EN`.
        part: Option<ValuePart>,
        /// Whether the body is the bare value: `/$value`.
        raw: bool,
    },
    /// What a reference points at: `Users(id)/Person/$ref`.
    Link {
        /// The object that points.
        object: Located,
        /// Its reference.
        reference: ReferenceId,
    },
    /// What is in a collection: `Users(id)/Groups/$ref`.
    Links {
        /// The object that has the collection.
        owner: Located,
        /// The collection.
        collection: CollectionId,
        /// The one member that is meant, by its key: `Groups(id)/$ref`.
        member: Option<Uuid>,
        /// The same by its address: `$ref?$id=…`, not resolved.
        id: Option<String>,
    },
    /// An action: `Users(id)/Ext.SetPassword`.
    Call {
        /// The object that it is bound to, if any.
        object: Option<Located>,
        /// The namespace of the action.
        namespace: String,
        /// Its name.
        name: String,
    },
}
