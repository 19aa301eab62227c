//! Writing: demo data now; changes through the API later.

use super::driver::{self, Driver};
use super::failure;
use super::open::{Inner, Pools};
use super::pool;
use super::session::{Connection, on_connection};
use crate::diag::Result;
use crate::model::{ColumnNo, Table};
use crate::sql::Insert;
use crate::value::Value;

/// A connection that writes.
pub struct Writer {
    connection: Connection,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    /// Takes a connection for writing.
    pub(in crate::store) fn take(store: &Inner) -> Result<Self> {
        let connection = match &store.pools {
            Pools::Sqlite { writer, .. } => Connection::Sqlite(pool::take(writer)?),
            Pools::Postgres { writers, .. } => Connection::Postgres(pool::take(writers)?),
        };
        Ok(Self { connection })
    }

    pub(in crate::store) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Runs `work` in one transaction: all of it happens, or nothing. References between rows are
    /// checked at its end.
    ///
    /// # Errors
    ///
    /// What `work` answers; [`crate::diag::Code::ServiceUnavailable`] when another writer does not
    /// end in time; faults of the database.
    pub fn transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        on_connection!(&mut self.connection, c => begin_write(c))?;
        let done = work(self);
        let ended = on_connection!(&mut self.connection, c => driver::end(c, done.is_ok()));
        let value = done?;
        ended.map_err(|e| failure::problem(&e, false))?;
        Ok(value)
    }

    /// Inserts rows; each has one value for each of `columns`, of the column's kind. Shadow columns
    /// are the caller's.
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
        on_connection!(&mut self.connection, c => insert(c, table, columns, rows))
    }

    /// Brings the statistics of the database up to date; worth it after a bulk load.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn analyze(&mut self) -> Result<()> {
        on_connection!(&mut self.connection, c => analyze(c))
    }
}

fn begin_write<C: Driver>(connection: &mut C) -> Result<()> {
    driver::begin(connection, C::BEGIN_WRITE)
        .and_then(|()| connection.batch_execute(C::DEFER))
        .map_err(|e| failure::problem(&e, false))
}

fn analyze<C: Driver>(connection: &mut C) -> Result<()> {
    connection
        .batch_execute(C::ANALYZE)
        .map_err(|e| failure::problem(&e, false))
}

fn insert<C: Driver>(
    connection: &mut C,
    table: &Table,
    columns: &[ColumnNo],
    rows: &[Vec<Value>],
) -> Result<()> {
    let at_once = C::INSERT_BINDS.checked_div(columns.len()).unwrap_or(1);
    for chunk in rows.chunks(at_once.max(1)) {
        connection
            .execute_returning_count(&Insert::new(table, columns, chunk))
            .map_err(|e| failure::problem(&e, false))?;
    }
    Ok(())
}
