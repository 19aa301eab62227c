//! Statements of a check-up: what an operator should look at. See [`super::sign_in`].

use super::OwnTable;
use super::sign_in::{account, domain};

impl OwnTable {
    /// The accounts of active users who are administrators, by their own mark or by a group.
    pub fn administrators() -> Self {
        Self {
            parts: &[],
            values: Vec::new(),
            end: concat!(
                "SELECT ",
                account!(),
                " FROM \"Sec_Users\" u",
                domain!(),
                " WHERE u.\"Active\" AND (u.\"Is_Admin\" OR EXISTS (SELECT 1 FROM \
                 \"Sec_User_Groups\" m JOIN \"Sec_Groups\" g ON g.\"Group_Id\" = m.\"Group_Id\" \
                 WHERE m.\"User_Id\" = u.\"User_Id\" AND g.\"Group_Type\" = 'A'))"
            ),
        }
    }

    /// The logins of users with MD5 passwords.
    pub fn md5_logins() -> Self {
        Self {
            parts: &[],
            values: Vec::new(),
            end: "SELECT \"Login\" FROM \"Sec_Users\" WHERE \"Password\" IS NOT NULL AND \
                  \"Password_Format\" = 'MD5'",
        }
    }

    /// The addresses of applications that may have the scope `sec`.
    pub fn sec_applications() -> Self {
        Self {
            parts: &[],
            values: Vec::new(),
            end: "SELECT \"Application_Uri\" FROM \"Sec_Trusted_Applications\" WHERE \
                  \"Is_Enabled\" AND ' ' || \"Scope\" || ' ' LIKE '% sec %'",
        }
    }

    /// The addresses of applications whose secret is kept as a bare hash.
    pub fn bare_secrets() -> Self {
        Self {
            parts: &[],
            values: Vec::new(),
            end: "SELECT \"Application_Uri\" FROM \"Sec_Trusted_Applications\" WHERE \
                  \"Is_Enabled\" AND length(\"Application_Secret_Hash\") = 44",
        }
    }
}
