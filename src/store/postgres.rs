//! Connections to PostgreSQL and their rows.

use std::marker::PhantomData;
use std::time::Duration;

use diesel::connection::{LoadConnection, SimpleConnection};
use diesel::pg::{Pg, PgConnection, PgRowByRowLoadingMode};
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error as PoolError, Pool};
use diesel::row::{Field, Row as DieselRow};
use diesel::sql_types::Untyped;
use uuid::Uuid;

use super::driver::{Driver, Halt};
use super::{Cell, Flow, Row, RowSink, StoreOptions, cache, pool};
use crate::diag::{Code, Problem, Result};
use crate::model::ColumnKind;
use crate::sql::POSTGRES_ORIGIN;
use crate::value::Timestamp;

/// A pool of connections to one database.
pub(in crate::store) type PostgresPool = Pool<ConnectionManager<PgConnection>>;

/// Connections that only read; each statement ends at the deadline.
pub(in crate::store) fn readers(url: &str, options: &StoreOptions) -> PostgresPool {
    let setup = Setup {
        statements: vec![
            "SET TIME ZONE 'UTC'".to_owned(),
            "SET default_transaction_read_only = on".to_owned(),
            // It takes longer to compile a long condition than to run it: 60 lambdas took 5 s, not 0.1 s.
            "SET jit = off".to_owned(),
            deadline(options.deadline),
        ],
    };
    pool::lazy(
        url.to_owned(),
        options.readers,
        options.wait,
        false,
        Box::new(setup),
    )
}

/// Connections that write; no deadline, since it would roll everything back and hide the cause.
pub(in crate::store) fn writers(url: &str, options: &StoreOptions) -> PostgresPool {
    let wait = options.lock_wait.as_millis();
    let setup = Setup {
        statements: vec![
            "SET TIME ZONE 'UTC'".to_owned(),
            format!("SET lock_timeout = {wait}"),
        ],
    };
    pool::lazy(
        url.to_owned(),
        options.writers,
        options.wait,
        true,
        Box::new(setup),
    )
}

/// The statement that sets the deadline of later ones; zero is none.
pub(in crate::store) fn deadline(limit: Option<Duration>) -> String {
    let millis = limit.map_or(0, |l| l.as_millis().clamp(1, 2_000_000_000));
    format!("SET statement_timeout = {millis}")
}

/// Sets a new connection up.
#[derive(Debug)]
struct Setup {
    statements: Vec<String>,
}

impl CustomizeConnection<PgConnection, PoolError> for Setup {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), PoolError> {
        cache::watch(connection);
        connection
            .batch_execute(&self.statements.join("; "))
            .map_err(PoolError::QueryError)
    }
}

impl Driver for PgConnection {
    const BEGIN_READ: &'static str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    const BEGIN_WRITE: &'static str = "BEGIN; SET CONSTRAINTS ALL DEFERRED";
    const DEFER: Option<&'static str> = None;
    const SETTLE: Option<&'static str> = Some("SET CONSTRAINTS ALL IMMEDIATE");
    const ANALYZE: &'static str = "ANALYZE";
    const FORGET: &'static str = "DEALLOCATE ALL";
    /// One array per column binds any number of rows; this bounds the size of a message.
    const INSERT_BINDS: usize = 50_000;

    fn each<T, S>(&mut self, query: T, sink: &mut S) -> Result<(), Halt>
    where
        T: Query<SqlType = Untyped> + QueryFragment<Pg> + QueryId,
        S: RowSink,
    {
        for row in LoadConnection::<PgRowByRowLoadingMode>::load(self, query)? {
            let row = PgRow(row?, PhantomData);
            match sink.row(&row).map_err(Halt::Sink)? {
                Flow::More => {}
                Flow::Stop => break,
            }
        }
        Ok(())
    }
}

/// A row of a result, in the binary format.
struct PgRow<'s, R>(R, PhantomData<&'s ()>);

impl<'s, R: DieselRow<'s, Pg>> Row for PgRow<'s, R> {
    fn cell<T>(
        &self,
        position: usize,
        kind: &ColumnKind,
        look: impl FnOnce(Cell<'_>) -> T,
    ) -> Result<T> {
        let field = self.0.get(position).ok_or_else(misfit)?;
        let Some(value) = field.value() else {
            return Ok(look(Cell::Null));
        };
        decode(value.as_bytes(), kind).map(look).ok_or_else(misfit)
    }
}

fn misfit() -> Problem {
    Problem::new(Code::Internal, "a row does not fit its query")
}

/// Reads the binary form of a value; nothing for bytes that are none.
fn decode<'v>(bytes: &'v [u8], kind: &ColumnKind) -> Option<Cell<'v>> {
    let long = || bytes.try_into().ok().map(i64::from_be_bytes);
    Some(match kind {
        ColumnKind::Text | ColumnKind::Folded | ColumnKind::Json | ColumnKind::Code(_) => {
            Cell::Text(std::str::from_utf8(bytes).ok()?)
        }
        ColumnKind::Key | ColumnKind::Reference(_) | ColumnKind::Guid => {
            Cell::Guid(Uuid::from_slice(bytes).ok()?)
        }
        ColumnKind::Boolean => Cell::Boolean(*bytes.first()? != 0),
        ColumnKind::RowId | ColumnKind::Integer => Cell::Integer(long()?),
        ColumnKind::Timestamp => Cell::Timestamp(Timestamp::from_micros(
            long()?.checked_add(POSTGRES_ORIGIN)?,
        )),
        ColumnKind::Binary => Cell::Binary(bytes),
    })
}
