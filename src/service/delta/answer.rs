//! What has changed since a number, for one request of one caller.

use std::collections::HashSet;
use std::time::Instant;

use uuid::Uuid;

use super::rests::{Changed, Condition, one_of, touched};
use super::walk::{forgotten, key_of, keys};
use super::window::{Window, overlay};
use super::{History, Reading, Since};
use crate::diag::Result;
use crate::encode::{self, Between, Deleted, PageLink, Rows};
use crate::model::EntityId;
use crate::plan::{LogPlace, OrderKey, Overlay, Predicate, Query, Term};
use crate::service::body::Body;
use crate::service::events::log::Log;
use crate::service::read::{context, head, style};
use crate::service::reader::ModelReader;
use crate::service::{Output, PreparedRead};
use crate::store::{Overlaid, Reads, Session};
use crate::value::Timestamp;

/// What of the rows of a query is told.
#[derive(Debug, Default)]
struct Told {
    /// Rows that are there and are new to the client, or have changed.
    shown: Vec<Uuid>,
    /// Rows that were there for the client and are there no more.
    removed: Vec<Uuid>,
}

/// Answers a delta link, in the snapshot of `session`.
pub(in crate::service) fn answer<O: Output>(
    history: History<'_>,
    read: &PreparedRead,
    (reading, since): (Reading, Since),
    session: &mut Session,
    out: &mut O,
) -> Result<u64> {
    let model = history.model;
    let log = Log::of(model)?;
    if !log.has(model, session, LogPlace::behind(since.number))? {
        return Err(forgotten());
    }
    let newest = log.end(model, session)?.number;
    let mut query = read.plan.query.clone();
    in_order_of_keys(&mut query);
    let told = if newest == since.number {
        Told::default()
    } else {
        told(history, &query, (since.number, reading.now), session)?
    };
    // Whoever does not see every row is not told which are deleted: a row that they do not see any
    // more may be, without their knowing.
    let gone = match since.sees_all {
        true => gone(history, query.entity, &told.removed, session)?,
        false => HashSet::new(),
    };
    let style = style(read);
    let mut body = Body::new(out, head(read), read.head_only, Instant::now());
    let mut bytes = Vec::new();
    let context = context(model, read).map(|context| format!("{context}/$delta"));
    encode::page_start(&mut bytes, context.as_deref(), None, false, style.control);
    let mut rows = 0;
    if !told.shown.is_empty() {
        query.predicate = query
            .predicate
            .and(one_of(key_of(query.entity), &told.shown));
        let shown = Rows::entities(model, &query, &read.plan.shape, &style)?;
        let mut reader = ModelReader::new(model, session);
        let end = shown.run(&mut reader, None, Between::Comma, &mut bytes, &mut body)?;
        rows = end.rows;
    }
    let set = &model.entity(query.entity).set;
    for (number, id) in told.removed.iter().enumerate() {
        if rows > 0 || number > 0 {
            bytes.push(b',');
        }
        let deleted = Deleted {
            set,
            id: *id,
            is_gone: gone.contains(id),
        };
        encode::deleted(&mut bytes, &deleted, &read.root, &style);
    }
    let request = read.plan.page.as_ref().map(|page| page.request.as_str());
    let link = reading.link(read, request.unwrap_or_default(), newest)?;
    encode::page_end(&mut bytes, Some(&PageLink::Delta(link)), style.control);
    body.finish(bytes)?;
    Ok(rows)
}

/// Rows by rising key: a delta has no other order.
fn in_order_of_keys(query: &mut Query) {
    let key = Term::Column(key_of(query.entity));
    let position = query.columns.iter().position(|term| *term == key);
    let position = position.unwrap_or_else(|| {
        query.columns.push(key.clone());
        query.columns.len().saturating_sub(1)
    });
    query.order = vec![OrderKey {
        term: key,
        descending: false,
        nullable: false,
        position,
    }];
}

/// Compares the rows of a query as they are with those that there were.
fn told(
    history: History<'_>,
    query: &Query,
    (since, now): (i64, Timestamp),
    session: &mut Session,
) -> Result<Told> {
    let entities = history.concerning(query);
    let window = Window::read(history.model, session, since, &entities)?.ok_or_else(forgotten)?;
    let Compared { is, was, own } = compared(history, query, (&window, now), session)?;
    let mut told = Told::default();
    told.removed.extend(was.difference(&is));
    // A row that something else leads to has changed for its client only where it came in.
    let is_told = |id: &&Uuid| own.contains(*id) || !was.contains(*id);
    told.shown.extend(is.iter().filter(is_told));
    told.removed.sort_unstable();
    told.shown.sort_unstable();
    Ok(told)
}

/// The rows of a query that changes may concern, before and after them.
pub(super) struct Compared {
    /// Those that there are.
    pub(super) is: HashSet<Uuid>,
    /// Those that there were.
    pub(super) was: HashSet<Uuid>,
    /// The rows that have changed themselves, of the query or not.
    pub(super) own: HashSet<Uuid>,
}

/// Looks at the rows of a query on both sides of the changes of a window.
///
/// # Errors
///
/// `Gone` where the history has a gap.
pub(super) fn compared(
    history: History<'_>,
    query: &Query,
    (window, now): (&Window, Timestamp),
    session: &mut Session,
) -> Result<Compared> {
    let model = history.model;
    let changed = window.changed(model);
    let own = own(history, window, &changed, query.entity);
    let past = window.past(model, session, |_| true)?;
    let overlay = overlay(model, past.ok_or_else(forgotten)?, now);
    let mut parts = touched(Condition::from(query), &changed);
    let mut raised: Vec<Uuid> = own.iter().copied().collect();
    raised.sort_unstable();
    if !raised.is_empty() {
        parts.push(one_of(key_of(query.entity), &raised));
    }
    let (mut is, mut was) = (HashSet::new(), HashSet::new());
    for part in parts {
        let rows = with(query, part);
        history.costs.check_query(model, session, &rows)?;
        is.extend(keys(model, session, &rows)?);
        was.extend(before(history, session, &overlay, &rows)?);
    }
    // What led to a row before or now only: how it stands on the other side.
    let other = |one: &HashSet<Uuid>, two: &HashSet<Uuid>| {
        let mut ids: Vec<Uuid> = one.difference(two).copied().collect();
        ids.sort_unstable();
        ids
    };
    let (only_is, only_was) = (other(&is, &was), other(&was, &is));
    let key = key_of(query.entity);
    if !only_was.is_empty() {
        is.extend(keys(model, session, &with(query, one_of(key, &only_was)))?);
    }
    if !only_is.is_empty() {
        let rows = with(query, one_of(key, &only_is));
        was.extend(before(history, session, &overlay, &rows)?);
    }
    Ok(Compared { is, was, own })
}

/// The changed rows of an entity, and those of whose aggregates something has changed: it has raised
/// their version.
fn own(
    history: History<'_>,
    window: &Window,
    changed: &Changed,
    entity: EntityId,
) -> HashSet<Uuid> {
    let model = history.model;
    let mut own: HashSet<Uuid> = changed
        .get(&entity)
        .into_iter()
        .flatten()
        .copied()
        .collect();
    let raised = window.0.iter().filter_map(|change| {
        let root = model.entity(change.entity).root;
        change.root.filter(|_| model.is_a(root, entity))
    });
    own.extend(raised);
    own
}

/// The same query for fewer rows.
fn with(query: &Query, part: Predicate) -> Query {
    let mut query = query.clone();
    query.predicate = query.predicate.and(part);
    query
}

/// The keys of the rows that a query had.
fn before(
    history: History<'_>,
    session: &mut Session,
    overlay: &Overlay,
    query: &Query,
) -> Result<Vec<Uuid>> {
    let mut then = Overlaid::new(session, history.model, overlay);
    keys(history.model, &mut then, query)
}

/// Which of the removed rows are deleted.
fn gone(
    history: History<'_>,
    entity: EntityId,
    removed: &[Uuid],
    on: &mut impl Reads,
) -> Result<HashSet<Uuid>> {
    let model = history.model;
    if removed.is_empty() {
        return Ok(HashSet::new());
    }
    let key = key_of(entity);
    let there = Query {
        entity,
        over: None,
        joins: Vec::new(),
        predicate: one_of(key, removed),
        columns: vec![Term::Column(key)],
        order: Vec::new(),
        after: None,
        skip: 0,
        take: None,
    };
    let there: HashSet<Uuid> = keys(model, on, &there)?.into_iter().collect();
    let removed = removed.iter().copied();
    Ok(removed.filter(|id| !there.contains(id)).collect())
}
