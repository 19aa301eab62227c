//! Whose transactions are, and what they may not do.

use serde_json::{Value as Json, json};
use userdex::access::{Scopes, Way};
use userdex::value::Timestamp;

use super::kit::{Inside, USERS, begin, create, virtual_user};
use super::support::world::{Reply, World, on_each_world, text};

/// The header of somebody who has signed in.
fn sign_in(world: &World, user: &str) -> String {
    let (user, now) = (user.parse().unwrap(), Timestamp::now());
    let opened = world
        .service
        .open_session(user, Way::Session, None, Scopes::USUAL, now);
    format!("ErpSession {}", opened.unwrap().id)
}

/// Somebody who works with persons: reads and changes those whose city is open, and
/// does not see their notes.
fn helper(world: &World) -> String {
    let user = json!({"Login": "helper", "UserType": "InternalUser", "Name": {"EN": "H"},
                      "@ext.initialPassword": "Correct horse 7!"});
    let user = create(world, USERS, &user);
    let role = create(world, "Systems_Security_Roles", &json!({"Name": "Helpers"}));
    let role = format!("Systems_Security_Roles({role})");
    create(
        world,
        "Systems_Security_RoleUsers",
        &json!({"User@odata.bind": format!("{USERS}({user})"), "Role@odata.bind": role}),
    );
    create(
        world,
        "Ext_EntityPermissions",
        &json!({"EntitySet": "General_Contacts_Persons", "RecordFilter": "contains(City,'open')",
                "CanRead": true, "CanCreate": true, "CanUpdate": true, "CanDelete": true,
                "Role@odata.bind": role}),
    );
    let key = create(
        world,
        "Systems_Security_AccessKeys",
        &json!({"Name": {"EN": "Notes"}, "EntityName": "Cm_Persons"}),
    );
    create(
        world,
        "Systems_Security_ColumnPermissions",
        &json!({"TableName": "Cm_Persons", "ColumnName": "Notes",
                "AccessKey@odata.bind": format!("Systems_Security_AccessKeys({key})")}),
    );
    sign_in(world, &user)
}

/// Sends JSON as somebody.
fn send(
    world: &World,
    who: &str,
    id: Option<&str>,
    method: &str,
    path: &str,
    body: &Json,
) -> Reply {
    let mut headers = vec![("Authorization", who), ("Content-Type", "application/json")];
    headers.extend(id.map(|id| ("TransactionId", id)));
    world.send_as(method, path, &headers, body.to_string().as_bytes())
}

#[test]
fn a_transaction_is_its_callers() {
    on_each_world(0, |world| {
        let helper = helper(world);
        let mine = begin(world, &json!({"trackChanges": true}));
        mine.done(
            "POST",
            "General_Contacts_Persons",
            &json!({"FirstName": {"EN": "open"}}),
        );
        for (method, path) in [
            ("GET", "General_Contacts_Persons"),
            ("GET", "GetChanges()"),
            ("GET", "WaitForChanges()"),
            ("POST", "General_Contacts_Persons"),
            ("POST", "EndTransaction"),
        ] {
            let body = json!({});
            let reply = send(world, &helper, Some(&mine.id), method, path, &body);
            assert_eq!(reply.code(), "InvalidTransaction", "{path}: {}", reply.body);
        }
        for id in ["", "nonsense", "00000000-0000-0000-0000-000000000000"] {
            let reply = world.send("GET", USERS, &[("TransactionId", id)], b"");
            assert_eq!(reply.code(), "InvalidTransaction", "{id}");
        }
        let two = [("TransactionId", mine.id.as_str()), ("TransactionId", "x")];
        assert_eq!(world.send("GET", USERS, &two, b"").code(), "InvalidHeader");
        mine.commit();
    });
}

#[test]
fn closed_attributes_find_nothing_inside() {
    on_each_world(0, |world| {
        let helper = helper(world);
        let key = create(
            world,
            "Systems_Security_AccessKeys",
            &json!({"Name": {"EN": "Names"}}),
        );
        create(
            world,
            "Systems_Security_ColumnPermissions",
            &json!({"TableName": "Gen_Parties", "ColumnName": "Party_Name",
                    "AccessKey@odata.bind": format!("Systems_Security_AccessKeys({key})")}),
        );
        let begun = send(world, &helper, None, "POST", "BeginTransaction", &json!({}));
        for name in ["F", "nobody"] {
            let find = json!({"@erpnet.action": "findOrNull", "@erpnet.findBy": {"Name": name}});
            for id in [None, Some(begun.body.as_str())] {
                let reply = send(
                    world,
                    &helper,
                    id,
                    "POST",
                    "General_Contacts_Persons",
                    &find,
                );
                assert_eq!(
                    reply.code(),
                    "AttributeNotReadable",
                    "{name}: {}",
                    reply.body
                );
            }
        }
    });
}

#[test]
fn rights_hold_inside() {
    on_each_world(0, |world| {
        let helper = helper(world);
        let person = |name: &str| {
            let body = json!({"City": {"EN": name}, "Notes": "MARKER", "FirstName": {"EN": "F"}});
            create(world, "General_Contacts_Persons", &body)
        };
        let (open, closed) = (person("open one"), person("closed one"));
        let begun = send(
            world,
            &helper,
            None,
            "POST",
            "BeginTransaction",
            &json!({"trackChanges": true}),
        );
        assert_eq!(begun.status, 200, "{}", begun.body);
        let id = Some(begun.body.as_str());
        let of = |id: &str| format!("General_Contacts_Persons({id})");
        let ask =
            |method: &str, path: &str, body: Json| send(world, &helper, id, method, path, &body);

        assert_eq!(ask("GET", &of(&closed), json!({})).status, 404);
        assert_eq!(
            ask("PATCH", &of(&closed), json!({"City": {"EN": "open"}})).status,
            404
        );
        assert_eq!(
            ask("POST", &format!("{}/CreateCopy", of(&closed)), json!({})).status,
            404
        );
        assert_eq!(ask("POST", USERS, virtual_user("x")).status, 403);
        // Nothing leaves what the rights reach, and nothing new is beyond it.
        for (method, path) in [
            ("PATCH", of(&open)),
            ("POST", "General_Contacts_Persons".to_owned()),
        ] {
            let reply = ask(method, &path, json!({"City": {"EN": "closed two"}}));
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (403, "Forbidden"),
                "{method}"
            );
        }
        let notes = ask("PATCH", &of(&open), json!({"Notes": "mine"}));
        assert_eq!(notes.status, 403, "{}", notes.body);

        let copied = ask("POST", &format!("{}/CreateCopy", of(&open)), json!({}));
        assert_eq!(copied.status, 200, "{}", copied.body);
        let copy = text(&copied.tree()["Id"]);
        let told = ask("GET", "GetChanges()", json!({}));
        assert_eq!(
            told.tree()["insert"]["General_Contacts_Persons"][&copy]["City"]["EN"],
            "open one"
        );
        for reply in [&copied, &told, &ask("GET", &of(&copy), json!({}))] {
            assert!(
                !reply.body.contains("MARKER") && !reply.body.contains("\"Notes\""),
                "{}",
                reply.body
            );
        }
        let renamed = ask("PATCH", &of(&copy), json!({"City": {"EN": "open two"}}));
        assert_eq!(renamed.status, 204, "{}", renamed.body);
        let ended = ask("POST", "EndTransaction", json!({}));
        assert_eq!(ended.status, 204, "{}", ended.body);
        let saved = world.get(&of(&copy));
        assert_eq!(
            (&saved["City"]["EN"], &saved["Notes"]),
            (&json!("open two"), &json!(null))
        );
    });
}

#[test]
fn some_things_are_done_outside() {
    on_each_world(0, |world| {
        let ann = create(world, USERS, &virtual_user("ann"));
        let inside = begin(world, &json!({}));
        let path = format!("{USERS}({ann})");
        let token = inside.send("POST", &format!("{path}/Ext.IssueToken"), Some(&json!({})));
        assert_eq!(token.code(), "NotSupported", "{}", token.body);
        let headers = [
            ("TransactionId", inside.id.as_str()),
            ("Content-Type", "application/json"),
            ("Repeatability-Request-ID", "r-1"),
            ("Repeatability-First-Sent", "Tue, 24 Nov 2026 10:00:00 GMT"),
        ];
        let repeatable = world.send("PATCH", &path, &headers, b"{\"Notes\":\"x\"}");
        assert_eq!(repeatable.code(), "InvalidHeader", "{}", repeatable.body);
        let ended = world.send("POST", "EndTransaction", &headers, b"{}");
        assert_eq!(ended.code(), "InvalidHeader", "{}", ended.body);
        // A notification is sent at once, whatever becomes of the transaction.
        let notify = json!({"user": {"@odata.id": path}, "notificationClass": "NT_SOC_NEW_POST", "subject": "Now"});
        let sent = inside.done("POST", &format!("{path}/CreateNotification"), &notify);
        assert_eq!(sent.status, 204);
        assert_eq!(world.count("Systems_Core_Notifications/$count"), 1);
        assert_eq!(inside.end(false).status, 204);
        assert_eq!(world.count("Systems_Core_Notifications/$count"), 1);
        for (method, body) in [
            ("BeginTransaction", json!({"model": "other"})),
            ("BeginTransaction", json!({"trackChanges": "yes"})),
            ("EndTransaction", json!({"commit": 1})),
            ("EndTransaction", json!({"save": true})),
        ] {
            assert_eq!(
                world.json("POST", method, &body).status,
                400,
                "{method} {body}"
            );
        }
        assert_eq!(
            world.json("POST", "EndTransaction", &json!({})).code(),
            "InvalidTransaction"
        );
        let frontend = begin(world, &json!({"model": "frontend"}));
        assert_eq!(frontend.end(false).status, 204);
    });
}

#[test]
fn answers_inside_are_kept_by_nobody() {
    on_each_world(0, |world| {
        let ann = create(world, USERS, &virtual_user("ann"));
        let path = format!("{USERS}({ann})");
        let outside = world.send("GET", &path, &[], b"");
        let tag = outside.header("ETag").unwrap().to_owned();
        let inside = begin(world, &json!({}));
        inside.done("PATCH", &path, &json!({"Notes": "inside"}));
        let headers = [
            ("TransactionId", inside.id.as_str()),
            ("If-None-Match", tag.as_str()),
        ];
        let reply = world.send("GET", &path, &headers, b"");
        assert_eq!(
            (reply.status, reply.header("Cache-Control")),
            (200, Some("no-store"))
        );
        assert_eq!(reply.tree()["Notes"], "inside");
        let reply = world.send("GET", &path, &[("If-None-Match", tag.as_str())], b"");
        assert_eq!(reply.status, 304);
    });
}

#[test]
fn another_server_does_not_know_it() {
    on_each_world(0, |world| {
        let inside = begin(world, &json!({}));
        inside.done("POST", USERS, &virtual_user("new"));
        let other = World::over(world.name, &world.url);
        let lost = Inside {
            world: &other,
            id: inside.id.clone(),
        };
        assert_eq!(lost.send("GET", USERS, None).code(), "InvalidTransaction");
        assert_eq!(lost.end(true).code(), "InvalidTransaction");
        inside.commit();
        assert_eq!(
            other.count(&format!("{USERS}/$count?$filter=Login%20eq%20'new'")),
            1
        );
    });
}
