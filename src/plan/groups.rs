//! What rows look like that are no entities.

use crate::model::{EntityId, EnumId};
use crate::value::Kind;

/// The output of rows that are no entities.
#[derive(Debug, Clone)]
pub struct GroupShape {
    /// The members, in the order of the output; those inside one object stand together.
    pub members: Vec<GroupMember>,
    /// The position of the number that says which part a row comes from, where rows have parts.
    pub part: Option<usize>,
}

/// One value of the output.
#[derive(Debug, Clone)]
pub struct GroupMember {
    /// The names that lead to it: `User`, `UserType`.
    pub path: Vec<String>,
    /// The position in the row.
    pub position: usize,
    /// What it is.
    pub value: GroupValue,
    /// Whether the request has made it: no model says what it is.
    pub made: bool,
    /// Which parts have it: a bit for each.
    pub parts: u64,
}

/// What a value of the output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupValue {
    /// A value of a kind; of an enumeration, its code.
    Value(Kind, Option<EnumId>),
    /// The address of an object of an entity.
    Link(EntityId),
    /// `Edm.Decimal` with six places; the row holds millionths.
    Decimal,
    /// `Edm.Date`.
    Date,
    /// What a reference leads to: an expansion of the shape, by its number.
    Expanded(usize),
}

impl GroupMember {
    /// For rows without parts.
    pub const EVERYWHERE: u64 = u64::MAX;
}
