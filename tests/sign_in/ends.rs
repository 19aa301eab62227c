//! What a change of a user does to whoever has signed in: the next request within a second knows.

use serde_json::{Value as Json, json};
use userdex::service::Verb;

use crate::at::{
    PASSWORD, by_basic, by_session, code, log_in, millis, on_each, other, path, start, user, write,
};
use crate::support::world::quick_settings;

#[test]
fn every_way_in_ends_with_the_user() {
    on_each(|world| {
        let patch = |body: Json| (Verb::Patch, "", body);
        let post = |action: &'static str, body: Json| (Verb::Post, action, body);
        // The change, and what session and Basic answer after it.
        let table: Vec<(&str, (Verb, &str, Json), [&str; 2])> = vec![
            (
                "deactivated",
                patch(json!({"Active": false})),
                ["SignInFailed", "SignInRefused"],
            ),
            (
                "password",
                post("/Ext.SetPassword", json!({"password": "another horse"})),
                ["SignInFailed", "SignInFailed"],
            ),
            (
                "revoked",
                post("/Ext.RevokeSessions", json!({})),
                ["SignInFailed", ""],
            ),
            (
                "type",
                patch(json!({"UserType": "VirtualUserNoLogin", "IsAdmin": false})),
                ["SignInFailed", "SignInRefused"],
            ),
            (
                "no basic",
                patch(json!({"BasicAuthenticationAllowed": false})),
                ["", "SignInRefused"],
            ),
            ("notes", patch(json!({"Notes": "x"})), ["", ""]),
        ];
        // By this process, and by another one on the same database.
        let elsewhere = other(world, quick_settings());
        for (name, (verb, action, body), expected) in &table {
            for (place, service, wait) in [("here", &world.service, 1), ("there", &elsewhere, 600)]
            {
                let login = format!("{name} {place}");
                let key = user(world, &login, &json!({}));
                let id = log_in(&world.service, &login, start()).unwrap().id;
                let ask = |now| {
                    [
                        code(&by_session(&world.service, &id, now)),
                        code(&by_basic(&world.service, &login, PASSWORD, now)),
                    ]
                };
                assert_eq!(ask(millis(10)), ["", ""], "{login}");
                let target = format!("{}{action}", path(key));
                write(service, *verb, &target, body).unwrap();
                assert_eq!(ask(millis(10 + wait)), *expected, "{} {login}", world.name);
            }
        }
    });
}

#[test]
fn rights_follow_the_user_at_once() {
    on_each(|world| {
        let key = user(world, "ann", &json!({"IsAdmin": false}));
        let is_admin = |now| {
            let caller = by_basic(&world.service, "ann", PASSWORD, now).unwrap();
            caller.is_administrator()
        };
        assert!(!is_admin(start()));
        write(
            &world.service,
            Verb::Patch,
            &path(key),
            &json!({"IsAdmin": true}),
        )
        .unwrap();
        assert!(is_admin(start()));
        write(
            &world.service,
            Verb::Patch,
            &path(key),
            &json!({"IsAdmin": false}),
        )
        .unwrap();
        assert!(!is_admin(start()));
    });
}

#[test]
fn deleting_a_user_ends_everything() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        let id = log_in(&world.service, "ann", start()).unwrap().id;
        assert_eq!(code(&by_session(&world.service, &id, start())), "");
        write(&world.service, Verb::Delete, &path(key), &json!({})).unwrap();
        assert_eq!(
            code(&by_session(&world.service, &id, millis(1))),
            "SignInFailed"
        );
    });
}
