//! What each database makes once for itself: the key of skip tokens, and what it is known by.

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::{OptionalExtension, QueryResult};
use diesel::serialize::ToSql;
use diesel::sql_types::{Binary, HasSqlType};

use uuid::Uuid;

use super::failure;
use super::session::{Connection, on_connection};
use crate::diag::{Code, Problem, Result};
use crate::plan::TokenKey;

/// The row of the table of keys.
#[derive(diesel::QueryableByName)]
struct Stored {
    #[diesel(sql_type = Binary)]
    secret: Vec<u8>,
}

/// Statements about one row of the table of keys.
struct Kind {
    read: &'static str,
    keep: &'static str,
}

/// The key of skip tokens.
const SKIP_TOKENS: Kind = Kind {
    read: "SELECT \"Secret\" AS secret FROM \"Ext_Server_Keys\" WHERE \"Name\" = 'skiptoken'",
    keep: "INSERT INTO \"Ext_Server_Keys\" (\"Name\", \"Secret\") VALUES ('skiptoken', ",
};

/// What the database is known by; no secret.
const DATABASE: Kind = Kind {
    read: "SELECT \"Secret\" AS secret FROM \"Ext_Server_Keys\" WHERE \"Name\" = 'database'",
    keep: "INSERT INTO \"Ext_Server_Keys\" (\"Name\", \"Secret\") VALUES ('database', ",
};

/// Writes a row unless there is one.
struct Keep<'k>(&'static str, &'k [u8]);

impl QueryId for Keep<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> QueryFragment<DB> for Keep<'_>
where
    DB: Backend + HasSqlType<Binary>,
    [u8]: ToSql<Binary, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(self.0);
        out.push_bind_param::<Binary, [u8]>(self.1)?;
        out.push_sql(") ON CONFLICT DO NOTHING");
        Ok(())
    }
}

/// The key of skip tokens.
pub(in crate::store) fn key(connection: &mut Connection) -> Result<TokenKey> {
    Ok(TokenKey::new(once(connection, &SKIP_TOKENS)?))
}

/// What the database is known by.
pub(in crate::store) fn database(connection: &mut Connection) -> Result<Uuid> {
    let random = once(connection, &DATABASE)?;
    Ok(uuid::Builder::from_random_bytes(random).into_uuid())
}

/// Reads random bytes, and makes them first where there are none: of several servers that start at
/// once, one makes them and all read them.
fn once<const N: usize>(connection: &mut Connection, kind: &Kind) -> Result<[u8; N]> {
    let stored = match read(connection, kind)? {
        Some(stored) => stored,
        None => {
            keep_new::<N>(connection, kind)?;
            read(connection, kind)?.ok_or_else(damaged)?
        }
    };
    <[u8; N]>::try_from(stored.as_slice()).map_err(|_| damaged())
}

fn read(connection: &mut Connection, kind: &Kind) -> Result<Option<Vec<u8>>> {
    let found: QueryResult<Stored> =
        on_connection!(connection, c => diesel::sql_query(kind.read).get_result(c));
    let found = found.optional().map_err(|e| failure::problem(&e, false))?;
    Ok(found.map(|s| s.secret))
}

fn keep_new<const N: usize>(connection: &mut Connection, kind: &Kind) -> Result<()> {
    let mut fresh = [0_u8; N];
    getrandom::fill(&mut fresh).map_err(|e| {
        Problem::new(Code::Internal, "the system gives no random numbers").log(e.to_string())
    })?;
    use diesel::connection::Connection as _;
    on_connection!(connection, c => c.execute_returning_count(&Keep(kind.keep, &fresh)))
        .map_err(|e| failure::problem(&e, false))?;
    Ok(())
}

fn damaged() -> Problem {
    Problem::new(Code::Internal, "a row of the table of keys is damaged")
}
