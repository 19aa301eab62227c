//! The rights that every directory starts with: a role that reads, and the columns that only
//! administrators see.

use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::Caller;
use crate::diag::Result;
use crate::service::{Conditions, ContentIds, Preferences, Return, Service, Verb, WriteRequest};
use crate::value::{Language, Timestamp};

/// The role whose holders may read the directory.
const READER: &str = "Directory reader";

/// What it reads, and which objects of it.
const READS: &[(&str, Option<&str>)] = &[
    ("Systems_Security_Users", Some("Active eq true")),
    ("Systems_Security_Groups", None),
    ("Systems_Security_Roles", None),
    ("General_Contacts_Persons", None),
    ("Systems_Security_Domains", None),
    ("Systems_Security_UserGroups", None),
    ("Systems_Security_RoleUsers", None),
];

/// The table whose columns are closed, and the columns.
const TABLE: &str = "Sec_Users";
const CLOSED: &[&str] = &[
    "Access_Failed_Count",
    "Lockout_End_Utc",
    "Password_Format",
    "Phone_Number",
    "Two_Factor_Enabled",
    "Basic_Authentication_Allowed",
    "Registration_Message",
    "Notes",
    "Windows_User_Name",
];

impl Service {
    /// Makes the role `Directory reader` and closes the columns of users that concern their
    /// security. For the first start of a database. Blocks on it.
    ///
    /// # Errors
    ///
    /// Faults of the database, or of a model that lacks what is shipped.
    pub fn ship_rights(&self, now: Timestamp) -> Result<()> {
        let mut names = ContentIds::default();
        // Demonstration data have the role already.
        let role = json!({"Name": READER, "@erpnet.action": "findOrCreate"});
        let key = json!({"Name": {"EN": "Security of users"}, "EntityName": TABLE});
        let first = [
            create("Systems_Security_Roles", Some("role"), &role, now),
            create("Systems_Security_AccessKeys", Some("key"), &key, now),
        ];
        self.write(&first, &mut names)
            .map_err(|refusal| refusal.problem)?;
        let mut requests = Vec::new();
        for (set, filter) in READS {
            let body =
                json!({"EntitySet": set, "RecordFilter": filter, "Role@odata.bind": "$role"});
            requests.push(create("Ext_EntityPermissions", None, &body, now));
        }
        for column in CLOSED {
            let body =
                json!({"TableName": TABLE, "ColumnName": column, "AccessKey@odata.bind": "$key"});
            requests.push(create(
                "Systems_Security_ColumnPermissions",
                None,
                &body,
                now,
            ));
        }
        let written = self.write(&requests, &mut names);
        written.map(drop).map_err(|refusal| refusal.problem)
    }
}

fn create(set: &str, name: Option<&str>, body: &Json, now: Timestamp) -> WriteRequest {
    WriteRequest {
        verb: Verb::Post,
        path: set.to_owned(),
        query: String::new(),
        root: String::new(),
        accept: None,
        content_type: Some("application/json".to_owned()),
        body: Bytes::from(body.to_string()),
        language: Language::default(),
        odata_version: None,
        preferences: Preferences {
            answer: Some(Return::Minimal),
            strict: None,
        },
        conditions: Conditions::default(),
        repeatability: None,
        content_id: name.map(str::to_owned),
        application: None,
        caller: Caller::system().clone(),
        now,
    }
}
