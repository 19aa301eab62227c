//! Reading.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::result::QueryResult;
use diesel::sqlite::SqliteConnection;

use super::driver::{self, Driver, Halt};
use super::open::{Inner, Pools};
use super::pool::{self, Loan};
use super::read::{Runs, Statement};
use super::sink::{Any, Counted, Counting, Number};
use super::{RowSink, StoreOptions, deadline, failure, postgres, sqlite};
use crate::diag::{Code, Problem, Result};
use crate::model::{Model, Table};
use crate::plan::{Overlay, Query};
use crate::sql::{DialectName, Few, Ping, Rare, RowCount, looked_for};

/// A connection that reads, for the time of one request.
///
/// It belongs to one thread while it works and must not be kept across an `.await`.
pub struct Session {
    connection: Connection,
    kind: Kind,
    store: Arc<Inner>,
    in_snapshot: bool,
    /// When its work has to end.
    end: Option<Instant>,
    /// Whether it has run a statement.
    has_run: bool,
}

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    /// One of many short reads.
    Usual,
    /// An export: it may run for as long as it needs, and reads SQLite's file without mapping it,
    /// since mapped pages stay with the process until it has the whole file.
    Patient,
}

/// A connection on loan.
pub(in crate::store) enum Connection {
    /// To SQLite.
    Sqlite(Loan<SqliteConnection>),
    /// To PostgreSQL.
    Postgres(Loan<PgConnection>),
}

/// Runs one expression for whichever connection it is.
macro_rules! on_connection {
    ($connection:expr, $c:ident => $body:expr) => {
        match $connection {
            $crate::store::session::Connection::Sqlite(loan) => {
                let $c = &mut **loan;
                $body
            }
            $crate::store::session::Connection::Postgres(loan) => {
                let $c = &mut **loan;
                $body
            }
        }
    };
}

pub(in crate::store) use on_connection;

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Takes a connection for reading.
    pub(in crate::store) fn take(store: &Arc<Inner>, kind: Kind) -> Result<Self> {
        let connection = Self::connect(store, kind)?;
        // All its statements together have the time of one read.
        let limit = match kind {
            Kind::Usual => store.options.deadline,
            Kind::Patient => None,
        };
        Ok(Self {
            connection,
            kind,
            store: Arc::clone(store),
            in_snapshot: false,
            end: limit.and_then(|limit| Instant::now().checked_add(limit)),
            has_run: false,
        })
    }

    fn connect(store: &Inner, kind: Kind) -> Result<Connection> {
        let mut connection = match &store.pools {
            Pools::Sqlite { readers, .. } => Connection::Sqlite(pool::take(readers)?),
            Pools::Postgres { readers, .. } => Connection::Postgres(pool::take(readers)?),
        };
        match kind {
            Kind::Usual => {}
            Kind::Patient => set_up(&mut connection, &store.options, kind)
                .map_err(|e| failure::problem(&e, false))?,
        }
        Ok(connection)
    }

    /// Which database it is.
    pub(in crate::store) fn dialect(&self) -> DialectName {
        match self.connection {
            Connection::Sqlite(_) => DialectName::Sqlite,
            Connection::Postgres(_) => DialectName::Postgres,
        }
    }

    /// Whether another connection of the pool may do better.
    fn replaceable(&self, problem: &Problem) -> bool {
        let remote = matches!(self.connection, Connection::Postgres(_));
        remote && !self.in_snapshot && problem.code() == Code::ServiceUnavailable
    }

    fn each_once<T: Statement, S: RowSink>(&mut self, statement: &T, sink: &mut S) -> Result<()> {
        self.store.statements.fetch_add(1, Ordering::Relaxed);
        // PostgreSQL gives each statement the whole time: none begins when that is over.
        if std::mem::replace(&mut self.has_run, true)
            && self.end.is_some_and(|e| Instant::now() >= e)
        {
            return Err(deadline::late());
        }
        let end = deadline::until(self.end, || {
            let end = on_connection!(&mut self.connection, c => c.each(statement, sink));
            (end, deadline::passed())
        });
        match end {
            (Ok(()), _) => Ok(()),
            (Err(Halt::Sink(problem)), _) => Err(problem),
            (Err(Halt::Database(error)), late) => {
                self.settle();
                Err(failure::problem(&error, late))
            }
        }
    }

    /// Asks a connection of PostgreSQL whose statement failed for a sign of life. Where it is lost,
    /// Diesel learns it here, and the pool drops it: Diesel does not look when a statement cannot
    /// be prepared, and such a connection would go back to the pool for ever.
    fn settle(&mut self) {
        if let Connection::Postgres(loan) = &mut self.connection {
            // What it answers tells nothing new: the statement's own failure is on its way.
            let _ = loan.batch_execute("SELECT 1");
        }
    }

    /// The texts of a query over some changes that are found by an index of trigrams, to have its
    /// statements explained.
    ///
    /// # Errors
    ///
    /// As [`super::Reads::select`].
    pub fn few_of(&mut self, model: &Model, query: &Query, overlay: &Overlay) -> Result<Few> {
        let texts = || {
            let mut texts = looked_for(model, query);
            texts.retain(|rare| overlay.tables.iter().all(|t| t.table != rare.entity));
            texts
        };
        self.rare(model, &texts)
    }

    /// The number of rows of a table.
    ///
    /// # Errors
    ///
    /// As [`super::Reads::select`].
    pub fn row_count(&mut self, table: &Table) -> Result<u64> {
        let mut number = Number::default();
        self.each(&RowCount(table), &mut number)?;
        Ok(number.0)
    }

    /// Lets all statements of `work` see one state of the database.
    ///
    /// # Errors
    ///
    /// What `work` answers; faults of the database.
    pub fn snapshot<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.begin()?;
        let done = work(self);
        self.in_snapshot = false;
        let ended = on_connection!(&mut self.connection, c => driver::end(c, done.is_ok()));
        let value = done?;
        ended.map_err(|e| failure::problem(&e, false))?;
        Ok(value)
    }

    /// Starts a snapshot, on another connection if this one is broken.
    fn begin(&mut self) -> Result<()> {
        let mut tries = self.store.options.readers;
        loop {
            match on_connection!(&mut self.connection, c => begin_read(c)) {
                Ok(()) => {
                    self.in_snapshot = true;
                    return Ok(());
                }
                Err(problem) if tries == 0 || !self.replaceable(&problem) => return Err(problem),
                Err(_) => self.connection = Self::connect(&self.store, self.kind)?,
            }
            tries = tries.saturating_sub(1);
        }
    }

    pub(in crate::store) fn parts(&mut self) -> (&mut Connection, &Inner) {
        (&mut self.connection, &self.store)
    }

    /// Asks the database for a sign of life.
    pub(in crate::store) fn ping(&mut self) -> Result<()> {
        self.each(&Ping, &mut Any::default()).map(drop)
    }
}

impl Runs for Session {
    /// A connection that broke while it lay in the pool is replaced, as long as nobody has seen a
    /// row and no transaction is lost.
    fn each<T: Statement, S: RowSink>(&mut self, statement: &T, sink: &mut S) -> Result<Counted> {
        let mut tries = self.store.options.readers;
        loop {
            let mut counting = Counting::new(sink);
            match self.each_once(statement, &mut counting) {
                Ok(()) => return Ok(counting.counted),
                Err(problem)
                    if tries == 0 || counting.counted.rows > 0 || !self.replaceable(&problem) =>
                {
                    return Err(problem);
                }
                Err(_) => self.connection = Self::connect(&self.store, self.kind)?,
            }
            tries = tries.saturating_sub(1);
        }
    }

    fn few(&mut self, model: &Model, texts: &dyn Fn() -> Vec<Rare>) -> Result<Few> {
        if !self.in_snapshot {
            return Ok(Few::default());
        }
        self.rare(model, texts)
    }

    /// In a snapshot of its own where there is something to look for and no snapshot.
    fn narrowed<T>(
        &mut self,
        model: &Model,
        texts: &dyn Fn() -> Vec<Rare>,
        work: impl FnOnce(&mut Self, &Few) -> Result<T>,
    ) -> Result<T> {
        let asks = matches!(self.connection, Connection::Sqlite(_)) && !self.in_snapshot;
        if !asks || texts().is_empty() {
            let few = self.few(model, texts)?;
            return work(self, &few);
        }
        self.snapshot(|session| {
            let few = session.few(model, texts)?;
            work(session, &few)
        })
    }
}

impl Drop for Session {
    /// Gives the connection back as the next session expects it.
    fn drop(&mut self) {
        match self.kind {
            Kind::Usual => {}
            // A connection that cannot take this is broken, and the pool drops it.
            Kind::Patient => {
                let _ = set_up(&mut self.connection, &self.store.options, Kind::Usual);
            }
        }
    }
}

/// Makes a connection fit for a kind of session.
fn set_up(connection: &mut Connection, options: &StoreOptions, kind: Kind) -> QueryResult<()> {
    let (deadline, mapped_bytes) = match kind {
        Kind::Usual => (options.deadline, options.mapped_bytes),
        Kind::Patient => (None, 0),
    };
    match connection {
        Connection::Sqlite(loan) => loan.batch_execute(&sqlite::mapping(mapped_bytes)),
        Connection::Postgres(loan) => loan.batch_execute(&postgres::deadline(deadline)),
    }
}

fn begin_read<C: Driver>(connection: &mut C) -> Result<()> {
    driver::begin(connection, C::BEGIN_READ).map_err(|e| failure::problem(&e, false))
}
