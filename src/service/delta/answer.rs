//! What has changed since a number, for one request of one caller.

use std::collections::{BTreeSet, HashSet};
use std::time::Instant;

use uuid::Uuid;

use super::reach::Reached;
use super::rests::one_of;
use super::states::Stretch;
use super::walk::{forgotten, key_of, keys};
use super::{History, Reading, Since};
use crate::diag::Result;
use crate::encode::{self, Between, Deleted, PageLink, Rows};
use crate::model::EntityId;
use crate::plan::{LogPlace, OrderKey, Query, Term};
use crate::service::body::Body;
use crate::service::events::log::Log;
use crate::service::read::{context, head, style};
use crate::service::reader::ModelReader;
use crate::service::{Output, PreparedRead};
use crate::store::{Reads, Session};

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
    (reading, since): (Reading, &Since),
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
        let stretch = Stretch {
            since: since.number,
            marks: &since.marks,
            now: reading.now,
        };
        told(history, &query, stretch, session)?
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
    let link = reading.link(read, request.unwrap_or_default(), (newest, Vec::new()))?;
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

/// Compares the rows of a query as they are with those that there were, and with those that the pages
/// of the walk before left out.
fn told(
    history: History<'_>,
    query: &Query,
    stretch: Stretch<'_>,
    session: &mut Session,
) -> Result<Told> {
    let reached = Reached::find(history, query, stretch, session)?;
    let judged = reached.judge(history, query, session)?;
    let shown: BTreeSet<Uuid> = judged.fresh().chain(judged.marked()).collect();
    let removed: BTreeSet<Uuid> = judged.removed().collect();
    Ok(Told {
        shown: shown.into_iter().collect(),
        removed: removed.into_iter().collect(),
    })
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
