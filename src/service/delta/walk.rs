//! Walks through pages while rows change.
//!
//! A page goes on behind the position of the last row. A row whose order changes while the walk
//! lasts would be met twice, or not at all. So the token knows where in the history the walk is:
//! rows that have moved since it began stand where they stood no more, and those among them that had
//! not been met yet are told at once. A walk that ends in a delta link leaves out whatever has
//! changed since it began: the delta tells of it.

use std::collections::HashSet;

use uuid::Uuid;

use super::order::Moved;
use super::reach::Reached;
use super::rests::one_of;
use super::states::{self, MOST_MARKS, Stretch};
use super::{History, Reading, Since, gone};
use crate::diag::Result;
use crate::model::{ColumnKind, EntityId, Model, Table};
use crate::plan::{
    Column, LogPlace, OrderKey, Overlay, Predicate, Query, ReadPlan, Slot, Term, Walk,
};
use crate::service::PreparedRead;
use crate::service::events::log::{Log, Rows};
use crate::store::{Overlaid, Reads, Session};
use crate::value::{Timestamp, Value};

/// How a read knows of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::service) enum Trail {
    /// Not at all: nothing can move, or the history does not tell.
    Nothing,
    /// A walk begins; at its end stands a delta link, where that is said.
    Begin(Reading, bool),
    /// A walk goes on.
    On(Reading, Walk),
    /// What has changed since a number is asked for.
    Delta(Reading, Since),
}

impl Trail {
    /// How a read for rows knows of the history. `tracks` says whether a delta link is wanted.
    pub(in crate::service) fn of(
        history: History<'_>,
        plan: &ReadPlan,
        reading: impl FnOnce(bool) -> Reading,
        tracks: bool,
    ) -> Self {
        let Some(page) = &plan.page else {
            return Self::Nothing;
        };
        if let Some(walk) = &page.walk {
            return Self::On(reading(walk.tracked.is_some()), walk.clone());
        }
        if plan.query.after.is_some() {
            return Self::Nothing;
        }
        let tracks = tracks && history.can_track(plan);
        if tracks || history.moves(&plan.query) {
            return Self::Begin(reading(tracks), tracks);
        }
        Self::Nothing
    }

    /// What the token of the next page knows, after a page that was read when `newest` was, with the
    /// marks of the walk.
    pub(in crate::service) fn goes_on(&self, (newest, marks): (i64, Vec<i64>)) -> Option<Walk> {
        match self {
            Self::Nothing | Self::Delta(..) => None,
            Self::Begin(reading, tracks) => Some(Walk {
                began: newest,
                seen: newest,
                tracked: tracks.then_some(reading.imprint),
                salt: reading.salt(),
                marks,
            }),
            Self::On(reading, walk) => Some(Walk {
                began: walk.began,
                seen: newest,
                tracked: walk.tracked,
                salt: reading.salt(),
                marks,
            }),
        }
    }

    /// The delta link at the end of a walk that tracks changes: behind where the walk began, since its
    /// later pages leave out what has changed meanwhile. The link knows the marks of the walk.
    pub(in crate::service) fn end(
        &self,
        read: &PreparedRead,
        request: &str,
        (newest, marks): (i64, Vec<i64>),
    ) -> Result<Option<String>> {
        let (reading, since) = match self {
            Self::Begin(reading, true) => (reading, newest),
            Self::On(reading, walk) if walk.tracked.is_some() => (reading, walk.began),
            Self::Nothing | Self::Begin(_, false) | Self::On(..) | Self::Delta(..) => {
                return Ok(None);
            }
        };
        reading.link(read, request, (since, marks)).map(Some)
    }

    /// Whether a delta link stands at the end.
    pub(in crate::service) const fn tracks(&self) -> bool {
        match self {
            Self::Nothing | Self::Delta(..) => false,
            Self::Begin(_, tracks) => *tracks,
            Self::On(_, walk) => walk.tracked.is_some(),
        }
    }
}

/// A page of a walk: its plan as the history has it.
#[derive(Debug)]
pub(in crate::service) struct Walked {
    /// The plan, where it differs from that of the request.
    pub(in crate::service) plan: Option<ReadPlan>,
    /// Rows that have moved and had not been met: they stand before the others.
    pub(in crate::service) moved: Option<Query>,
    /// The number of the newest changes.
    pub(in crate::service) newest: i64,
    /// The marks of the walk, this page included.
    pub(in crate::service) marks: Vec<i64>,
}

impl Walked {
    /// Looks at the history: in the snapshot that the page is read in.
    ///
    /// # Errors
    ///
    /// `Gone` where a walk that tracks changes cannot go on.
    pub(in crate::service) fn new(
        history: History<'_>,
        on: &mut Session,
        plan: &ReadPlan,
        trail: &Trail,
    ) -> Result<Self> {
        let log = Log::of(history.model)?;
        let newest = log.end(history.model, on)?.number;
        let mut walked = Self {
            plan: None,
            moved: None,
            newest,
            marks: Vec::new(),
        };
        let Trail::On(reading, walk) = trail else {
            return Ok(walked);
        };
        walked.marks.clone_from(&walk.marks);
        if walk.tracked.is_some_and(|rights| rights != reading.imprint) {
            return Err(gone("what you may see has changed since the first page"));
        }
        if newest == walk.began {
            return Ok(walked);
        }
        let began = LogPlace::behind(walk.began);
        let reaches = log.has(history.model, on, began)?;
        match (walk.tracked.is_some(), reaches) {
            (true, false) => return Err(forgotten()),
            (true, true) => walked.leave_changed_out(history, on, plan, (reading.now, walk))?,
            (false, true) => walked.follow_moved(history, on, plan, (reading.now, walk))?,
            // Without the history a page is what it would be without it.
            (false, false) => {}
        }
        Ok(walked)
    }

    /// Leaves out what the delta link will tell. A row that something else leads to, and that was
    /// there when the walk began as it is now, is not told by it: it stays.
    ///
    /// A row that is to come and is not now as it was may be so again when the link is followed. It
    /// would not be told then: so the number of such a page is marked.
    fn leave_changed_out(
        &mut self,
        history: History<'_>,
        on: &mut Session,
        plan: &ReadPlan,
        (now, walk): (Timestamp, &Walk),
    ) -> Result<()> {
        let stretch = Stretch {
            since: walk.began,
            marks: &walk.marks,
            now,
        };
        let reached = Reached::find(history, &plan.query, stretch, on)?;
        let judged = reached.judge(history, &plan.query, on)?;
        let fresh: Vec<Uuid> = judged.fresh().collect();
        if !fresh.is_empty() {
            self.leave_out(plan, fresh);
        }
        let astray = judged.astray();
        let to_come = ahead(history.model, on, plan, (&reached.states.before, &astray))?;
        let at_marks = judged.astray_at_marks();
        let marks = walk.marks.iter().copied().zip(&at_marks);
        self.marks = states::mark(marks, (self.newest, &astray), &to_come);
        match self.marks.len() > MOST_MARKS {
            true => Err(forgotten()),
            false => Ok(()),
        }
    }

    /// The page without some rows.
    fn leave_out(&mut self, plan: &ReadPlan, ids: Vec<Uuid>) {
        let mut rest = plan.clone();
        rest.query.predicate = rest.query.predicate.and(Predicate::OneOf {
            term: Term::Column(key_of(plan.query.entity)),
            values: ids.into_iter().map(Value::Guid).collect(),
            negated: true,
            or_null: false,
        });
        self.plan = Some(rest);
    }

    /// Leaves out rows that have moved, and puts those among them that had not been met before the
    /// others.
    fn follow_moved(
        &mut self,
        history: History<'_>,
        on: &mut Session,
        plan: &ReadPlan,
        (now, walk): (Timestamp, &Walk),
    ) -> Result<()> {
        let Some(moved) = Moved::find(history, on, plan, (now, walk), self.newest)? else {
            return Ok(());
        };
        self.marks = moved.marks;
        let all: HashSet<Uuid> = moved.before.union(&moved.since).copied().collect();
        if all.is_empty() {
            return Ok(());
        }
        let new = moved.since.difference(&moved.before).copied().collect();
        // Those that stood behind the position when its page was read, whatever they are now.
        let due = ahead(history.model, on, plan, (&moved.seen, &new))?;
        let sorted = |ids: HashSet<Uuid>| {
            let mut ids: Vec<Uuid> = ids.into_iter().collect();
            ids.sort_unstable();
            ids
        };
        self.leave_out(plan, sorted(all));
        if !due.is_empty() {
            let mut moved = plan.query.clone();
            let key = key_of(moved.entity);
            moved.predicate = moved.predicate.and(one_of(key, &sorted(due)));
            moved.after = None;
            moved.take = plan.page.as_ref().and_then(|page| page.remaining);
            self.moved = Some(moved);
        }
        Ok(())
    }
}

/// Which of some rows stood behind the position of a page in some state, whether the query has them or
/// not.
fn ahead(
    model: &Model,
    on: &mut Session,
    plan: &ReadPlan,
    (then, ids): (&Overlay, &HashSet<Uuid>),
) -> Result<HashSet<Uuid>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    let ahead = Query {
        predicate: one_of(key_of(plan.query.entity), &ids),
        take: None,
        ..plan.query.clone()
    };
    let keys = keys(model, &mut Overlaid::new(on, model, then), &ahead)?;
    Ok(keys.into_iter().collect())
}

/// The column of the key of the rows of a query.
pub(super) const fn key_of(entity: EntityId) -> Column {
    Column {
        slot: Slot::BASE,
        table: entity,
        no: Table::KEY,
    }
}

/// The keys of the rows of a query, in no order. Its other columns are read too, where an order
/// names them by their position.
pub(super) fn keys(model: &Model, on: &mut impl Reads, query: &Query) -> Result<Vec<Uuid>> {
    let mut query = query.clone();
    let key = Term::Column(key_of(query.entity));
    // The order says what comes behind a position, and nothing else here.
    let order: Vec<OrderKey> = query.order.iter().enumerate().map(at).collect();
    let terms = order.iter().map(|key| key.term.clone());
    query.columns = std::iter::once(key).chain(terms).collect();
    query.order = order;
    let mut rows = Rows::new(vec![ColumnKind::Key]);
    on.select(model, &query, None, &mut rows)?;
    let keys = rows.found.into_iter().flatten();
    Ok(keys
        .filter_map(|value| match value {
            Value::Guid(id) => Some(id),
            Value::Null
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Text(_)
            | Value::Timestamp(_)
            | Value::Binary(_) => None,
        })
        .collect())
}

fn at((number, key): (usize, &OrderKey)) -> OrderKey {
    OrderKey {
        position: number.saturating_add(1),
        ..key.clone()
    }
}

/// The problem of a walk or delta whose beginning the history does not reach back to.
pub(super) fn forgotten() -> crate::diag::Problem {
    gone("the history does not reach back so far, or too much has changed since")
}
