//! The service's own tables: counters, the answers of repeatable requests, and keys; for those of
//! sign-in, see [`super::sign_in`].

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Untyped;

use super::Dialect;
use crate::value::{Timestamp, Value};

/// A statement of the service's own: constant text with a value after each part.
pub struct OwnTable {
    pub(super) parts: &'static [&'static str],
    pub(super) values: Vec<Value>,
    pub(super) end: &'static str,
}

impl OwnTable {
    /// Adds to a counter, which starts at nought; answers its new value.
    ///
    /// The row stays locked until the transaction ends, so that numbers come in the order of the
    /// commits.
    pub fn count_up(counter: &str, by: i64) -> Self {
        Self {
            parts: &[
                "INSERT INTO \"Ext_Counters\" (\"Name\", \"Value\") VALUES (",
                ", ",
            ],
            values: vec![Value::Text(counter.to_owned()), Value::Integer(by)],
            end: ") ON CONFLICT (\"Name\") DO UPDATE SET \"Value\" = \
                  \"Ext_Counters\".\"Value\" + excluded.\"Value\" RETURNING \"Value\"",
        }
    }

    /// What a counter is at; no row where it has not begun.
    pub fn counter(counter: &str) -> Self {
        Self {
            parts: &["SELECT \"Value\" FROM \"Ext_Counters\" WHERE \"Name\" = "],
            values: vec![Value::Text(counter.to_owned())],
            end: "",
        }
    }

    /// The fingerprint and the answer of a repeatable request.
    pub fn repeatable(id: &str) -> Self {
        Self {
            parts: &[
                "SELECT \"Fingerprint\", \"Answer\" FROM \"Ext_Repeatable_Requests\" \
                 WHERE \"Request_Id\" = ",
            ],
            values: vec![Value::Text(id.to_owned())],
            end: "",
        }
    }

    /// Keeps the answer of a repeatable request.
    pub fn remember(
        id: &str,
        first_sent: Timestamp,
        fingerprint: &[u8],
        answer: &[u8],
        now: Timestamp,
    ) -> Self {
        Self {
            parts: &[
                "INSERT INTO \"Ext_Repeatable_Requests\" (\"Request_Id\", \"First_Sent\", \
                 \"Fingerprint\", \"Answer\", \"Stored_At\") VALUES (",
                ", ",
                ", ",
                ", ",
                ", ",
            ],
            values: vec![
                Value::Text(id.to_owned()),
                Value::Timestamp(first_sent),
                Value::Binary(fingerprint.to_vec()),
                Value::Binary(answer.to_vec()),
                Value::Timestamp(now),
            ],
            end: ")",
        }
    }

    /// Puts another answer in the place of the one that is kept.
    pub fn settle(id: &str, answer: &[u8]) -> Self {
        Self {
            parts: &[
                "UPDATE \"Ext_Repeatable_Requests\" SET \"Answer\" = ",
                " WHERE \"Request_Id\" = ",
            ],
            values: vec![Value::Binary(answer.to_vec()), Value::Text(id.to_owned())],
            end: "",
        }
    }

    /// Drops the answers that were kept before a time.
    pub fn forget_before(time: Timestamp) -> Self {
        Self {
            parts: &["DELETE FROM \"Ext_Repeatable_Requests\" WHERE \"Stored_At\" < "],
            values: vec![Value::Timestamp(time)],
            end: "",
        }
    }

    /// Every key of the ring: id, purpose, secret, creation, retirement.
    pub fn keys() -> Self {
        Self {
            parts: &[],
            values: Vec::new(),
            end: "SELECT \"Key_Id\", \"Purpose\", \"Secret\", \"Created_At\", \"Retired_At\" \
                  FROM \"Ext_Key_Ring\"",
        }
    }

    /// Keeps a key, unless there is one in use for its purpose.
    pub fn keep_key(id: &str, purpose: &str, secret: &[u8], created: Timestamp) -> Self {
        Self {
            parts: &[
                "INSERT INTO \"Ext_Key_Ring\" (\"Key_Id\", \"Purpose\", \"Secret\", \
                 \"Created_At\") VALUES (",
                ", ",
                ", ",
                ", ",
            ],
            values: vec![
                Value::Text(id.to_owned()),
                Value::Text(purpose.to_owned()),
                Value::Binary(secret.to_vec()),
                Value::Timestamp(created),
            ],
            end: ") ON CONFLICT DO NOTHING",
        }
    }

    /// Takes the key of a purpose out of use.
    pub fn retire_key(purpose: &str, now: Timestamp) -> Self {
        Self {
            parts: &[
                "UPDATE \"Ext_Key_Ring\" SET \"Retired_At\" = ",
                " WHERE \"Purpose\" = ",
            ],
            values: vec![Value::Timestamp(now), Value::Text(purpose.to_owned())],
            end: " AND \"Retired_At\" IS NULL",
        }
    }

    /// Drops a key that is out of use.
    pub fn drop_key(id: &str) -> Self {
        Self {
            parts: &["DELETE FROM \"Ext_Key_Ring\" WHERE \"Key_Id\" = "],
            values: vec![Value::Text(id.to_owned())],
            end: " AND \"Retired_At\" IS NOT NULL",
        }
    }
}

/// Counts a set of changes as [`OwnTable::count_up`] counts, and tells all servers of the database,
/// when the transaction commits, that there is something new in the log of changes. With the
/// statement that every such transaction has anyway, it takes no turn to the database of its own.
pub struct CountChange(OwnTable);

impl CountChange {
    /// Counts one set with a counter.
    pub fn new(counter: &str) -> Self {
        Self(OwnTable::count_up(counter, 1))
    }
}

impl std::fmt::Debug for CountChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CountChange").field(&self.0).finish()
    }
}

impl QueryId for CountChange {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for CountChange {
    type SqlType = Untyped;
}

impl<DB: Dialect> QueryFragment<DB> for CountChange {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(DB::ANNOUNCE);
        Ok(())
    }
}

impl std::fmt::Debug for OwnTable {
    /// Without the values.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OwnTable").field(&self.parts).finish()
    }
}

impl QueryId for OwnTable {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for OwnTable {
    type SqlType = Untyped;
}

impl<DB: Dialect> QueryFragment<DB> for OwnTable {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for (part, value) in self.parts.iter().zip(&self.values) {
            out.push_sql(part);
            DB::walk_value(&mut out, value)?;
        }
        out.push_sql(self.end);
        Ok(())
    }
}
