//! The documents say what the source says.

use std::collections::BTreeSet;

use super::{ALL, Node, shipped, shipped_xml};
use crate::encode::{CsdlVersion, csdl_json, csdl_xml};

/// The attributes of Users, written out from the source document: name, type, length, nullable,
/// default, declared filters, ordered.
const USERS: &[(&str, &str, &str, bool, &str, &str, bool)] = &[
    (
        "AccessFailedCount",
        "Edm.Int32",
        "",
        false,
        "0",
        "eq ge le",
        false,
    ),
    ("Active", "Edm.Boolean", "", false, "true", "eq", false),
    (
        "BasicAuthenticationAllowed",
        "Edm.Boolean",
        "",
        false,
        "false",
        "eq",
        false,
    ),
    ("CompanyName", "Edm.String", "64", true, "", "", false),
    (
        "CreationTimeUtc",
        "Edm.DateTimeOffset",
        "",
        false,
        "",
        "ge le",
        false,
    ),
    ("DefaultLanguage", "Edm.String", "15", true, "", "eq", false),
    (
        "Email",
        "Edm.String",
        "254",
        true,
        "",
        "multi-eq like",
        true,
    ),
    (
        "EmailConfirmed",
        "Edm.Boolean",
        "",
        false,
        "false",
        "eq",
        false,
    ),
    ("Id", "Edm.Guid", "", false, "", "multi-eq", true),
    ("IsAdmin", "Edm.Boolean", "", false, "false", "eq", false),
    (
        "LockoutEndUtc",
        "Edm.DateTimeOffset",
        "",
        true,
        "",
        "eq ge le like",
        false,
    ),
    (
        "Login",
        "Edm.String",
        "64",
        false,
        "",
        "multi-eq like",
        true,
    ),
    (
        "Name",
        "Erp.MultilanguageString",
        "",
        false,
        "",
        "like",
        false,
    ),
    ("Notes", "Edm.String", "254", true, "", "", false),
    (
        "PasswordFormat",
        "Erp.Systems_Security_Users_PasswordFormat",
        "",
        false,
        "MD5",
        "eq",
        false,
    ),
    (
        "PhoneNumber",
        "Edm.String",
        "64",
        true,
        "",
        "eq like",
        false,
    ),
    (
        "PhoneNumberConfirmed",
        "Edm.Boolean",
        "",
        false,
        "false",
        "eq",
        false,
    ),
    (
        "RegistrationMessage",
        "Edm.String",
        "254",
        true,
        "",
        "",
        false,
    ),
    (
        "TwoFactorEnabled",
        "Edm.Boolean",
        "",
        false,
        "false",
        "eq",
        false,
    ),
    (
        "UserType",
        "Erp.Systems_Security_Users_UserType",
        "",
        false,
        "InternalUser",
        "multi-eq",
        false,
    ),
    (
        "VoiceExtensionNumbers",
        "Edm.String",
        "254",
        true,
        "",
        "",
        false,
    ),
    ("WindowsUserName", "Edm.String", "128", true, "", "", false),
];

#[test]
fn users_say_what_the_source_says() {
    let top = shipped_xml(&shipped());
    let user = top.find("EntityType", "Systems_Security_User").unwrap();
    let set = top.find("EntitySet", "Systems_Security_Users").unwrap();
    let unsorted = set.annotation("Capabilities.SortRestrictions").unwrap();
    let unfiltered = set.annotation("Capabilities.FilterRestrictions").unwrap();
    let unfiltered: Vec<_> = unfiltered
        .values("PropertyPath")
        .into_iter()
        .take_while(|p| !p.is_empty())
        .collect();
    for &(name, ty, length, nullable, default, filters, ordered) in USERS {
        let property = user
            .find("Property", name)
            .unwrap_or_else(|| panic!("`{name}` is missing"));
        assert_eq!(property.attribute("Type"), ty, "type of `{name}`");
        assert_eq!(
            property.attribute("MaxLength"),
            length,
            "length of `{name}`"
        );
        assert_eq!(
            property.attribute("Nullable") != "false",
            nullable,
            "null in `{name}`"
        );
        assert_eq!(
            property.attribute("DefaultValue"),
            default,
            "default of `{name}`"
        );
        let declared = property.annotation("Ext.DeclaredFilters");
        let words: Vec<_> = declared.map(|d| d.values("String")).unwrap_or_default();
        let words: Vec<_> = words.iter().map(|w| w.replace(' ', "-")).collect();
        assert_eq!(words.join(" "), filters, "filters of `{name}`");
        let sortable = !unsorted.values("PropertyPath").contains(&name);
        assert_eq!(sortable, ordered, "order of `{name}`");
        if filters.is_empty() {
            assert!(
                unfiltered.contains(&name),
                "`{name}` is not said to be closed"
            );
        }
    }
    let told: BTreeSet<_> = user.all("Property").map(|p| p.attribute("Name")).collect();
    let known = USERS
        .iter()
        .map(|row| row.0)
        .chain(["DisplayText", "ObjectVersion"]);
    let known: BTreeSet<_> = known.collect();
    let extra: Vec<_> = told.difference(&known).collect();
    assert!(extra.is_empty(), "not in the source: {extra:?}");
}

#[test]
fn flags_of_users() {
    let top = shipped_xml(&shipped());
    let user = top.find("EntityType", "Systems_Security_User").unwrap();
    let tagged = |term: &str| -> Vec<&str> {
        let has = |p: &&Node| p.annotation(term).is_some();
        user.all("Property")
            .filter(has)
            .map(|p| p.attribute("Name"))
            .collect()
    };
    for name in [
        "CreationTimeUtc",
        "EmailConfirmed",
        "DisplayText",
        "ObjectVersion",
    ] {
        assert!(
            tagged("Core.Computed").contains(&name),
            "`{name}` is read only"
        );
    }
    assert!(!tagged("Core.Computed").contains(&"PhoneNumberConfirmed"));
    assert_eq!(tagged("Ext.TextLength"), ["Name"]);
    assert_eq!(tagged("Core.ComputedDefaultValue"), ["Id"]);
    let since = user.find("Property", "DefaultLanguage").unwrap();
    let since = since.annotation("Core.Revisions").unwrap().values("String");
    assert_eq!(since, ["25.1.0.34", "Introduced in version 25.1.0.34"]);
}

#[test]
fn enumerations_give_every_member_a_value() {
    let top = shipped_xml(&shipped());
    let members = |name| -> Vec<(String, String)> {
        let found = top.find("EnumType", name).unwrap();
        let pair = |m: &Node| {
            (
                m.attribute("Name").to_owned(),
                m.attribute("Value").to_owned(),
            )
        };
        found.all("Member").map(pair).collect()
    };
    let users = members("Systems_Security_Users_UserType");
    let expected = [
        "InternalUser",
        "ExternalCommunityUser",
        "VirtualUserNoLogin",
        "SystemUserNoLogin",
        "ApplicationUserNoLogin",
        "InvitationInternalNoLogin",
        "InvitationExternalNoLogin",
    ];
    let expected = expected
        .iter()
        .enumerate()
        .map(|(i, n)| ((*n).to_owned(), i.to_string()));
    assert_eq!(users, expected.collect::<Vec<_>>());
    top.walk(&mut |node| {
        if node.name == "Member" {
            assert!(!node.attribute("Value").is_empty(), "{node:?}");
        }
    });
}

#[test]
fn closed_attributes_are_not_told() {
    let model = shipped();
    let documents = [
        csdl_xml(&model, CsdlVersion::V40, ALL).unwrap(),
        csdl_json(&model, ALL).unwrap(),
    ];
    let top = Node::read(&documents[0]);
    for (_, entity) in model.entities() {
        for attribute in entity.attributes.iter().filter(|a| a.secret) {
            let found = top.find("EntityType", &entity.type_name).unwrap();
            let told = found
                .all("Property")
                .any(|p| p.attribute("Name") == attribute.name);
            assert!(!told, "`{}.{}` is closed", entity.name, attribute.name);
        }
    }
    for word in ["\"Password\"", "\"TokenValue\"", "\"AccessTokenKey\""] {
        for document in &documents {
            assert!(!document.contains(word), "{word} is told");
        }
    }
}
