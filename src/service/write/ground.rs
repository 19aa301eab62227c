//! What the change room may ask inside an API transaction: the database as it is, nothing locked.

use std::collections::HashMap;

use uuid::Uuid;

use super::lookup::{Seen, count, look, objects, present};
use crate::change::{Criterion, Lookup, Stored};
use crate::diag::Result;
use crate::model::{EntityId, Model};
use crate::store::{Session, Store};

/// A session as the change room sees it.
pub(super) struct Ground<'m, 's> {
    pub(super) model: &'m Model,
    pub(super) session: &'s mut Session,
    /// Which rows the caller may see.
    pub(super) seen: Seen<'m>,
    /// Where numbers are taken from.
    pub(super) numbers: Numbers<'s>,
}

/// Where the numbers of new objects come from.
pub(super) enum Numbers<'s> {
    /// From the counters of the database: a number that is taken stays taken, whatever becomes of
    /// the transaction.
    Taken(&'s Store),
    /// From nowhere: the objects are never stored.
    Made(HashMap<String, i64>),
}

impl Lookup for Ground<'_, '_> {
    fn objects(
        &mut self,
        entity: EntityId,
        criteria: &[Criterion],
        limit: Option<u64>,
    ) -> Result<Vec<Stored>> {
        let seen = Some(self.seen);
        objects(self.model, self.session, (entity, criteria, limit), seen)
    }

    fn all(
        &mut self,
        entity: EntityId,
        criteria: &[Criterion],
        limit: Option<u64>,
    ) -> Result<Vec<Stored>> {
        objects(self.model, self.session, (entity, criteria, limit), None)
    }

    fn look(&mut self, entity: EntityId, criteria: &[Criterion]) -> Result<Vec<Stored>> {
        look(self.model, self.session, entity, criteria)
    }

    fn present(&mut self, entity: EntityId, ids: &[Uuid]) -> Result<Vec<Uuid>> {
        present(self.model, self.session, (entity, ids), Some(self.seen))
    }

    fn taken(&mut self, entity: EntityId, ids: &[Uuid]) -> Result<Vec<Uuid>> {
        present(self.model, self.session, (entity, ids), None)
    }

    fn next_number(&mut self, counter: &str, by: i64) -> Result<i64> {
        match &mut self.numbers {
            Numbers::Taken(store) => store.write(|writer| writer.next_number(counter, by)),
            Numbers::Made(counters) => {
                let number = counters.entry(counter.to_owned()).or_default();
                *number = number.saturating_add(by);
                Ok(*number)
            }
        }
    }

    fn count(&mut self, entity: EntityId) -> Result<u64> {
        count(self.model, self.session, entity)
    }
}
