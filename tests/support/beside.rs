//! Statements that run on a database beside the program.

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::{PgConnection, QueryResult, RunQueryDsl as _, SqliteConnection};
use userdex::store::DatabaseUrl;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// A connection to a SQLite file that waits until the program has written what it is writing.
pub fn sqlite(file: &str) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(file).unwrap();
    connection
        .batch_execute("PRAGMA busy_timeout = 60000")
        .unwrap();
    connection
}

/// Runs statements; the database's complaint.
pub fn attempt(url: &str, sql: &str) -> QueryResult<()> {
    match url.parse().unwrap() {
        DatabaseUrl::Sqlite(file) => sqlite(&file).batch_execute(sql),
        DatabaseUrl::Postgres(_) => PgConnection::establish(url).unwrap().batch_execute(sql),
    }
}

/// Runs statements.
pub fn run(url: &str, sql: &str) {
    attempt(url, sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
}

/// What a query gives whose only column is `line`.
pub fn lines(url: &str, sql: &str) -> Vec<String> {
    let query = diesel::sql_query(sql);
    let rows: QueryResult<Vec<Line>> = match url.parse().unwrap() {
        DatabaseUrl::Sqlite(file) => query.load(&mut sqlite(&file)),
        DatabaseUrl::Postgres(_) => query.load(&mut PgConnection::establish(url).unwrap()),
    };
    let rows = rows.unwrap_or_else(|e| panic!("{sql}: {e}"));
    rows.into_iter().map(|row| row.line).collect()
}
