//! One SELECT in the model's terms.

use std::sync::Arc;

use uuid::Uuid;

use super::{Output, Predicate, Source, SubQuery, TimePart};
use crate::model::{ColumnNo, EntityId};
use crate::value::Value;

/// A table in a query: 0 is the table of the query's entity, n the table of its n-th join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u8);

impl Slot {
    /// The table of the query's own entity.
    pub const BASE: Self = Self(0);
}

/// A column of one of the tables of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Column {
    /// Which table of the query.
    pub slot: Slot,
    /// The entity whose table that is.
    pub table: EntityId,
    /// The column in it.
    pub no: ColumnNo,
}

/// Which row of a table is joined.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum JoinBy {
    /// The one whose key it is.
    Key,
    /// In the table of the values of custom properties: the one that the object of a key has of a
    /// property, whose key is here as a guid.
    Custom(Value),
}

/// A table joined over its key, or over what is as unique. Every join is to-one, so joins never
/// multiply rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Join {
    /// The entity whose table is joined.
    pub table: EntityId,
    /// The column, of an earlier slot, that holds the key.
    pub on: Column,
    /// Which row that key leads to.
    pub by: JoinBy,
    /// Whether a row may be missing there: an outer join, all columns null.
    pub optional: bool,
    /// Only rows whose key is among these: the others are missing, and the join is optional.
    pub among: Option<Arc<SubQuery>>,
}

impl Join {
    /// A join with all rows of a table.
    pub const fn plain(table: EntityId, on: Column, optional: bool) -> Self {
        Self {
            table,
            on,
            by: JoinBy::Key,
            optional,
            among: None,
        }
    }

    /// A join with the value that an object has of a custom property.
    pub const fn custom(table: EntityId, on: Column, property: Uuid) -> Self {
        Self {
            table,
            on,
            by: JoinBy::Custom(Value::Guid(property)),
            optional: true,
            among: None,
        }
    }
}

/// A value computed from the columns of one row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Term {
    /// The column itself.
    Column(Column),
    /// The text without blanks at its ends: `trim(A)`.
    Trimmed(Box<Term>),
    /// The folded text of one language out of the shadow of a multi-language column; null where
    /// the language is missing.
    Language {
        /// The shadow column.
        shadow: Column,
        /// The key of the language: `EN`.
        key: String,
    },
    /// As [`Term::Language`], but the first language where the wanted one is missing: what order
    /// uses.
    LanguageOrFirst {
        /// The shadow column.
        shadow: Column,
        /// The key of the language: `EN`.
        key: String,
    },
    /// A column of what the query stands on ([`Query::over`]).
    Output(Output),
    /// A part of a point in time: `year(A)`.
    TimePart {
        /// The point in time.
        of: Box<Term>,
        /// Which part.
        part: TimePart,
    },
    /// A piece of a text: `substring(A,0,1)`.
    Piece {
        /// The text.
        of: Box<Term>,
        /// The number of its first character, from 1.
        start: i64,
        /// How many characters at most.
        length: i64,
    },
}

/// One key of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKey {
    /// What to order by.
    pub term: Term,
    /// Greatest first. Nulls sort before all values when ascending, after them when descending
    /// (OData 4.01 Part 1, 11.2.6.2), on both databases.
    pub descending: bool,
    /// Whether the term can be null.
    pub nullable: bool,
    /// The position of the term in [`Query::columns`], for the next link.
    pub position: usize,
}

/// One SELECT.
#[derive(Debug, Clone)]
pub struct Query {
    /// Whose rows.
    pub entity: EntityId,
    /// The tables beside its own; join `i` is slot `i + 1`.
    pub joins: Vec<Join>,
    /// Which rows.
    pub predicate: Predicate,
    /// What each row carries.
    pub columns: Vec<Term>,
    /// The order; its last key is always the entity's key, so that it is total.
    pub order: Vec<OrderKey>,
    /// Only rows after this position: one value per order key ([`Value::Null`] for null).
    pub after: Option<Vec<Value>>,
    /// Rows left out at the start (inside each parent, when restricted).
    pub skip: u64,
    /// Rows at most (per parent, when restricted).
    pub take: Option<u64>,
    /// What it stands on instead of the table of its entity: it has no joins then.
    pub over: Option<Box<Source>>,
}

/// Narrows a query to the rows that belong to some parents: known only when the parents are read.
#[derive(Debug, Clone, Copy)]
pub struct Restriction<'a> {
    /// The column that must equal one of the guids; it is of [`Slot::BASE`].
    pub column: Column,
    /// The guids, without duplicates.
    pub among: &'a [Uuid],
    /// Whether skip, take and order count inside each guid's rows, and not over all.
    pub per_parent: bool,
}
