//! Sinks for statements that answer with numbers.

use uuid::Uuid;

use super::{Cell, Flow, Row, RowSink, deadline};
use crate::diag::Result;
use crate::model::ColumnKind;
use crate::sql::{DialectName, Line, Statistics};

/// Takes one number, from the first column of the first row.
#[derive(Debug, Default)]
pub(in crate::store) struct Number(pub(in crate::store) u64);

impl RowSink for Number {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0 = number(row, 0)?;
        Ok(Flow::Stop)
    }
}

/// Takes a number from each row, and one that is the same in all of them.
#[derive(Debug, Default)]
pub(in crate::store) struct Numbers {
    pub(in crate::store) each: Vec<i64>,
    pub(in crate::store) same: u64,
}

impl RowSink for Numbers {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let each = row.cell(0, &ColumnKind::Integer, |cell| cell.integer())?;
        self.each.extend(each);
        self.same = number(row, 1)?;
        Ok(Flow::More)
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

/// Takes texts, one a row.
#[derive(Debug, Default)]
pub(in crate::store) struct Lines {
    pub(in crate::store) lines: Vec<String>,
}

impl RowSink for Lines {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.lines.push(text(row, 0)?);
        Ok(Flow::More)
    }
}

/// Takes the lines of an explanation.
#[derive(Debug, Default)]
pub(in crate::store) struct PlanLines {
    /// Where number, parent and text stand in a row.
    pub(in crate::store) at: [Option<usize>; 3],
    pub(in crate::store) lines: Vec<Line>,
}

impl RowSink for PlanLines {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let [id, parent, at] = self.at;
        let number = |at: Option<usize>| match at {
            Some(at) => row.cell(at, &ColumnKind::Integer, |cell| cell.integer()),
            None => Ok(None),
        };
        let text = match at {
            Some(at) => text(row, at)?,
            None => String::new(),
        };
        self.lines.push(Line {
            id: number(id)?.unwrap_or_default(),
            parent: number(parent)?.unwrap_or_default(),
            text,
        });
        Ok(Flow::More)
    }
}

/// Takes what the database knows of its tables.
#[derive(Debug)]
pub(in crate::store) struct Knows {
    pub(in crate::store) dialect: DialectName,
    pub(in crate::store) statistics: Statistics,
}

impl RowSink for Knows {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let (table, name) = (text(row, 0)?, text(row, 1)?);
        let about = text(row, 2)?;
        self.dialect
            .note(&mut self.statistics, (&table, &name, &about));
        Ok(Flow::More)
    }
}

fn text<R: Row>(row: &R, position: usize) -> Result<String> {
    row.cell(position, &ColumnKind::Text, |cell| match cell {
        Cell::Text(text) => text.to_owned(),
        Cell::Null
        | Cell::Boolean(_)
        | Cell::Integer(_)
        | Cell::Guid(_)
        | Cell::Timestamp(_)
        | Cell::Binary(_) => String::new(),
    })
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
