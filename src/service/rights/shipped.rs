//! The rights that every directory starts with: a role that reads, and the columns that only
//! administrators see.

use serde_json::{Value as Json, json};

use crate::diag::Result;
use crate::service::{ContentIds, Service, Verb, WriteRequest, own_request};
use crate::store::SignInReads as _;
use crate::value::Timestamp;

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
/// The access key that opens them.
const KEY: &str = "Security of users";
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

/// The mark that says that they were made.
const MARK: &str = "shipped-rights";

impl Service {
    /// Makes the role `Directory reader` and closes the columns of users that concern their
    /// security, once for each database. Blocks on it.
    ///
    /// # Errors
    ///
    /// Faults of the database, or of a model that lacks what is shipped.
    pub fn ship_rights(&self, now: Timestamp) -> Result<()> {
        if self.0.store.session()?.is_marked(MARK)? {
            return Ok(());
        }
        let mut names = ContentIds::default();
        // Demonstration data have the role already.
        let role = json!({"Name": READER, "@erpnet.action": "findOrCreate"});
        let key = json!({"Name": {"EN": KEY}, "EntityName": TABLE, "@erpnet.action": "findOrCreate",
                         "@erpnet.findBy": {"Name": KEY}});
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
            let set = "Systems_Security_ColumnPermissions";
            requests.push(create(set, None, &body, now));
        }
        self.write_once(MARK, &requests, &mut names, now).map(drop)
    }
}

fn create(set: &str, name: Option<&str>, body: &Json, now: Timestamp) -> WriteRequest {
    WriteRequest {
        content_id: name.map(str::to_owned),
        ..own_request(Verb::Post, set.to_owned(), body, now)
    }
}
