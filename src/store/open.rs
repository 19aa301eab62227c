//! Opening a database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use super::postgres::{self, PostgresPool};
use super::session::Kind;
use super::sqlite::{self, SqlitePool};
use super::trigrams::Known;
use super::{DatabaseUrl, Session, StoreOptions, Writer, migrations};
use crate::diag::{Code, Problem, Result};
use crate::plan::TokenKey;

/// A database that is open: its pools and settings. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

/// The pools of a store.
pub(in crate::store) struct Inner {
    pub(in crate::store) pools: Pools,
    pub(in crate::store) options: StoreOptions,
    /// Statements of sessions and writers so far.
    pub(in crate::store) statements: AtomicU64,
    /// The indexes of trigrams that reads have to name.
    pub(in crate::store) trigrams: Known,
}

/// The pools, by database. SQLite has one writer.
pub(in crate::store) enum Pools {
    /// SQLite.
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    /// PostgreSQL.
    Postgres {
        readers: PostgresPool,
        writers: PostgresPool,
        /// The address, for connections of their own.
        url: String,
    },
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database of a URL; [`Store::migrate`] then brings its tables up to date.
    ///
    /// A SQLite file is made when it is missing. PostgreSQL is not asked before the first
    /// statement, so that a service starts, and later recovers, while it is down.
    ///
    /// # Errors
    ///
    /// [`Code::DatabaseFault`] for a SQLite file that is none, damaged, not writable, of another
    /// program or of a newer version, [`Code::ServiceUnavailable`] for a locked one. The file is
    /// not changed then.
    pub fn open(url: &DatabaseUrl, options: &StoreOptions) -> Result<Self> {
        let pools = match url {
            DatabaseUrl::Sqlite(path) => {
                let mut look = sqlite::inspect(path)?;
                migrations::check_sqlite(&mut look)?;
                sqlite::prepare_file(&mut look, options)?;
                Pools::Sqlite {
                    readers: sqlite::readers(path, options),
                    writer: sqlite::writer(path, options),
                }
            }
            DatabaseUrl::Postgres(url) => Pools::Postgres {
                readers: postgres::readers(url, options),
                writers: postgres::writers(url, options),
                url: url.clone(),
            },
        };
        Ok(Self(Arc::new(Inner {
            pools,
            options: options.clone(),
            statements: AtomicU64::new(0),
            trigrams: Known::default(),
        })))
    }

    /// How many statements the sessions and writers of this store have run since it was opened.
    pub fn statements(&self) -> u64 {
        self.0.statements.load(Ordering::Relaxed)
    }

    /// A session that reads.
    ///
    /// # Errors
    ///
    /// [`Code::ServiceUnavailable`] when no connection becomes free in time or the database cannot
    /// be reached.
    pub fn session(&self) -> Result<Session> {
        Session::take(&self.0, Kind::Usual)
    }

    /// A session for exports: its reads may run for as long as they need, and keep their memory
    /// small.
    ///
    /// # Errors
    ///
    /// As [`Store::session`].
    pub fn patient_session(&self) -> Result<Session> {
        Session::take(&self.0, Kind::Patient)
    }

    /// A connection for writing. SQLite has one; others wait for it.
    ///
    /// # Errors
    ///
    /// As [`Store::session`].
    pub fn writer(&self) -> Result<Writer> {
        Writer::take(&self.0)
    }

    /// How long a change waits for another one that is in its way.
    pub fn lock_wait(&self) -> std::time::Duration {
        self.0.options.lock_wait
    }

    pub(in crate::store) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(in crate::store) fn options(&self) -> &StoreOptions {
        &self.0.options
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    ///
    /// As [`Store::session`].
    pub fn ping(&self) -> Result<()> {
        self.session()?.ping()
    }

    /// The key that seals skip tokens, made once for each database.
    ///
    /// # Errors
    ///
    /// As [`Store::session`]; [`Code::Internal`] when the stored key is damaged.
    pub fn token_key(&self) -> Result<TokenKey> {
        super::token::key(self.writer()?.connection())
    }

    /// What the database is known by to others, made once for each.
    ///
    /// # Errors
    ///
    /// As [`Store::token_key`].
    pub fn database_id(&self) -> Result<Uuid> {
        super::token::database(self.writer()?.connection())
    }
}

/// A problem with the state of the database that only a person can solve.
pub(in crate::store) fn fault(message: &str) -> Problem {
    Problem::new(Code::DatabaseFault, message)
}
