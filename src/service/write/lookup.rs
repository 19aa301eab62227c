//! Stored objects for the change room, read inside the transaction.

use uuid::Uuid;

use super::load::{Keys, Load, all, among, key_of};
use crate::bind::{self, Rights};
use crate::change::{Criterion, Lookup, Stored};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model, PropertyId};
use crate::plan::{Predicate, Query, Term};
use crate::store::{Reads, Writer};
use crate::value::Timestamp;

/// The transaction as the change room sees it.
pub(super) struct Transaction<'m, 'w> {
    pub(super) model: &'m Model,
    pub(super) writer: &'w mut Writer,
    /// Which rows the caller may see.
    pub(super) seen: Seen<'m>,
}

/// Which rows of each entity a caller may see.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Seen<'m> {
    pub(in crate::service) model: &'m Model,
    pub(in crate::service) rights: &'m Rights,
    /// The time of the request.
    pub(in crate::service) now: Timestamp,
}

impl Seen<'_> {
    /// Refuses to look for objects by what the caller may not read: whether something is found
    /// would tell it.
    fn check(self, entity: EntityId, criteria: &[Criterion]) -> Result<()> {
        let of = self.model.entity(entity);
        let closed = |criterion: &Criterion| -> Option<&str> {
            let (property, name, secret) = match criterion {
                Criterion::Keys(_) => return None,
                Criterion::Equal(id, _) | Criterion::Contains(id, _) => {
                    let attribute = of.attribute(*id);
                    let property = PropertyId::Attribute(*id);
                    (property, &attribute.name, attribute.secret)
                }
                Criterion::PointsAt(id, _) | Criterion::PointsNowhere(id) => {
                    let property = PropertyId::Reference(*id);
                    (property, &of.reference(*id).name, false)
                }
            };
            (secret || self.rights.is_closed(entity, property)).then_some(name)
        };
        match criteria.iter().find_map(closed) {
            None => Ok(()),
            Some(name) => {
                let message = format!("`{name}` is closed: you may not look for objects by it");
                Err(Problem::new(Code::AttributeNotReadable, message).about(name))
            }
        }
    }

    /// The condition that rows of an entity are visible.
    fn predicate(self, entity: EntityId) -> Result<Predicate> {
        let within = |rights| -> Result<Option<Predicate>> {
            let guard = bind::visible(self.model, rights, entity, self.now)?;
            Ok(guard.map(|query| Predicate::Within {
                column: key_of(entity),
                negated: false,
                query: Box::new(query),
            }))
        };
        let Some(granted) = within(self.rights)? else {
            return Ok(Predicate::Always);
        };
        // What somebody sees through `Ext.Me` they may name too.
        let own = self.rights.own().map(|(_, own)| within(own)).transpose()?;
        Ok(match own {
            None => granted,
            Some(None) => Predicate::Always,
            Some(Some(own)) => Predicate::Any(vec![granted, own]),
        })
    }
}

impl Transaction<'_, '_> {
    fn locked(&mut self, load: Load<'_>, query: &Query) -> Result<Vec<Stored>> {
        let mut sink = load.sink();
        let model = self.model;
        self.writer.select_locked(model, query, None, &mut sink)?;
        Ok(sink.found)
    }
}

impl Lookup for Transaction<'_, '_> {
    fn objects(
        &mut self,
        entity: EntityId,
        criteria: &[Criterion],
        limit: Option<u64>,
    ) -> Result<Vec<Stored>> {
        self.seen.check(entity, criteria)?;
        let load = Load::new(self.model, entity)?;
        let mut query = load.query(self.model, criteria, limit);
        query.predicate = query.predicate.and(self.seen.predicate(entity)?);
        self.locked(load, &query)
    }

    fn all(
        &mut self,
        entity: EntityId,
        criteria: &[Criterion],
        limit: Option<u64>,
    ) -> Result<Vec<Stored>> {
        let load = Load::new(self.model, entity)?;
        let query = load.query(self.model, criteria, limit);
        self.locked(load, &query)
    }

    fn look(&mut self, entity: EntityId, criteria: &[Criterion]) -> Result<Vec<Stored>> {
        look(self.model, self.writer, entity, criteria)
    }

    fn present(&mut self, entity: EntityId, ids: &[Uuid]) -> Result<Vec<Uuid>> {
        present(self.model, self.writer, (entity, ids), self.seen)
    }

    fn next_number(&mut self, counter: &str, by: i64) -> Result<i64> {
        self.writer.next_number(counter, by)
    }

    fn count(&mut self, entity: EntityId) -> Result<u64> {
        count(self.model, self.writer, entity)
    }
}

/// The objects of an entity that meet all criteria and, where that is said, that the caller may
/// see, by rising key: at most so many, and none of them locked.
pub(super) fn objects(
    model: &Model,
    on: &mut impl Reads,
    (entity, criteria, limit): (EntityId, &[Criterion], Option<u64>),
    seen: Option<Seen<'_>>,
) -> Result<Vec<Stored>> {
    let load = Load::new(model, entity)?;
    let mut query = load.query(model, criteria, limit);
    if let Some(seen) = seen {
        seen.check(entity, criteria)?;
        query.predicate = query.predicate.and(seen.predicate(entity)?);
    }
    let mut sink = load.sink();
    on.select(model, &query, None, &mut sink)?;
    Ok(sink.found)
}

/// Which of some keys an entity has, as far as the caller may see.
pub(in crate::service) fn present(
    model: &Model,
    on: &mut impl Reads,
    (entity, ids): (EntityId, &[Uuid]),
    seen: Seen<'_>,
) -> Result<Vec<Uuid>> {
    let key = key_of(entity);
    let mut query = all(entity, vec![Term::Column(key)]);
    query.predicate = among(key, ids).and(seen.predicate(entity)?);
    let mut sink = Keys(Vec::new());
    on.select(model, &query, None, &mut sink)?;
    Ok(sink.0)
}

/// The number of objects of an entity.
pub(super) fn count(model: &Model, on: &mut impl Reads, entity: EntityId) -> Result<u64> {
    on.count(model, &all(entity, Vec::new()))
}

/// The objects of an entity that meet all criteria, by rising key.
pub(in crate::service) fn look(
    model: &Model,
    on: &mut impl Reads,
    entity: EntityId,
    criteria: &[Criterion],
) -> Result<Vec<Stored>> {
    objects(model, on, (entity, criteria, None), None)
}

/// The same of those that the caller may see.
///
/// # Errors
///
/// `AttributeNotReadable` for criteria that name what they may not read; faults of the database.
pub(in crate::service) fn look_seen(
    seen: Seen<'_>,
    on: &mut impl Reads,
    entity: EntityId,
    criteria: &[Criterion],
) -> Result<Vec<Stored>> {
    objects(seen.model, on, (entity, criteria, None), Some(seen))
}
