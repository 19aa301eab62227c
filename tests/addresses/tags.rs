//! Entity tags of answers: the same tag is the same body, or there is none.

use serde_json::json;

use crate::support::world::{World, on_each_world};

const USERS: &str = "Systems_Security_Users";
const PERSONS: &str = "General_Contacts_Persons";

/// A user with a person, a group and a role; the address of the user and of the person.
fn made(world: &World) -> (String, String) {
    let made = |set: &str, body| {
        let reply = world.json("POST", set, &body);
        assert_eq!(reply.status, 201, "{}", reply.body);
        format!("{set}({})", reply.tree()["Id"].as_str().unwrap())
    };
    let person = made(
        PERSONS,
        json!({"FirstName": {"EN": "Ann"}, "LastName": {"EN": "Lee"}}),
    );
    let group = made("Systems_Security_Groups", json!({"Name": {"EN": "Some"}}));
    let user = json!({
        "Login": "ann", "Name": {"EN": "Ann"}, "UserType": "VirtualUserNoLogin",
        "Person@odata.bind": person, "Groups": [{"Group@odata.bind": group}],
    });
    (made(USERS, user), person)
}

/// What the version of the object covers has its tag, and is 304; everything else is sent again.
#[test]
fn tags_are_those_of_the_answer() {
    on_each_world(4, |world| {
        let (user, _) = made(world);
        let group = {
            let rows = world.get(&format!("{user}/Groups?$select=Id"));
            format!(
                "Systems_Security_UserGroups({})",
                rows[0]["Id"].as_str().unwrap()
            )
        };
        for (path, is_tagged) in [
            (user.clone(), true),
            (format!("{user}?$select=Login"), true),
            (format!("{user}?$select=Login,Person"), true),
            (format!("{user}?$select=*"), true),
            (format!("{user}?$expand=Groups"), true),
            (
                format!("{user}?$expand=Groups($select=Id)&$select=Login"),
                true,
            ),
            (format!("{user}?$expand=Groups/$ref"), true),
            (format!("{user}?$expand=Groups/$count"), true),
            (format!("{group}?$select=ObjectVersion,Group"), true),
            (format!("{user}?$select=AccessFailedCount"), false),
            (format!("{user}?$select=Login,LockoutEndUtc"), false),
            (format!("{user}?$expand=Person"), false),
            (format!("{user}?$expand=Person/$ref"), false),
            (format!("{user}?$expand=Groups($expand=Group)"), false),
            (
                format!(
                    "{user}?$expand=Groups($filter=Id%20ne%2000000000-0000-0000-0000-000000000000)"
                ),
                false,
            ),
            (format!("{user}?$compute=now()%20as%20N&$select=N"), false),
            (
                format!("{user}?$compute=length(Login)%20as%20N&$select=N"),
                false,
            ),
            (format!("{user}/Person"), false),
            (format!("{group}?$select=ObjectVersion,DisplayText"), false),
        ] {
            let reply = world.send("GET", &path, &[], b"");
            let place = format!("{}: {path} {}", world.name, reply.body);
            assert_eq!(reply.status, 200, "{place}");
            assert_eq!(reply.header("ETag").is_some(), is_tagged, "{place}");
            let body = reply.tree();
            // In the body it is the object's, whatever stands beside it.
            let tag = body["@odata.etag"].as_str().unwrap_or("W/\"1\"");
            for known in [tag, "*"] {
                let again = world.send("GET", &path, &[("If-None-Match", known)], b"");
                let status = if is_tagged { 304 } else { 200 };
                assert_eq!(again.status, status, "{place} {known}");
            }
            let matching = world.send("GET", &path, &[("If-Match", tag)], b"");
            assert_eq!(matching.status, 200, "{place}");
        }
        let metadata = world.send("GET", "$metadata", &[], b"");
        let tag = metadata.header("ETag").unwrap().to_owned();
        let again = world.send("GET", "$metadata", &[("If-None-Match", &tag)], b"");
        assert_eq!(again.status, 304);
    });
}

/// The caller's own row is that of a singleton, in every version.
#[test]
fn the_context_of_me_is_the_singleton() {
    on_each_world(4, |world| {
        let user = format!(
            "{USERS}({})",
            world.get("Me?$select=Id")["Id"].as_str().unwrap()
        );
        for (path, context) in [
            ("Me", "#Me"),
            ("Ext.Me", "#Me"),
            ("Me?$select=Login", "#Me(Login)"),
            ("Me/Erp.Systems_Security_User", "#Me"),
            (
                "Me?$expand=Groups($select=Id)&$select=Login",
                "#Me(Login,Groups(Id))",
            ),
            (&user, "#Systems_Security_Users/$entity"),
        ] {
            for version in ["4.0", "4.01"] {
                let reply = world.send("GET", path, &[("OData-MaxVersion", version)], b"");
                let tree = reply.tree();
                let found = tree.get("@odata.context").or(tree.get("@context"));
                let found = found.unwrap().as_str().unwrap();
                assert!(
                    found.ends_with(&format!("$metadata{context}")),
                    "{path} {version} {found}"
                );
            }
        }
        for (path, help) in [
            (format!("{user}/Nope/Ext.Explain(query='x"), false),
            (
                "Ext.Explain(query='Systems_Security_Users?$top=1')".to_owned(),
                true,
            ),
        ] {
            let reply = world.send("GET", &path, &[], b"");
            assert_eq!(reply.code(), "SyntaxError", "{}", reply.body);
            assert_eq!(reply.body.contains("%3F"), help, "{}", reply.body);
        }
        let id = world.get("Me?$select=Id")["Id"]
            .as_str()
            .unwrap()
            .to_owned();
        let twice = world.send("GET", &format!("{USERS}(Id={id},Id={id})"), &[], b"");
        assert_eq!(
            (twice.status, twice.code().as_str()),
            (400, "DuplicateProperty")
        );
        assert!(twice.body.contains("`Id` is given twice"), "{}", twice.body);
    });
}

/// A leap second is the first second of the next minute, on both databases.
#[test]
fn leap_seconds_are_the_next_second() {
    on_each_world(4, |world| {
        let (user, _) = made(world);
        let body = json!({"LockoutEndUtc": "2016-12-31T23:59:60Z"});
        assert_eq!(world.json("PATCH", &user, &body).status, 204);
        let found = world.get(&format!("{user}?$select=LockoutEndUtc"));
        assert_eq!(found["LockoutEndUtc"], "2017-01-01T00:00:00Z");
        let filter = "LockoutEndUtc%20eq%202016-12-31T23:59:60Z";
        assert_eq!(world.count(&format!("{USERS}/$count?$filter={filter}")), 1);
    });
}
