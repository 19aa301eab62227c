//! Attributes, references and child collections of an entity.

use super::{AttributeId, Custom, EntityId, EnumId, Filters, ReferenceId, Text};
use crate::value::Kind;

/// A property that holds a value.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// The name on the wire.
    pub name: String,
    /// What it is for, for people.
    pub text: Text,
    /// The type of its values.
    pub kind: Kind,
    /// The enumeration, where `kind` is [`Kind::Enumeration`].
    pub enumeration: Option<EnumId>,
    /// The longest text, in Unicode characters; per language for multi-language texts.
    pub max_length: Option<u32>,
    /// The least number.
    pub min: Option<i64>,
    /// The greatest number.
    pub max: Option<i64>,
    /// Whether the text is one line: not blank, and without control characters.
    pub line: bool,
    /// Whether null is a value.
    pub nullable: bool,
    /// Whether a writer must give it (or a default fills it).
    pub required: bool,
    /// What a writer's silence means.
    pub default: Option<Default>,
    /// What every write puts together from other attributes of the row; empty for all others.
    pub compose: Vec<ComposePart>,
    /// What the service notes here about who writes, and when.
    pub stamp: Option<Stamp>,
    /// The declared filters.
    pub filters: Filters,
    /// `ORD`: whether `$orderby` is declared.
    pub orderable: bool,
    /// Declared as a dimension: it groups whatever its filters say.
    pub dimension: bool,
    /// Declared as a measure: it is aggregated whatever its filters say.
    pub measure: bool,
    /// Whether writers may not set it.
    pub read_only: bool,
    /// Closed everywhere: never shown, filtered, ordered, searched or logged.
    pub secret: bool,
    /// Written without a new version and without an entry in the history: what signing in notes.
    pub unlogged: bool,
    /// Whether users may change it in their own row.
    pub self_service: bool,
    /// Whether a copy of an object keeps the value.
    pub copied: bool,
    /// Marked as indexed in the source.
    pub indexed: bool,
    /// Whether users see it: the default projection leaves hidden ones out.
    pub visibility: super::Visibility,
    /// Where its value comes from.
    pub role: AttributeRole,
    /// The version of the source's product that introduced it.
    pub since: Option<String>,
    /// The attribute that gives the unit or format (`Password` → `PasswordFormat`).
    pub unit: Option<String>,
    /// The table column; empty for calculated attributes.
    pub column: String,
    /// Whether the column is in the table of the base entity (Persons keep `PartyName` in Parties).
    pub inherited: bool,
    /// Whether texts compare folded in every form (`docs/API-DESIGN.md`, *Text*).
    pub folded: bool,
}

impl Attribute {
    /// The attribute that counts the changes of an aggregate.
    pub const VERSION: &str = "ObjectVersion";

    /// The columns of the aggregate root's row that only the service writes.
    const MADE_COLUMNS: &[&str] = &[
        "Latest_Version",
        "Creation_Time_Utc",
        "Last_Update_Time_Utc",
    ];

    /// Whether a new object needs it although no answer ever holds it.
    pub fn is_needed_secret(&self) -> bool {
        self.secret && self.required && self.default.is_none() && !self.is_made()
    }

    /// Whether only the service makes the value: flagged as read only, calculated, or the version
    /// and the times of the aggregate.
    pub fn is_made(&self) -> bool {
        let by_role = match self.role {
            AttributeRole::DisplayText => true,
            AttributeRole::Root => Self::MADE_COLUMNS.contains(&self.column.as_str()),
            AttributeRole::Stored | AttributeRole::Key | AttributeRole::Custom(_) => false,
        };
        self.read_only || by_role
    }
}

/// Where the value of an attribute comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeRole {
    /// A column of the entity's own table, or of its base table when `inherited`.
    Stored,
    /// The key, `Id`.
    Key,
    /// `ObjectVersion` and its siblings: a column of the row of the aggregate root, reached through
    /// the aggregate parent for children.
    Root,
    /// `DisplayText`: composed from the display format.
    DisplayText,
    /// A custom property: the row of the object and the property in the table of their values.
    Custom(Custom),
}

impl AttributeRole {
    /// The custom property, where it is one.
    pub const fn custom(self) -> Option<Custom> {
        match self {
            Self::Custom(custom) => Some(custom),
            Self::Stored | Self::Key | Self::Root | Self::DisplayText => None,
        }
    }
}

/// What a writer's silence means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Default {
    /// A constant, in the literal form of `metadata/`: `0`, `true`, an enumeration member's name.
    Constant(String),
    /// A new guid.
    NewGuid,
    /// The current time, UTC.
    Now,
    /// The next number of a sequence per entity, five digits.
    NextCode,
}

/// A piece of a composed text such as `{FirstName} {LastName}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComposePart {
    /// Text as it stands.
    Literal(String),
    /// The value of a text attribute of the same entity; null gives nothing.
    Attribute(AttributeId),
}

/// What the service itself notes in an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// The time of the creation.
    CreationTime,
    /// The login of the user who created it.
    CreationUser,
    /// The time of the last change; of the creation, before any change.
    UpdateTime,
    /// The login of the user who made the last change, or the creation before any change.
    UpdateUser,
}

impl Stamp {
    /// Whether changes set it too, not only the creation.
    pub const fn follows_changes(self) -> bool {
        match self {
            Self::UpdateTime | Self::UpdateUser => true,
            Self::CreationTime | Self::CreationUser => false,
        }
    }

    /// Whether it is a time; otherwise it is a login.
    pub const fn is_time(self) -> bool {
        match self {
            Self::CreationTime | Self::UpdateTime => true,
            Self::CreationUser | Self::UpdateUser => false,
        }
    }

    /// The words of `metadata/`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CreationTime => "creation time",
            Self::CreationUser => "creation user",
            Self::UpdateTime => "update time",
            Self::UpdateUser => "update user",
        }
    }
}

/// A to-one link to another entity.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The name on the wire.
    pub name: String,
    /// What it is for, for people.
    pub text: Text,
    /// What it points at.
    pub target: EntityId,
    /// Whether null is a value.
    pub nullable: bool,
    /// The declared filters: equality and lists of addresses.
    pub filters: Filters,
    /// Whether it is the owner: the aggregate parent of a child.
    pub owner: bool,
    /// Whether its object stays as it is when the target goes: then it leads nowhere, and does not
    /// hinder the target from going.
    pub outlives: bool,
    /// Whether filters may go through it to the target's attributes.
    pub filterable: bool,
    /// Whether writers may not set it.
    pub read_only: bool,
    /// Marked as indexed in the source.
    pub indexed: bool,
    /// Whether users see it.
    pub visibility: super::Visibility,
    /// The version of the source's product that introduced it.
    pub since: Option<String>,
    /// The table column that holds the target's guid.
    pub column: String,
    /// Whether the column is in the table of the base entity.
    pub inherited: bool,
}

/// A collection of children, owned by this entity, found by their back reference.
#[derive(Debug, Clone)]
pub struct Collection {
    /// The name on the wire.
    pub name: String,
    /// What it is for, for people.
    pub text: Text,
    /// The entity of the children.
    pub target: EntityId,
    /// The reference of the child that points back here.
    pub back: ReferenceId,
    /// Whether the children belong to this entity's aggregate.
    pub owned: bool,
}
