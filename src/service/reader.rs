//! The database as the rooms see it that only want rows.

use uuid::Uuid;

use super::read::Reader;
use crate::diag::Result;
use crate::encode::Source;
use crate::model::Model;
use crate::plan::{Query, ReadPlan, Restriction, SubQuery};
use crate::store::{Reads, RowSink};

/// A session, or a transaction that writes, and the model of its database.
pub(super) struct ModelReader<'a, R> {
    model: &'a Model,
    on: &'a mut R,
}

impl<'a, R: Reads> ModelReader<'a, R> {
    pub(super) const fn new(model: &'a Model, on: &'a mut R) -> Self {
        Self { model, on }
    }
}

impl<R: Reads> Source for ModelReader<'_, R> {
    fn select<S: RowSink>(
        &mut self,
        query: &Query,
        restriction: Option<Restriction<'_>>,
        sink: &mut S,
    ) -> Result<()> {
        self.on.select(self.model, query, restriction, sink)
    }

    fn count_per_parent(
        &mut self,
        query: &Query,
        restriction: Restriction<'_>,
    ) -> Result<Vec<(Uuid, u64)>> {
        self.on.count_per_parent(self.model, query, restriction)
    }
}

impl<R: Reads> Reader for ModelReader<'_, R> {
    fn count(&mut self, query: &Query) -> Result<u64> {
        self.on.count(self.model, query)
    }

    fn exists(&mut self, query: &SubQuery) -> Result<bool> {
        self.on.exists(self.model, query)
    }
}

/// Whether a read may take more than one statement that must see the same rows: a count, an
/// expansion, an order by a nullable column. Looking for the parent of an empty answer is not
/// worth a transaction.
pub(super) fn needs_snapshot(plan: &ReadPlan) -> bool {
    let in_parts = plan.query.over.is_none() && plan.query.order.iter().any(|key| key.nullable);
    plan.count || !plan.others.is_empty() || !plan.shape.expands.is_empty() || in_parts
}
