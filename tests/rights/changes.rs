//! Who may change what.

use serde_json::json;
use userdex::service::Verb;

use crate::office::{address, on_each_office};

#[test]
fn only_administrators_change_users() {
    on_each_office(|office| {
        let (reader, admin) = (office.caller(office.reader), office.caller(office.admin));
        let own = address(office.reader);
        let group = office.create(
            "Systems_Security_Groups",
            &json!({"Name": {"EN": "Another"}}),
        );
        let group = format!("Systems_Security_Groups({group})");
        for (verb, path, body) in [
            (Verb::Patch, own.clone(), json!({"IsAdmin": true})),
            (Verb::Patch, own.clone(), json!({"Notes": "x"})),
            (
                Verb::Patch,
                address(office.admin),
                json!({"Name": {"EN": "x"}}),
            ),
            (
                Verb::Patch,
                "Ext.Me".to_owned(),
                json!({"IsAdmin": true, "Name": {"EN": "x"}}),
            ),
            (
                Verb::Patch,
                "Ext.Me".to_owned(),
                json!({"Groups": [{"Group@odata.bind": group}]}),
            ),
            (
                Verb::Patch,
                "Ext.Me".to_owned(),
                json!({"BasicAuthenticationAllowed": true}),
            ),
            (
                Verb::Post,
                "Systems_Security_Users".to_owned(),
                json!({"Login": "new", "Name": {"EN": "New"}, "UserType": "VirtualUserNoLogin"}),
            ),
            (Verb::Delete, address(office.nobody), json!(null)),
            (
                Verb::Post,
                "Systems_Security_UserGroups".to_owned(),
                json!({"User@odata.bind": own, "Group@odata.bind": group}),
            ),
            (Verb::Patch, group.clone(), json!({"Notes": "x"})),
            (
                Verb::Post,
                format!("{own}/Ext.SetPassword"),
                json!({"password": "Correct horse 8!"}),
            ),
        ] {
            let before = office.world.dump();
            let (status, text) = office.write(&reader, verb, &path, &body);
            assert_eq!(status, 403, "{path} {body}: {text}");
            office.world.assert_unchanged(&before, &path);
        }
        let (status, text) = office.write(&admin, Verb::Patch, &own, &json!({"Notes": "y"}));
        assert_eq!(status, 204, "{text}");
    });
}

#[test]
fn users_change_a_little_of_their_own_row() {
    on_each_office(|office| {
        let nobody = office.caller(office.nobody);
        let body =
            json!({"Name": {"EN": "Some Body"}, "PhoneNumber": "+1", "DefaultLanguage": "de"});
        let (status, text) = office.write(&nobody, Verb::Patch, "Ext.Me", &body);
        assert_eq!(status, 204, "{text}");
        let me = office.get(&nobody, "Ext.Me").tree();
        assert_eq!(
            (&me["Name"]["EN"], &me["PhoneNumber"]),
            (&json!("Some Body"), &json!("+1"))
        );
        // The history says who it was.
        let changes = office
            .world
            .all("Systems_Core_ObjectChangesets?$orderby=Id%20desc");
        let mine = changes
            .iter()
            .filter(|c| c.to_string().contains(&office.nobody.to_string()));
        assert_eq!(mine.count(), 1);
        // The row of somebody who sees nothing else has no other address.
        let (status, _) = office.write(&nobody, Verb::Patch, &address(office.nobody), &body);
        assert_eq!(status, 403);
    });
}

#[test]
fn what_is_granted_can_be_changed_within_its_filter() {
    on_each_office(|office| {
        let role = office.create(
            "Systems_Security_Roles",
            &json!({"Name": "Keeper of persons"}),
        );
        office.create(
            "Ext_EntityPermissions",
            &json!({
                "EntitySet": "General_Contacts_Persons", "RecordFilter": "contains(PartyName,'Mine')",
                "CanRead": true, "CanCreate": true, "CanUpdate": true, "CanDelete": true,
                "Role@odata.bind": format!("Systems_Security_Roles({role})"),
            }),
        );
        office.create(
            "Systems_Security_RoleUsers",
            &json!({"User@odata.bind": address(office.nobody),
            "Role@odata.bind": format!("Systems_Security_Roles({role})")}),
        );
        let keeper = office.caller(office.nobody);
        let persons = "General_Contacts_Persons";
        let new = |name: &str| json!({"FirstName": {"EN": "A"}, "LastName": {"EN": name}});
        let (status, text) = office.write(&keeper, Verb::Post, persons, &new("Mine"));
        assert_eq!(status, 201, "{text}");
        let mine: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mine = format!("{persons}({})", mine["Id"].as_str().unwrap());
        let (status, text) = office.write(&keeper, Verb::Post, persons, &new("Other"));
        assert_eq!(status, 403, "{text}");
        let (status, text) = office.write(
            &keeper,
            Verb::Patch,
            &mine,
            &json!({"FirstName": {"EN": "B"}}),
        );
        assert_eq!(status, 204, "{text}");
        let (status, text) = office.write(
            &keeper,
            Verb::Patch,
            &mine,
            &json!({"LastName": {"EN": "Away"}}),
        );
        assert_eq!(status, 403, "{text}");
        let other = office.create(persons, &new("Other"));
        for (verb, body) in [
            (Verb::Patch, json!({"LastName": {"EN": "Mine"}})),
            (Verb::Delete, json!(null)),
        ] {
            let (status, text) = office.write(&keeper, verb, &format!("{persons}({other})"), &body);
            assert_eq!(status, 404, "{text}");
        }
        // A reference to what is not visible is one to what does not exist.
        let place = format!("{persons}({other})");
        let (status, text) = office.write(
            &keeper,
            Verb::Patch,
            &mine,
            &json!({"ParentParty@odata.bind": place}),
        );
        assert!(status == 422 && text.contains("UnknownReference"), "{text}");
        let (status, text) = office.write(&keeper, Verb::Delete, &mine, &json!(null));
        assert_eq!(status, 204, "{text}");
    });
}

#[test]
fn permissions_that_mean_nothing_are_refused() {
    on_each_office(|office| {
        let admin = office.caller(office.admin);
        let role = office.create("Systems_Security_Roles", &json!({"Name": "R"}));
        let role = format!("Systems_Security_Roles({role})");
        for (body, word) in [
            (
                json!({"EntitySet": "Nothing", "Role@odata.bind": role}),
                "no entity set",
            ),
            (
                json!({"EntitySet": "Systems_Security_Users", "RecordFilter": "Active eq", "Role@odata.bind": role}),
                "",
            ),
            (
                json!({"EntitySet": "Systems_Security_Users", "RecordFilter": "Notes eq 'x'", "Role@odata.bind": role}),
                "does not declare",
            ),
            // What is kept for administrators is opened by no permission: reading is the default.
            (
                json!({"EntitySet": "Systems_Security_AccessTokens", "Role@odata.bind": role}),
                "is read by administrators,",
            ),
            (
                json!({"EntitySet": "Systems_Monitoring_AuditLogEntries", "Role@odata.bind": role}),
                "is read by administrators with the scope `sec`,",
            ),
            (
                json!({"EntitySet": "Systems_Security_Users", "CanUpdate": true, "Role@odata.bind": role}),
                "is changed by administrators,",
            ),
            (
                json!({"EntitySet": "Systems_Security_Roles", "CanCreate": true, "CanDelete": true, "Role@odata.bind": role}),
                "is changed by administrators,",
            ),
        ] {
            let (status, text) = office.write(&admin, Verb::Post, "Ext_EntityPermissions", &body);
            assert!(
                status == 422 && text.contains("PermissionFault") && text.contains(word),
                "{body}: {text}"
            );
        }
        let body = json!({"TableName": "Sec_Users", "ColumnName": "Nothing",
            "AccessKey": {"@erpnet.action": "create", "Name": {"EN": "K"}}});
        let (status, text) = office.write(
            &admin,
            Verb::Post,
            "Systems_Security_ColumnPermissions",
            &body,
        );
        assert!(status == 422 && text.contains("no column"), "{text}");
    });
}
