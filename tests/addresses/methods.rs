//! Which methods an address takes: `OPTIONS`, `Allow` of refusals, and what is answered.

use crate::support::encode_query;
use crate::support::world::{World, on_each_world};

const USERS: &str = "Systems_Security_Users";
const SHOWN: &str = "GET, HEAD, OPTIONS";
const SET: &str = "GET, HEAD, POST, OPTIONS";
const OBJECT: &str = "GET, HEAD, PATCH, PUT, DELETE, OPTIONS";
const LINKS: &str = "GET, HEAD, POST, DELETE, OPTIONS";
const SENT: &str = "POST, OPTIONS";

/// Status and `Allow`.
fn told(world: &World, method: &str, path: &str) -> (u16, String) {
    let json = [("Content-Type", "application/json")];
    let reply = world.send(method, &encode_query(path), &json, b"");
    let allow = reply.header("Allow").unwrap_or_default().to_owned();
    (reply.status, allow)
}

/// The key of some user.
fn key(world: &World) -> String {
    let rows = world.get(&format!("{USERS}?$top=1&$select=Id"));
    rows[0]["Id"].as_str().unwrap().to_owned()
}

/// Every kind of address, and the methods that it takes.
#[test]
fn options_lists_what_an_address_takes() {
    on_each_world(4, |world| {
        let user = format!("{USERS}({})", key(world));
        for (path, methods) in [
            ("", SHOWN),
            ("$metadata", SHOWN),
            ("$batch", SENT),
            (USERS, SET),
            ("Systems_Security_Users/Erp.Systems_Security_User", SET),
            ("Systems_Core_ObjectChanges", SHOWN),
            (&user, OBJECT),
            ("Me", OBJECT),
            ("Ext.Me", OBJECT),
            (&format!("{user}/Login"), OBJECT),
            (&format!("{user}/Login/$value"), OBJECT),
            (&format!("{user}/Name/EN"), OBJECT),
            (&format!("{user}/CreationTimeUtc"), SHOWN),
            (&format!("{user}/DisplayText"), SHOWN),
            (&format!("{user}/Person"), OBJECT),
            (&format!("{user}/Person/$ref"), OBJECT),
            (&format!("{user}/Groups"), SET),
            (&format!("{user}/Groups/$ref"), LINKS),
            (&format!("{user}/Groups/$count"), SHOWN),
            ("Systems_Security_Users/$count", SHOWN),
            ("Systems_Security_Users/$ref", SHOWN),
            ("Systems_Security_Users/$filter(true)", SHOWN),
            (
                "Systems_Security_Users/$filter(@a)?@a=Login eq 'ann'",
                SHOWN,
            ),
            ("Systems_Security_Users/$filter(true)/$count", SHOWN),
            ("Systems_Security_Users/$query", SENT),
            (&format!("{user}/$query"), SENT),
            ("$all", SHOWN),
            ("$all/$count", SHOWN),
            ("$all/$query", SENT),
            ("$entity", SHOWN),
            ("$entity/Erp.Systems_Security_User", SHOWN),
            ("$entity/$query", SENT),
            ("GetVersion", SHOWN),
            (
                &format!("{user}/GetAllowedCustomPropertyValues(customPropertyCode='x')"),
                SHOWN,
            ),
            (&format!("{user}/Ext.Unlock"), SENT),
            ("BeginTransaction", SENT),
            ("GetChanges", SHOWN),
            ("Import", SENT),
        ] {
            let place = format!("{}: {path}", world.name);
            assert_eq!(
                told(world, "OPTIONS", path),
                (204, methods.to_owned()),
                "{place}"
            );
            // Nothing here takes these, and says the same.
            let (status, allow) = told(world, "TRACE", path);
            let said: Vec<&str> = allow.split(", ").filter(|m| *m != "TRACE").collect();
            assert_eq!(
                (status, said.join(", ")),
                (405, methods.to_owned()),
                "{place}"
            );
            for method in ["GET", "PUT", "PATCH", "DELETE", "POST"] {
                if methods.split(", ").any(|taken| taken == method) {
                    continue;
                }
                let (status, allow) = told(world, method, path);
                // What is read only says so in its own words.
                if status != 400 {
                    assert_eq!(
                        (status, allow),
                        (405, methods.to_owned()),
                        "{place} {method}"
                    );
                }
            }
        }
    });
}

/// An address that leads nowhere is refused as a read of it is.
#[test]
fn nowhere_takes_nothing() {
    on_each_world(4, |world| {
        let user = format!("{USERS}({})", key(world));
        for (path, status) in [
            ("Nope", 404),
            ("$metadata/x", 400),
            (
                "$crossjoin(Systems_Security_Users,Systems_Security_Groups)",
                501,
            ),
            ("Systems_Security_Users/Login", 404),
            ("Systems_Security_Users/Nope", 400),
            ("Systems_Security_Users/$each", 501),
            (&format!("{user}/Nope"), 400),
            (&format!("{user}/$count"), 404),
            ("GetVersion/$count", 404),
            ("GetVersion()/x", 404),
            ("$all/Nope", 404),
            ("$entity/GetVersion", 404),
            ("BeginTransaction/$query", 404),
            ("Nope/$query", 404),
        ] {
            for method in ["OPTIONS", "PUT", "TRACE"] {
                let (told, allow) = told(world, method, path);
                let place = format!("{}: {method} {path}", world.name);
                assert_eq!((told, allow.as_str()), (status, ""), "{place}");
            }
        }
        let part = serde_json::json!({"id": "1", "method": "options", "url": USERS});
        let batch = serde_json::json!({"requests": [part]});
        let answer = &world.json("POST", "$batch", &batch).tree()["responses"][0];
        assert_eq!(
            (&answer["status"], &answer["headers"]["allow"]),
            (&204.into(), &SET.into())
        );
    });
}

/// Options that do not apply are refused wherever something is sent.
#[test]
fn what_is_sent_has_options_too() {
    on_each_world(4, |world| {
        let user = format!("{USERS}({})", key(world));
        let before = world.dump();
        let (batch, import) = ("{\"requests\":[]}", "{\"objects\":[]}");
        for (method, path, body, good) in [
            ("POST", "$batch".to_owned(), batch, 200),
            ("POST", "Import".to_owned(), import, 200),
            ("POST", "Erp.Import".to_owned(), import, 200),
            ("POST", "EndTransaction".to_owned(), "{}", 0),
            ("POST", format!("{user}/Ext.Unlock"), "{}", 0),
            ("POST", format!("{user}/CreateNotification"), "{}", 0),
            ("POST", USERS.to_owned(), "{}", 0),
            ("PATCH", user.clone(), "{}", 0),
            ("PUT", user.clone(), "{}", 0),
            ("DELETE", user.clone(), "", 0),
            ("PUT", format!("{user}/Notes"), "{}", 0),
            ("DELETE", format!("{user}/Notes"), "", 0),
            ("PUT", format!("{user}/Person/$ref"), "{}", 0),
            ("POST", format!("{user}/Groups"), "{}", 0),
            ("DELETE", format!("{user}/Groups/$ref"), "", 0),
        ] {
            let send = |query: &str| {
                let json = [("Content-Type", "application/json")];
                world.send(method, &format!("{path}?{query}"), &json, body.as_bytes())
            };
            for (query, status, code) in [
                ("$foo=1", 400, "InvalidOption"),
                ("$filter=true", 400, "InvalidOption"),
                ("$top=1", 400, "InvalidOption"),
                ("$schemaversion=x", 404, "NotFound"),
            ] {
                let reply = send(query);
                let place = format!("{}: {method} {path}?{query} {}", world.name, reply.body);
                assert_eq!(
                    (reply.status, reply.code().as_str()),
                    (status, code),
                    "{place}"
                );
            }
            if good != 0 {
                for query in ["", "foo=1", "$schemaversion=*", "$format=json"] {
                    let reply = send(query);
                    assert_eq!(reply.status, good, "{path}?{query} {}", reply.body);
                }
            }
        }
        world.assert_unchanged(&before, "what was refused");
        let refused = world.send(
            "POST",
            "$batch?$format=xml",
            &[("Content-Type", "application/json")],
            batch.as_bytes(),
        );
        assert_eq!(refused.status, 406, "{}", refused.body);
        let json = [("Content-Type", "application/json")];
        let other = world.send(
            "POST",
            "$batch?$format=multipart/mixed",
            &json,
            batch.as_bytes(),
        );
        assert!(
            other
                .header("Content-Type")
                .unwrap()
                .starts_with("multipart/mixed")
        );
    });
}
