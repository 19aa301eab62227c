//! Closed columns: absent from the output, refused wherever a query may name them.

use serde_json::json;
use userdex::service::Verb;

use crate::office::{address, on_each_office};

/// What is closed to readers of the directory.
const CLOSED: &[&str] = &[
    "AccessFailedCount",
    "LockoutEndUtc",
    "PasswordFormat",
    "PhoneNumber",
    "TwoFactorEnabled",
    "BasicAuthenticationAllowed",
    "RegistrationMessage",
    "Notes",
    "WindowsUserName",
];

#[test]
fn a_closed_attribute_is_absent_and_refused() {
    on_each_office(|office| {
        let reader = office.caller(office.reader);
        let rows = office.get(&reader, "Systems_Security_Users?$top=3").rows();
        let own = address(office.reader);
        for name in CLOSED {
            assert!(rows.iter().all(|row| row.get(name).is_none()), "{name}");
            for query in [
                format!("Systems_Security_Users?$select={name}"),
                format!("Systems_Security_Users?$select=default,{name}"),
                format!("Systems_Security_Users?$filter={name}%20eq%20null"),
                format!(
                    "Systems_Security_Users?$filter=Login%20eq%20'x'%20or%20not%20({name}%20ne%20null)"
                ),
                format!("Systems_Security_Users?$orderby={name}"),
                format!("Systems_Security_Users/$count?$filter={name}%20eq%20null"),
                format!("Systems_Security_UserGroups?$filter=User/{name}%20eq%20null"),
                format!("Systems_Security_UserGroups?$expand=User($select={name})"),
                format!(
                    "Systems_Security_UserGroups?$expand=User($select=Login;$filter={name}%20eq%20null)"
                ),
                format!("{own}/{name}"),
                format!("{own}/{name}/$value"),
            ] {
                let answer = office.get(&reader, &query);
                let code = answer.tree()["code"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                // `$filter` does not apply to a single expanded entity at all.
                let refused = code == "AttributeNotReadable"
                    || (code == "InvalidOption" && query.contains(";$filter"));
                assert!(refused, "{query}: {}", answer.body);
            }
        }
    });
}

#[test]
fn a_key_opens_a_column() {
    on_each_office(|office| {
        let key = office
            .world
            .all("Systems_Security_AccessKeys?$filter=contains(Name,'Security%20of%20users')");
        let key = key[0]["Id"].as_str().unwrap();
        office.create(
            "Systems_Security_GroupAccessKeys",
            &json!({
                "Group@odata.bind": format!("Systems_Security_Groups({})", office.group),
                "AccessKey@odata.bind": format!("Systems_Security_AccessKeys({key})"),
                "CanUpdate": false, "CanDelete": false,
            }),
        );
        let reader = office.caller(office.reader);
        let found = office.get(
            &reader,
            "Systems_Security_Users?$filter=PhoneNumber%20eq%20'%2B359%202%20555'&$select=Notes",
        );
        assert_eq!(found.status, 200, "{}", found.body);
        assert!(
            found
                .rows()
                .iter()
                .any(|row| row["Notes"] == "notes of nobody")
        );
        assert!(!found.body.contains("MARKER"));
    });
}

#[test]
fn a_closed_member_is_missing_from_search_and_display_texts() {
    on_each_office(|office| {
        let key = office.create(
            "Systems_Security_AccessKeys",
            &json!({"Name": {"EN": "Names"}}),
        );
        office.create(
            "Systems_Security_ColumnPermissions",
            &json!({
                "TableName": "Sec_Users", "ColumnName": "User_Name",
                "AccessKey@odata.bind": format!("Systems_Security_AccessKeys({key})"),
            }),
        );
        let reader = office.caller(office.reader);
        let me = format!("{}?$select=Login,DisplayText", address(office.reader));
        assert_eq!(
            office.get(&reader, &me).tree()["DisplayText"],
            "",
            "the display text is the name"
        );
        let member = "Systems_Security_UserGroups?$select=DisplayText";
        for row in office.get(&reader, member).rows() {
            assert_eq!(row["DisplayText"], "", "{row}");
        }
        let admin = office.caller(office.admin);
        assert_eq!(office.get(&admin, &me).tree()["DisplayText"], "reader");
        // `boss` is both the login and the name: the login still finds it.
        assert_eq!(
            office
                .get(&reader, "Systems_Security_Users?$search=boss")
                .rows()
                .len(),
            1
        );
        let demo = office
            .world
            .all("Systems_Security_Users?$filter=Active%20eq%20true&$top=1&$orderby=Login");
        let name = demo[0]["Name"]["EN"].as_str().unwrap();
        let word = name.split(' ').next_back().unwrap();
        let quoted = format!(
            "Systems_Security_Users?$search=%22{}%22",
            name.replace(' ', "%20")
        );
        assert!(!office.get(&admin, &quoted).rows().is_empty(), "{word}");
        assert!(office.get(&reader, &quoted).rows().is_empty());
    });
}

/// What finds an object tells what it holds: nobody finds by what they may not read.
#[test]
fn a_closed_attribute_finds_no_object_for_a_change() {
    on_each_office(|office| {
        let change = |find: &serde_json::Value| {
            let reader = office.caller(office.reader);
            office.write(&reader, Verb::Post, "Systems_Security_Users", find)
        };
        let finders = [
            json!({"@erpnet.action": "find", "Name": {"EN": "bos"}}),
            json!({"@erpnet.action": "findOrCreate", "@erpnet.findBy": {"Name": "bos"}}),
            json!({"@erpnet.action": "findOrNull", "@erpnet.findBy": {"Name": "nobody there"}}),
            json!({"@erpnet.action": "merge", "@erpnet.findBy": {"DisplayText": "boss"}}),
        ];
        for find in &finders {
            let (_, text) = change(find);
            assert!(!text.contains("AttributeNotReadable"), "{find}: {text}");
        }
        let key = office.create(
            "Systems_Security_AccessKeys",
            &json!({"Name": {"EN": "Names"}}),
        );
        office.create(
            "Systems_Security_ColumnPermissions",
            &json!({
                "TableName": "Sec_Users", "ColumnName": "User_Name",
                "AccessKey@odata.bind": format!("Systems_Security_AccessKeys({key})"),
            }),
        );
        for find in &finders {
            let (status, text) = change(find);
            assert_eq!(status, 403, "{find}: {text}");
            assert!(text.starts_with("AttributeNotReadable"), "{find}: {text}");
        }
    });
}
