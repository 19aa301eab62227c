//! Statements of sign-in: what decides of a user, counters of failures, sessions.
//!
//! They name columns of the tables of users, domains and groups as the shipped model has them.
//! Reading them all in one statement, and counting without reading first, is what the model's own
//! queries cannot do.

use uuid::Uuid;

use super::OwnTable;
use crate::value::{Timestamp, Value};

/// What decides of a user, in the order of [`crate::store::Account`]. The counter of resets is there
/// so that a caller who is looked up costs no further statement.
macro_rules! account {
    () => {
        "u.\"User_Id\", u.\"Login\", u.\"User_Type\", u.\"Active\", u.\"Is_Admin\", \
         u.\"Basic_Authentication_Allowed\", u.\"Two_Factor_Enabled\", u.\"Access_Failed_Count\", \
         u.\"Lockout_End_Utc\", u.\"Password\", u.\"Password_Format\", u.\"Windows_User_Name\", \
         d.\"Domain_Name_folded\", d.\"Is_Default\", d.\"Allow_Local_Accounts\", \
         EXISTS (SELECT 1 FROM \"Sec_User_Groups\" m JOIN \"Sec_Groups\" g ON g.\"Group_Id\" = \
         m.\"Group_Id\" WHERE m.\"User_Id\" = u.\"User_Id\" AND g.\"Group_Type\" = 'A'), \
         EXISTS (SELECT 1 FROM \"Sec_User_Groups\" m WHERE m.\"User_Id\" = u.\"User_Id\") OR \
         EXISTS (SELECT 1 FROM \"Wf_Role_Users\" r WHERE r.\"User_Id\" = u.\"User_Id\"), \
         (SELECT n.\"Value\" FROM \"Ext_Counters\" n WHERE n.\"Name\" = 'model')"
    };
}

macro_rules! domain {
    () => {
        " LEFT JOIN \"Sec_Domains\" d ON d.\"Domain_Id\" = u.\"Domain_Id\""
    };
}

pub(super) use {account, domain};

impl OwnTable {
    /// The accounts with a login, whatever their domain; `login` is folded.
    pub fn accounts(login: &str) -> Self {
        Self {
            parts: &[concat!(
                "SELECT ",
                account!(),
                " FROM \"Sec_Users\" u",
                domain!(),
                " WHERE u.\"Login_folded\" = "
            )],
            values: vec![Value::Text(login.to_owned())],
            end: "",
        }
    }

    /// The account of a user.
    pub fn account(user: Uuid) -> Self {
        Self {
            parts: &[concat!(
                "SELECT ",
                account!(),
                " FROM \"Sec_Users\" u",
                domain!(),
                " WHERE u.\"User_Id\" = "
            )],
            values: vec![Value::Guid(user)],
            end: "",
        }
    }

    /// A session with the account of its user.
    pub fn session(id: Uuid) -> Self {
        Self {
            parts: &[concat!(
                "SELECT ",
                account!(),
                ", s.\"Session_Id\", s.\"Way\", s.\"Application\", s.\"Scopes\", \
                 s.\"Created_At\", s.\"Used_At\", s.\"Ends_At\" FROM \"Ext_Sessions\" s JOIN \
                 \"Sec_Users\" u ON u.\"User_Id\" = s.\"User_Id\"",
                domain!(),
                " WHERE s.\"Ended_At\" IS NULL AND s.\"Session_Id\" = "
            )],
            values: vec![Value::Guid(id)],
            end: "",
        }
    }

    /// The live session that the same sign-in made before, if there is one.
    pub fn same_session(
        (user, way, application): (Uuid, &str, &str),
        scopes: &str,
        now: Timestamp,
        used_after: Timestamp,
    ) -> Self {
        Self {
            parts: &[
                "SELECT \"Session_Id\" FROM \"Ext_Sessions\" WHERE \"Ended_At\" IS NULL AND \
                 \"User_Id\" = ",
                " AND \"Way\" = ",
                " AND \"Application\" = ",
                " AND \"Scopes\" = ",
                " AND \"Ends_At\" > ",
                " AND \"Used_At\" > ",
            ],
            values: vec![
                Value::Guid(user),
                Value::Text(way.to_owned()),
                Value::Text(application.to_owned()),
                Value::Text(scopes.to_owned()),
                Value::Timestamp(now),
                Value::Timestamp(used_after),
            ],
            end: " ORDER BY \"Used_At\" DESC, \"Session_Id\" LIMIT 1",
        }
    }

    /// The logins of all live sessions, folded, one for each session.
    pub fn live_sessions(now: Timestamp, used_after: Timestamp) -> Self {
        Self {
            parts: &[
                "SELECT u.\"Login_folded\" FROM \"Ext_Sessions\" s JOIN \"Sec_Users\" u ON \
                 u.\"User_Id\" = s.\"User_Id\" WHERE s.\"Ended_At\" IS NULL AND s.\"Ends_At\" > ",
                " AND s.\"Used_At\" > ",
            ],
            values: vec![Value::Timestamp(now), Value::Timestamp(used_after)],
            end: "",
        }
    }

    /// The sessions that have ended at a time or after it, by whatever way.
    pub fn ended_sessions(since: Timestamp, now: Timestamp) -> Self {
        Self {
            parts: &[
                "SELECT \"Session_Id\" FROM \"Ext_Sessions\" WHERE \"Ended_At\" >= ",
                " OR (\"Ends_At\" >= ",
                " AND \"Ends_At\" <= ",
            ],
            values: vec![
                Value::Timestamp(since),
                Value::Timestamp(since),
                Value::Timestamp(now),
            ],
            end: ")",
        }
    }

    /// Makes a session.
    pub fn open_session(
        id: Uuid,
        (user, way, application): (Uuid, &str, &str),
        scopes: &str,
        now: Timestamp,
        ends: Timestamp,
    ) -> Self {
        Self {
            parts: &[
                "INSERT INTO \"Ext_Sessions\" (\"Session_Id\", \"User_Id\", \"Way\", \
                 \"Application\", \"Scopes\", \"Created_At\", \"Used_At\", \"Ends_At\") VALUES (",
                ", ",
                ", ",
                ", ",
                ", ",
                ", ",
                ", ",
                ", ",
            ],
            values: vec![
                Value::Guid(id),
                Value::Guid(user),
                Value::Text(way.to_owned()),
                Value::Text(application.to_owned()),
                Value::Text(scopes.to_owned()),
                Value::Timestamp(now),
                Value::Timestamp(now),
                Value::Timestamp(ends),
            ],
            end: ")",
        }
    }

    /// Notes that a session was used.
    pub fn touch_session(id: Uuid, now: Timestamp) -> Self {
        Self {
            parts: &[
                "UPDATE \"Ext_Sessions\" SET \"Used_At\" = ",
                " WHERE \"Ended_At\" IS NULL AND \"Session_Id\" = ",
                " AND \"Used_At\" < ",
            ],
            values: vec![
                Value::Timestamp(now),
                Value::Guid(id),
                Value::Timestamp(now),
            ],
            end: "",
        }
    }

    /// Ends a session.
    pub fn end_session(id: Uuid, now: Timestamp) -> Self {
        Self {
            parts: &[
                "UPDATE \"Ext_Sessions\" SET \"Ended_At\" = ",
                " WHERE \"Ended_At\" IS NULL AND \"Session_Id\" = ",
            ],
            values: vec![Value::Timestamp(now), Value::Guid(id)],
            end: "",
        }
    }

    /// Ends all sessions of a user.
    pub fn end_sessions(user: Uuid, now: Timestamp) -> Self {
        Self {
            parts: &[
                "UPDATE \"Ext_Sessions\" SET \"Ended_At\" = ",
                " WHERE \"Ended_At\" IS NULL AND \"User_Id\" = ",
            ],
            values: vec![Value::Timestamp(now), Value::Guid(user)],
            end: "",
        }
    }

    /// Drops the sessions whose longest time ended before a time.
    pub fn forget_sessions(before: Timestamp) -> Self {
        Self {
            parts: &["DELETE FROM \"Ext_Sessions\" WHERE \"Ends_At\" < "],
            values: vec![Value::Timestamp(before)],
            end: "",
        }
    }

    /// Counts a wrong password of a user who is not locked. The one that makes the number full
    /// locks the user until `until` (`folded` is its shadow) and starts at nought again.
    pub fn count_failure(
        user: Uuid,
        most: i64,
        (until, folded): (Timestamp, String),
        now: Timestamp,
    ) -> Self {
        Self {
            parts: &[
                "UPDATE \"Sec_Users\" SET \"Lockout_End_Utc\" = CASE WHEN \"Access_Failed_Count\" \
                 + 1 >= ",
                " THEN ",
                " ELSE \"Lockout_End_Utc\" END, \"Lockout_End_Utc_folded\" = CASE WHEN \
                 \"Access_Failed_Count\" + 1 >= ",
                " THEN ",
                " ELSE \"Lockout_End_Utc_folded\" END, \"Access_Failed_Count\" = CASE WHEN \
                 \"Access_Failed_Count\" + 1 >= ",
                " THEN 0 ELSE \"Access_Failed_Count\" + 1 END WHERE \"User_Id\" = ",
                " AND (\"Lockout_End_Utc\" IS NULL OR \"Lockout_End_Utc\" <= ",
            ],
            values: vec![
                Value::Integer(most),
                Value::Timestamp(until),
                Value::Integer(most),
                Value::Text(folded),
                Value::Integer(most),
                Value::Guid(user),
                Value::Timestamp(now),
            ],
            end: ") RETURNING \"Access_Failed_Count\"",
        }
    }

    /// Forgets the wrong passwords of a user who is not locked.
    pub fn clear_failures(user: Uuid, now: Timestamp) -> Self {
        Self {
            parts: &[
                "UPDATE \"Sec_Users\" SET \"Access_Failed_Count\" = 0, \"Lockout_End_Utc\" = NULL, \
                 \"Lockout_End_Utc_folded\" = NULL WHERE \"User_Id\" = ",
                " AND (\"Lockout_End_Utc\" IS NULL OR \"Lockout_End_Utc\" <= ",
            ],
            values: vec![Value::Guid(user), Value::Timestamp(now)],
            end: ")",
        }
    }

    /// Meets the row of a user as long as its password is stored so, and keeps it from others until
    /// the transaction ends.
    pub fn hold_password(user: Uuid, stored: &str) -> Self {
        Self {
            parts: &[
                "UPDATE \"Sec_Users\" SET \"Password\" = \"Password\" WHERE \"User_Id\" = ",
                " AND \"Password\" = ",
            ],
            values: vec![Value::Guid(user), Value::Text(stored.to_owned())],
            end: "",
        }
    }

    /// Notes that something was done, unless that was noted before.
    pub fn mark(name: &str, now: Timestamp) -> Self {
        Self {
            parts: &[
                "INSERT INTO \"Ext_Marks\" (\"Name\", \"Made_At\") VALUES (",
                ", ",
            ],
            values: vec![Value::Text(name.to_owned()), Value::Timestamp(now)],
            end: ") ON CONFLICT DO NOTHING",
        }
    }

    /// Whether something was noted.
    pub fn marked(name: &str) -> Self {
        Self {
            parts: &["SELECT 1 FROM \"Ext_Marks\" WHERE \"Name\" = "],
            values: vec![Value::Text(name.to_owned())],
            end: "",
        }
    }

    /// The secrets of a user's second factor: key, name and value.
    pub fn factors(user: Uuid, provider: &str) -> Self {
        Self {
            parts: &[
                "SELECT \"User_Provider_Token_Id\", \"Token_Name\", \"Token_Value\" FROM \
                 \"Sec_User_Provider_Tokens\" WHERE \"User_Id\" = ",
                " AND \"Login_Provider_Name\" = ",
            ],
            values: vec![Value::Guid(user), Value::Text(provider.to_owned())],
            end: "",
        }
    }

    /// Uses the code of a step of time, unless it or a later one was used before.
    pub fn use_step(user: Uuid, step: i64) -> Self {
        Self {
            parts: &[
                "INSERT INTO \"Ext_Used_Codes\" (\"User_Id\", \"Step\") VALUES (",
                ", ",
            ],
            values: vec![Value::Guid(user), Value::Integer(step)],
            end: ") ON CONFLICT (\"User_Id\") DO UPDATE SET \"Step\" = excluded.\"Step\" WHERE \
                  \"Ext_Used_Codes\".\"Step\" < excluded.\"Step\"",
        }
    }

    /// Gives a secret of a second factor another value, as long as it is what it was.
    pub fn replace_factor(id: Uuid, was: &str, is: &str) -> Self {
        Self {
            parts: &[
                "UPDATE \"Sec_User_Provider_Tokens\" SET \"Token_Value\" = ",
                " WHERE \"User_Provider_Token_Id\" = ",
                " AND \"Token_Value\" = ",
            ],
            values: vec![
                Value::Text(is.to_owned()),
                Value::Guid(id),
                Value::Text(was.to_owned()),
            ],
            end: "",
        }
    }
}
