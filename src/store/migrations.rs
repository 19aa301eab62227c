//! Bringing the tables of a database up to date.

use diesel::backend::Backend;
use diesel::migration::{Migration as _, MigrationSource};
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::kept_trigrams::Kept;
use super::open::{Store, fault};
use super::session::Connection;
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

    /// Every migration, in order, and whether the database has it.
    ///
    /// # Errors
    ///
    /// As [`Store::migrate`].
    pub fn migration_status(&self) -> Result<Vec<Migration>> {
        let mut writer = self.writer()?;
        match writer.connection() {
            Connection::Sqlite(c) => status(&mut **c, &SQLITE),
            Connection::Postgres(c) => status(&mut **c, &POSTGRES),
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
    let mut applied: Vec<String> = connection
        .applied_migrations()
        .map_err(failed)?
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut known = Vec::new();
    let all: Vec<Box<dyn diesel::migration::Migration<DB>>> =
        source.migrations().map_err(failed)?;
    for migration in &all {
        let version = migration.name().version().to_string();
        let before = applied.len();
        applied.retain(|a| *a != version);
        known.push(Migration {
            name: migration.name().to_string(),
            applied: applied.len() < before,
        });
    }
    known.sort_by(|a, b| a.name.cmp(&b.name));
    if applied.is_empty() {
        Ok(known)
    } else {
        Err(newer())
    }
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
