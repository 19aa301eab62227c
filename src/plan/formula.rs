//! Values that are computed from a row when it is written: `$compute`.

use crate::model::EnumId;
use crate::value::{Function, Scalar};

/// A computed member of the output.
#[derive(Debug, Clone, PartialEq)]
pub struct Computed {
    /// Its name.
    pub name: String,
    /// Its value.
    pub formula: Formula,
    /// Some value of its type.
    pub example: Scalar,
}

/// How a value is computed.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// The same for every row.
    Constant(Scalar),
    /// The value of an attribute.
    Cell {
        /// The position in the row.
        position: usize,
        /// For codes of enumerations: the enumeration, whose names are meant.
        enumeration: Option<EnumId>,
        /// For texts in several languages: the key of the one that is meant.
        language: Option<String>,
    },
    /// What a function gives; null where it has no value for the row.
    Call {
        /// Which one.
        function: Function,
        /// What it is called with.
        arguments: Vec<Formula>,
    },
}

impl Formula {
    /// How many values and functions it has.
    pub fn size(&self) -> usize {
        match self {
            Self::Constant(_) | Self::Cell { .. } => 1,
            Self::Call { arguments, .. } => arguments
                .iter()
                .map(Self::size)
                .fold(1, usize::saturating_add),
        }
    }
}
