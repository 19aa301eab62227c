//! What the store asks of a connection, whichever database it is to.

use diesel::connection::{AnsiTransactionManager, Connection, TransactionManager};
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::result::{Error, QueryResult};
use diesel::sql_types::Untyped;

use super::RowSink;
use crate::diag::Problem;
use crate::sql::Dialect;

/// Why a statement ended early.
pub(in crate::store) enum Halt {
    /// The database refused or failed.
    Database(Error),
    /// The sink did.
    Sink(Problem),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

/// A connection of one database.
pub(in crate::store) trait Driver:
    Connection<TransactionManager = AnsiTransactionManager, Backend: Dialect>
{
    /// Starts a transaction that reads one state of the database.
    const BEGIN_READ: &'static str;
    /// Starts a transaction that writes, after waiting for other writers where there is only one;
    /// puts checks of foreign keys off until its end.
    const BEGIN_WRITE: &'static str;
    /// Puts the checks of foreign keys off until the end of the transaction, where beginning one
    /// does not do that already.
    const DEFER: Option<&'static str>;
    /// Makes the checks that were put off, and waits for the rows that they need, where checks wait
    /// for anybody.
    const SETTLE: Option<&'static str>;
    /// Drops what the server keeps of statements that the connection has forgotten.
    const FORGET: &'static str;
    /// Values that one insert may bind; rows of an insert are limited by it.
    const INSERT_BINDS: usize;
    /// Brings the statistics of the query planner up to date.
    const ANALYZE: &'static str;

    /// Hands the rows of a query to a sink, one by one, without keeping them.
    fn each<T, S>(&mut self, query: T, sink: &mut S) -> Result<(), Halt>
    where
        T: Query<SqlType = Untyped> + QueryFragment<Self::Backend> + QueryId,
        S: RowSink;
}

/// Runs `f` inside a transaction that starts with `begin`; its failure rolls back.
pub(in crate::store) fn begin<C: Driver>(connection: &mut C, sql: &str) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction_sql(connection, sql)
}

/// Ends a transaction.
pub(in crate::store) fn end<C: Driver>(connection: &mut C, commit: bool) -> QueryResult<()> {
    if commit {
        AnsiTransactionManager::commit_transaction(connection)
    } else {
        AnsiTransactionManager::rollback_transaction(connection)
    }
}
