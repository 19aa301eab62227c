//! The shipped metadata: what it says about users, and that it serves what it declares.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop the test")]

use userdex::model::{
    Attribute, AttributeRole, Default, Entity, IndexMethod, Model, Place, Table, Visibility,
};
use userdex::value::Kind;

/// The attributes of `Systems.Security.Users`, copied by hand from the source document: name, type
/// (length), null, default, filters, flags. `ORD` ordering, `RO` read only, `IX` indexed, `HID`
/// hidden by default, `NEV` cannot be shown.
const USERS: &[(&str, &str, &str, &str, &str, &str)] = &[
    (
        "AccessFailedCount",
        "int32",
        "required",
        "0",
        "eq;ge;le",
        "",
    ),
    ("Active", "boolean", "required", "true", "eq", ""),
    (
        "BasicAuthenticationAllowed",
        "boolean",
        "required",
        "false",
        "eq",
        "",
    ),
    ("CompanyName", "string(64)", "nullable", "", "", ""),
    (
        "CreationTimeUtc",
        "datetime",
        "required",
        "now",
        "ge;le",
        "RO",
    ),
    ("DefaultLanguage", "string(15)", "nullable", "", "eq", ""),
    ("DisplayText", "string", "", "", "", "HID"),
    (
        "Email",
        "string(254)",
        "nullable",
        "",
        "multi eq;like",
        "ORD IX",
    ),
    ("EmailConfirmed", "boolean", "required", "false", "eq", "RO"),
    ("Id", "guid", "", "new guid", "multi eq", "IX NEV"),
    ("IsAdmin", "boolean", "required", "false", "eq", ""),
    (
        "LockoutEndUtc",
        "datetime",
        "nullable",
        "",
        "eq;ge;le;like",
        "",
    ),
    (
        "Login",
        "string(64)",
        "required",
        "",
        "multi eq;like",
        "ORD IX",
    ),
    (
        "Name",
        "MultilanguageString(254)",
        "required",
        "",
        "like",
        "",
    ),
    ("Notes", "string(254)", "nullable", "", "", ""),
    ("ObjectVersion", "int32", "", "", "", "HID"),
    ("Password", "string(64)", "nullable", "", "", "RO"),
    ("PasswordFormat", "enum", "required", "MD5", "eq", ""),
    ("PhoneNumber", "string(64)", "nullable", "", "eq;like", ""),
    (
        "PhoneNumberConfirmed",
        "boolean",
        "required",
        "false",
        "eq",
        "",
    ),
    ("RegistrationMessage", "string(254)", "nullable", "", "", ""),
    ("TwoFactorEnabled", "boolean", "required", "false", "eq", ""),
    (
        "UserType",
        "enum",
        "required",
        "InternalUser",
        "multi eq",
        "",
    ),
    (
        "VoiceExtensionNumbers",
        "string(254)",
        "nullable",
        "",
        "",
        "",
    ),
    ("WindowsUserName", "string(128)", "nullable", "", "", ""),
];

fn shipped() -> Model {
    Model::shipped().unwrap()
}

fn entity<'m>(model: &'m Model, name: &str) -> &'m Entity {
    model.entity(model.repository(name).unwrap())
}

fn attribute<'m>(entity: &'m Entity, name: &str) -> &'m Attribute {
    entity.attributes.iter().find(|a| a.name == name).unwrap()
}

/// An attribute in the words of [`USERS`].
fn facts(attribute: &Attribute) -> [String; 6] {
    let kind = match attribute.kind {
        Kind::Guid => "guid",
        Kind::String => "string",
        Kind::Boolean => "boolean",
        Kind::Int32 => "int32",
        Kind::DateTimeOffset => "datetime",
        Kind::Multilanguage => "MultilanguageString",
        Kind::Enumeration => "enum",
        Kind::Byte | Kind::Int16 | Kind::Int64 | Kind::Binary => "other",
    };
    let length = attribute
        .max_length
        .map(|length| format!("({length})"))
        .unwrap_or_default();
    let null = match (attribute.nullable, attribute.required) {
        (true, false) => "nullable",
        (false, true) => "required",
        (false, false) => "",
        (true, true) => "both",
    };
    let default = match &attribute.default {
        Some(Default::Constant(word)) => word.clone(),
        Some(Default::NewGuid) => "new guid".to_owned(),
        Some(Default::Now) => "now".to_owned(),
        Some(Default::NextCode) => "next code".to_owned(),
        None => String::new(),
    };
    let flags = [
        (attribute.orderable, "ORD"),
        (attribute.read_only, "RO"),
        (attribute.indexed, "IX"),
        (attribute.visibility == Visibility::HiddenByDefault, "HID"),
        (attribute.visibility == Visibility::CannotBeShown, "NEV"),
    ];
    let flags: Vec<_> = flags
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, word)| *word)
        .collect();
    [
        attribute.name.clone(),
        format!("{kind}{length}"),
        null.to_owned(),
        default,
        attribute.filters.words().join(";"),
        flags.join(" "),
    ]
}

#[test]
fn users_are_as_the_source_says() {
    let model = shipped();
    let users = entity(&model, "Systems.Security.Users");
    let mut found: Vec<_> = users.attributes.iter().map(facts).collect();
    found.sort();
    let expected: Vec<_> = USERS
        .iter()
        .map(|(a, b, c, d, e, f)| [a, b, c, d, e, f].map(|s| (*s).to_owned()))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(users.table, "Sec_Users");
    assert_eq!(
        (users.set.as_str(), users.type_name.as_str()),
        ("Systems_Security_Users", "Systems_Security_User")
    );
    assert_eq!(
        (users.display_format.as_str(), users.category.as_str()),
        ("{Name}", "Definitions")
    );
    assert_eq!(users.track.map(|t| (t.min, t.max)), Some((3, 4)));
    assert_eq!(
        attribute(users, "Password").unit.as_deref(),
        Some("PasswordFormat")
    );
    let since = |name: &str| attribute(users, name).since.clone();
    assert_eq!(since("CompanyName").as_deref(), Some("22.1.6.61"));
    assert_eq!(since("Login"), None);
}

#[test]
fn users_point_where_the_source_says() {
    let model = shipped();
    let users = entity(&model, "Systems.Security.Users");
    let references: Vec<_> = users
        .references
        .iter()
        .map(|r| {
            (
                r.name.as_str(),
                model.entity(r.target).name.as_str(),
                r.nullable,
                r.filters.words(),
                r.filterable,
            )
        })
        .collect();
    let multi = || vec!["multi eq"];
    assert_eq!(
        references,
        [
            ("Domain", "Systems.Security.Domains", true, multi(), false),
            ("Model", "Projects.AI.Models", true, multi(), false),
            ("Person", "General.Contacts.Persons", true, multi(), false),
        ]
    );
    let collections: Vec<_> = users
        .collections
        .iter()
        .map(|c| {
            let target = model.entity(c.target);
            (
                c.name.as_str(),
                target.name.as_str(),
                target.reference(c.back).name.as_str(),
                c.owned,
            )
        })
        .collect();
    assert_eq!(
        collections,
        [
            (
                "AccessKeys",
                "Systems.Security.UserAccessKeys",
                "User",
                true
            ),
            ("Groups", "Systems.Security.UserGroups", "User", true),
            (
                "ProviderLogins",
                "Systems.Security.UserProviderLogins",
                "User",
                true
            ),
            (
                "ProviderTokens",
                "Systems.Security.UserProviderTokens",
                "User",
                true
            ),
            ("RoleUsers", "Systems.Security.RoleUsers", "User", true),
        ]
    );
}

#[test]
fn enumerations_have_three_spellings() {
    let model = shipped();
    let users = entity(&model, "Systems.Security.Users");
    let members = |name: &str| -> Vec<_> {
        let found = model.enumeration(attribute(users, name).enumeration.unwrap());
        found
            .members
            .iter()
            .map(|m| (m.name.clone(), m.code.clone(), m.value))
            .collect()
    };
    let row = |name: &str, code: &str, value| (name.to_owned(), code.to_owned(), value);
    assert_eq!(
        members("PasswordFormat"),
        [row("MD5", "MD5", 0), row("AspNetCoreV3", "AN3", 1)]
    );
    assert_eq!(
        members("UserType"),
        [
            row("InternalUser", "INT", 0),
            row("ExternalCommunityUser", "EXT", 1),
            row("VirtualUserNoLogin", "VIR", 2),
            row("SystemUserNoLogin", "SYS", 3),
            row("ApplicationUserNoLogin", "APP", 4),
            row("InvitationInternalNoLogin", "INI", 5),
            row("InvitationExternalNoLogin", "INE", 6),
        ]
    );
    let user_type = model.enumeration(attribute(users, "UserType").enumeration.unwrap());
    assert_eq!(user_type.type_name, "Systems_Security_Users_UserType");
    assert_eq!(
        user_type.qualified_name,
        "Systems.Security.UsersRepository.UserType"
    );
}

#[test]
fn secrets_are_closed_and_leave_no_shadow() {
    let model = shipped();
    let mut secrets = Vec::new();
    for (_, entity) in model.entities() {
        for (id, attribute) in entity.attribute_ids().filter(|(_, a)| a.secret) {
            assert_eq!(
                entity.stored(id).unwrap().shadow,
                None,
                "{}",
                attribute.name
            );
            assert!(!entity.in_default_set(attribute));
            secrets.push(format!("{}.{}", entity.set, attribute.name));
        }
    }
    assert_eq!(
        secrets,
        [
            "Systems_Config_WebHooks.Headers",
            "Systems_Security_AccessTokens.AccessTokenKey",
            "Systems_Security_AccessTokens.Data",
            "Systems_Security_DomainProviders.ClientSecret",
            "Systems_Security_TrustedApplications.ApplicationSecretHash",
            "Systems_Security_UserProviderTokens.TokenValue",
            "Systems_Security_Users.Password",
        ]
    );
}

#[test]
fn what_is_marked_indexed_has_an_index() {
    let model = shipped();
    let mut seen = 0;
    for (_, entity) in model.entities().filter(|(_, entity)| !entity.view) {
        let attributes = entity
            .attribute_ids()
            .filter(|(_, a)| a.indexed)
            .filter_map(|(id, _)| entity.stored(id));
        let references = entity
            .reference_ids()
            .filter(|(_, r)| r.indexed)
            .map(|(id, _)| entity.stored_reference(id));
        for stored in attributes.chain(references) {
            let table = model.table(stored.table);
            let serves = |column| {
                table
                    .indexes
                    .iter()
                    .any(|index| index.columns.first() == Some(&column))
            };
            let found = stored.column == Table::KEY
                || serves(stored.column)
                || stored.shadow.is_some_and(serves);
            assert!(found, "{}.{}", table.name, table.column(stored.column).name);
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn every_declared_order_is_served() {
    let model = shipped();
    for (_, entity) in model.entities().filter(|(_, entity)| !entity.view) {
        for (id, attribute) in entity
            .attribute_ids()
            .filter(|(_, a)| a.orderable && !a.secret)
        {
            let stored = entity.stored(id).unwrap();
            // The order of a multi-language text depends on the reader's language.
            if attribute.kind == Kind::Multilanguage {
                continue;
            }
            let mut wanted: Vec<_> = stored.shadow.into_iter().collect();
            wanted.extend([stored.column, Table::KEY]);
            let table = model.table(stored.table);
            assert!(
                table.indexes.iter().any(|i| i.columns == wanted),
                "{}.{}",
                entity.name,
                attribute.name
            );
        }
    }
}

#[test]
fn the_table_of_users_is_as_designed() {
    let model = shipped();
    let table = model.table(model.repository("Systems.Security.Users").unwrap());
    let names: Vec<_> = table.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(
        names.iter().take(2).copied().collect::<Vec<_>>(),
        ["rid", "User_Id"]
    );
    for name in [
        "Login_folded",
        "Email_folded",
        "User_Name_folded",
        "Lockout_End_Utc_folded",
        "Latest_Version",
        "External_Id",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    for name in ["Notes_folded", "Password_folded", "User_Type_folded"] {
        assert!(!names.contains(&name), "{name}");
    }
    let columns = |index: &str| -> Vec<_> {
        let found = table
            .indexes
            .iter()
            .find(|i| i.name == index)
            .unwrap_or_else(|| panic!("no {index}"));
        found
            .columns
            .iter()
            .map(|no| table.column(*no).name.as_str())
            .collect()
    };
    assert_eq!(
        columns("UX_Sec_Users_Domain_Login"),
        ["Domain_Id", "Login_folded"]
    );
    assert_eq!(
        columns("IX_Sec_Users_Login"),
        ["Login_folded", "Login", "User_Id"]
    );
    assert_eq!(
        columns("IX_Sec_Users_UserType_Active"),
        ["User_Type", "Active", "User_Id"]
    );
    let email = table
        .indexes
        .iter()
        .find(|i| i.name == "UX_Sec_Users_Domain_Email")
        .unwrap();
    assert!(email.unique);
    assert_eq!(email.null_is_value, [table.find("Domain_Id").unwrap()]);
    let substring: Vec<_> = table
        .indexes
        .iter()
        .filter(|i| i.method == IndexMethod::Substring)
        .map(|i| i.name.as_str())
        .collect();
    assert_eq!(
        substring,
        [
            "IX_Sec_Users_Email_Substring",
            "IX_Sec_Users_Login_Substring",
            "IX_Sec_Users_Name_Substring"
        ]
    );
    assert_eq!(
        table.column(table.find("Latest_Version").unwrap()).initial,
        Some(1)
    );
}

#[test]
fn places_follow_bases_and_roots() {
    let model = shipped();
    let place = |name: &str, property: &str| {
        let entity = entity(&model, name);
        let (id, _) = entity
            .attribute_ids()
            .find(|(_, a)| a.name == property)
            .unwrap();
        entity.stored(id).map(|s| {
            let table = model.table(s.table);
            (
                s.place,
                table.name.as_str(),
                table.column(s.column).name.as_str(),
            )
        })
    };
    let users = "Systems.Security.Users";
    assert_eq!(
        place(users, "ObjectVersion"),
        Some((Place::Own, "Sec_Users", "Latest_Version"))
    );
    assert_eq!(place(users, "DisplayText"), None);
    let groups = "Systems.Security.UserGroups";
    assert_eq!(
        place(groups, "ObjectVersion"),
        Some((Place::Root, "Sec_Users", "Latest_Version"))
    );
    let persons = "General.Contacts.Persons";
    assert_eq!(
        place(persons, "PartyName"),
        Some((Place::Base, "Gen_Parties", "Party_Name"))
    );
    assert_eq!(
        place(persons, "UpdateTime"),
        Some((Place::Own, "Cm_Persons", "Update_Time"))
    );
    assert_eq!(
        place(persons, "ExternalId"),
        Some((Place::Base, "Gen_Parties", "External_Id"))
    );
    let changes = "Systems.Core.AttributeChanges";
    assert_eq!(
        place(changes, "ObjectVersion"),
        Some((Place::Root, "Sys_Object_Changesets", "Latest_Version"))
    );
}

#[test]
fn every_description_is_there() {
    for (_, entity) in shipped().entities() {
        let attributes = entity.attributes.iter().map(|a| (&a.name, &a.text));
        let references = entity.references.iter().map(|r| (&r.name, &r.text));
        let collections = entity.collections.iter().map(|c| (&c.name, &c.text));
        let bilingual = entity.set == "Systems_Security_Users"
            || entity
                .references
                .iter()
                .any(|r| r.owner && r.name == "User");
        for (name, text) in attributes.chain(references).chain(collections) {
            assert!(!text.en.is_empty(), "{}.{name}", entity.set);
            assert!(!bilingual || text.bg.is_some(), "{}.{name}", entity.set);
        }
    }
}

#[test]
fn objects_of_every_root_are_in_one_view() {
    let model = shipped();
    let view = model
        .repository("Systems.Core.ExtensibleDataObjects")
        .unwrap();
    for (root, _) in model.object_roots() {
        let cells = model.view_cells(view, root);
        assert_eq!(cells.len(), model.table(view).columns.len());
        for (cell, column) in cells.iter().zip(&model.table(view).columns) {
            let null = *cell == userdex::model::ViewCell::Null;
            assert!(!null || column.nullable, "{}", column.name);
        }
    }
    let roots: Vec<_> = model
        .object_roots()
        .map(|(_, root)| root.name.as_str())
        .collect();
    assert!(
        roots.contains(&"Systems.Security.Users") && roots.contains(&"General.Contacts.Parties")
    );
    assert!(
        !roots.contains(&"General.Contacts.Persons")
            && !roots.contains(&"Systems.Security.UserGroups")
    );
}

#[test]
fn renamed_sets_lead_to_the_new_ones() {
    let model = shipped();
    assert_eq!(
        model.renamed_set("Systems_Workflow_RoleUsers"),
        model.set("Systems_Security_RoleUsers")
    );
    assert_eq!(model.set("Systems_Workflow_RoleUsers"), None);
}

#[test]
fn the_key_is_the_first_attribute() {
    for (_, entity) in shipped().entities() {
        let key = entity.attribute(entity.key());
        assert_eq!(
            (key.name.as_str(), key.role),
            ("Id", AttributeRole::Key),
            "{}",
            entity.name
        );
    }
}

#[test]
fn the_service_makes_names_numbers_and_stamps_of_parties() {
    let model = shipped();
    let composed = |set: &str, name: &str| {
        let entity = entity(&model, set);
        entity.composition(attribute(entity, name))
    };
    for (set, name, number) in [
        (
            "General.Contacts.Persons",
            Some("{FirstName} {MiddleName} {LastName}"),
            Some("{NationalNumber}"),
        ),
        (
            "General.Contacts.Companies",
            Some("{CompanyName}"),
            Some("{RegistrationNumber}"),
        ),
        (
            "General.Contacts.CompanyDivisions",
            Some("{DivisionName}"),
            None,
        ),
        (
            "General.Contacts.CompanyLocations",
            Some("{LocationName}"),
            None,
        ),
        ("General.Contacts.Parties", None, None),
    ] {
        assert_eq!(composed(set, "PartyName").as_deref(), name, "{set}");
        let found = composed(set, "PartyUniqueNumber");
        assert_eq!(found.as_deref(), number, "{set}");
    }
    let stamps = |set: &str| -> Vec<_> {
        let all = entity(&model, set).attributes.iter();
        all.filter_map(|a| Some((a.name.clone(), a.stamp?.word())))
            .collect()
    };
    let expected = |names: [&str; 4]| -> Vec<_> {
        let words = [
            "creation time",
            "creation user",
            "update time",
            "update user",
        ];
        names.map(str::to_owned).into_iter().zip(words).collect()
    };
    let party = expected([
        "PartyCreationTime",
        "PartyCreationUser",
        "PartyUpdateTime",
        "PartyUpdateUser",
    ]);
    assert_eq!(stamps("General.Contacts.Companies"), party);
    let person = expected(["CreationTime", "CreationUser", "UpdateTime", "UpdateUser"]);
    let both: Vec<_> = person.into_iter().chain(party).collect();
    assert_eq!(stamps("General.Contacts.Persons"), both);
    let failed = attribute(
        entity(&model, "Systems.Security.Users"),
        "AccessFailedCount",
    );
    assert_eq!((failed.min, failed.max), (Some(0), None));
}

#[test]
fn an_entity_knows_what_extends_it_and_what_points_at_it() {
    let model = shipped();
    let id = |set: &str| model.set(set).unwrap();
    let names = |set: &str| -> Vec<_> {
        let all = model.derived(id(set)).iter();
        all.map(|id| model.entity(*id).type_name.as_str()).collect()
    };
    let parts = ["Company", "CompanyDivision", "CompanyLocation", "Person"];
    let parts = parts.map(|part| format!("General_Contacts_{part}"));
    assert_eq!(names("General_Contacts_Parties"), parts);
    assert_eq!(names("Systems_Security_Users"), [""; 0]);
    let referrers = |set: &str| -> Vec<_> {
        let all = model.referrers(id(set)).iter();
        all.map(|(from, reference)| {
            let from = model.entity(*from);
            format!("{}.{}", from.set, from.reference(*reference).name)
        })
        .collect()
    };
    assert_eq!(
        referrers("General_Contacts_Parties"),
        ["General_Contacts_Parties.ParentParty"],
        "inherited references count once"
    );
    assert_eq!(
        referrers("Systems_Security_Groups"),
        [
            "Ext_EntityPermissions.Group",
            "Systems_Security_GroupAccessKeys.Group",
            "Systems_Security_UserGroups.Group"
        ]
    );
    let all: usize = model
        .entities()
        .map(|(id, _)| model.referrers(id).len())
        .sum();
    let own = model.entities().flat_map(|(_, e)| &e.references);
    assert_eq!(all, own.filter(|r| !r.inherited && !r.outlives).count());
}

#[test]
fn methods_are_of_every_entity_or_of_one() {
    let model = shipped();
    let found = |set: &str, namespace: Option<&str>, name: &str| {
        let method = model.method(model.set(set).unwrap(), namespace, name);
        method.map(|m| m.namespace.as_str())
    };
    let users = "Systems_Security_Users";
    for namespace in [None, Some("Ext")] {
        assert_eq!(found(users, namespace, "SetPassword"), Some("Ext"));
        assert_eq!(found(users, namespace, "ConfirmEmail"), Some("Ext"));
        assert_eq!(
            found("Systems_Security_Groups", namespace, "SetPassword"),
            None
        );
    }
    assert_eq!(found(users, Some("Erp"), "SetPassword"), None);
    assert_eq!(found(users, Some("Erp"), "CreateCopy"), Some("Erp"));
    let persons = "General_Contacts_Persons";
    assert_eq!(found(persons, None, "CreateCopy"), Some("Erp"));
}
