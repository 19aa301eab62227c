//! A database session as the rooms see it that only want rows.

use uuid::Uuid;

use super::read::Reader;
use crate::diag::Result;
use crate::encode::Source;
use crate::model::Model;
use crate::plan::{Query, ReadPlan, Restriction, SubQuery};
use crate::store::{RowSink, Session};

/// A session and the model of its database.
pub(super) struct SessionReader<'a> {
    model: &'a Model,
    session: &'a mut Session,
}

impl<'a> SessionReader<'a> {
    pub(super) const fn new(model: &'a Model, session: &'a mut Session) -> Self {
        Self { model, session }
    }
}

impl Source for SessionReader<'_> {
    fn select<S: RowSink>(
        &mut self,
        query: &Query,
        restriction: Option<Restriction<'_>>,
        sink: &mut S,
    ) -> Result<()> {
        self.session.select(self.model, query, restriction, sink)
    }

    fn count_per_parent(
        &mut self,
        query: &Query,
        restriction: Restriction<'_>,
    ) -> Result<Vec<(Uuid, u64)>> {
        self.session
            .count_per_parent(self.model, query, restriction)
    }
}

impl Reader for SessionReader<'_> {
    fn count(&mut self, query: &Query) -> Result<u64> {
        self.session.count(self.model, query)
    }

    fn exists(&mut self, query: &SubQuery) -> Result<bool> {
        self.session.exists(self.model, query)
    }
}

/// Whether a read may take more than one statement that must see the same rows: a count, an
/// expansion, an order by a nullable column. Looking for the parent of an empty answer is not
/// worth a transaction.
pub(super) fn needs_snapshot(plan: &ReadPlan) -> bool {
    plan.count || !plan.shape.expands.is_empty() || plan.query.order.iter().any(|key| key.nullable)
}
