//! Which rows changes may concern.

use std::collections::HashSet;

use uuid::Uuid;

use super::History;
use super::rests::{Changed, Condition, one_of, touched};
use super::walk::{forgotten, key_of, keys};
use super::window::{Window, overlay};
use crate::diag::Result;
use crate::model::EntityId;
use crate::plan::{Overlay, Predicate, Query};
use crate::store::{Overlaid, Session};
use crate::value::Timestamp;

/// Rows that changes of others may concern at most: more are not worth judging one by one.
const MOST: usize = 100_000;

/// The rows of a query's set that a stretch of the history may concern.
#[derive(Debug)]
pub(super) struct Reached {
    /// All of them, by rising key: there now or before, whether the query has them or not.
    pub(super) all: Vec<Uuid>,
    /// Those that have changed themselves, or of whose aggregates something has.
    pub(super) own: HashSet<Uuid>,
    /// The database as it was.
    pub(super) before: Overlay,
}

impl Reached {
    /// Finds every row that leads to a changed object as things are or as they were.
    ///
    /// What the query asks of a row plays no part here. A row that led to an object before may not have
    /// met the condition then, and meet it now just because it leads there no more: so it is neither
    /// among the rows that lead there now, nor among those that the query had.
    ///
    /// # Errors
    ///
    /// `Gone` where the history lacks something, or there is too much of it.
    pub(super) fn find(
        history: History<'_>,
        query: &Query,
        (since, now): (i64, Timestamp),
        on: &mut Session,
    ) -> Result<Self> {
        let model = history.model;
        let entities = history.concerning(query);
        let window = Window::read(model, on, since, &entities)?.ok_or_else(forgotten)?;
        let changed = window.changed(model);
        let own = own(history, &window, &changed, query.entity);
        let past = window.past(model, on, |_| true)?;
        let before = overlay(model, past.ok_or_else(forgotten)?, now);
        let mut all = own.clone();
        for part in touched(Condition::from(query), &changed) {
            let leading = Query {
                take: u64::try_from(MOST).ok().map(|most| most.saturating_add(1)),
                ..whole(query, part)
            };
            history.costs.check_query(model, on, &leading)?;
            all.extend(keys(model, on, &leading)?);
            let mut then = Overlaid::new(on, model, &before);
            all.extend(keys(model, &mut then, &leading)?);
            if all.len() > MOST {
                return Err(forgotten());
            }
        }
        let mut all: Vec<Uuid> = all.into_iter().collect();
        all.sort_unstable();
        Ok(Self { all, own, before })
    }

    /// Judges them by what the query asks, now and before.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub(super) fn judge(
        &self,
        history: History<'_>,
        query: &Query,
        on: &mut Session,
    ) -> Result<Judged<'_>> {
        let mut judged = Judged {
            own: &self.own,
            is: HashSet::new(),
            was: HashSet::new(),
        };
        if self.all.is_empty() {
            return Ok(judged);
        }
        let model = history.model;
        let among = one_of(key_of(query.entity), &self.all);
        let rows = whole(query, query.predicate.clone().and(among));
        history.costs.check_query(model, on, &rows)?;
        judged.is.extend(keys(model, on, &rows)?);
        let mut then = Overlaid::new(on, model, &self.before);
        judged.was.extend(keys(model, &mut then, &rows)?);
        Ok(judged)
    }
}

/// Which of the reached rows the query has and had.
#[derive(Debug)]
pub(super) struct Judged<'r> {
    own: &'r HashSet<Uuid>,
    /// Those that it has.
    pub(super) is: HashSet<Uuid>,
    /// Those that it had.
    pub(super) was: HashSet<Uuid>,
}

impl Judged<'_> {
    /// Those that it has, and that have changed themselves or are new to it: of these a delta tells,
    /// whatever they look like.
    pub(super) fn fresh(&self) -> impl Iterator<Item = Uuid> {
        let is_fresh = |id: &Uuid| self.own.contains(id) || !self.was.contains(id);
        self.is.iter().copied().filter(is_fresh)
    }

    /// Those that it has as it had them.
    pub(super) fn stayed(&self) -> impl Iterator<Item = Uuid> {
        let stayed = self.is.intersection(&self.was).copied();
        stayed.filter(|id| !self.own.contains(id))
    }
}

/// The rows of a query with another condition, whatever its page.
fn whole(query: &Query, predicate: Predicate) -> Query {
    Query {
        predicate,
        order: Vec::new(),
        after: None,
        skip: 0,
        take: None,
        ..query.clone()
    }
}

/// The changed rows of an entity, and those of whose aggregates something has changed, or from whose
/// aggregates something has moved away: it has raised their version.
fn own(
    history: History<'_>,
    window: &Window,
    changed: &Changed,
    entity: EntityId,
) -> HashSet<Uuid> {
    let model = history.model;
    let rows = changed.get(&entity).into_iter().flatten().copied();
    let mut own: HashSet<Uuid> = rows.collect();
    let is_part = |entity_of| model.is_a(model.entity(entity_of).root, entity);
    let raised = window.0.iter().filter(|change| is_part(change.entity));
    own.extend(raised.flat_map(|change| change.root.into_iter().chain(change.left)));
    own
}
