//! What a payload asks for, read and typed, before anything is looked up.

use uuid::Uuid;

use super::json::join;
use crate::model::{AttributeId, CollectionId, EntityId, ReferenceId};
use crate::value::{CustomValue, Value};

/// One object of a payload.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its place in the payload: empty, or such as `Groups/0`.
    pub path: String,
    /// Its entity: that of its place, or the derived one that `@odata.type` names.
    pub entity: EntityId,
    /// What happens to it, where the payload says so.
    pub action: Option<Action>,
    /// How it is found, where the payload says so.
    pub find_by: Option<SearchKeys>,
    /// Which object it is: `Id`, or `@odata.id`.
    pub id: Option<Uuid>,
    /// Whether `id` is one that a new object gets, and not one that the payload gives.
    pub id_is_made: bool,
    /// The version that the object must have.
    pub version: Option<i64>,
    /// The text of `DisplayText`, which only finds.
    pub display_text: Option<String>,
    /// Read-only values that the object may be found by.
    pub found_by: Vec<(AttributeId, Given)>,
    /// The values.
    pub values: Vec<(AttributeId, Given)>,
    /// The references.
    pub references: Vec<(ReferenceId, Link)>,
    /// The children.
    pub collections: Vec<(CollectionId, Children)>,
    /// A password.
    pub secret: Option<Secret>,
}

/// What happens to an object: `@erpnet.action`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is created.
    Create,
    /// It is found and changed.
    Update,
    /// It is found and deleted.
    Delete,
    /// It is found: the first that fits; its other properties are not looked at.
    Find,
    /// The same; null where there is none.
    FindOrNull,
    /// It is found, or else created.
    FindOrCreate,
    /// It is found: the only one that fits.
    FindSingle,
    /// The same; null where there is none.
    FindSingleOrNull,
    /// It is found and changed, or else created.
    Merge,
}

impl Action {
    /// Every action and its word.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("create", Self::Create),
        ("update", Self::Update),
        ("delete", Self::Delete),
        ("find", Self::Find),
        ("findOrNull", Self::FindOrNull),
        ("findOrCreate", Self::FindOrCreate),
        ("findSingle", Self::FindSingle),
        ("findSingleOrNull", Self::FindSingleOrNull),
        ("merge", Self::Merge),
    ];
}

/// What an object is found by: `@erpnet.findBy`. The first that is there decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchKeys {
    /// The id in another system.
    pub external_id: Option<String>,
    /// That system; counts together with `external_id`.
    pub external_system: Option<String>,
    /// The key.
    pub id: Option<Uuid>,
    /// The value of the code member.
    pub code: Option<String>,
    /// A part of the name member, whatever its case.
    pub name: Option<String>,
    /// The display text.
    pub display_text: Option<String>,
}

/// A value that a payload gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// The value.
    Value(Value),
    /// Languages of a multi-language text and their texts; nothing removes the language.
    Languages(Vec<(String, Option<String>)>),
    /// The value of a custom property as it is given; nothing removes it.
    Custom(Option<CustomValue>),
}

/// What a payload says about a reference.
#[derive(Debug, Clone)]
pub enum Link {
    /// It points nowhere.
    Null,
    /// It points at an object.
    To(EntityId, Uuid),
    /// It points at what becomes of an object of the payload.
    Object(Box<Draft>),
}

/// What a payload says about a collection.
#[derive(Debug, Clone)]
pub struct Children {
    /// Whether the list is the whole collection, so that others go.
    pub replace: bool,
    /// The children.
    pub items: Vec<Child>,
}

/// One child in a payload.
#[derive(Debug, Clone)]
pub enum Child {
    /// It is there.
    Kept(Box<Draft>),
    /// It goes: its path and key.
    Removed(String, Uuid),
}

/// A password that a payload brings.
#[derive(Clone)]
pub enum Secret {
    /// Plain text, to be hashed before anything else happens.
    Plain(String),
    /// A hash and the member of `PasswordFormat` that says how it was made.
    Hash {
        /// The text of the hash.
        text: String,
        /// The name of the format.
        format: String,
    },
}

/// A password, and whose it is.
#[derive(Debug)]
pub struct BroughtSecret<'d> {
    /// Its place in the payload.
    pub path: String,
    /// The entity of the object that gets it.
    pub entity: EntityId,
    /// The key of that object, where it is given.
    pub id: Option<Uuid>,
    /// The password.
    pub secret: &'d mut Secret,
}

impl Secret {
    /// The annotation that brings it.
    const fn annotation(&self) -> &'static str {
        match self {
            Self::Plain(_) => "@ext.initialPassword",
            Self::Hash { .. } => "@ext.passwordHash",
        }
    }
}

impl std::fmt::Debug for Secret {
    /// Says that there is one, and nothing else.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain(…)",
            Self::Hash { .. } => "Hash(…)",
        })
    }
}

impl Draft {
    /// An object about which nothing is known yet.
    pub fn empty(entity: EntityId, path: String) -> Self {
        Self {
            path,
            entity,
            action: None,
            find_by: None,
            id: None,
            id_is_made: false,
            version: None,
            display_text: None,
            found_by: Vec::new(),
            values: Vec::new(),
            references: Vec::new(),
            collections: Vec::new(),
            secret: None,
        }
    }

    /// Whether it gives anything that could change its object.
    pub fn changes_something(&self) -> bool {
        !self.values.is_empty() || !self.references.is_empty() || self.secret.is_some()
    }

    /// Every password in the object and in those inside it.
    pub fn secrets(&mut self) -> Vec<BroughtSecret<'_>> {
        let (path, entity, id) = (&self.path, self.entity, self.id);
        let own = self.secret.iter_mut().map(|secret| BroughtSecret {
            path: join(path, secret.annotation()),
            entity,
            id,
            secret,
        });
        let mut found: Vec<_> = own.collect();
        for (_, link) in &mut self.references {
            if let Link::Object(inner) = link {
                found.extend(inner.secrets());
            }
        }
        for (_, children) in &mut self.collections {
            for child in &mut children.items {
                if let Child::Kept(inner) = child {
                    found.extend(inner.secrets());
                }
            }
        }
        found
    }
}
