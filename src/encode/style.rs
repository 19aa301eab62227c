//! How rows are written, as the request asked for it.

use crate::value::Language;

/// How rows are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// The notation.
    pub notation: Notation,
    /// How much control information JSON carries.
    pub metadata: MetadataLevel,
    /// How its names are written.
    pub control: Control,
    /// Whether `Edm.Int64` values are JSON strings: `IEEE754Compatible=true`.
    pub ieee754: bool,
    /// Whether null members are left out.
    pub skip_nulls: bool,
    /// The language of display texts.
    pub language: Language,
}

/// The notation of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// A JSON object.
    Json,
    /// Cells with commas between them.
    Csv(CellGuard),
}

/// Whether cells that a spreadsheet would take for a formula are made harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellGuard {
    /// Texts that start with `= + - @`, also full-width or behind white space, or with a tab or a
    /// line break, get a `'` before them (ASVS 1.2.10).
    Neutralised,
    /// Texts stay as they are: for formats whose cells have types.
    Verbatim,
}

/// How the names of control information are written (OData JSON 4.01, section 4.6).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Control {
    /// `@odata.id`: clients of 4.0 know no other way.
    #[default]
    Prefixed,
    /// `@id`, from 4.01 on.
    Bare,
}

impl Control {
    /// What stands between `@` and the name.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Prefixed => "odata.",
            Self::Bare => "",
        }
    }

    /// The name of a primitive type as `@odata.type` says it, with or without its namespace: `#Int64`,
    /// from 4.01 on `Int64` (OData JSON 4.01, section 4.6.3).
    pub fn primitive(self, name: &str) -> String {
        let name = name.trim_start_matches("Edm.");
        match self {
            Self::Prefixed => format!("#{name}"),
            Self::Bare => name.to_owned(),
        }
    }

    /// A name of control information, such as `@odata.id`.
    pub fn name(self, name: &str) -> String {
        format!("@{}{name}", self.prefix())
    }
}

/// How much control information JSON carries (OData JSON 4.01, section 3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MetadataLevel {
    /// Only next links and counts.
    None,
    /// What a client cannot compute, and the address of each entity, as the vendor's API does.
    #[default]
    Minimal,
    /// Everything: types, edit links, navigation links.
    Full,
}

impl MetadataLevel {
    /// The value of the `odata.metadata` format parameter.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Full => "full",
        }
    }
}
