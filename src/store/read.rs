//! Reads in the model's terms, over whatever runs statements: a session or a writer.

use diesel::pg::Pg;
use diesel::query_builder::{Query as DieselQuery, QueryFragment, QueryId};
use diesel::sql_types::Untyped;
use diesel::sqlite::Sqlite;
use uuid::Uuid;

use super::RowSink;
use super::sink::{Any, Counted, Number, NumberPerGuid};
use crate::diag::Result;
use crate::model::Model;
use crate::plan::{Query, Restriction, SubQuery};
use crate::sql::{
    Count, CountPerParent, Exists, Few, Rare, Segment, Select, looked_for, looked_for_in,
};

/// A statement that answers with rows, on either database.
pub(in crate::store) trait Statement:
    DieselQuery<SqlType = Untyped> + QueryFragment<Sqlite> + QueryFragment<Pg> + QueryId
{
}

impl<T> Statement for T where
    T: DieselQuery<SqlType = Untyped> + QueryFragment<Sqlite> + QueryFragment<Pg> + QueryId
{
}

/// Runs statements, each in its own way of counting and failing.
pub(in crate::store) trait Runs {
    /// Runs a statement and hands its rows to a sink; answers their number.
    fn each<T: Statement, S: RowSink>(&mut self, statement: &T, sink: &mut S) -> Result<Counted>;

    /// Those of the texts that are found by an index of trigrams. What uses them has to see the same
    /// state of the database.
    fn few(&mut self, _: &Model, _: &dyn Fn() -> Vec<Rare>) -> Result<Few> {
        Ok(Few::default())
    }

    /// Runs `work` with those of the texts that are found by an index of trigrams.
    fn narrowed<T>(
        &mut self,
        model: &Model,
        texts: &dyn Fn() -> Vec<Rare>,
        work: impl FnOnce(&mut Self, &Few) -> Result<T>,
    ) -> Result<T> {
        let few = self.few(model, texts)?;
        work(self, &few)
    }
}

/// Whether the rows of a query stay locked until the transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Lock {
    /// They do.
    Rows,
    /// They do not.
    Nothing,
}

/// Hands the rows of a query to a sink, in order, one by one.
pub(in crate::store) fn select<S: RowSink>(
    on: &mut impl Runs,
    model: &Model,
    query: &Query,
    restriction: Option<Restriction<'_>>,
    (lock, few): (Lock, &Few),
    sink: &mut S,
) -> Result<()> {
    let mut rows = 0;
    for segment in Segment::of(query, restriction) {
        let select = Select::new(model, query, restriction, *segment, rows).narrowed(few);
        let select = match lock {
            Lock::Rows => select.locked(),
            Lock::Nothing => select,
        };
        let counted = on.each(&select, sink)?;
        rows = rows.saturating_add(counted.rows);
        if counted.stopped || query.take.is_some_and(|t| rows >= t) {
            break;
        }
    }
    Ok(())
}

/// Reads in the model's terms: what a [`super::Session`] and a [`super::Writer`] can both do.
pub trait Reads {
    /// Hands the rows of a query to a sink, in order, one by one.
    ///
    /// # Errors
    ///
    /// What the sink answers; [`crate::diag::Code::DeadlineExceeded`] and
    /// [`crate::diag::Code::ServiceUnavailable`] outside of a transaction that writes; faults of
    /// the database.
    fn select<S: RowSink>(
        &mut self,
        model: &Model,
        query: &Query,
        restriction: Option<Restriction<'_>>,
        sink: &mut S,
    ) -> Result<()>;

    /// The number of rows of a query, whatever its page.
    ///
    /// # Errors
    ///
    /// As [`Reads::select`].
    fn count(&mut self, model: &Model, query: &Query) -> Result<u64>;

    /// The number of rows of a query for each parent; parents without rows are left out.
    ///
    /// # Errors
    ///
    /// As [`Reads::select`].
    fn count_per_parent(
        &mut self,
        model: &Model,
        query: &Query,
        restriction: Restriction<'_>,
    ) -> Result<Vec<(Uuid, u64)>>;

    /// Whether a query gives any row.
    ///
    /// # Errors
    ///
    /// As [`Reads::select`].
    fn exists(&mut self, model: &Model, query: &SubQuery) -> Result<bool>;
}

impl<T: Runs> Reads for T {
    fn select<S: RowSink>(
        &mut self,
        model: &Model,
        query: &Query,
        restriction: Option<Restriction<'_>>,
        sink: &mut S,
    ) -> Result<()> {
        let texts = || looked_for(model, query);
        self.narrowed(model, &texts, |on, few| {
            select(on, model, query, restriction, (Lock::Nothing, few), sink)
        })
    }

    fn count(&mut self, model: &Model, query: &Query) -> Result<u64> {
        let mut number = Number::default();
        self.narrowed(model, &|| looked_for(model, query), |on, few| {
            on.each(&Count::new(model, query).narrowed(few), &mut number)
        })?;
        Ok(number.0)
    }

    fn count_per_parent(
        &mut self,
        model: &Model,
        query: &Query,
        restriction: Restriction<'_>,
    ) -> Result<Vec<(Uuid, u64)>> {
        let mut numbers = NumberPerGuid::default();
        self.narrowed(model, &|| looked_for(model, query), |on, few| {
            let statement = CountPerParent::new(model, query, restriction).narrowed(few);
            on.each(&statement, &mut numbers)
        })?;
        Ok(numbers.0)
    }

    fn exists(&mut self, model: &Model, query: &SubQuery) -> Result<bool> {
        let mut any = Any::default();
        let texts = || looked_for_in(model, &query.predicate);
        self.narrowed(model, &texts, |on, few| {
            on.each(&Exists::new(model, query).narrowed(few), &mut any)
        })?;
        Ok(any.0)
    }
}
