//! Statements of tokens and applications: what decides of them, and when a token was last used.
//!
//! They name columns as the shipped model has them; see [`super::sign_in`].

use uuid::Uuid;

use super::OwnTable;
use crate::value::{Timestamp, Value};

/// What decides of an application, in the order of [`crate::store::Application`].
macro_rules! application {
    () => {
        "a.\"Trusted_Application_Id\", a.\"Application_Uri\", a.\"Is_Enabled\", \
         a.\"Client_Type\", a.\"Reference_Tokens\", a.\"System_User_Allowed\", \
         a.\"System_User_Id\", a.\"Scope\", a.\"Application_Secret_Hash\""
    };
}

impl OwnTable {
    /// The token of a fingerprint, with the application that it was made for.
    pub fn token(fingerprint: &str) -> Self {
        Self {
            parts: &[concat!(
                "SELECT ",
                application!(),
                ", t.\"Access_Token_Id\", t.\"Type\", t.\"User_Id\", t.\"Scopes\", t.\"Data\", \
                 t.\"Expire_Timestamp\", t.\"Consumed_Timestamp\", t.\"Last_Used_Timestamp\", \
                 t.\"Trusted_Application_Id\" \
                 FROM \"Sec_Access_Tokens\" t LEFT JOIN \"Sec_Trusted_Applications\" a ON \
                 a.\"Trusted_Application_Id\" = t.\"Trusted_Application_Id\" \
                 WHERE t.\"Access_Token_Key\" = "
            )],
            values: vec![Value::Text(fingerprint.to_owned())],
            end: "",
        }
    }

    /// What is to be told about every token, in the order of [`crate::store::TokenFacts`].
    pub fn tokens() -> Self {
        Self {
            parts: &[],
            values: Vec::new(),
            end: "SELECT t.\"Access_Token_Id\", t.\"User_Id\", u.\"Login\", t.\"Description\", \
                  t.\"Scopes\", t.\"Creation_Timestamp\", t.\"Expire_Timestamp\", \
                  t.\"Consumed_Timestamp\", t.\"Last_Used_Timestamp\" FROM \"Sec_Access_Tokens\" t \
                  LEFT JOIN \"Sec_Users\" u ON u.\"User_Id\" = t.\"User_Id\"",
        }
    }

    /// The application of an address that identifies it.
    pub fn application(uri: &str) -> Self {
        Self {
            parts: &[concat!(
                "SELECT ",
                application!(),
                " FROM \"Sec_Trusted_Applications\" a WHERE a.\"Application_Uri\" = "
            )],
            values: vec![Value::Text(uri.to_owned())],
            end: "",
        }
    }

    /// Whether an application may send passwords of users by HTTP Basic.
    pub fn lets_basic(uri: &str) -> Self {
        Self {
            parts: &[
                "SELECT 1 FROM \"Sec_Trusted_Applications\" WHERE \"Is_Enabled\" AND \
                 \"Basic_Authentication_Allowed\" AND \"Application_Uri\" = ",
            ],
            values: vec![Value::Text(uri.to_owned())],
            end: "",
        }
    }

    /// The name of a user, in all languages.
    pub fn user_name(user: Uuid) -> Self {
        Self {
            parts: &["SELECT \"User_Name\" FROM \"Sec_Users\" WHERE \"User_Id\" = "],
            values: vec![Value::Guid(user)],
            end: "",
        }
    }

    /// The user of an account at an outside provider.
    pub fn provided_user(provider: &str, key: &str) -> Self {
        Self {
            parts: &[
                "SELECT \"User_Id\" FROM \"Sec_User_Provider_Logins\" WHERE \"Provider_Name\" = ",
                " AND \"Provider_Key\" = ",
            ],
            values: vec![
                Value::Text(provider.to_owned()),
                Value::Text(key.to_owned()),
            ],
            end: "",
        }
    }

    /// Notes that a token was used, unless that was noted after `before`.
    pub fn touch_token(id: Uuid, before: Timestamp, now: Timestamp) -> Self {
        Self {
            parts: &[
                "UPDATE \"Sec_Access_Tokens\" SET \"Last_Used_Timestamp\" = ",
                " WHERE \"Access_Token_Id\" = ",
                " AND (\"Last_Used_Timestamp\" IS NULL OR \"Last_Used_Timestamp\" <= ",
            ],
            values: vec![
                Value::Timestamp(now),
                Value::Guid(id),
                Value::Timestamp(before),
            ],
            end: ")",
        }
    }
}
