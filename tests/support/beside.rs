//! Statements that run on a database beside the program.

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::{PgConnection, QueryResult, RunQueryDsl as _, SqliteConnection};
use userdex::store::DatabaseUrl;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// A connection of its own. On SQLite it waits until the program has written what it is writing.
pub enum Beside {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Beside {
    pub fn open(url: &str) -> Self {
        match url.parse().unwrap() {
            DatabaseUrl::Sqlite(file) => {
                let mut connection = SqliteConnection::establish(&file).unwrap();
                connection
                    .batch_execute("PRAGMA busy_timeout = 60000")
                    .unwrap();
                Self::Sqlite(connection)
            }
            DatabaseUrl::Postgres(_) => Self::Postgres(PgConnection::establish(url).unwrap()),
        }
    }

    /// What a query gives whose only column is `line`.
    pub fn lines(&mut self, sql: &str) -> Vec<String> {
        let query = diesel::sql_query(sql);
        let rows: QueryResult<Vec<Line>> = match self {
            Self::Sqlite(connection) => query.load(connection),
            Self::Postgres(connection) => query.load(connection),
        };
        let rows = rows.unwrap_or_else(|e| panic!("{sql}: {e}"));
        rows.into_iter().map(|row| row.line).collect()
    }
}

/// Runs statements; the database's complaint.
pub fn attempt(url: &str, sql: &str) -> QueryResult<()> {
    match Beside::open(url) {
        Beside::Sqlite(mut connection) => connection.batch_execute(sql),
        Beside::Postgres(mut connection) => connection.batch_execute(sql),
    }
}

/// Runs statements.
pub fn run(url: &str, sql: &str) {
    attempt(url, sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
}
