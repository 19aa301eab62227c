//! Programs of a query and of everything that it expands, and the stitching of their rows.
//!
//! Rows with expansions are encoded with holes. When a level is complete, one query per expansion
//! reads what belongs into the holes of all its rows; then the level is copied together.

use uuid::Uuid;

use crate::diag::Result;
use crate::model::{Model, Table};
use crate::plan::{Column, Expand, ExpandBody, Link, Member, Query, Restriction, Shape, Slot};
use crate::store::{Flow, Row, RowSink};

use super::cell::{CellAt, cell_at};
use super::children::{ChildRows, Children};
use super::csv;
use super::groups;
use super::program::{Program, member_lead};
use super::row::{self, Hole, close_object};
use super::scalar;
use super::style::{Notation, Style};

/// Runs queries: a database session, whichever it is.
pub trait Source {
    /// Feeds the rows of a query to `sink`.
    fn select<S: RowSink>(
        &mut self,
        query: &Query,
        restriction: Option<Restriction<'_>>,
        sink: &mut S,
    ) -> Result<()>;

    /// How many rows of the query each of the restriction's guids has; guids without rows may be
    /// missing.
    fn count_per_parent(
        &mut self,
        query: &Query,
        restriction: Restriction<'_>,
    ) -> Result<Vec<(Uuid, u64)>>;
}

/// The programs of a query and of its expansions.
#[derive(Debug)]
pub(super) struct Tree<'m, 'p> {
    pub(super) program: Program<'m>,
    pub(super) branches: Vec<Branch<'m, 'p>>,
}

/// An expansion.
#[derive(Debug)]
pub(super) struct Branch<'m, 'p> {
    expand: &'p Expand,
    tree: Tree<'m, 'p>,
    /// Where a child's row holds the guid that its parent's hole has.
    parent: CellAt<'m>,
    /// The column that the guids of the holes restrict.
    column: Column,
    /// `,"Name":`
    lead: Vec<u8>,
    /// `,"Name@odata.count":`
    count_lead: Vec<u8>,
    /// Cells of a row, for tables.
    width: usize,
    /// Whether counts are JSON strings.
    quoted_counts: bool,
    skip_nulls: bool,
    notation: Notation,
}

/// Encoded rows of one level, with holes.
#[derive(Debug, Default)]
pub(super) struct Level {
    bytes: Vec<u8>,
    /// As many per row as the tree has branches, in their order.
    holes: Vec<Hole>,
    rows: Vec<RowEnd>,
}

impl Level {
    /// A level with room for this many bytes of rows.
    pub(super) fn with_room(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// Bytes of all rows, without what goes into their holes.
    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// Where a row of a level ends.
#[derive(Debug)]
struct RowEnd {
    parent: Uuid,
    byte: usize,
}

/// What happens around each finished row.
pub(super) trait RowHook {
    /// Before the row.
    fn begin(&mut self, out: &mut Vec<u8>);
    /// After it: where it starts in the buffer, which may be taken from now, and its parent.
    fn end(&mut self, out: &mut Vec<u8>, start: usize, parent: Uuid) -> Result<Flow>;
}

impl<'m, 'p> Tree<'m, 'p> {
    /// Compiles a query's shape and everything below it.
    pub(super) fn new(
        model: &'m Model,
        query: &Query,
        shape: &'p Shape,
        style: &Style,
    ) -> Result<Self> {
        let mut expands = Vec::with_capacity(shape.expands.len());
        match &shape.groups {
            Some(groups) => expands.extend(groups::expanded(groups, &shape.expands)),
            None => expanded(shape, &shape.members, &mut expands),
        }
        let branches = expands.into_iter();
        let branches = branches.map(|expand| Branch::new(model, expand, style));
        Ok(Self {
            program: Program::entities(model, query, shape, style)?,
            branches: branches.collect::<Result<_>>()?,
        })
    }

    /// The tree of addresses.
    pub(super) fn links(
        model: &'m Model,
        query: &Query,
        shape: &Shape,
        style: &Style,
    ) -> Result<Self> {
        Ok(Self {
            program: Program::links(model, query, shape, style)?,
            branches: Vec::new(),
        })
    }

    /// Appends a row to a level.
    pub(super) fn push<R: Row>(&self, row: &R, parent: Uuid, level: &mut Level) -> Result<()> {
        self.program
            .write(row, &mut level.bytes, &mut level.holes)?;
        level.rows.push(RowEnd {
            parent,
            byte: level.bytes.len(),
        });
        Ok(())
    }

    /// Reads what belongs into the holes of a level, and copies it together row by row.
    pub(super) fn stitch<S: Source>(
        &self,
        source: &mut S,
        level: &Level,
        out: &mut Vec<u8>,
        hook: &mut impl RowHook,
    ) -> Result<Flow> {
        let children = self.children(source, level)?;
        let mut holes = level.holes.iter();
        let mut copied = 0;
        for row in &level.rows {
            hook.begin(out);
            let start = out.len();
            let mut opening = None;
            let here = self.branches.iter().zip(&children).zip(holes.by_ref());
            for ((branch, children), hole) in here {
                out.extend_from_slice(level.bytes.get(copied..hole.at).unwrap_or_default());
                copied = hole.at;
                open(out, &mut opening);
                if hole.opens {
                    opening = Some(out.len());
                }
                branch.fill(children, *hole, out);
                open(out, &mut opening);
            }
            out.extend_from_slice(level.bytes.get(copied..row.byte).unwrap_or_default());
            open(out, &mut opening);
            copied = row.byte;
            self.close(out, start);
            if hook.end(out, start, row.parent)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::More)
    }

    /// Ends a row whose members start at `start`.
    pub(super) fn close(&self, out: &mut Vec<u8>, start: usize) {
        match self.program.notation {
            Notation::Json => close_object(out, start),
            // A row keeps its first comma: where it is a line, the comma makes room for its end.
            Notation::Csv(_) => {}
        }
    }

    /// One query per expansion, for all rows of the level.
    fn children<S: Source>(&self, source: &mut S, level: &Level) -> Result<Vec<Children>> {
        let width = self.branches.len();
        let of = |(number, branch): (usize, &Branch<'m, 'p>)| {
            let holes = level.holes.iter().skip(number).step_by(width);
            let mut parents: Vec<Uuid> = holes.filter_map(|hole| hole.guid).collect();
            parents.sort_unstable();
            parents.dedup();
            branch.read(source, &parents)
        };
        self.branches.iter().enumerate().map(of).collect()
    }
}

impl<'m, 'p> Branch<'m, 'p> {
    fn new(model: &'m Model, expand: &'p Expand, style: &Style) -> Result<Self> {
        let tree = match expand.body {
            ExpandBody::Entities => Tree::new(model, &expand.query, &expand.shape, style)?,
            ExpandBody::Links | ExpandBody::Count => {
                Tree::links(model, &expand.query, &expand.shape, style)?
            }
        };
        let (parent, column) = match expand.link {
            Link::Reference { .. } => (
                cell_at(model, &expand.query, expand.shape.key)?,
                Column {
                    slot: Slot::BASE,
                    table: expand.query.entity,
                    no: Table::KEY,
                },
            ),
            Link::Collection { column, position } => {
                (cell_at(model, &expand.query, position)?, column)
            }
        };
        let width = match (style.notation, expand.body) {
            (Notation::Json, _) => 0,
            (Notation::Csv(_), ExpandBody::Links | ExpandBody::Count) => 1,
            (Notation::Csv(_), ExpandBody::Entities) => csv::columns(model, &expand.shape)?.len(),
        };
        let (mut lead, mut count_lead) = (Vec::new(), Vec::new());
        match style.notation {
            Notation::Csv(_) => count_lead.push(b','),
            Notation::Json => {
                member_lead(&mut lead, &expand.name, None);
                member_lead(
                    &mut count_lead,
                    &format!("{}{}", expand.name, style.control.name("count")),
                    None,
                );
            }
        }
        Ok(Self {
            expand,
            tree,
            parent,
            column,
            lead,
            count_lead,
            width,
            quoted_counts: style.ieee754 && style.notation == Notation::Json,
            skip_nulls: style.skip_nulls,
            notation: style.notation,
        })
    }

    /// Whether the number of rows is asked for.
    fn counts(&self) -> bool {
        match self.expand.body {
            ExpandBody::Count => true,
            ExpandBody::Entities | ExpandBody::Links => {
                self.expand.count && self.notation == Notation::Json
            }
        }
    }

    /// Whether the property has one value at most.
    fn single(&self) -> bool {
        match self.expand.link {
            Link::Reference { .. } => true,
            Link::Collection { .. } => false,
        }
    }

    /// Reads the rows of all parents, and what they expand themselves.
    fn read<S: Source>(&self, source: &mut S, parents: &[Uuid]) -> Result<Children> {
        let mut children = Children::default();
        if parents.is_empty() {
            return Ok(children);
        }
        let query = &self.expand.query;
        let restriction = Restriction {
            column: self.column,
            among: parents,
            per_parent: !self.single() && (query.take.is_some() || query.skip > 0),
        };
        if self.counts() {
            children.counts = source.count_per_parent(query, restriction)?;
            children.counts.sort_unstable();
        }
        // Rows that nobody will see are not read: `/$count`, `$top=0`.
        if self.expand.body == ExpandBody::Count || query.take == Some(0) {
            return Ok(children);
        }
        let mut sink = LevelSink {
            branch: self,
            level: Level::default(),
        };
        source.select(query, Some(restriction), &mut sink)?;
        let mut rows = ChildRows(Vec::with_capacity(sink.level.rows.len()));
        self.tree
            .stitch(source, &sink.level, &mut children.bytes, &mut rows)?;
        children.rows = rows.0;
        children.rows.sort_by_key(|child| child.parent);
        Ok(children)
    }

    /// Appends the member of one row: its control information, name and value.
    fn fill(&self, children: &Children, hole: Hole, out: &mut Vec<u8>) {
        let Hole { guid, there, .. } = hole;
        if !there {
            return;
        }
        if self.counts() {
            out.extend_from_slice(&self.count_lead);
            let quote: &[u8] = if self.quoted_counts { b"\"" } else { b"" };
            out.extend_from_slice(quote);
            // Only rows of other types have nobody whose children could be counted.
            if let Some(guid) = guid {
                scalar::count(out, children.count(guid));
            }
            out.extend_from_slice(quote);
        }
        if self.expand.body == ExpandBody::Count {
            return;
        }
        let rows = guid.map_or(&[][..], |guid| children.of(guid));
        let texts = rows
            .iter()
            .filter_map(|child| children.bytes.get(child.start..child.end));
        match self.notation {
            Notation::Csv(_) => self.fill_cells(texts, out),
            Notation::Json if self.single() => self.fill_single(texts, out),
            Notation::Json => self.fill_array(texts, out),
        }
    }

    fn fill_array<'a>(&self, texts: impl Iterator<Item = &'a [u8]>, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.lead);
        out.push(b'[');
        for (number, text) in texts.enumerate() {
            if number > 0 {
                out.push(b',');
            }
            out.extend_from_slice(text);
        }
        out.push(b']');
    }

    fn fill_single<'a>(&self, mut texts: impl Iterator<Item = &'a [u8]>, out: &mut Vec<u8>) {
        match texts.next() {
            None if self.skip_nulls => {}
            text => {
                out.extend_from_slice(&self.lead);
                out.extend_from_slice(text.unwrap_or(b"null"));
            }
        }
    }

    fn fill_cells<'a>(&self, mut texts: impl Iterator<Item = &'a [u8]>, out: &mut Vec<u8>) {
        match texts.next() {
            Some(text) => out.extend_from_slice(text),
            None => out.extend(std::iter::repeat_n(b',', self.width)),
        }
    }
}

/// Starts the object whose members begin at `opening`, once its first byte is known: the comma of
/// its first member, or what stands behind an object without members.
fn open(out: &mut Vec<u8>, opening: &mut Option<usize>) {
    let Some(at) = *opening else { return };
    match out.get_mut(at) {
        Some(first) if *first == b',' => *first = b'{',
        Some(_) => out.insert(at, b'{'),
        None => return,
    }
    *opening = None;
}

/// What the members of a shape expand, in the order of its programs.
fn expanded<'p>(shape: &'p Shape, members: &[Member], found: &mut Vec<&'p Expand>) {
    for member in members {
        match member {
            Member::Expanded(number) => found.extend(shape.expands.get(*number)),
            Member::OfType { members, .. } => expanded(shape, members, found),
            Member::Attribute { .. }
            | Member::Custom { .. }
            | Member::CustomPart { .. }
            | Member::Reference { .. }
            | Member::DisplayText(_)
            | Member::Computed(_) => {}
        }
    }
}

/// Collects the children of a level.
struct LevelSink<'a, 'm, 'p> {
    branch: &'a Branch<'m, 'p>,
    level: Level,
}

impl RowSink for LevelSink<'_, '_, '_> {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let parent = row::key(row, self.branch.parent)?;
        self.branch.tree.push(row, parent, &mut self.level)?;
        Ok(Flow::More)
    }
}
