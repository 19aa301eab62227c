//! The rows of a whole answer: pages that end where they should, exports in chunks of parents.

use uuid::Uuid;

use crate::diag::{Code, Problem, Result};
use crate::model::Model;
use crate::plan::{Query, Shape};
use crate::store::{Flow, Row, RowSink};
use crate::value::Value;

use super::cell::{CellAt, cell_at};
use super::escape::json_string;
use super::program::member_lead;
use super::scalar;
use super::style::{Control, Style};
use super::tree::{Level, RowHook, Source, Tree};

/// About how many bytes are handed on at once.
pub const CHUNK: usize = 64 * 1024;

/// Rows whose expansions are read together; bounds the memory of an export.
const PARENTS: u64 = 1000;

/// Takes bytes that are ready.
pub trait Drain {
    /// Takes what it wants of `ready`; called at the end of a row when more than [`CHUNK`] bytes
    /// are in it.
    fn drain(&mut self, ready: &mut Vec<u8>) -> Result<Flow>;

    /// Hears of a row that was written.
    fn row(&mut self) {}
}

/// What stands between rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// `,`: the elements of a JSON array.
    Comma,
    /// A line feed: NDJSON.
    LineFeed,
    /// A carriage return and a line feed; also before the first row, as a heading precedes it.
    Line,
}

/// How a run of rows ended.
#[derive(Debug, Clone, PartialEq)]
pub struct PageEnd {
    /// Rows written.
    pub rows: u64,
    /// Where more rows follow: the order values of the last row written.
    pub next: Option<Vec<Value>>,
}

/// The rows of one query, ready to be written.
#[derive(Debug)]
pub struct Rows<'m, 'p> {
    query: &'p Query,
    tree: Tree<'m, 'p>,
    order: Vec<CellAt<'m>>,
    follows: bool,
}

impl<'m, 'p> Rows<'m, 'p> {
    /// Rows that are entities.
    pub fn entities(
        model: &'m Model,
        query: &'p Query,
        shape: &'p Shape,
        style: &Style,
    ) -> Result<Self> {
        Self::new(model, query, Tree::new(model, query, shape, style)?)
    }

    /// Entities that stand among those of other sets: each says its own context, where answers carry
    /// one (OData JSON 4.01, 4.6.1).
    pub fn mixed(
        model: &'m Model,
        query: &'p Query,
        shape: &'p Shape,
        style: &Style,
        context: Option<&str>,
    ) -> Result<Self> {
        let mut tree = Tree::new(model, query, shape, style)?;
        tree.program.put_first(context, style.control);
        Self::new(model, query, tree)
    }

    /// Rows that are addresses of entities.
    pub fn links(model: &'m Model, query: &'p Query, shape: &Shape, style: &Style) -> Result<Self> {
        Self::new(model, query, Tree::links(model, query, shape, style)?)
    }

    fn new(model: &'m Model, query: &'p Query, tree: Tree<'m, 'p>) -> Result<Self> {
        let order = query.order.iter();
        let order = order.map(|key| cell_at(model, query, key.position));
        Ok(Self {
            query,
            tree,
            order: order.collect::<Result<_>>()?,
            follows: false,
        })
    }

    /// The same rows behind others, where `follows` says so.
    #[must_use]
    pub fn following(self, follows: bool) -> Self {
        Self { follows, ..self }
    }

    /// Writes at most `limit` rows into `out`, which `drain` empties now and then.
    pub fn run<S: Source, D: Drain>(
        &self,
        source: &mut S,
        limit: Option<u64>,
        between: Between,
        out: &mut Vec<u8>,
        drain: &mut D,
    ) -> Result<PageEnd> {
        let mut emit = Emit {
            between,
            first: !self.follows,
            drain,
        };
        if self.tree.branches.is_empty() {
            self.run_directly(source, limit, out, &mut emit)
        } else {
            self.run_in_chunks(source, limit, out, &mut emit)
        }
    }

    /// Rows go straight into the buffer while the query runs.
    fn run_directly<S: Source, D: Drain>(
        &self,
        source: &mut S,
        limit: Option<u64>,
        out: &mut Vec<u8>,
        emit: &mut Emit<'_, D>,
    ) -> Result<PageEnd> {
        let mut sink = DirectSink {
            tree: &self.tree,
            cut: Cut::new(&self.order, limit),
            out,
            emit,
        };
        source.select(self.query, None, &mut sink)?;
        Ok(sink.cut.end())
    }

    /// Rows are collected by the thousand, their expansions read, and the next thousand starts
    /// after the last row: a session runs one statement at a time.
    fn run_in_chunks<S: Source, D: Drain>(
        &self,
        source: &mut S,
        limit: Option<u64>,
        out: &mut Vec<u8>,
        emit: &mut Emit<'_, D>,
    ) -> Result<PageEnd> {
        let mut query = self.query.clone();
        let mut rows = 0;
        loop {
            let wanted = limit.map_or(PARENTS, |limit| PARENTS.min(limit - rows));
            let available = self.query.take.map(|take| take.saturating_sub(rows));
            query.take = Some(available.map_or(wanted + 1, |take| take.min(wanted + 1)));
            let mut sink = ChunkSink {
                tree: &self.tree,
                cut: Cut::new(&self.order, Some(wanted)),
                level: Level::default(),
            };
            source.select(&query, None, &mut sink)?;
            let ChunkSink { cut, level, .. } = sink;
            let flow = self.tree.stitch(source, &level, out, emit)?;
            let end = cut.end();
            rows += end.rows;
            if flow == Flow::Stop || end.next.is_none() || limit == Some(rows) {
                return Ok(PageEnd { rows, ..end });
            }
            query.after = end.next;
            query.skip = 0;
        }
    }
}

/// Puts rows one after the other and hands on what is ready.
struct Emit<'d, D> {
    between: Between,
    first: bool,
    drain: &'d mut D,
}

impl<D: Drain> RowHook for Emit<'_, D> {
    fn begin(&mut self, out: &mut Vec<u8>) {
        let first = std::mem::replace(&mut self.first, false);
        match self.between {
            Between::Comma if !first => out.push(b','),
            Between::LineFeed if !first => out.push(b'\n'),
            Between::Comma | Between::LineFeed => {}
            Between::Line => out.push(b'\r'),
        }
    }

    fn end(&mut self, out: &mut Vec<u8>, start: usize, _: Uuid) -> Result<Flow> {
        match (self.between, out.get_mut(start)) {
            (Between::Line, Some(comma)) => {
                *comma = b'\n';
                // An empty line would be no row: readers skip it.
                if out.len() == start.saturating_add(1) {
                    out.extend_from_slice(b"\"\"");
                }
            }
            (Between::Line, None) => out.push(b'\n'),
            (Between::Comma | Between::LineFeed, _) => {}
        }
        self.drain.row();
        if out.len() < CHUNK {
            return Ok(Flow::More);
        }
        self.drain.drain(out)
    }
}

/// Ends a page after its last row, and remembers where.
struct Cut<'a, 'm> {
    order: &'a [CellAt<'m>],
    limit: Option<u64>,
    rows: u64,
    last: Vec<Value>,
    more: bool,
}

impl<'a, 'm> Cut<'a, 'm> {
    const fn new(order: &'a [CellAt<'m>], limit: Option<u64>) -> Self {
        Self {
            order,
            limit,
            rows: 0,
            last: Vec::new(),
            more: false,
        }
    }

    /// Whether the row is still in the page.
    fn admits<R: Row>(&mut self, row: &R) -> Result<bool> {
        if self.limit == Some(self.rows) {
            self.more = true;
            return Ok(false);
        }
        self.rows += 1;
        if self.limit == Some(self.rows) {
            let value = |at: &CellAt<'_>| row.cell(at.position, at.kind, |cell| cell.value());
            self.last = self.order.iter().map(value).collect::<Result<_>>()?;
        }
        Ok(true)
    }

    fn end(self) -> PageEnd {
        PageEnd {
            rows: self.rows,
            next: self.more.then_some(self.last),
        }
    }
}

/// Writes rows without expansions.
struct DirectSink<'a, 'd, 'm, 'p, D> {
    tree: &'a Tree<'m, 'p>,
    cut: Cut<'a, 'm>,
    out: &'a mut Vec<u8>,
    emit: &'a mut Emit<'d, D>,
}

impl<D: Drain> RowSink for DirectSink<'_, '_, '_, '_, D> {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        if !self.cut.admits(row)? {
            return Ok(Flow::Stop);
        }
        self.emit.begin(self.out);
        let start = self.out.len();
        self.tree.program.write(row, self.out, &mut Vec::new())?;
        self.tree.close(self.out, start);
        self.emit.end(self.out, start, Uuid::nil())
    }
}

/// Collects rows whose expansions are read afterwards.
struct ChunkSink<'a, 'm, 'p> {
    tree: &'a Tree<'m, 'p>,
    cut: Cut<'a, 'm>,
    level: Level,
}

impl RowSink for ChunkSink<'_, '_, '_> {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        if !self.cut.admits(row)? {
            return Ok(Flow::Stop);
        }
        self.tree.push(row, Uuid::nil(), &mut self.level)?;
        Ok(Flow::More)
    }
}

/// Starts a page of JSON: everything before its first row.
pub fn page_start(
    out: &mut Vec<u8>,
    context: Option<&str>,
    count: Option<u64>,
    ieee754: bool,
    control: Control,
) {
    let start = out.len();
    if let Some(context) = context {
        member_lead(out, &control.name("context"), None);
        json_string(out, context);
    }
    if let Some(count) = count {
        // A count is an `Edm.Int64`: a string under `IEEE754Compatible`.
        let quote: &[u8] = if ieee754 { b"\"" } else { b"" };
        member_lead(out, &control.name("count"), None);
        out.extend_from_slice(quote);
        scalar::count(out, count);
        out.extend_from_slice(quote);
    }
    out.extend_from_slice(b",\"value\":[");
    if let Some(comma) = out.get_mut(start) {
        *comma = b'{';
    }
}

/// Where a page leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageLink {
    /// The next page.
    Next(String),
    /// What changes from now on.
    Delta(String),
}

/// Ends a page of JSON.
pub fn page_end(out: &mut Vec<u8>, link: Option<&PageLink>, control: Control) {
    out.push(b']');
    let link = link.map(|link| match link {
        PageLink::Next(link) => ("nextLink", link),
        PageLink::Delta(link) => ("deltaLink", link),
    });
    if let Some((name, link)) = link {
        member_lead(out, &control.name(name), None);
        json_string(out, link);
    }
    out.push(b'}');
}

/// Starts a table: its heading, without the end of the line.
///
/// Refuses rows that are no table with [`Code::NotSupported`].
pub fn table_heading(model: &Model, shape: &Shape, out: &mut Vec<u8>) -> Result<()> {
    super::csv::heading(out, &super::csv::columns(model, shape)?);
    Ok(())
}

/// A problem of the service itself: the query gave what its shape does not allow.
pub(super) fn fault(message: &str) -> Problem {
    Problem::new(Code::Internal, message)
}
