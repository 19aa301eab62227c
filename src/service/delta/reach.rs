//! Which rows changes may concern.

use std::collections::HashSet;

use uuid::Uuid;

use super::History;
use super::rests::{Changed, column, one_of};
use super::states::{Looks, Rows, States, Stretch};
use super::walk::{forgotten, key_of};
use super::window::Window;
use crate::diag::Result;
use crate::model::EntityId;
use crate::plan::{Query, Slot, Term};
use crate::store::Session;

/// The rows of a query's set that a stretch of the history may concern.
#[derive(Debug)]
pub(super) struct Reached {
    /// All of them, by rising key: there now or before, whether the query has them or not.
    all: Vec<Uuid>,
    /// Those that have changed themselves, or of whose aggregates something has.
    own: HashSet<Uuid>,
    /// The database as it was.
    pub(super) states: States,
}

impl Reached {
    /// Finds every row that leads to a changed object as things are or as they were.
    ///
    /// # Errors
    ///
    /// `Gone` where the history lacks something, or there is too much of it.
    pub(super) fn find(
        history: History<'_>,
        query: &Query,
        stretch: Stretch<'_>,
        on: &mut Session,
    ) -> Result<Self> {
        let model = history.model;
        let entities = history.concerning(query);
        let window = Window::read(model, on, stretch.since, &entities)?.ok_or_else(forgotten)?;
        let changed = window.changed(model);
        let own = own(history, &window, &changed, query.entity);
        let states = States::read(model, &window, stretch, on)?.ok_or_else(forgotten)?;
        let leading = states.leading(history, query, &changed, on)?;
        let all: HashSet<Uuid> = leading
            .ok_or_else(forgotten)?
            .union(&own)
            .copied()
            .collect();
        let mut all: Vec<Uuid> = all.into_iter().collect();
        all.sort_unstable();
        Ok(Self { all, own, states })
    }

    /// Judges them by what the query asks and shows, now and before.
    ///
    /// What a row shows of other objects counts: what is made of them, and references to objects that
    /// have been hidden or shown.
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
        let own = &self.own;
        if self.all.is_empty() {
            let looks = Looks::default();
            return Ok(Judged { own, looks });
        }
        let key = key_of(query.entity);
        let columns = query.columns.iter().filter_map(column);
        let others = columns
            .filter(|column| column.slot != Slot::BASE && !history.is_written_beside(*column));
        let columns = std::iter::once(key).chain(others).map(Term::Column);
        let rows = Query {
            predicate: query.predicate.clone().and(one_of(key, &self.all)),
            columns: columns.collect(),
            order: Vec::new(),
            after: None,
            skip: 0,
            take: None,
            ..query.clone()
        };
        let looks = self.states.looks(history, &rows, on)?;
        Ok(Judged { own, looks })
    }
}

/// Which of the reached rows the query has and had, and what they look like.
#[derive(Debug)]
pub(super) struct Judged<'r> {
    own: &'r HashSet<Uuid>,
    looks: Looks,
}

impl Judged<'_> {
    /// Those that it has, and that have changed themselves, are new to it or look otherwise.
    pub(super) fn fresh(&self) -> impl Iterator<Item = Uuid> {
        let Looks { now, before, .. } = &self.looks;
        let is_fresh = |id: &Uuid| self.own.contains(id) || now.get(id) != before.get(id);
        now.keys().copied().filter(is_fresh)
    }

    /// Those that it had and has no more.
    pub(super) fn removed(&self) -> impl Iterator<Item = Uuid> {
        let Looks { now, before, .. } = &self.looks;
        before.keys().copied().filter(|id| !now.contains_key(id))
    }

    /// Those that it has, and that a page read at any of the marks did not have as they were before.
    pub(super) fn marked(&self) -> impl Iterator<Item = Uuid> {
        let strayed = self.looks.marks.iter().flat_map(|then| self.strayed(then));
        strayed.filter(|id| self.looks.now.contains_key(id))
    }

    /// Those that it had, and that were not so at some other time, though they have not changed
    /// themselves.
    fn strayed(&self, then: &Rows) -> impl Iterator<Item = Uuid> {
        let before = self.looks.before.iter();
        let strayed = before.filter(|(id, look)| then.get(id) != Some(*look));
        let strayed = strayed.map(|(id, _)| *id);
        strayed.filter(|id| !self.own.contains(id))
    }

    /// Those that are not so now.
    pub(super) fn astray(&self) -> HashSet<Uuid> {
        self.strayed(&self.looks.now).collect()
    }

    /// Those that were not so at each of the marks.
    pub(super) fn astray_at_marks(&self) -> Vec<HashSet<Uuid>> {
        let marks = self.looks.marks.iter();
        marks.map(|then| self.strayed(then).collect()).collect()
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
