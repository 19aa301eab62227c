//! Kinds of callers, and what each of them may read.

use std::sync::Arc;

use serde_json::json;
use userdex::access::{Scopes, Way};
use userdex::model::{Allowed, Entity, EntityId, Model};
use userdex::service::Caller;
use userdex::value::Timestamp;
use uuid::Uuid;

use crate::office::Office;

/// What `Directory reader` reads.
const DIRECTORY: &[&str] = &[
    "Systems_Security_Users",
    "Systems_Security_Groups",
    "Systems_Security_Roles",
    "General_Contacts_Persons",
    "Systems_Security_Domains",
    "Systems_Security_UserGroups",
    "Systems_Security_RoleUsers",
];

/// Sets of which everybody who may read sees the rows that are their own.
const OWN: &[&str] = &[
    "Systems_Core_Notifications",
    "Systems_Security_AccessTokens",
];

/// The columns that the program closes when it starts, as properties.
const SHIPPED: &[(&str, &str)] = &[
    ("Systems_Security_Users", "AccessFailedCount"),
    ("Systems_Security_Users", "LockoutEndUtc"),
    ("Systems_Security_Users", "PasswordFormat"),
    ("Systems_Security_Users", "PhoneNumber"),
    ("Systems_Security_Users", "TwoFactorEnabled"),
    ("Systems_Security_Users", "BasicAuthenticationAllowed"),
    ("Systems_Security_Users", "RegistrationMessage"),
    ("Systems_Security_Users", "Notes"),
    ("Systems_Security_Users", "WindowsUserName"),
];

/// Columns that the test closes: of a reference, and of an attribute that others inherit.
const CLOSED: &[(&str, &str)] = &[("Sec_Users", "Domain_Id"), ("Gen_Parties", "Party_Name")];
/// The properties that they hold.
const MORE: &[(&str, &str)] = &[
    ("Systems_Security_Users", "Domain"),
    ("General_Contacts_Parties", "PartyName"),
    ("General_Contacts_Persons", "PartyName"),
    ("General_Contacts_Companies", "PartyName"),
    ("General_Contacts_CompanyLocations", "PartyName"),
];

/// Which sets somebody may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sets {
    None,
    These(&'static [&'static str]),
    /// All but those that need `sec`.
    Usual,
    All,
}

/// Somebody who asks, and what they may read.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) user: Uuid,
    pub(crate) caller: Arc<Caller>,
    /// The header of requests over HTTP.
    pub(crate) session: String,
    sets: Sets,
    closed: &'static [&'static [(&'static str, &'static str)]],
}

impl Kind {
    /// Whether anything of an entity may be read.
    pub(crate) fn reads(&self, entity: &Entity) -> bool {
        match self.sets {
            Sets::None => false,
            Sets::These(sets) => [sets, OWN].iter().any(|s| s.contains(&entity.set.as_str())),
            Sets::Usual => entity.readers != Allowed::Sec,
            Sets::All => true,
        }
    }

    /// Whether reads are explained to them: to administrators, if they may read.
    pub(crate) fn has_explained(&self) -> bool {
        matches!(self.sets, Sets::Usual | Sets::All)
    }

    /// Whether a property of an entity is closed, be the entity readable or not.
    pub(crate) fn is_closed(&self, model: &Model, id: EntityId, name: &str, secret: bool) -> bool {
        let set = model.entity(id).set.as_str();
        let mut all = self.closed.iter().flat_map(|list| list.iter());
        secret || all.any(|closed| *closed == (set, name))
    }
}

/// Makes all of them.
pub(crate) fn kinds(office: &Office<'_>) -> Vec<Kind> {
    // A directory reader who holds the key that the program ships.
    let holder = holder(office);
    for (table, column) in CLOSED {
        let key = office.create(
            "Systems_Security_AccessKeys",
            &json!({"Name": {"EN": column}}),
        );
        let body = json!({"TableName": table, "ColumnName": column,
                          "AccessKey@odata.bind": format!("Systems_Security_AccessKeys({key})")});
        office.create("Systems_Security_ColumnPermissions", &body);
    }
    let reading = Scopes::parse("read");
    let changing = Scopes::parse("update");
    let row = |name, user, scopes, sets, closed| {
        let now = Timestamp::now();
        let service = &office.world.service;
        let opened = service.open_session(user, Way::Session, None, scopes, now);
        Kind {
            name,
            user,
            caller: office.caller_with(user, scopes),
            session: format!("ErpSession {}", opened.unwrap().id),
            sets,
            closed,
        }
    };
    let (usual, directory) = (Scopes::USUAL, Sets::These(DIRECTORY));
    vec![
        row(
            "a user without rights",
            office.nobody,
            usual,
            Sets::These(&[]),
            &[][..],
        ),
        row(
            "a reader",
            office.reader,
            usual,
            directory,
            &[SHIPPED, MORE],
        ),
        row(
            "a reader who may only read",
            office.reader,
            reading,
            directory,
            &[SHIPPED, MORE],
        ),
        row(
            "a reader with `sec`",
            office.reader,
            Scopes::ALL,
            directory,
            &[SHIPPED, MORE],
        ),
        row(
            "a reader who may not read",
            office.reader,
            changing,
            Sets::None,
            &[],
        ),
        row("a reader with a key", holder, usual, directory, &[MORE]),
        row("an administrator", office.admin, usual, Sets::Usual, &[]),
        row(
            "an administrator with `sec`",
            office.admin,
            Scopes::ALL,
            Sets::All,
            &[],
        ),
        row(
            "an administrator who may not read",
            office.admin,
            changing,
            Sets::None,
            &[],
        ),
    ]
}

fn holder(office: &Office<'_>) -> Uuid {
    let body = json!({
        "Login": "holder", "Name": {"EN": "holder"}, "UserType": "InternalUser",
        "@ext.initialPassword": "Correct horse 7!",
    });
    let holder = office.create("Systems_Security_Users", &body);
    let group = office.create(
        "Systems_Security_Groups",
        &json!({"Name": {"EN": "Holders"}}),
    );
    let group = format!("Systems_Security_Groups({group})");
    let world = office.world;
    let one = |path: &str| world.all(path)[0]["Id"].as_str().unwrap().to_owned();
    let role = one("Systems_Security_Roles?$filter=Name%20eq%20'Directory%20reader'");
    let key = "Systems_Security_AccessKeys?$filter=contains(Name,'Security%20of%20users')";
    let key = one(key);
    let user = crate::office::address(holder);
    office.create(
        "Systems_Security_RoleUsers",
        &json!({"User@odata.bind": user, "Role@odata.bind": format!("Systems_Security_Roles({role})")}),
    );
    office.create(
        "Systems_Security_UserGroups",
        &json!({"User@odata.bind": user, "Group@odata.bind": group}),
    );
    office.create(
        "Systems_Security_GroupAccessKeys",
        &json!({"Group@odata.bind": group, "CanUpdate": false, "CanDelete": false,
                "AccessKey@odata.bind": format!("Systems_Security_AccessKeys({key})")}),
    );
    holder
}
