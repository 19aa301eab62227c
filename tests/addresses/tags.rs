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
