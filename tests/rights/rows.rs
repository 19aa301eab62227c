//! Rows that are not visible are as if they did not exist.

use serde_json::json;
use userdex::access::Scopes;

use crate::office::{address, on_each_office};

#[test]
fn hidden_rows_are_in_no_collection_and_no_count() {
    on_each_office(|office| {
        let (reader, admin) = (office.caller(office.reader), office.caller(office.admin));
        let count = |caller, address: &str| {
            let answer = office.get(caller, address);
            assert_eq!(answer.status, 200, "{address}: {}", answer.body);
            answer
                .body
                .trim_start_matches('\u{feff}')
                .parse::<u64>()
                .unwrap()
        };
        let all = count(&admin, "Systems_Security_Users/$count");
        let inactive = count(
            &admin,
            "Systems_Security_Users/$count?$filter=Active%20eq%20false",
        );
        assert!(inactive > 0);
        assert_eq!(
            count(&reader, "Systems_Security_Users/$count"),
            all - inactive
        );
        assert_eq!(
            count(
                &reader,
                "Systems_Security_Users/$count?$filter=Active%20eq%20false"
            ),
            0
        );
        let page = office.get(
            &reader,
            "Systems_Security_Users?$count=true&$top=5&$orderby=Login%20desc",
        );
        assert_eq!(page.tree()["@odata.count"], all - inactive);
        let found = office.get(&reader, "Systems_Security_Users?$search=gone");
        assert!(found.rows().is_empty(), "{}", found.body);
        assert_eq!(
            office
                .get(&admin, "Systems_Security_Users?$search=gone")
                .rows()
                .len(),
            1
        );
    });
}

#[test]
fn a_hidden_row_has_no_address() {
    on_each_office(|office| {
        let reader = office.caller(office.reader);
        let there = address(office.hidden);
        let nowhere = address(uuid::Uuid::from_u128(7));
        for rest in [
            "",
            "/Login",
            "/Login/$value",
            "/Groups",
            "/Groups/$count",
            "/Person",
            "/Person/$ref",
            "?$select=Login",
        ] {
            let (hidden, missing) = (
                office.get(&reader, &format!("{there}{rest}")),
                office.get(&reader, &format!("{nowhere}{rest}")),
            );
            let same = |body: &str| {
                body.replace(&office.hidden.to_string(), "K")
                    .replace(&uuid::Uuid::from_u128(7).to_string(), "K")
            };
            assert_eq!(hidden.status, missing.status, "{rest}: {}", hidden.body);
            assert_eq!(same(&hidden.body), same(&missing.body), "{rest}");
            let seen = office.get(&office.caller(office.admin), &format!("{there}{rest}"));
            assert!(seen.status < 300, "{rest}: {}", seen.body);
        }
    });
}

#[test]
fn what_belongs_to_a_hidden_row_is_hidden_too() {
    on_each_office(|office| {
        let (reader, admin) = (office.caller(office.reader), office.caller(office.admin));
        let members = format!(
            "Systems_Security_UserGroups?$filter=Group/Id%20eq%20{}&$expand=User($select=Login)",
            office.group
        );
        assert_eq!(office.get(&admin, &members).rows().len(), 2);
        let seen = office.get(&reader, &members).rows();
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert_eq!(seen[0]["User"]["Login"], "reader");
        let by_login = "Systems_Security_UserGroups/$count?$filter=User/Login%20eq%20'gone'";
        assert_eq!(
            office
                .get(&admin, by_login)
                .body
                .trim_start_matches('\u{feff}'),
            "1"
        );
        assert_eq!(
            office
                .get(&reader, by_login)
                .body
                .trim_start_matches('\u{feff}'),
            "0"
        );
    });
}

#[test]
fn hidden_children_are_not_counted() {
    on_each_office(|office| {
        let other = office.create(
            "Systems_Security_Groups",
            &json!({"Name": {"EN": "Others"}}),
        );
        office.create(
            "Systems_Security_UserGroups",
            &json!({"User@odata.bind": address(office.nobody),
            "Group@odata.bind": format!("Systems_Security_Groups({other})")}),
        );
        let role = office.create("Systems_Security_Roles", &json!({"Name": "Sees one group"}));
        let only = format!("Group/Id eq {other}");
        for (set, filter) in [
            ("Systems_Security_Users", None),
            ("Systems_Security_UserGroups", Some(only.as_str())),
        ] {
            office.create(
                "Ext_EntityPermissions",
                &json!({"EntitySet": set, "RecordFilter": filter,
                "Role@odata.bind": format!("Systems_Security_Roles({role})")}),
            );
        }
        office.create(
            "Systems_Security_RoleUsers",
            &json!({"User@odata.bind": address(office.nobody),
            "Role@odata.bind": format!("Systems_Security_Roles({role})")}),
        );
        let (caller, admin) = (office.caller(office.nobody), office.caller(office.admin));
        let found = |caller, filter: &str| {
            let filter = filter.replace(' ', "%20");
            let answer = office.get(caller, &format!("Systems_Security_Users?$filter={filter}"));
            assert_eq!(answer.status, 200, "{filter}: {}", answer.body);
            answer.rows().len()
        };
        let hidden = format!("Groups/$count($filter=Group/Id eq {}) ge 1", office.group);
        assert!(found(&admin, &hidden) > 0);
        assert_eq!(found(&caller, &hidden), 0);
        // One of their groups they see, whatever else they are in.
        let one = format!("Id eq {} and Groups/$count eq 1", office.nobody);
        assert_eq!(found(&caller, &one), 1);
        let more = "Groups/$count gt 1 or Groups/$filter(User/Active)/$count gt 1";
        assert_eq!(found(&caller, more), 0);
        let with = found(&caller, "Groups/$count ne 0");
        assert_eq!(with, 1);
        assert!(found(&admin, "Groups/$count ne 0") > with);
    });
}

#[test]
fn a_reference_to_a_hidden_row_is_null() {
    on_each_office(|office| {
        let person = office.create(
            "General_Contacts_Persons",
            &json!({"FirstName": {"EN": "Ada"}, "LastName": {"EN": "Hidden"}}),
        );
        let owner = office.create(
            "Systems_Security_Users",
            &json!({"Login": "owner", "Name": {"EN": "Owner"}, "UserType": "VirtualUserNoLogin",
                    "Person@odata.bind": format!("General_Contacts_Persons({person})")}),
        );
        let role = office.create(
            "Systems_Security_Roles",
            &json!({"Name": "Sees one kind of person"}),
        );
        for (set, filter) in [
            ("Systems_Security_Users", None),
            (
                "General_Contacts_Persons",
                Some("contains(PartyName,'Seen')"),
            ),
        ] {
            office.create(
                "Ext_EntityPermissions",
                &json!({"EntitySet": set, "RecordFilter": filter,
                "Role@odata.bind": format!("Systems_Security_Roles({role})")}),
            );
        }
        office.create(
            "Systems_Security_RoleUsers",
            &json!({"User@odata.bind": address(office.nobody),
            "Role@odata.bind": format!("Systems_Security_Roles({role})")}),
        );
        let caller = office.caller(office.nobody);
        let place = address(owner);
        let selected = office.get(&caller, &format!("{place}?$select=Login,Person"));
        assert_eq!(selected.status, 200, "{}", selected.body);
        assert!(
            !selected.body.contains(&person.to_string()),
            "{}",
            selected.body
        );
        let expanded = office.get(&caller, &format!("{place}?$select=Login&$expand=Person"));
        assert_eq!(expanded.tree()["Person"], json!(null), "{}", expanded.body);
        for (filter, found) in [
            (format!("Person/Id eq {person}"), 0),
            (
                format!("Person in ('General_Contacts_Persons({person})')"),
                0,
            ),
            ("Person eq null".to_owned(), 1),
            ("Person ne null".to_owned(), 0),
        ] {
            let filter = format!("Login eq 'owner' and {filter}").replace(' ', "%20");
            let rows = office.get(&caller, &format!("Systems_Security_Users?$filter={filter}"));
            assert_eq!(rows.rows().len(), found, "{filter}: {}", rows.body);
        }
        assert_eq!(office.get(&caller, &format!("{place}/Person")).status, 204);
        assert_eq!(
            office
                .get(&caller, &format!("General_Contacts_Persons({person})"))
                .status,
            404
        );
    });
}

#[test]
fn who_holds_nothing_reads_nothing_but_the_own_row() {
    on_each_office(|office| {
        let nobody = office.caller(office.nobody);
        for address in [
            "Systems_Security_Users",
            "Systems_Security_Users/$count",
            "General_Contacts_Persons?$top=1",
            "Systems_Core_ObjectChanges",
        ] {
            let answer = office.get(&nobody, address);
            assert_eq!(
                (answer.status, answer.tree()["code"].as_str().unwrap()),
                (403, "Forbidden"),
                "{address}"
            );
        }
        let me = office.get(&nobody, "Ext.Me?$expand=Groups");
        assert_eq!(me.status, 200, "{}", me.body);
        assert_eq!(me.tree()["Login"], "nobody");
        assert_eq!(
            me.tree()["PhoneNumber"],
            "+359 2 555",
            "users may read what they may change"
        );
        assert!(me.tree().get("Notes").is_none(), "{}", me.body);
        let blind = office.caller_with(office.nobody, Scopes::NONE);
        assert_eq!(office.get(&blind, "Ext.Me").status, 403);
    });
}
