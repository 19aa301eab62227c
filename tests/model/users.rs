//! Users, as the source document says.

use userdex::model::{Attribute, Default, Visibility};
use userdex::value::Kind;

use crate::kit::{attribute, entity, shipped};

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
