//! Bringing the tables of a database up to date.

use diesel::Connection as Connecting;
use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::migration::{Migration as _, MigrationSource};
use diesel::pg::Pg;
use diesel::result::Error;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::kept_trigrams::Kept;
use super::open::{Store, fault};
use super::session::Connection;
use super::url::DatabaseUrl;
use super::{failure, sqlite};
use crate::diag::{Problem, Result};

/// The migrations of SQLite.
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
/// The migrations of PostgreSQL.
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// One step of the tables' history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its name: the time at which it was written, and what it does.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Why Diesel could not migrate.
type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Store {
    /// Applies the migrations that the database lacks; answers their names.
    ///
    /// # Errors
    ///
    /// [`crate::diag::Code::DatabaseFault`] when the database is of a newer version or a migration
    /// fails; what the failed one did is undone. [`crate::diag::Code::ServiceUnavailable`] when it
    /// cannot be reached.
    pub fn migrate(&self) -> Result<Vec<String>> {
        let mut writer = self.writer()?;
        match writer.connection() {
            Connection::Sqlite(c) => {
                let pending = status(&mut **c, &SQLITE)?;
                if pending.iter().all(|migration| migration.applied) {
                    return Ok(Vec::new());
                }
                // A migration may make a table anew, and the triggers of the old one would go.
                let kept = Kept::put_away(c).map_err(|e| failure::problem(&e, false))?;
                let done = migrate(&mut **c, &SQLITE);
                kept.put_back(c);
                done
            }
            Connection::Postgres(c) => migrate(&mut **c, &POSTGRES),
        }
    }

    /// Every migration, in order, and whether the database has it. Nothing is written.
    ///
    /// # Errors
    ///
    /// As [`Store::migrate`].
    pub fn migration_status(&self) -> Result<Vec<Migration>> {
        let mut writer = self.writer()?;
        match writer.connection() {
            Connection::Sqlite(c) => looked(&mut **c, &SQLITE),
            Connection::Postgres(c) => looked(&mut **c, &POSTGRES),
        }
    }

    /// Every migration of a database that is not there yet.
    ///
    /// # Errors
    ///
    /// None of a database, which is not asked.
    pub fn migrations_of_new(url: &DatabaseUrl) -> Result<Vec<Migration>> {
        match url {
            DatabaseUrl::Sqlite(_) => known::<Sqlite>(&SQLITE, &[]),
            DatabaseUrl::Postgres(_) => known::<Pg>(&POSTGRES, &[]),
        }
    }
}

fn migrate<C, DB>(connection: &mut C, source: &'static EmbeddedMigrations) -> Result<Vec<String>>
where
    C: MigrationHarness<DB>,
    DB: Backend + 'static,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let pending = status(connection, source)?;
    let all: Vec<Box<dyn diesel::migration::Migration<DB>>> =
        source.migrations().map_err(failed)?;
    for migration in &all {
        let name = migration.name().to_string();
        if pending.iter().any(|m| m.name == name && !m.applied) {
            connection.run_migration(&**migration).map_err(failed)?;
        }
    }
    let done = pending.into_iter().filter(|m| !m.applied);
    Ok(done.map(|m| m.name).collect())
}

/// The known migrations in order; a fault when the database has one that is not known.
fn status<C, DB>(connection: &mut C, source: &'static EmbeddedMigrations) -> Result<Vec<Migration>>
where
    C: MigrationHarness<DB>,
    DB: Backend + 'static,
    EmbeddedMigrations: MigrationSource<DB>,
{
    // Makes the table of what was applied when it is missing.
    let applied: Vec<String> = connection
        .applied_migrations()
        .map_err(failed)?
        .iter()
        .map(ToString::to_string)
        .collect();
    let known = known(source, &applied)?;
    if known.iter().filter(|m| m.applied).count() == applied.len() {
        Ok(known)
    } else {
        Err(newer())
    }
}

/// The same, and the table of what was applied is not made.
fn looked<C, DB>(connection: &mut C, source: &'static EmbeddedMigrations) -> Result<Vec<Migration>>
where
    C: MigrationHarness<DB> + Connecting<Backend = DB>,
    DB: Backend + 'static,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let mut found = Ok(Vec::new());
    let undone = connection.transaction(|connection| -> QueryResult<()> {
        found = status(connection, source);
        Err(Error::RollbackTransaction)
    });
    match undone {
        Ok(()) | Err(Error::RollbackTransaction) => found,
        Err(error) => Err(failure::problem(&error, false)),
    }
}

/// The known migrations in order, given the versions of those that were applied.
fn known<DB>(source: &'static EmbeddedMigrations, applied: &[String]) -> Result<Vec<Migration>>
where
    DB: Backend + 'static,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let mut known = Vec::new();
    let all: Vec<Box<dyn diesel::migration::Migration<DB>>> =
        source.migrations().map_err(failed)?;
    for migration in &all {
        let version = migration.name().version().to_string();
        known.push(Migration {
            name: migration.name().to_string(),
            applied: applied.contains(&version),
        });
    }
    known.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(known)
}

/// Refuses a SQLite file that is not ours or of a newer version, before anything is written to it.
pub(in crate::store) fn check_sqlite(connection: &mut SqliteConnection) -> Result<()> {
    let mut ask =
        |sql: &str| sqlite::number(connection, sql).map_err(|e| failure::problem(&e, false));
    if ask("SELECT count(*) AS n FROM sqlite_master")? == 0 {
        return Ok(());
    }
    let ours = "SELECT count(*) AS n FROM sqlite_master WHERE name = '__diesel_schema_migrations'";
    if ask(ours)? == 0 {
        return Err(fault("the file is a database of another program").help("name another file"));
    }
    status(connection, &SQLITE).map(drop)
}

fn newer() -> Problem {
    fault("the database was made by a newer version of the program")
        .help("update the program, or name another database")
}

#[expect(clippy::needless_pass_by_value, reason = "takes what `map_err` gives")]
fn failed(error: Failure) -> Problem {
    let text = error.to_string();
    failure::known(&text)
        .unwrap_or_else(|| fault("the tables of the database cannot be brought up to date"))
        .log(text)
}
