//! The last active administrator stays.

use serde_json::json;
use userdex::service::Verb;

use crate::office::{Office, address, on_each_office};

/// Leaves one administrator: `boss`, or whoever is asked for.
fn only(office: &Office<'_>, keep: uuid::Uuid) {
    let marked = office
        .world
        .all("Systems_Security_Users?$filter=IsAdmin%20eq%20true&$select=Id");
    let members = office
        .world
        .all("Systems_Security_UserGroups?$select=Id,Group&$expand=Group($select=GroupType)");
    for row in members
        .iter()
        .filter(|row| row["Group"]["GroupType"] == "Administrators")
    {
        let path = format!(
            "Systems_Security_UserGroups({})",
            row["Id"].as_str().unwrap()
        );
        let (status, text) = office.write_as_system(Verb::Delete, &path, &json!(null));
        assert_eq!(status, 204, "{text}");
    }
    for row in marked {
        let id: uuid::Uuid = row["Id"].as_str().unwrap().parse().unwrap();
        if id != keep {
            let (status, text) =
                office.write_as_system(Verb::Patch, &address(id), &json!({"IsAdmin": false}));
            assert_eq!(status, 204, "{text}");
        }
    }
}

#[test]
fn the_last_administrator_stays() {
    on_each_office(|office| {
        only(office, office.admin);
        let boss = address(office.admin);
        for (body, target) in [
            (json!({"IsAdmin": false}), "IsAdmin"),
            (json!({"Active": false}), "Active"),
            (json!({"UserType": "SystemUserNoLogin"}), "UserType"),
        ] {
            let before = office.world.dump();
            let (status, text) = office.write_as_system(Verb::Patch, &boss, &body);
            assert!(
                status == 422 && text.contains("LastAdministrator"),
                "{target}: {text}"
            );
            office.world.assert_unchanged(&before, target);
        }
        // Somebody else takes over, in the same change.
        let (status, text) = office.write_as_system(
            Verb::Patch,
            &address(office.reader),
            &json!({"IsAdmin": true}),
        );
        assert_eq!(status, 204, "{text}");
        let (status, text) = office.write_as_system(Verb::Patch, &boss, &json!({"IsAdmin": false}));
        assert_eq!(status, 204, "{text}");
    });
}

#[test]
fn the_last_member_of_the_administrators_stays() {
    on_each_office(|office| {
        let group = office
            .world
            .all("Systems_Security_Groups?$filter=GroupType%20eq%20'Administrators'&$top=1");
        let Some(group) = group.first() else {
            panic!("the demonstration data have a group of administrators");
        };
        only(office, office.admin);
        let member = office.create(
            "Systems_Security_UserGroups",
            &json!({"User@odata.bind": address(office.reader),
                    "Group@odata.bind": format!("Systems_Security_Groups({})", group["Id"].as_str().unwrap())}),
        );
        let (status, text) = office.write_as_system(
            Verb::Patch,
            &address(office.admin),
            &json!({"IsAdmin": false}),
        );
        assert_eq!(status, 204, "{text}");
        let member = format!("Systems_Security_UserGroups({member})");
        for (verb, path, body) in [
            (Verb::Delete, member, json!(null)),
            (
                Verb::Patch,
                address(office.reader),
                json!({"Active": false}),
            ),
        ] {
            let (status, text) = office.write_as_system(verb, &path, &body);
            assert!(
                status == 422 && text.contains("LastAdministrator"),
                "{path}: {text}"
            );
        }
    });
}
