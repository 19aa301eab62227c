//! What ends a token, and what its use leaves behind.

use serde_json::{Value as Json, json};
use userdex::access::Slots;
use userdex::service::Verb;

use crate::at::{code, log_in, millis, minutes, on_each, other, path, seconds, start, user, write};
use crate::kit::{TOKENS, by_token, issue};
use crate::support::world::quick_settings;

#[test]
fn the_next_request_within_a_second_knows() {
    on_each(|world| {
        let elsewhere = other(world, quick_settings());
        // A change of the token, or of its user.
        let table: Vec<(&str, bool, Verb, &str, Json)> = vec![
            ("revoked", true, Verb::Post, "/Ext.RevokeToken", json!({})),
            ("deleted", true, Verb::Delete, "", json!({})),
            (
                "deactivated",
                false,
                Verb::Patch,
                "",
                json!({"Active": false}),
            ),
            (
                "another type",
                false,
                Verb::Patch,
                "",
                json!({"UserType": "VirtualUserNoLogin", "IsAdmin": false}),
            ),
        ];
        for (name, of_token, verb, action, body) in &table {
            for (place, service, wait) in [("here", &world.service, 1), ("there", &elsewhere, 600)]
            {
                let key = user(world, &format!("{name} {place}"), &json!({}));
                let (token, id) = issue(world, key, &json!({}));
                assert_eq!(code(&by_token(&world.service, &token, millis(10))), "");
                let object = if *of_token {
                    format!("{TOKENS}({id})")
                } else {
                    path(key)
                };
                write(service, *verb, &format!("{object}{action}"), body).unwrap();
                let found = by_token(&world.service, &token, millis(10 + wait));
                assert_eq!(
                    code(&found),
                    "SignInFailed",
                    "{name} {place} {}",
                    world.name
                );
            }
        }
    });
}

#[test]
fn passwords_change_and_tokens_stay() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        let (token, _) = issue(world, key, &json!({}));
        let target = format!("{}/Ext.SetPassword", path(key));
        let body = json!({"password": "another horse"});
        write(&world.service, Verb::Post, &target, &body).unwrap();
        assert_eq!(code(&by_token(&world.service, &token, millis(1))), "");
    });
}

#[test]
fn tokens_end_in_time() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        let (token, _) = issue(world, key, &json!({"expires": "2026-11-26T12:01:00Z"}));
        for (moment, expected) in [
            (millis(59_999), ""),
            (seconds(60), "SignInFailed"),
            (minutes(9), "SignInFailed"),
        ] {
            let service = other(world, quick_settings());
            assert_eq!(code(&by_token(&service, &token, moment)), expected);
        }
        for wrong in [
            "",
            "enrt_",
            "x",
            token.get(1..).unwrap(),
            &token.to_uppercase(),
        ] {
            assert_eq!(
                code(&by_token(&world.service, wrong, start())),
                "SignInFailed"
            );
        }
    });
}

#[test]
fn use_is_noted_once_a_minute_and_makes_no_noise() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        let (token, id) = issue(world, key, &json!({}));
        let address = format!("{TOKENS}({id})?$select=LastUsedTimestamp,ObjectVersion");
        let before = world.get(&address);
        assert_eq!(before["LastUsedTimestamp"], Json::Null);
        let changes = world.count("Systems_Core_ObjectChanges/$count");
        for (moment, expected) in [
            (seconds(1), "2026-11-26T12:00:01Z"),
            (seconds(60), "2026-11-26T12:00:01Z"),
            (seconds(61), "2026-11-26T12:01:01Z"),
            (seconds(90), "2026-11-26T12:01:01Z"),
        ] {
            assert_eq!(code(&by_token(&world.service, &token, moment)), "");
            let row = world.get(&address);
            assert_eq!(row["LastUsedTimestamp"], expected);
            assert_eq!(row["ObjectVersion"], before["ObjectVersion"]);
        }
        assert_eq!(world.count("Systems_Core_ObjectChanges/$count"), changes);
    });
}

#[test]
fn the_first_request_takes_a_slot_and_a_token_outlives_its_session() {
    on_each(|world| {
        let ann = user(world, "ann", &json!({}));
        user(world, "bob", &json!({}));
        let before = live(world, start());
        let mut settings = quick_settings();
        settings.sign_in.slots = Slots {
            most: before + 1,
            reserved: Vec::new(),
        };
        let service = other(world, settings);
        let (token, _) = issue(world, ann, &json!({}));
        // Making it takes none.
        assert_eq!(live(world, start()), before);
        let caller = by_token(&service, &token, start()).unwrap();
        let session = caller.identity().unwrap().session.unwrap();
        assert_eq!(live(world, start()), before + 1);
        // Another token of the same user shares it.
        let (second, _) = issue(world, ann, &json!({}));
        let shared = by_token(&service, &second, seconds(1)).unwrap();
        assert_eq!(shared.identity().unwrap().session, Some(session));
        let full = log_in(&service, "bob", seconds(1));
        assert_eq!(code(&full), "MaximumLicenseCountExceeded");
        // Signed out, the token opens another.
        service.end_session(session, seconds(2)).unwrap();
        let again = by_token(&service, &token, seconds(3)).unwrap();
        assert_ne!(again.identity().unwrap().session, Some(session));
    });
}

/// How many sessions live.
fn live(world: &crate::support::world::World, now: userdex::value::Timestamp) -> usize {
    use userdex::store::SignInReads as _;
    let after = userdex::value::Timestamp::from_micros(now.micros() - 20 * 60_000_000);
    let mut session = world.store.session().unwrap();
    session.live_sessions(now, after).unwrap().len()
}
