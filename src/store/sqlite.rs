//! Connections to SQLite and their rows.

use std::marker::PhantomData;

use diesel::connection::{Connection, LoadConnection, SimpleConnection};
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error as PoolError, Pool};
use diesel::result::QueryResult;
use diesel::row::{Field, Row as DieselRow};
use diesel::sql_types::Untyped;
use diesel::sqlite::{Sqlite, SqliteConnection};
use uuid::Uuid;

use super::driver::{Driver, Halt};
use super::{
    Cell, Durability, Flow, Row, RowSink, StoreOptions, cache, failure, pool, sqlite_deadline,
};
use crate::diag::{Code, Problem, Result};
use crate::model::ColumnKind;
use crate::value::Timestamp;

/// Kibibytes of pages that the writer keeps at least: a large transaction that does not fit writes
/// its pages again and again.
const WRITER_CACHE_KIB: u32 = 131_072;

/// Pages of the write-ahead log before they are copied into the file (64 MiB): a page that changes
/// often is then copied once for many transactions.
const LOG_PAGES: u32 = 16_000;

/// A pool of connections to one file.
pub(in crate::store) type SqlitePool = Pool<ConnectionManager<SqliteConnection>>;

/// Connections that only read.
pub(in crate::store) fn readers(path: &str, options: &StoreOptions) -> SqlitePool {
    let setup = Setup {
        pragmas: reader_pragmas(options),
    };
    pool::lazy(
        address(path),
        options.readers,
        options.wait,
        false,
        Box::new(setup),
    )
}

/// The one connection that writes.
pub(in crate::store) fn writer(path: &str, options: &StoreOptions) -> SqlitePool {
    let setup = Setup {
        pragmas: writer_pragmas(options),
    };
    pool::lazy(address(path), 1, options.lock_wait, false, Box::new(setup))
}

/// A connection outside the pools that changes nothing by being opened: to look at a file before
/// it is used.
pub(in crate::store) fn inspect(path: &str) -> Result<SqliteConnection> {
    sqlite_deadline::install();
    SqliteConnection::establish(&address(path)).map_err(|e| failure::unconnected(&e.to_string()))
}

/// Switches a file to the write-ahead log, and sees that it can be written.
pub(in crate::store) fn prepare_file(
    connection: &mut SqliteConnection,
    options: &StoreOptions,
) -> Result<()> {
    let steps = writer_pragmas(options);
    let steps = steps.iter().map(String::as_str);
    steps
        .chain(["BEGIN IMMEDIATE", "ROLLBACK"])
        .try_for_each(|sql| connection.batch_execute(sql))
        .map_err(|e| failure::problem(&e, false))
}

/// The path in a form that SQLite does not take for a URI or a special name.
fn address(path: &str) -> String {
    if path.starts_with("file:") || path.starts_with(':') {
        format!("./{path}")
    } else {
        path.to_owned()
    }
}

/// One statement each: SQLite would silently skip the rest of a text after a failure.
fn reader_pragmas(options: &StoreOptions) -> Vec<String> {
    vec![
        format!("PRAGMA busy_timeout = {}", options.lock_wait.as_millis()),
        mapping(options.mapped_bytes),
        format!("PRAGMA cache_size = -{}", options.cache_kib),
        "PRAGMA query_only = ON".to_owned(),
    ]
}

/// The statement that sets how many bytes of the file a connection maps into memory.
pub(in crate::store) fn mapping(bytes: u64) -> String {
    format!("PRAGMA mmap_size = {bytes}")
}

fn writer_pragmas(options: &StoreOptions) -> Vec<String> {
    let synchronous = match options.durability {
        Durability::PowerLoss => "FULL",
        Durability::ProcessCrash => "NORMAL",
    };
    vec![
        format!("PRAGMA busy_timeout = {}", options.lock_wait.as_millis()),
        "PRAGMA journal_mode = WAL".to_owned(),
        format!("PRAGMA synchronous = {synchronous}"),
        format!("PRAGMA wal_autocheckpoint = {LOG_PAGES}"),
        "PRAGMA foreign_keys = ON".to_owned(),
        format!(
            "PRAGMA cache_size = -{}",
            options.cache_kib.max(WRITER_CACHE_KIB)
        ),
    ]
}

/// Sets a new connection up.
#[derive(Debug)]
struct Setup {
    pragmas: Vec<String>,
}

impl CustomizeConnection<SqliteConnection, PoolError> for Setup {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), PoolError> {
        cache::watch(connection);
        let run = |p: &String| connection.batch_execute(p);
        self.pragmas
            .iter()
            .try_for_each(run)
            .map_err(PoolError::QueryError)
    }
}

impl Driver for SqliteConnection {
    const BEGIN_READ: &'static str = "BEGIN";
    const BEGIN_WRITE: &'static str = "BEGIN IMMEDIATE";
    /// Not with each transaction: SQLite then prepares all statements of the connection anew.
    const DEFER: Option<&'static str> = Some("PRAGMA defer_foreign_keys = ON");
    const SETTLE: Option<&'static str> = None;
    const FORGET: &'static str = "";
    /// One row at a time: for several, SQLite keeps a copy of each page it changes, in case that a
    /// later row fails. For a hundred rows, statements of 2 to 100 rows were not faster either
    /// (1.8 ms).
    const INSERT_BINDS: usize = 1;
    const ANALYZE: &'static str = "ANALYZE";

    fn each<T, S>(&mut self, query: T, sink: &mut S) -> Result<(), Halt>
    where
        T: Query<SqlType = Untyped> + QueryFragment<Sqlite> + QueryId,
        S: RowSink,
    {
        for row in LoadConnection::load(self, query)? {
            let row = SqliteRow(row?, PhantomData);
            match sink.row(&row).map_err(Halt::Sink)? {
                Flow::More => {}
                Flow::Stop => break,
            }
        }
        Ok(())
    }
}

/// A row of a result.
struct SqliteRow<'s, R>(R, PhantomData<&'s ()>);

impl<'s, R: DieselRow<'s, Sqlite>> Row for SqliteRow<'s, R> {
    fn cell<T>(
        &self,
        position: usize,
        kind: &ColumnKind,
        look: impl FnOnce(Cell<'_>) -> T,
    ) -> Result<T> {
        let misfit = || Problem::new(Code::Internal, "a row does not fit its query");
        let field = self.0.get(position).ok_or_else(misfit)?;
        let Some(mut value) = field.value() else {
            return Ok(look(Cell::Null));
        };
        Ok(match kind {
            ColumnKind::Text | ColumnKind::Folded | ColumnKind::Json | ColumnKind::Code(_) => {
                look(Cell::Text(value.read_text()))
            }
            ColumnKind::Key | ColumnKind::Reference(_) | ColumnKind::Guid => {
                let guid = Uuid::from_slice(value.read_blob()).map_err(|_| misfit())?;
                look(Cell::Guid(guid))
            }
            ColumnKind::Boolean => look(Cell::Boolean(value.read_long() != 0)),
            ColumnKind::RowId | ColumnKind::Integer => look(Cell::Integer(value.read_long())),
            ColumnKind::Timestamp => {
                look(Cell::Timestamp(Timestamp::from_micros(value.read_long())))
            }
            ColumnKind::Binary => look(Cell::Binary(value.read_blob())),
        })
    }
}

/// One number that a statement without binds answers with.
pub(in crate::store) fn number(connection: &mut SqliteConnection, sql: &str) -> QueryResult<i64> {
    #[derive(diesel::QueryableByName)]
    struct Answer {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    use diesel::RunQueryDsl;
    let answer: Answer = diesel::sql_query(sql).get_result(connection)?;
    Ok(answer.n)
}
