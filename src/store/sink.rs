//! Sinks for statements that answer with numbers.

use uuid::Uuid;

use super::{Cell, Flow, Row, RowSink, deadline};
use crate::diag::Result;
use crate::model::ColumnKind;

/// Takes one number, from the first column of the first row.
#[derive(Debug, Default)]
pub(in crate::store) struct Number(pub(in crate::store) u64);

impl RowSink for Number {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0 = number(row, 0)?;
        Ok(Flow::Stop)
    }
}

/// Takes a guid and a number from each row.
#[derive(Debug, Default)]
pub(in crate::store) struct NumberPerGuid(pub(in crate::store) Vec<(Uuid, u64)>);

impl RowSink for NumberPerGuid {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let guid = row.cell(0, &ColumnKind::Guid, |cell| cell.guid())?;
        if let Some(guid) = guid {
            self.0.push((guid, number(row, 1)?));
        }
        Ok(Flow::More)
    }
}

/// Notes whether there is a row.
#[derive(Debug, Default)]
pub(in crate::store) struct Any(pub(in crate::store) bool);

impl RowSink for Any {
    fn row<R: Row>(&mut self, _: &R) -> Result<Flow> {
        self.0 = true;
        Ok(Flow::Stop)
    }
}

/// Takes the texts of one column.
#[derive(Debug, Default)]
pub(in crate::store) struct Lines {
    pub(in crate::store) column: usize,
    pub(in crate::store) lines: Vec<String>,
}

impl RowSink for Lines {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let lines = &mut self.lines;
        row.cell(self.column, &ColumnKind::Text, |cell| {
            if let Cell::Text(text) = cell {
                lines.push(text.to_owned());
            }
        })?;
        Ok(Flow::More)
    }
}

/// What a sink was given.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::store) struct Counted {
    /// The number of rows.
    pub(in crate::store) rows: u64,
    /// Whether it has enough.
    pub(in crate::store) stopped: bool,
}

/// Counts rows on their way to another sink, which gets none after the deadline.
pub(in crate::store) struct Counting<'s, S> {
    inner: &'s mut S,
    pub(in crate::store) counted: Counted,
}

impl<'s, S> Counting<'s, S> {
    pub(in crate::store) fn new(inner: &'s mut S) -> Self {
        Self {
            inner,
            counted: Counted::default(),
        }
    }
}

impl<S: RowSink> RowSink for Counting<'_, S> {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        if deadline::passed() {
            return Err(deadline::late());
        }
        self.counted.rows = self.counted.rows.saturating_add(1);
        let flow = self.inner.row(row)?;
        self.counted.stopped = flow == Flow::Stop;
        Ok(flow)
    }
}

fn number<R: Row>(row: &R, position: usize) -> Result<u64> {
    let number = row.cell(position, &ColumnKind::Integer, |cell| cell.integer())?;
    Ok(number
        .and_then(|n| u64::try_from(n).ok())
        .unwrap_or_default())
}

/// The bytes at a position of a row.
pub(in crate::store) fn bytes<R: Row>(row: &R, position: usize) -> Result<Vec<u8>> {
    row.cell(position, &ColumnKind::Binary, |cell| match cell {
        Cell::Binary(bytes) => bytes.to_vec(),
        Cell::Null
        | Cell::Boolean(_)
        | Cell::Integer(_)
        | Cell::Text(_)
        | Cell::Guid(_)
        | Cell::Timestamp(_) => Vec::new(),
    })
}
