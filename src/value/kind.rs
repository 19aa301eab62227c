//! The kinds of values that attributes have, and one value.

use uuid::Uuid;

use super::Timestamp;

/// The type of an attribute, without facets. Enumerations keep their members in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `Edm.Guid`.
    Guid,
    /// `Edm.String`.
    String,
    /// `Edm.Boolean`.
    Boolean,
    /// `Edm.Byte`, 0 to 255.
    Byte,
    /// `Edm.Int16`.
    Int16,
    /// `Edm.Int32`.
    Int32,
    /// `Edm.Int64`.
    Int64,
    /// `Edm.DateTimeOffset`, UTC, to the millisecond.
    DateTimeOffset,
    /// `Edm.Binary`.
    Binary,
    /// The complex type `Erp.MultilanguageString`: one text per language.
    Multilanguage,
    /// An enumeration type: one member at a time, stored by its database code.
    Enumeration,
}

impl Kind {
    /// The name in the OData type system; enumerations and complex types answer their base notion.
    pub const fn edm(self) -> &'static str {
        match self {
            Self::Guid => "Edm.Guid",
            Self::String => "Edm.String",
            Self::Boolean => "Edm.Boolean",
            Self::Byte => "Edm.Byte",
            Self::Int16 => "Edm.Int16",
            Self::Int32 => "Edm.Int32",
            Self::Int64 => "Edm.Int64",
            Self::DateTimeOffset => "Edm.DateTimeOffset",
            Self::Binary => "Edm.Binary",
            Self::Multilanguage => "Erp.MultilanguageString",
            Self::Enumeration => "Edm.EnumType",
        }
    }

    /// The range of an integer kind.
    pub const fn integer_range(self) -> Option<(i64, i64)> {
        match self {
            Self::Byte => Some((0, 255)),
            Self::Int16 => Some((-32_768, 32_767)),
            Self::Int32 => Some((-2_147_483_648, 2_147_483_647)),
            Self::Int64 => Some((i64::MIN, i64::MAX)),
            Self::Guid
            | Self::String
            | Self::Boolean
            | Self::DateTimeOffset
            | Self::Binary
            | Self::Multilanguage
            | Self::Enumeration => None,
        }
    }

    /// No, or nought: for a value that must be there and that nobody gives. Null for kinds that have
    /// no such value.
    pub const fn nought(self) -> Value {
        match self {
            Self::Boolean => Value::Boolean(false),
            Self::Byte | Self::Int16 | Self::Int32 | Self::Int64 => Value::Integer(0),
            Self::Guid
            | Self::String
            | Self::DateTimeOffset
            | Self::Binary
            | Self::Multilanguage
            | Self::Enumeration => Value::Null,
        }
    }

    /// Whether values of this kind are texts (also texts per language).
    pub const fn is_text(self) -> bool {
        matches!(self, Self::String | Self::Multilanguage)
    }
}

/// One value, already of the kind that its attribute asks for.
///
/// An enumeration member is held as [`Value::Text`] with its *database* code; a multi-language
/// text as [`Value::Text`] with its JSON object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// No value.
    Null,
    /// A truth value.
    Boolean(bool),
    /// Any integer kind.
    Integer(i64),
    /// Text, an enumeration code, or the JSON of a multi-language text.
    Text(String),
    /// A guid.
    Guid(Uuid),
    /// A point in time.
    Timestamp(Timestamp),
    /// Bytes.
    Binary(Vec<u8>),
}

impl Value {
    /// About how many bytes of memory it takes beside itself.
    pub fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.capacity(),
            Self::Binary(bytes) => bytes.capacity(),
            Self::Null
            | Self::Boolean(_)
            | Self::Integer(_)
            | Self::Guid(_)
            | Self::Timestamp(_) => 0,
        }
    }
}
