//! The key of skip tokens.

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::{OptionalExtension, QueryResult};
use diesel::serialize::ToSql;
use diesel::sql_types::{Binary, HasSqlType};

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

/// Reads the key.
const READ: &str =
    "SELECT \"Secret\" AS secret FROM \"Ext_Server_Keys\" WHERE \"Name\" = 'skiptoken'";

/// Writes a key unless there is one.
struct Keep<'k>(&'k [u8]);

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
        out.push_sql(
            "INSERT INTO \"Ext_Server_Keys\" (\"Name\", \"Secret\") VALUES ('skiptoken', ",
        );
        out.push_bind_param::<Binary, [u8]>(self.0)?;
        out.push_sql(") ON CONFLICT DO NOTHING");
        Ok(())
    }
}

/// Reads the key, and makes it first where there is none: of several servers that start at once,
/// one makes it and all read it.
pub(in crate::store) fn key(connection: &mut Connection) -> Result<TokenKey> {
    let stored = match read(connection)? {
        Some(stored) => stored,
        None => {
            keep_new(connection)?;
            read(connection)?.ok_or_else(damaged)?
        }
    };
    let bytes = <[u8; 32]>::try_from(stored.as_slice()).map_err(|_| damaged())?;
    Ok(TokenKey::new(bytes))
}

fn read(connection: &mut Connection) -> Result<Option<Vec<u8>>> {
    let found: QueryResult<Stored> =
        on_connection!(connection, c => diesel::sql_query(READ).get_result(c));
    let found = found.optional().map_err(|e| failure::problem(&e, false))?;
    Ok(found.map(|s| s.secret))
}

fn keep_new(connection: &mut Connection) -> Result<()> {
    let mut fresh = [0_u8; 32];
    getrandom::fill(&mut fresh).map_err(|e| {
        Problem::new(Code::Internal, "the system gives no random numbers").log(e.to_string())
    })?;
    use diesel::connection::Connection as _;
    on_connection!(connection, c => c.execute_returning_count(&Keep(&fresh)))
        .map_err(|e| failure::problem(&e, false))?;
    Ok(())
}

fn damaged() -> Problem {
    Problem::new(Code::Internal, "the key of skip tokens is damaged")
}
