//! Walks through pages while rows change.
//!
//! A page goes on behind the position of the last row. A row whose order changes while the walk
//! lasts would be met twice, or not at all. So the token knows where in the history the walk is:
//! rows that have moved since it began stand where they stood no more, and those among them that had
//! not been met yet are told at once. A walk that ends in a delta link leaves out whatever has
//! changed since it began: the delta tells of it.

use std::collections::HashSet;

use uuid::Uuid;

use super::reach::Reached;
use super::rests::one_of;
use super::window::{Window, overlay};
use super::{Concerning, History, Reading, Since, gone};
use crate::change::Kept;
use crate::diag::Result;
use crate::model::{ColumnKind, EntityId, Model, Table};
use crate::plan::{Column, LogPlace, OrderKey, Predicate, Query, ReadPlan, Slot, Term, Walk};
use crate::service::PreparedRead;
use crate::service::events::log::{Log, Rows};
use crate::store::{Overlaid, Reads, Session};
use crate::value::{Timestamp, Value};

/// How a read knows of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        if let Some(walk) = page.walk {
            return Self::On(reading(walk.tracked.is_some()), walk);
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

    /// What the token of the next page knows, after a page that was read when `newest` was.
    pub(in crate::service) fn goes_on(self, newest: i64) -> Option<Walk> {
        match self {
            Self::Nothing | Self::Delta(..) => None,
            Self::Begin(reading, tracks) => Some(Walk {
                began: newest,
                seen: newest,
                tracked: tracks.then_some(reading.imprint),
                salt: reading.salt(),
            }),
            Self::On(reading, walk) => Some(Walk {
                seen: newest,
                salt: reading.salt(),
                ..walk
            }),
        }
    }

    /// The delta link at the end of a walk that tracks changes: behind where the walk began, since its
    /// later pages leave out what has changed meanwhile.
    pub(in crate::service) fn end(
        self,
        read: &PreparedRead,
        request: &str,
        newest: i64,
    ) -> Result<Option<String>> {
        let (reading, since) = match self {
            Self::Begin(reading, true) => (reading, newest),
            Self::On(reading, walk) if walk.tracked.is_some() => (reading, walk.began),
            Self::Nothing | Self::Begin(_, false) | Self::On(..) | Self::Delta(..) => {
                return Ok(None);
            }
        };
        reading.link(read, request, since).map(Some)
    }

    /// Whether a delta link stands at the end.
    pub(in crate::service) const fn tracks(self) -> bool {
        match self {
            Self::Nothing | Self::Delta(..) => false,
            Self::Begin(_, tracks) => tracks,
            Self::On(_, walk) => walk.tracked.is_some(),
        }
    }
}

impl History<'_> {
    /// Whether rows of a query can move in its order, and the history tells of it.
    fn moves(self, query: &Query) -> bool {
        // What the condition rests on does not matter: which rows have moved, and where they stood,
        // is asked of their order alone.
        let is_told =
            || query.over.is_none() && self.has_values(query.entity) && Log::of(self.model).is_ok();
        !self.movers(query).is_empty() && is_told()
    }

    /// The names of the attributes of the rows themselves that an order is by and that changes of the
    /// rows can change.
    fn movers(self, query: &Query) -> Vec<String> {
        let of = self.model.entity(query.entity);
        let keys = query.order.iter();
        let columns = keys.filter_map(|key| super::rests::column(&key.term));
        let own = columns.filter(|column| self.model.is_a(query.entity, column.table));
        let named = own.filter_map(|column| {
            let mut attributes = of.attribute_ids();
            let found = attributes.find(|(id, _)| {
                let stored = of.stored(*id).filter(|stored| stored.table == column.table);
                stored.is_some_and(|s| s.column == column.no || s.shadow == Some(column.no))
            });
            let (id, attribute) = found?;
            (id != of.key() && !attribute.is_made()).then(|| attribute.name.clone())
        });
        named.collect()
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
        trail: Trail,
    ) -> Result<Self> {
        let log = Log::of(history.model)?;
        let newest = log.end(history.model, on)?.number;
        let mut walked = Self {
            plan: None,
            moved: None,
            newest,
        };
        let Trail::On(reading, walk) = trail else {
            return Ok(walked);
        };
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
    fn leave_changed_out(
        &mut self,
        history: History<'_>,
        on: &mut Session,
        plan: &ReadPlan,
        (now, walk): (Timestamp, Walk),
    ) -> Result<()> {
        let reached = Reached::find(history, &plan.query, (walk.began, now), on)?;
        let judged = reached.judge(history, &plan.query, on)?;
        let fresh: Vec<Uuid> = judged.fresh().collect();
        if !fresh.is_empty() {
            self.leave_out(plan, fresh);
        }
        Ok(())
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

    fn follow_moved(
        &mut self,
        history: History<'_>,
        on: &mut Session,
        plan: &ReadPlan,
        (now, walk): (Timestamp, Walk),
    ) -> Result<()> {
        let (model, entity) = (history.model, plan.query.entity);
        let kin = Concerning {
            rested: history.kin(entity).collect(),
            members: Vec::new(),
        };
        let names = history.movers(&plan.query);
        let Some(window) = Window::read(model, on, walk.began, &kin)? else {
            return Ok(());
        };
        let (before, since) = window.moved(&names, walk.seen);
        let mut all: Vec<Uuid> = before.iter().chain(&since).copied().collect();
        all.sort_unstable();
        all.dedup();
        if all.is_empty() {
            return Ok(());
        }
        let new: Vec<Uuid> = since
            .into_iter()
            .filter(|id| !before.contains(id))
            .collect();
        let past = window.past(model, on, |change| {
            change.number > walk.seen && new.contains(&change.id)
        })?;
        let Some(past) = past else {
            return Ok(());
        };
        let key = key_of(entity);
        let overlay = overlay(model, past, now);
        // Those that stood behind the position when its page was read, whatever they are now.
        let ahead = Query {
            predicate: one_of(key, &new),
            take: None,
            ..plan.query.clone()
        };
        let due = match new.is_empty() {
            true => Vec::new(),
            false => keys(model, &mut Overlaid::new(on, model, &overlay), &ahead)?,
        };
        self.leave_out(plan, all);
        if !due.is_empty() {
            let mut moved = plan.query.clone();
            moved.predicate = moved.predicate.and(one_of(key, &due));
            moved.after = None;
            moved.take = plan.page.as_ref().and_then(|page| page.remaining);
            self.moved = Some(moved);
        }
        Ok(())
    }
}

impl Window {
    /// The objects that changes of some attributes have moved, and those that were deleted and made
    /// anew: those up to a number, and those behind it.
    fn moved(&self, names: &[String], seen: i64) -> (Vec<Uuid>, Vec<Uuid>) {
        let (mut deleted, mut again) = (HashSet::new(), HashSet::new());
        for change in &self.0 {
            match &change.kept {
                Some(Kept::Deleted(_)) => drop(deleted.insert(change.id)),
                Some(Kept::Created) if deleted.contains(&change.id) => {
                    again.insert(change.id);
                }
                Some(Kept::Created | Kept::Changed(_)) | None => {}
            }
        }
        let moved = self.0.iter().filter(|change| match &change.kept {
            Some(Kept::Changed(old)) => names.iter().any(|name| old.contains_key(name)),
            Some(Kept::Deleted(_)) => again.contains(&change.id),
            Some(Kept::Created) | None => false,
        });
        let (before, since): (Vec<_>, Vec<_>) = moved.partition(|change| change.number <= seen);
        let ids = |changes: Vec<&super::window::Change>| {
            let mut ids: Vec<Uuid> = changes.into_iter().map(|change| change.id).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        (ids(before), ids(since))
    }
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
