//! Rows as they come from the database, whichever it is.

use uuid::Uuid;

use crate::diag::Result;
use crate::model::ColumnKind;
use crate::value::{Timestamp, Value};

/// One value of a row, borrowed while it is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Text: given, folded, JSON or an enumeration code.
    Text(&'a str),
    /// A guid.
    Guid(Uuid),
    /// A point in time.
    Timestamp(Timestamp),
    /// Bytes.
    Binary(&'a [u8]),
}

impl Cell<'_> {
    /// As a value of its own.
    pub fn value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(truth) => Value::Boolean(truth),
            Self::Integer(number) => Value::Integer(number),
            Self::Text(text) => Value::Text(text.to_owned()),
            Self::Guid(guid) => Value::Guid(guid),
            Self::Timestamp(time) => Value::Timestamp(time),
            Self::Binary(bytes) => Value::Binary(bytes.to_vec()),
        }
    }

    /// The guid, if it is one.
    pub const fn guid(self) -> Option<Uuid> {
        match self {
            Self::Guid(guid) => Some(guid),
            Self::Null
            | Self::Boolean(_)
            | Self::Integer(_)
            | Self::Text(_)
            | Self::Timestamp(_)
            | Self::Binary(_) => None,
        }
    }

    /// The whole number, if it is one.
    pub const fn integer(self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(number),
            Self::Null
            | Self::Boolean(_)
            | Self::Guid(_)
            | Self::Text(_)
            | Self::Timestamp(_)
            | Self::Binary(_) => None,
        }
    }
}

/// A row of a result. Positions are those of [`crate::plan::Query::columns`].
pub trait Row {
    /// Hands the value at `position` to `look`; `kind` is the kind of the column there.
    ///
    /// A problem is a fault of the service: a position or kind that does not fit the query.
    fn cell<T>(
        &self,
        position: usize,
        kind: &ColumnKind,
        look: impl FnOnce(Cell<'_>) -> T,
    ) -> Result<T>;
}

/// Whether a sink wants more rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The next row, please.
    More,
    /// Enough: the query is ended.
    Stop,
}

/// Takes the rows of a result in order.
pub trait RowSink {
    /// Takes one row.
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow>;
}
