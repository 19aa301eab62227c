//! Which rows have moved in the order of a walk.
//!
//! A row moves by its own attributes: the history says so. Or it moves since another object has, whose
//! attributes the order is by, or since it leads to another one, or may not show it any more: then its
//! place is compared with that when the walk began, and when pages were read.

use std::collections::HashSet;

use uuid::Uuid;

use super::rests::{Condition, Rests, column, one_of};
use super::states::{self, Looks, MOST_MARKS, Rows, States, Stretch};
use super::walk::key_of;
use super::window::{Change, Window, overlay};
use super::{Concerning, History};
use crate::change::Kept;
use crate::diag::Result;
use crate::plan::{Column, Overlay, Predicate, Query, ReadPlan, Slot, Term, Walk};
use crate::service::events::log::Log;
use crate::store::Session;
use crate::value::Timestamp;

impl<'s> History<'s> {
    /// Whether rows of a query can move in its order, and the history tells of it.
    pub(super) fn moves(self, query: &Query) -> bool {
        // What the condition rests on does not matter: which rows have moved, and where they stood,
        // is asked of their order alone.
        let own = || !self.movers(query).is_empty() && self.has_values(query.entity);
        let is_told = query.over.is_none() && Log::of(self.model).is_ok();
        is_told && (own() || self.places(query).is_some())
    }

    /// The names of the attributes of the rows themselves that an order is by and that changes of the
    /// rows can change.
    fn movers(self, query: &Query) -> Vec<String> {
        let of = self.model.entity(query.entity);
        let keys = query.order.iter();
        let columns = keys.filter_map(|key| column(&key.term));
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

    /// The keys of all rows, with what the order of a query is by of other objects, as far as the
    /// history tells of its changes; nothing where it does not.
    fn places(self, query: &Query) -> Option<Query> {
        let keys = query.order.iter();
        let columns = keys.filter_map(|key| column(&key.term));
        let others = columns.filter(|column| !self.model.is_a(query.entity, column.table));
        let told = others.filter(|column| {
            let part = part(query, &[*column]);
            let rests = part.as_ref().map(|part| Rests::of(Condition::from(part)));
            let is_told = rests.is_some_and(|rests| self.has_all(&rests, Some(query.entity)));
            is_told && self.has_column(*column)
        });
        let told: Vec<Column> = told.collect();
        match told.as_slice() {
            [] => None,
            told => part(query, told),
        }
    }

    /// Whose changes concern the order of a walk.
    fn moving(self, query: &Query, places: Option<&Query>) -> Concerning {
        let mut tables =
            places.map_or_else(Vec::new, |places| Rests::of(Condition::from(places)).tables);
        tables.retain(|table| *table != query.entity);
        let is_kept = self.has_values(query.entity);
        tables.extend(is_kept.then_some(query.entity));
        let all = self.model.entities().map(|(id, _)| id);
        let rested = all.filter(|id| tables.iter().any(|table| self.model.is_a(*id, *table)));
        Concerning {
            rested: rested.collect(),
            members: Vec::new(),
        }
    }

    /// The name of the attribute or reference that a column holds.
    fn property(self, column: Column) -> Option<&'s str> {
        let of = self.model.entity(column.table);
        let mut references = of.reference_ids();
        let found = references.find(|(id, _)| {
            let stored = of.stored_reference(*id);
            stored.table == column.table && stored.column == column.no
        });
        let reference = found.map(|(_, reference)| reference.name.as_str());
        reference.or_else(|| {
            self.attribute(column)
                .map(|attribute| attribute.name.as_str())
        })
    }
}

/// The keys of all rows of a query and some of its columns of other tables, with the joins that lead
/// to these; nothing where they are of no table.
fn part(query: &Query, columns: &[Column]) -> Option<Query> {
    let join = |slot: Slot| query.joins.get(usize::from(slot.0).checked_sub(1)?);
    let mut slots: Vec<Slot> = Vec::new();
    for column in columns {
        let mut at = column.slot;
        while at != Slot::BASE && !slots.contains(&at) {
            slots.push(at);
            at = join(at)?.on.slot;
        }
    }
    // Each join is over a column of an earlier one.
    slots.sort_unstable();
    let put = |column: Column| {
        let position = slots.iter().position(|slot| *slot == column.slot);
        let slot = position.and_then(|position| u8::try_from(position.saturating_add(1)).ok());
        Column {
            slot: slot.map_or(Slot::BASE, Slot),
            ..column
        }
    };
    let joins = slots.iter().map(|slot| {
        let mut join = join(*slot)?.clone();
        join.on = put(join.on);
        Some(join)
    });
    let all = std::iter::once(key_of(query.entity)).chain(columns.iter().copied());
    Some(Query {
        entity: query.entity,
        over: None,
        joins: joins.collect::<Option<_>>()?,
        predicate: Predicate::Always,
        columns: all.map(put).map(Term::Column).collect(),
        order: Vec::new(),
        after: None,
        skip: 0,
        take: None,
    })
}

/// The rows that have moved since a walk began.
pub(super) struct Moved {
    /// Those that had when its last page was read, and those that have since.
    pub(super) before: HashSet<Uuid>,
    pub(super) since: HashSet<Uuid>,
    /// The database as it was when its last page was read, as far as those concern it that have moved
    /// since.
    pub(super) seen: Overlay,
    /// The marks of the walk.
    pub(super) marks: Vec<i64>,
}

impl Moved {
    /// Finds them. Nothing where too much has changed, or where the history has a gap.
    pub(super) fn find(
        history: History<'_>,
        on: &mut Session,
        plan: &ReadPlan,
        (now, walk): (Timestamp, &Walk),
        newest: i64,
    ) -> Result<Option<Self>> {
        let (model, query) = (history.model, &plan.query);
        let places = history.places(query);
        let concerning = history.moving(query, places.as_ref());
        let Some(mut window) = Window::read(model, on, walk.began, &concerning)? else {
            return Ok(None);
        };
        let names = history.movers(query);
        let is_own = |change: &Change| model.is_a(change.entity, query.entity);
        let (mut before, mut since) = window.moved(&names, is_own, walk.seen);
        let mut marks = Vec::new();
        if let Some(places) = &places {
            let stretch = Stretch {
                since: walk.began,
                marks: &walk.marks,
                now,
            };
            let columns = placed(places);
            window
                .0
                .retain(|change| is_own(change) || history.alters(change, &columns));
            let Some(looks) = looks(history, on, (places, &window), stretch)? else {
                return Ok(None);
            };
            let at_marks: Vec<_> = looks.marks.iter().map(|then| moved(&looks, then)).collect();
            let moved = moved(&looks, &looks.now);
            before.extend(at_marks.iter().flatten());
            since.extend(&moved);
            let old = walk.marks.iter().copied().zip(&at_marks);
            marks = states::mark(old, (newest, &moved), &moved);
            // Beyond that, a walk that does not track goes on as well as it can.
            let many = marks.len().saturating_sub(MOST_MARKS);
            marks.drain(..many);
        }
        let past = window.past(model, on, |change| {
            let is_new = || since.contains(&change.id) && !before.contains(&change.id);
            change.number > walk.seen && (!is_own(change) || is_new())
        })?;
        Ok(past.map(|past| Self {
            seen: overlay(model, past, now),
            before,
            since,
            marks,
        }))
    }
}

impl History<'_> {
    /// Whether a change may alter one of some columns.
    fn alters(self, change: &Change, columns: &[Column]) -> bool {
        let Some(Kept::Changed(old)) = &change.kept else {
            return true;
        };
        columns.iter().any(|column| {
            let is_of = self.model.is_a(change.entity, column.table);
            let name = self.property(*column).filter(|_| is_of);
            name.is_some_and(|name| old.contains_key(name))
        })
    }
}

/// The columns that places are made of: those that an order is by, and those that lead to them.
fn placed(places: &Query) -> Vec<Column> {
    let columns = places.columns.iter().filter_map(column);
    let rests = Rests::of(Condition::from(places));
    columns.chain(rests.columns).collect()
}

/// What the rows that changes may have moved stand by, now and before. Nothing where there are too
/// many, or where the history has a gap.
fn looks(
    history: History<'_>,
    on: &mut Session,
    (places, window): (&Query, &Window),
    stretch: Stretch<'_>,
) -> Result<Option<Looks>> {
    let model = history.model;
    let Some(states) = States::read(model, window, stretch, on)? else {
        return Ok(None);
    };
    let changed = window.changed(model);
    let Some(rows) = states.leading(history, places, &changed, on)? else {
        return Ok(None);
    };
    if rows.is_empty() {
        let mut looks = Looks::default();
        looks.marks.resize_with(stretch.marks.len(), Rows::new);
        return Ok(Some(looks));
    }
    let mut rows: Vec<Uuid> = rows.into_iter().collect();
    rows.sort_unstable();
    let among = Query {
        predicate: one_of(key_of(places.entity), &rows),
        ..places.clone()
    };
    states.looks(history, &among, on).map(Some)
}

/// The rows that there are and that stood elsewhere at some time than when the walk began, or were not
/// there then: such a row need not be met.
fn moved(looks: &Looks, then: &Rows) -> HashSet<Uuid> {
    let there = looks.now.keys();
    let moved = there.filter(|id| then.get(*id) != looks.before.get(*id));
    moved.copied().collect()
}

impl Window {
    /// The objects among some that changes of some attributes have moved, and those that were deleted
    /// and made anew: those up to a number, and those behind it.
    fn moved(
        &self,
        names: &[String],
        is_own: impl Fn(&Change) -> bool,
        seen: i64,
    ) -> (HashSet<Uuid>, HashSet<Uuid>) {
        let (mut deleted, mut again) = (HashSet::new(), HashSet::new());
        let own = || self.0.iter().filter(|change| is_own(change));
        for change in own() {
            match &change.kept {
                Some(Kept::Deleted(_)) => drop(deleted.insert(change.id)),
                Some(Kept::Created) if deleted.contains(&change.id) => {
                    again.insert(change.id);
                }
                Some(Kept::Created | Kept::Changed(_)) | None => {}
            }
        }
        let moved = own().filter(|change| match &change.kept {
            Some(Kept::Changed(old)) => names.iter().any(|name| old.contains_key(name)),
            Some(Kept::Deleted(_)) => again.contains(&change.id),
            Some(Kept::Created) | None => false,
        });
        let (before, since): (Vec<_>, Vec<_>) = moved.partition(|change| change.number <= seen);
        let ids = |changes: Vec<&Change>| changes.into_iter().map(|change| change.id).collect();
        (ids(before), ids(since))
    }
}
