//! Statements of the audit log: entries in, links of the chain, its head, and both read back.
//!
//! They name columns as the shipped model has them; see [`super::sign_in`].

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Untyped;

use super::{Dialect, OwnTable};
use crate::value::Value;

/// Rows for one of the service's own tables: constant text, then each row's values in brackets.
pub struct OwnRows {
    start: &'static str,
    rows: Vec<Vec<Value>>,
}

impl OwnRows {
    /// New entries, in the order of the columns below.
    pub fn audit_entries(rows: Vec<Vec<Value>>) -> Self {
        Self {
            start: "INSERT INTO \"Sys_Audit_Log_Entries\" (\"Audit_Log_Entry_Id\", \
                    \"Event_Time_Utc\", \"Creation_Time_Utc\", \"Last_Update_Time_Utc\", \
                    \"Event_Class\", \"Event_Type\", \"Event_Name\", \"Event_Name_folded\", \
                    \"Application_Name\", \"Application_Name_folded\", \"User_Id\", \
                    \"Entity_Name\", \"Entity_Name_folded\", \"Entity_Item_Id\", \"Details\") \
                    VALUES ",
            rows,
        }
    }

    /// New links of the chain: number, entry, hash.
    pub fn audit_links(rows: Vec<Vec<Value>>) -> Self {
        Self {
            start: "INSERT INTO \"Ext_Audit_Chain\" (\"Number\", \"Audit_Log_Entry_Id\", \
                    \"Hash\") VALUES ",
            rows,
        }
    }

    /// The fingerprints of settings: name, fingerprint.
    pub fn audit_settings(rows: Vec<Vec<Value>>) -> Self {
        Self {
            start: "INSERT INTO \"Ext_Audit_Settings\" (\"Name\", \"Fingerprint\") VALUES ",
            rows,
        }
    }
}

impl std::fmt::Debug for OwnRows {
    /// Without the values.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OwnRows").field(&self.start).finish()
    }
}

impl QueryId for OwnRows {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for OwnRows {
    type SqlType = Untyped;
}

impl<DB: Dialect> QueryFragment<DB> for OwnRows {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(self.start);
        for (n, row) in self.rows.iter().enumerate() {
            out.push_sql(if n == 0 { "(" } else { ", (" });
            for (n, value) in row.iter().enumerate() {
                if n > 0 {
                    out.push_sql(", ");
                }
                DB::walk_value(&mut out, value)?;
            }
            out.push_sql(")");
        }
        Ok(())
    }
}

/// An entry, in the order of [`crate::store::AuditReads`], with its number and hash before it.
macro_rules! link {
    () => {
        "SELECT c.\"Number\", c.\"Hash\", e.\"Audit_Log_Entry_Id\", e.\"Event_Time_Utc\", \
         e.\"Event_Class\", e.\"Event_Type\", e.\"Event_Name\", e.\"Application_Name\", \
         e.\"User_Id\", e.\"Entity_Name\", e.\"Entity_Item_Id\", e.\"Details\", \
         e.\"External_Id\", e.\"External_System\", e.\"Additional_Data_Json\", \
         e.\"Event_Name_folded\", e.\"Application_Name_folded\", e.\"Entity_Name_folded\" \
         FROM \"Ext_Audit_Chain\" c LEFT JOIN \"Sys_Audit_Log_Entries\" e ON \
         e.\"Audit_Log_Entry_Id\" = c.\"Audit_Log_Entry_Id\""
    };
}

impl OwnTable {
    /// Takes numbers at the end of the chain: the last of them, and the hash before the first. Until
    /// the transaction ends, nobody else takes any.
    pub fn take_audit_numbers(count: i64) -> Self {
        Self {
            parts: &["UPDATE \"Ext_Audit_Head\" SET \"Last_Number\" = \"Last_Number\" + "],
            values: vec![Value::Integer(count)],
            end: " RETURNING \"Last_Number\", \"Last_Hash\"",
        }
    }

    /// Notes the hash at the end of the chain.
    pub fn end_audit(hash: &[u8]) -> Self {
        Self {
            parts: &["UPDATE \"Ext_Audit_Head\" SET \"Last_Hash\" = "],
            values: vec![Value::Binary(hash.to_vec())],
            end: "",
        }
    }

    /// The head: the last number and its hash, the last removed number and its hash.
    pub fn audit_head() -> Self {
        Self {
            parts: &[],
            values: Vec::new(),
            end: "SELECT \"Last_Number\", \"Last_Hash\", \"Removed_Number\", \"Removed_Hash\" \
                  FROM \"Ext_Audit_Head\"",
        }
    }

    /// Every link of the chain with its entry, in order.
    pub fn audit_chain() -> Self {
        Self {
            parts: &[],
            values: Vec::new(),
            end: concat!(link!(), " ORDER BY c.\"Number\""),
        }
    }

    /// How many entries are in no chain.
    pub fn audit_strangers() -> Self {
        Self {
            parts: &[],
            values: Vec::new(),
            end: "SELECT count(*) FROM \"Sys_Audit_Log_Entries\" e WHERE NOT EXISTS (SELECT 1 \
                  FROM \"Ext_Audit_Chain\" c WHERE c.\"Audit_Log_Entry_Id\" = \
                  e.\"Audit_Log_Entry_Id\")",
        }
    }

    /// The first links of the chain after a number: number, hash and time, at most so many.
    pub fn audit_start(after: i64, most: i64) -> Self {
        Self {
            parts: &[
                "SELECT c.\"Number\", c.\"Hash\", e.\"Event_Time_Utc\" FROM \"Ext_Audit_Chain\" c \
                 JOIN \"Sys_Audit_Log_Entries\" e ON e.\"Audit_Log_Entry_Id\" = \
                 c.\"Audit_Log_Entry_Id\" WHERE c.\"Number\" > ",
                " ORDER BY c.\"Number\" LIMIT ",
            ],
            values: vec![Value::Integer(after), Value::Integer(most)],
            end: "",
        }
    }

    /// Moves the start of the chain: everything up to a number may go. Meets nothing where it went
    /// before.
    pub fn move_audit_start(number: i64, hash: &[u8]) -> Self {
        Self {
            parts: &[
                "UPDATE \"Ext_Audit_Head\" SET \"Removed_Number\" = ",
                ", \"Removed_Hash\" = ",
                " WHERE \"Removed_Number\" < ",
            ],
            values: vec![
                Value::Integer(number),
                Value::Binary(hash.to_vec()),
                Value::Integer(number),
            ],
            end: "",
        }
    }

    /// Drops the entries up to a number.
    pub fn drop_audit_entries(through: i64) -> Self {
        Self {
            parts: &[
                "DELETE FROM \"Sys_Audit_Log_Entries\" WHERE \"Audit_Log_Entry_Id\" IN (SELECT \
                 \"Audit_Log_Entry_Id\" FROM \"Ext_Audit_Chain\" WHERE \"Number\" <= ",
            ],
            values: vec![Value::Integer(through)],
            end: ")",
        }
    }

    /// Drops the links up to a number.
    pub fn drop_audit_links(through: i64) -> Self {
        Self {
            parts: &["DELETE FROM \"Ext_Audit_Chain\" WHERE \"Number\" <= "],
            values: vec![Value::Integer(through)],
            end: "",
        }
    }

    /// The fingerprints of the settings of the last start.
    pub fn audit_settings() -> Self {
        Self {
            parts: &[],
            values: Vec::new(),
            end: "SELECT \"Name\", \"Fingerprint\" FROM \"Ext_Audit_Settings\"",
        }
    }

    /// Forgets them.
    pub fn forget_audit_settings() -> Self {
        Self {
            parts: &[],
            values: Vec::new(),
            end: "DELETE FROM \"Ext_Audit_Settings\"",
        }
    }
}
