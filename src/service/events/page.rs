//! A stretch of the log, and what has to be known of it beside.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::log::{Entry, Happened};
use crate::bind;
use crate::change::Criterion;
use crate::diag::Result;
use crate::model::{ColumnKind, EntityId, Model, Table};
use crate::plan::{Column, Predicate, Query, Slot, Term};
use crate::service::Caller;
use crate::service::notices::NOTIFICATIONS;
use crate::service::write::look;
use crate::store::{Reads, Session};
use crate::value::{Timestamp, Value};

use super::log::Rows;

/// A stretch of the log: the same for all listeners.
pub(super) struct Page {
    pub(super) entries: Vec<Entry>,
    /// The versions of the objects as they are now, of those that are there.
    pub(super) versions: HashMap<(EntityId, Uuid), i64>,
    /// The users of the notifications that were created.
    pub(super) users: HashMap<Uuid, Uuid>,
}

impl Page {
    /// Looks up what listeners need: the versions of objects of the sets that anybody wants, and who
    /// receives the notifications.
    pub(super) fn new(
        model: &Model,
        on: &mut Session,
        entries: Vec<Entry>,
        wanted: &HashSet<EntityId>,
    ) -> Result<Self> {
        let mut page = Self {
            entries,
            versions: HashMap::new(),
            users: HashMap::new(),
        };
        let notifications = model.repository(NOTIFICATIONS.0);
        let mut there: HashMap<EntityId, Vec<Uuid>> = HashMap::new();
        for entry in &page.entries {
            let is_notification = Some(entry.entity) == notifications;
            let is_there = entry.happened != Happened::Deleted;
            if is_there && (is_notification || wanted.contains(&entry.entity)) {
                there.entry(entry.entity).or_default().push(entry.id);
            }
        }
        for (entity, mut ids) in there {
            ids.sort_unstable();
            ids.dedup();
            let to = model.entity(entity).reference_named(NOTIFICATIONS.1);
            for found in look(model, on, entity, &[Criterion::Keys(ids)])? {
                page.versions.insert((entity, found.id), found.version);
                let user = to.and_then(|to| found.record.reference(to));
                if let Some(user) = user.filter(|_| Some(entity) == notifications) {
                    page.users.insert(found.id, user);
                }
            }
        }
        Ok(page)
    }

    /// Whether an entry tells a user of a notification of their own.
    pub(super) fn notifies(&self, entry: &Entry, user: Uuid) -> bool {
        entry.happened == Happened::Created && self.users.get(&entry.id) == Some(&user)
    }

    /// Whether anything here may concern somebody.
    pub(super) fn concerns(&self, user: Uuid, sets: &[EntityId]) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| sets.contains(&entry.entity) || self.notifies(entry, user))
    }

    /// Which objects of the stretch a caller may see now.
    pub(super) fn seen_by(
        &self,
        model: &Model,
        on: &mut Session,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Seen> {
        let mut seen = Seen::default();
        let mut asked: HashMap<EntityId, Vec<Uuid>> = HashMap::new();
        for (entity, id) in self.versions.keys() {
            asked.entry(*entity).or_default().push(*id);
        }
        let entities: HashSet<EntityId> = self.entries.iter().map(|e| e.entity).collect();
        for entity in entities {
            let Some(visible) = bind::visible(model, &caller.rights.read, entity, now)? else {
                seen.whole.insert(entity);
                continue;
            };
            let Some(ids) = asked.remove(&entity) else {
                continue;
            };
            let key = Column {
                slot: Slot::BASE,
                table: entity,
                no: Table::KEY,
            };
            let among = Predicate::OneOf {
                term: Term::Column(key),
                values: ids.into_iter().map(Value::Guid).collect(),
                negated: false,
                or_null: false,
            };
            let visible = Predicate::Within {
                column: key,
                negated: false,
                query: Box::new(visible),
            };
            let query = Query {
                entity,
                joins: Vec::new(),
                predicate: among.and(visible),
                columns: vec![Term::Column(key)],
                order: Vec::new(),
                after: None,
                skip: 0,
                take: None,
                over: None,
            };
            let mut rows = Rows::new(vec![ColumnKind::Key]);
            on.select(model, &query, None, &mut rows)?;
            let keys = rows.found.into_iter().flatten();
            seen.rows.extend(keys.filter_map(|value| match value {
                Value::Guid(id) => Some((entity, id)),
                Value::Null
                | Value::Boolean(_)
                | Value::Integer(_)
                | Value::Text(_)
                | Value::Timestamp(_)
                | Value::Binary(_) => None,
            }));
        }
        Ok(seen)
    }
}

/// What of a stretch a caller may see.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Entities of which everything is visible.
    whole: HashSet<EntityId>,
    /// Objects of the others.
    rows: HashSet<(EntityId, Uuid)>,
}

impl Seen {
    /// Whether an entry may be told. What is deleted can be looked at no more: it is told to those
    /// only who see everything.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        let is_there = entry.happened != Happened::Deleted;
        self.whole.contains(&entry.entity)
            || (is_there && self.rows.contains(&(entry.entity, entry.id)))
    }
}
