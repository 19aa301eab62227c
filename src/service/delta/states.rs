//! The database as it was at places of the history, and what rows looked like there.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::History;
use super::rests::{Changed, Condition, column, touched};
use super::walk::keys;
use super::window::{Window, overlay};
use crate::diag::Result;
use crate::model::Model;
use crate::plan::{Overlay, Query};
use crate::service::events::log;
use crate::store::{Overlaid, Reads, Session};
use crate::value::{Timestamp, Value};

/// Rows that changes of others may concern at most: more are not worth judging one by one.
const MOST: usize = 100_000;

/// Marks of a walk at most: each is one more state to look at.
pub(super) const MOST_MARKS: usize = 16;

/// A stretch of the history, from a number to now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch<'m> {
    /// The number that it begins behind.
    pub(super) since: i64,
    /// Numbers in it at which pages were read that had rows otherwise than at its beginning.
    pub(super) marks: &'m [i64],
    /// The time of the request.
    pub(super) now: Timestamp,
}

/// The database as it was.
#[derive(Debug)]
pub(super) struct States {
    /// Where the stretch begins.
    pub(super) before: Overlay,
    /// At each of its marks.
    marks: Vec<Overlay>,
}

impl States {
    /// Undoes a stretch of the history. Nothing where that has a gap.
    pub(super) fn read(
        model: &Model,
        window: &Window,
        stretch: Stretch<'_>,
        on: &mut impl Reads,
    ) -> Result<Option<Self>> {
        let mut at = |number: i64| {
            let past = window.past(model, on, |change| change.number > number)?;
            Ok(past.map(|past| overlay(model, past, stretch.now)))
        };
        let before = at(stretch.since)?;
        let marks = stretch.marks.iter().map(|mark| at(*mark));
        let marks = marks.collect::<Result<Option<Vec<_>>>>()?;
        let both = before.zip(marks);
        Ok(both.map(|(before, marks)| Self { before, marks }))
    }

    fn all(&self) -> impl Iterator<Item = &Overlay> {
        std::iter::once(&self.before).chain(&self.marks)
    }

    /// The rows that lead to a changed one, now or in any state. Nothing where there are too many.
    ///
    /// What the query asks of a row plays no part here. A row that led to an object before may not have
    /// met the condition then, and meet it now just because it leads there no more: so it is neither
    /// among the rows that lead there now, nor among those that the query had.
    pub(super) fn leading(
        &self,
        history: History<'_>,
        query: &Query,
        changed: &Changed,
        on: &mut Session,
    ) -> Result<Option<HashSet<Uuid>>> {
        let model = history.model;
        let mut all = HashSet::new();
        for predicate in touched(Condition::from(query), changed) {
            let leading = Query {
                predicate,
                order: Vec::new(),
                after: None,
                skip: 0,
                take: u64::try_from(MOST).ok().map(|most| most.saturating_add(1)),
                ..query.clone()
            };
            history.costs.check_query(model, on, &leading)?;
            all.extend(keys(model, on, &leading)?);
            for then in self.all() {
                all.extend(keys(model, &mut Overlaid::new(on, model, then), &leading)?);
            }
            if all.len() > MOST {
                return Ok(None);
            }
        }
        Ok(Some(all))
    }

    /// What the rows of a query, of its key and other columns, look like now and looked like in each
    /// state.
    pub(super) fn looks(
        &self,
        history: History<'_>,
        query: &Query,
        on: &mut Session,
    ) -> Result<Looks> {
        let model = history.model;
        history.costs.check_query(model, on, query)?;
        let now = look(model, on, query)?;
        let mut at = |then: &Overlay| look(model, &mut Overlaid::new(on, model, then), query);
        let before = at(&self.before)?;
        let marks = self.marks.iter().map(at).collect::<Result<_>>()?;
        Ok(Looks { now, before, marks })
    }
}

/// Rows by their key, which is the first of their columns.
pub(super) type Rows = HashMap<Uuid, Vec<Value>>;

/// What rows look like and looked like.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// As they are.
    pub(super) now: Rows,
    /// As they were where the stretch begins.
    pub(super) before: Rows,
    /// As they were at each of its marks.
    pub(super) marks: Vec<Rows>,
}

/// The rows of a query of columns alone.
fn look(model: &Model, on: &mut impl Reads, query: &Query) -> Result<Rows> {
    let columns = query.columns.iter().filter_map(column);
    let kinds = columns.map(|column| model.table(column.table).column(column.no).kind.clone());
    let mut rows = log::Rows::new(kinds.collect());
    on.select(model, query, None, &mut rows)?;
    let keyed = rows.found.into_iter().filter_map(|row| {
        let Some(Value::Guid(id)) = row.first() else {
            return None;
        };
        Some((*id, row))
    });
    Ok(keyed.collect())
}

/// The marks of a walk behind a page: as few numbers as have all the `rows` that any page had
/// otherwise than they were when the walk began. `needed` are those of the page, read at the number
/// `newest`, that have to be had from now on.
pub(super) fn mark<'r>(
    marks: impl Iterator<Item = (i64, &'r HashSet<Uuid>)>,
    (newest, rows): (i64, &HashSet<Uuid>),
    needed: &HashSet<Uuid>,
) -> Vec<i64> {
    let (replaced, kept): (Vec<_>, Vec<_>) = marks.partition(|(_, had)| had.is_subset(rows));
    let is_had = |id: &Uuid| kept.iter().any(|(_, had)| had.contains(id));
    let mut replaced = replaced.iter().filter(|(_, had)| !had.is_empty());
    let is_new = replaced.next().is_some() || !needed.iter().all(is_had);
    let mut marks: Vec<i64> = kept.iter().map(|(mark, _)| *mark).collect();
    marks.extend(is_new.then_some(newest));
    marks
}
