//! A connection that writes: its transactions, and reads inside them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use diesel::connection::Connection as _;
use diesel::pg::Pg;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::result::{Error, QueryResult};
use diesel::sqlite::Sqlite;

use super::driver::{self, Driver, Halt};
use super::failure::{self, Trouble};
use super::open::{Inner, Pools};
use super::read::{self, Lock, Runs, Statement};
use super::session::{Connection, on_connection};
use super::sink::{Counted, Counting};
use super::{RowSink, pool};
use crate::diag::{Code, Problem, Result};
use crate::model::{ColumnNo, Model, Table};
use crate::plan::{Query, Restriction};
use crate::sql::{Few, Insert, InsertInto};
use crate::value::Value;

/// A connection that writes.
pub struct Writer {
    connection: Connection,
    store: Arc<Inner>,
    /// The first failure of the transaction. It cannot be committed any more: PostgreSQL would
    /// take the commit and undo everything.
    trouble: Option<Trouble>,
    /// The request whose row was refused.
    blamed: Option<usize>,
    /// When the transaction began.
    begun: Instant,
    /// Whether its statements count among those of requests.
    is_counted: bool,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    /// Takes a connection for writing.
    pub(in crate::store) fn take(store: &Arc<Inner>) -> Result<Self> {
        let connection = match &store.pools {
            Pools::Sqlite { writer, .. } => Connection::Sqlite(pool::take(writer)?),
            Pools::Postgres { writers, .. } => Connection::Postgres(pool::take(writers)?),
        };
        Ok(Self {
            connection,
            store: Arc::clone(store),
            trouble: None,
            blamed: None,
            begun: Instant::now(),
            is_counted: true,
        })
    }

    /// Its statements do not count among those of requests.
    pub(in crate::store) fn aside(mut self) -> Self {
        self.is_counted = false;
        self
    }

    fn count(&self) {
        if self.is_counted {
            self.store.statements.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(in crate::store) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Why the last transaction failed, as far as the database is the reason.
    pub(in crate::store) fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    /// Runs `work` in one transaction: all of it happens, or nothing. References between rows are
    /// checked at its end at the latest.
    ///
    /// # Errors
    ///
    /// What `work` answers; [`Code::ServiceUnavailable`] when another writer does not end in time,
    /// [`Code::UnknownReference`] when a row refers to one that is not there, faults of the
    /// database.
    pub fn transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.trouble = None;
        self.blamed = None;
        on_connection!(&mut self.connection, c => begin_write(c)).map_err(|e| self.failed(&e))?;
        self.begun = Instant::now();
        let done = work(self);
        let commit = done.is_ok() && self.trouble.is_none();
        let ended = on_connection!(&mut self.connection, c => driver::end(c, commit));
        if ended.is_err() && !commit {
            // A connection that cannot undo is broken; nothing more can be done with it.
            self.trouble = Some(Trouble::Other);
        }
        let value = done?;
        ended.map_err(|e| self.failed(&e))?;
        if commit {
            Ok(value)
        } else {
            let message = "a transaction went on after a failure";
            Err(Problem::new(Code::Internal, message))
        }
    }

    /// Whether other transactions may write at the same time.
    pub fn has_rivals(&self) -> bool {
        match &self.connection {
            Connection::Sqlite(_) => false,
            Connection::Postgres(_) => true,
        }
    }

    /// The number of the request whose row was refused, where that is known.
    pub fn blamed(&self) -> Option<usize> {
        self.blamed
    }

    pub(in crate::store) fn blame(&mut self, request: usize) {
        self.blamed = Some(request);
    }

    /// Notes a failure of the transaction.
    pub(in crate::store) fn note(&mut self, trouble: Trouble) {
        self.trouble.get_or_insert(trouble);
    }

    /// Notes a failed statement; answers what it means.
    pub(in crate::store) fn failed(&mut self, error: &Error) -> Problem {
        self.note(failure::trouble(error));
        failure::problem(error, false)
    }

    /// Runs a statement that answers with no rows; answers how many it met.
    pub(in crate::store) fn execute<T>(&mut self, statement: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Sqlite> + QueryFragment<Pg> + QueryId,
    {
        self.count();
        on_connection!(&mut self.connection, c => c.execute_returning_count(statement))
    }

    /// Inserts rows; each has one value for each of `columns`, of the column's kind. Shadow columns
    /// are the caller's. References may lead to rows that come later in the transaction.
    ///
    /// # Errors
    ///
    /// Broken constraints; faults of the database.
    pub fn insert_many(
        &mut self,
        table: &Table,
        columns: &[ColumnNo],
        rows: &[Vec<Value>],
    ) -> Result<()> {
        self.defer()?;
        let rows: Vec<&[Value]> = rows.iter().map(Vec::as_slice).collect();
        self.insert(table, columns, &rows)
            .map_err(|(_, error)| self.failed(&error))
    }

    /// Inserts rows in as few statements as are good. A failure is that of one of the rows at and
    /// after the position that it comes with.
    pub(in crate::store) fn insert(
        &mut self,
        table: &Table,
        columns: &[ColumnNo],
        rows: &[&[Value]],
    ) -> Result<(), (Refused, Error)> {
        let at_once = match &self.connection {
            Connection::Sqlite(loan) => rows_at_once(&**loan, columns),
            Connection::Postgres(loan) => rows_at_once(&**loan, columns),
        };
        let into = InsertInto::new(table, columns);
        let mut first = 0_usize;
        for chunk in rows.chunks(at_once) {
            let refused = Refused {
                first,
                rows: chunk.len(),
            };
            self.execute(&Insert::new(&into, chunk))
                .map_err(|error| (refused, error))?;
            first = first.saturating_add(chunk.len());
        }
        Ok(())
    }

    /// As [`super::Reads::select`]; the rows, of each table of the query, cannot be changed by others
    /// until the transaction ends.
    ///
    /// INVARIANT: no join of the query is optional, and no restriction counts per parent.
    ///
    /// # Errors
    ///
    /// As [`super::Reads::select`]; [`Code::ServiceUnavailable`] when another transaction holds the rows
    /// for too long; [`Code::DeadlineExceeded`] when the transaction has looked for objects longer
    /// than a read may run: others wait for it.
    pub fn select_locked<S: RowSink>(
        &mut self,
        model: &Model,
        query: &Query,
        restriction: Option<Restriction<'_>>,
        sink: &mut S,
    ) -> Result<()> {
        let deadline = self.store.options.deadline;
        if deadline.is_some_and(|most| self.begun.elapsed() > most) {
            let message = "the change took longer than the service allows";
            return Err(Problem::new(Code::DeadlineExceeded, message).help("send less at once"));
        }
        let lock = (Lock::Rows, &Few::default());
        read::select(self, model, query, restriction, lock, sink)
    }

    /// Puts the checks of references off until the end of the transaction: for rows that come in no
    /// particular order.
    pub(in crate::store) fn defer(&mut self) -> Result<()> {
        on_connection!(&mut self.connection, c => defer(c)).map_err(|e| self.failed(&e))
    }

    /// Makes the checks that were put off: a fault shows here, and the rows that they wait for are
    /// waited for here.
    pub(in crate::store) fn check_now(&mut self) -> Result<()> {
        on_connection!(&mut self.connection, c => settle(c)).map_err(|e| self.failed(&e))
    }

    /// Brings the statistics of the database up to date; worth it after a bulk load.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn analyze(&mut self) -> Result<()> {
        on_connection!(&mut self.connection, c => analyze(c)).map_err(|e| self.failed(&e))
    }
}

/// The rows of one insert that failed: one of them is to blame.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Refused {
    /// The position of the first.
    pub(in crate::store) first: usize,
    /// How many there are.
    pub(in crate::store) rows: usize,
}

impl Runs for Writer {
    fn each<T: Statement, S: RowSink>(&mut self, statement: &T, sink: &mut S) -> Result<Counted> {
        self.count();
        let mut counting = Counting::new(sink);
        match on_connection!(&mut self.connection, c => c.each(statement, &mut counting)) {
            Ok(()) => Ok(counting.counted),
            Err(Halt::Sink(problem)) => Err(problem),
            Err(Halt::Database(error)) => Err(self.failed(&error)),
        }
    }
}

fn begin_write<C: Driver>(connection: &mut C) -> QueryResult<()> {
    let begun = driver::begin(connection, C::BEGIN_WRITE);
    if begun.is_err() {
        // The transaction may be open although its start failed.
        let _ = connection.batch_execute("ROLLBACK");
    }
    begun
}

fn defer<C: Driver>(connection: &mut C) -> QueryResult<()> {
    match C::DEFER {
        Some(sql) => connection.batch_execute(sql),
        None => Ok(()),
    }
}

fn settle<C: Driver>(connection: &mut C) -> QueryResult<()> {
    match C::SETTLE {
        Some(sql) => connection.batch_execute(sql),
        None => Ok(()),
    }
}

fn analyze<C: Driver>(connection: &mut C) -> QueryResult<()> {
    connection.batch_execute(C::ANALYZE)
}

fn rows_at_once<C: Driver>(_: &C, columns: &[ColumnNo]) -> usize {
    let rows = C::INSERT_BINDS.checked_div(columns.len());
    rows.unwrap_or_default().max(1)
}
