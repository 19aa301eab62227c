//! Rows as they come from the database, whichever it is.

use uuid::Uuid;

use crate::diag::Result;
use crate::model::ColumnKind;
use crate::value::Timestamp;

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
