//! The session that the vendor's documentation tells: begin, copy, change, look, end.

use serde_json::{Value as Json, json};

use super::kit::{Inside, USERS, begin, create, encoded};
use super::support::world::{World, on_each_world, text};

/// A user with everything that a copy has to deal with.
struct Cast {
    user: String,
    group: String,
    other_group: String,
}

fn cast(world: &World) -> Cast {
    let group = |code: &str| {
        let body = json!({"Name": {"EN": code}});
        create(world, "Systems_Security_Groups", &body)
    };
    let (group, other_group) = (group("G1"), group("G2"));
    let role = create(world, "Systems_Security_Roles", &json!({"Name": "Helper"}));
    let user = create(
        world,
        USERS,
        &json!({
            "Login": "ann", "Name": {"EN": "Ann Lee", "BG": "Ан Ли"}, "Email": "ann@example.org",
            "Notes": "Keep \"this\"", "UserType": "InternalUser", "AccessFailedCount": 3,
            "LockoutEndUtc": "2030-01-01T00:00:00Z", "PhoneNumber": "1", "PhoneNumberConfirmed": true,
            "TwoFactorEnabled": false, "@ext.initialPassword": "Secret-1234",
            "Groups": [{"Group@odata.bind": format!("Systems_Security_Groups({group})")}],
            "RoleUsers": [{"Role@odata.bind": format!("Systems_Security_Roles({role})")}],
            "ProviderLogins": [{"ProviderKey": "k", "ProviderName": "GOOGLE"}],
        }),
    );
    Cast {
        user,
        group,
        other_group,
    }
}

/// Copies the user, and makes the copy one of its own; its key.
fn copy(inside: &Inside<'_>, cast: &Cast) -> String {
    let reply = inside.done(
        "POST",
        &format!("{USERS}({})/CreateCopy", cast.user),
        &json!({}),
    );
    assert_eq!(reply.status, 200, "{}", reply.body);
    let copied = reply.tree();
    let id = text(&copied["Id"]);
    assert_ne!(id, cast.user);
    assert_eq!(copied["Login"], "ann");
    assert_eq!(copied["Name"], json!({"EN": "Ann Lee", "BG": "Ан Ли"}));
    assert_eq!(copied["Notes"], "Keep \"this\"");
    assert_eq!(copied["AccessFailedCount"], 0);
    assert_eq!(copied["LockoutEndUtc"], Json::Null);
    assert_eq!(copied["PhoneNumberConfirmed"], false);
    let address = |set: &str, id: &str| json!({"@odata.id": format!("{set}({id})")});
    assert_eq!(copied["Groups"].as_array().unwrap().len(), 1);
    let group = address("Systems_Security_Groups", &cast.group);
    assert_eq!(copied["Groups"][0]["Group"], group);
    assert_eq!(copied["Groups"][0]["User"], address(USERS, &id));
    assert_eq!(copied["RoleUsers"].as_array().unwrap().len(), 1);
    assert!(copied.get("ProviderLogins").is_none());
    assert!(copied.get("Password").is_none());

    let user = format!("{USERS}({id})");
    let changes = json!({"Login": "bea", "Email": "bea@example.org", "Name": {"EN": "Bea"}});
    inside.done("PATCH", &user, &changes);
    let password = json!({"password": "Other-5678"});
    inside.done("POST", &format!("{user}/Ext.SetPassword"), &password);
    let group = json!({"Group@odata.bind":
                       format!("Systems_Security_Groups({})", cast.other_group)});
    inside.done("POST", &format!("{user}/Groups"), &group);
    id
}

#[test]
fn a_copy_is_changed_and_saved() {
    on_each_world(0, |world| {
        let cast = cast(world);
        let inside = begin(world, &json!({"model": "common", "trackChanges": true}));
        assert_eq!(inside.changes(), json!({}));
        let before = world.dump();
        let id = copy(&inside, &cast);

        // Inside it is there, by its key, in its collections, in queries.
        let user = format!("{USERS}({id})");
        let found = inside.get(&user);
        assert_eq!(
            (&found["Login"], &found["Email"]),
            (&json!("bea"), &json!("bea@example.org"))
        );
        let groups = inside.get(&format!(
            "{user}/Groups?$expand=Group($select=Name)&$orderby=Id"
        ));
        let mut codes: Vec<String> = groups
            .as_array()
            .unwrap()
            .iter()
            .map(|g| text(&g["Group"]["Name"]["EN"]))
            .collect();
        codes.sort();
        assert_eq!(codes, ["G1", "G2"]);
        let filter = format!(
            "{USERS}?$filter=contains(Name,'BEA') and Active eq true&$select=Login,DisplayText,ObjectVersion"
        );
        let rows = inside.get(&filter);
        assert_eq!(rows.as_array().unwrap().len(), 1, "{}: {rows}", world.name);
        assert_eq!(rows[0]["DisplayText"], "Bea");
        assert_eq!(rows[0]["ObjectVersion"], 1);
        let member =
            "Systems_Security_UserGroups?$filter=User/Login eq 'bea'&$expand=User($select=Login)";
        assert_eq!(inside.get(member)[1]["User"]["Login"], "bea");
        let count = inside.send("GET", &format!("{USERS}/$count?$search=bea"), None);
        assert_eq!(count.body, "1");

        // Outside it is not.
        world.assert_unchanged(&before, "a transaction");
        assert_eq!(world.send("GET", &user, &[], b"").status, 404);
        assert_eq!(world.count(&format!("{USERS}/$count?$search=bea")), 0);
        assert_eq!(world.get(&encoded(&filter)), json!([]));

        let changes = inside.changes();
        let new = &changes["insert"][USERS][&id];
        assert_eq!(
            (&new["Login"], &new["Name"]["EN"]),
            (&json!("bea"), &json!("Bea")),
            "{changes}"
        );
        assert_eq!(
            changes["insert"]["Systems_Security_UserGroups"]
                .as_object()
                .unwrap()
                .len(),
            2
        );
        assert!(
            changes.get("update").is_none() && changes.get("delete").is_none(),
            "{changes}"
        );
        assert!(!changes.to_string().contains("Password\""), "{changes}");
        assert_eq!(inside.changes(), json!({}));

        inside.commit();
        let saved = world.get(&user);
        assert_eq!(
            (&saved["Login"], &saved["PasswordFormat"]),
            (&json!("bea"), &json!("AspNetCoreV3"))
        );
        assert_eq!(world.count(&format!("{user}/Groups/$count")), 2);
        assert_eq!(world.count(&format!("{user}/RoleUsers/$count")), 1);
        assert_eq!(world.count(&format!("{user}/ProviderLogins/$count")), 0);
        assert_eq!(
            world.count(&format!("{USERS}({})/ProviderLogins/$count", cast.user)),
            1
        );
        // It is over.
        let over = inside.send("GET", &user, None);
        assert_eq!(
            (over.status, over.code().as_str()),
            (400, "InvalidTransaction")
        );
        let message = text(&over.tree()["error"]["message"]);
        assert_eq!(message, format!("Invalid TransactionId {}", inside.id));
    });
}

#[test]
fn a_copy_is_dropped() {
    on_each_world(0, |world| {
        let cast = cast(world);
        let inside = begin(world, &json!({}));
        let before = world.dump();
        let id = copy(&inside, &cast);
        assert_eq!(inside.end(false).status, 204);
        world.assert_unchanged(&before, "a dropped transaction");
        assert_eq!(
            world
                .send("GET", &format!("{USERS}({id})"), &[], b"")
                .status,
            404
        );
        assert_eq!(inside.send("GET", USERS, None).status, 400);
    });
}

#[test]
fn a_copy_without_a_transaction_is_only_answered() {
    on_each_world(0, |world| {
        let cast = cast(world);
        let before = world.dump();
        let reply = world.json(
            "POST",
            &format!("{USERS}({})/Erp.CreateCopy", cast.user),
            &json!({}),
        );
        assert_eq!(reply.status, 200, "{}: {}", world.name, reply.body);
        let copied = reply.tree();
        assert_ne!(text(&copied["Id"]), cast.user);
        assert_eq!(copied["Groups"].as_array().unwrap().len(), 1);
        world.assert_unchanged(&before, "a copy");
        let gone = format!("{USERS}({})", text(&copied["Id"]));
        assert_eq!(world.send("GET", &gone, &[], b"").status, 404);
    });
}
