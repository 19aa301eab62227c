//! Everybody sees and ends the tokens that sign them in, and no others.

use serde_json::{Value as Json, json};
use userdex::service::Verb;

use crate::at::{code, on_each, path, start, user, write};
use crate::kit::{TOKENS, by_token, issue, open_application};
use crate::support::world::World;

/// What a user without rights gets with a token.
fn get(world: &World, token: &str, target: &str) -> (u16, Json) {
    let reply = world.send_as("GET", target, &[("X-Api-Key", token)], b"");
    let tree = reply.tree();
    (reply.status, tree.get("value").cloned().unwrap_or(tree))
}

/// The status of a change by such a user.
fn send(world: &World, token: &str, method: &str, target: &str, body: &Json) -> u16 {
    let headers = [("X-Api-Key", token), ("Content-Type", "application/json")];
    let reply = world.send_as(method, target, &headers, body.to_string().as_bytes());
    reply.status
}

#[test]
fn users_see_their_own_tokens_only() {
    on_each(|world| {
        let plain = |login| user(world, login, &json!({"IsAdmin": false}));
        let (ann, bob) = (plain("ann"), plain("bob"));
        open_application(world, "app:all");
        let app = json!({"application": "app:all", "description": "mine"});
        let (token, id) = issue(world, ann, &app);
        let (_, second) = issue(world, ann, &app);
        let (_, foreign) = issue(world, bob, &app);
        let (status, rows) = get(world, &token, TOKENS);
        assert_eq!(status, 200, "{}", world.name);
        let mut keys: Vec<_> = rows.as_array().unwrap().iter().map(|r| &r["Id"]).collect();
        keys.sort_by_key(|key| key.to_string());
        assert_eq!(json!(keys), json!([id, second]));
        assert_eq!(rows[0]["Description"], "mine");
        for secret in ["AccessTokenKey", "Data"] {
            assert_eq!(rows[0].get(secret), None);
        }
        for (target, expected) in [
            (format!("{TOKENS}/$count"), json!(2)),
            (
                format!("{TOKENS}/$count?$filter=User/Id eq {bob}").replace(' ', "%20"),
                json!(0),
            ),
            (format!("{TOKENS}?$filter=Id%20eq%20{foreign}"), json!([])),
        ] {
            assert_eq!(get(world, &token, &target), (200, expected), "{target}");
        }
        assert_eq!(get(world, &token, &format!("{TOKENS}({foreign})")).0, 404);
        assert_eq!(get(world, &token, &format!("{TOKENS}({id})")).0, 200);
        // A sign-in that may not read sees not even these.
        let (blind, _) = issue(
            world,
            ann,
            &json!({"application": "app:all", "scopes": "update"}),
        );
        assert_eq!(get(world, &blind, TOKENS).0, 403);
    });
}

#[test]
fn users_end_their_own_tokens_and_do_nothing_else_to_them() {
    on_each(|world| {
        let plain = |login| user(world, login, &json!({"IsAdmin": false}));
        let (ann, bob) = (plain("ann"), plain("bob"));
        open_application(world, "app:all");
        let app = json!({"application": "app:all"});
        let (token, _) = issue(world, ann, &app);
        let (second, own) = issue(world, ann, &app);
        let (theirs, foreign) = issue(world, bob, &app);
        let at = |id: &str| format!("{TOKENS}({id})");
        let revoke = |id: &str| format!("{TOKENS}({id})/Ext.RevokeToken");
        let nothing = json!({});
        let time = json!({"ConsumedTimestamp": "2026-11-26T12:00:00Z"});
        let with_more = json!({"ConsumedTimestamp": "2026-11-26T12:00:00Z", "Scopes": "sec"});
        let taken = json!({"User@odata.bind": path(ann)});
        for (method, target, body, expected) in [
            ("POST", revoke(&foreign), &nothing, 404),
            ("PATCH", at(&foreign), &time, 404),
            ("PATCH", at(&foreign), &taken, 404),
            ("DELETE", at(&foreign), &nothing, 404),
            ("PATCH", at(&own), &json!({"Description": "x"}), 403),
            ("PATCH", at(&own), &json!({"ExpireTimestamp": null}), 403),
            ("PATCH", at(&own), &with_more, 403),
            ("DELETE", at(&own), &nothing, 403),
            (
                "POST",
                TOKENS.to_owned(),
                &json!({"AccessTokenKey": "x", "Type": "y"}),
                403,
            ),
        ] {
            let status = send(world, &token, method, &target, body);
            assert_eq!(status, expected, "{}: {method} {target} {body}", world.name);
        }
        for works in [&second, &theirs] {
            assert_eq!(code(&by_token(&world.service, works, start())), "");
        }
        for _ in 0..2 {
            assert_eq!(send(world, &token, "POST", &revoke(&own), &nothing), 204);
        }
        let ended = by_token(&world.service, &second, start());
        assert_eq!(code(&ended), "SignInFailed");
        // What was ended stays so, whoever has ended it.
        let alive = json!({"ConsumedTimestamp": null});
        assert_eq!(send(world, &token, "PATCH", &at(&own), &alive), 403);
        let (third, by_others) = issue(world, ann, &app);
        write(&world.service, Verb::Post, &revoke(&by_others), &nothing).unwrap();
        assert_eq!(send(world, &token, "PATCH", &at(&by_others), &alive), 403);
        assert_eq!(
            code(&by_token(&world.service, &third, start())),
            "SignInFailed"
        );
        // A sign-in that may only read ends none.
        let reads = json!({"application": "app:all", "scopes": "read"});
        let (reader, id) = issue(world, ann, &reads);
        assert_eq!(send(world, &reader, "POST", &revoke(&id), &nothing), 403);
    });
}
