//! Statements of passwords that were replaced.

use uuid::Uuid;

use super::OwnTable;
use crate::value::{Timestamp, Value};

impl OwnTable {
    /// The passwords of a user that were replaced, the last one first.
    pub fn old_passwords(user: Uuid) -> Self {
        Self {
            parts: &[
                "SELECT \"Old_Password_Id\", \"Password\", \"Password_Format\" FROM \
                 \"Ext_Old_Passwords\" WHERE \"User_Id\" = ",
            ],
            values: vec![Value::Guid(user)],
            end: " ORDER BY \"Replaced_At\" DESC, \"Old_Password_Id\" DESC",
        }
    }

    /// When the password of a user was last replaced; where it never was, when the user was made.
    pub fn password_time(user: Uuid) -> Self {
        Self {
            parts: &[
                "SELECT COALESCE((SELECT MAX(\"Replaced_At\") FROM \"Ext_Old_Passwords\" o WHERE \
                 o.\"User_Id\" = u.\"User_Id\"), u.\"Creation_Time_Utc\") FROM \"Sec_Users\" u \
                 WHERE u.\"User_Id\" = ",
            ],
            values: vec![Value::Guid(user)],
            end: "",
        }
    }

    /// Notes that a password was replaced.
    pub fn keep_password(
        id: Uuid,
        user: Uuid,
        (password, format): (Option<&str>, &str),
        now: Timestamp,
    ) -> Self {
        let password = password.map(|text| Value::Text(text.to_owned()));
        Self {
            parts: &[
                "INSERT INTO \"Ext_Old_Passwords\" (\"Old_Password_Id\", \"User_Id\", \
                 \"Password\", \"Password_Format\", \"Replaced_At\") VALUES (",
                ", ",
                ", ",
                ", ",
                ", ",
            ],
            values: vec![
                Value::Guid(id),
                Value::Guid(user),
                password.unwrap_or(Value::Null),
                Value::Text(format.to_owned()),
                Value::Timestamp(now),
            ],
            end: ")",
        }
    }

    /// Forgets a password that was replaced.
    pub fn forget_password(id: Uuid) -> Self {
        Self {
            parts: &["DELETE FROM \"Ext_Old_Passwords\" WHERE \"Old_Password_Id\" = "],
            values: vec![Value::Guid(id)],
            end: "",
        }
    }
}
