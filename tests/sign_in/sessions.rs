//! Sessions: how long they live, and how many there are.

use serde_json::json;
use userdex::service::{Attempt, SignInSettings, Way};

use crate::at::{
    PASSWORD, attempt, by_session, code, log_in, minutes, on_each, other, seconds, start, user,
};
use crate::support::world::{World, quick_settings};

fn with(world: &World, change: impl FnOnce(&mut SignInSettings)) -> userdex::service::Service {
    let mut settings = quick_settings();
    change(&mut settings.sign_in);
    other(world, settings)
}

#[test]
fn the_same_sign_in_finds_its_session() {
    on_each(|world| {
        user(world, "ann", &json!({}));
        let first = log_in(&world.service, "ann", start()).unwrap().id;
        let again = log_in(&world.service, "ann", minutes(10)).unwrap().id;
        assert_eq!(first, again);
        let named = |application| Attempt {
            application: Some(application),
            ..attempt("ann", PASSWORD, minutes(10))
        };
        let of_app = world.service.log_in(&named("grid")).unwrap().id;
        assert_ne!(first, of_app);
        assert_eq!(world.service.log_in(&named("grid")).unwrap().id, of_app);
        // Each browser has its own.
        let page = || {
            let attempt = attempt("ann", PASSWORD, minutes(10));
            world
                .service
                .log_in(&Attempt {
                    way: Way::Cookie,
                    ..attempt
                })
                .unwrap()
                .id
        };
        assert_ne!(page(), page());
        // Another server of the same database knows it.
        let service = other(world, quick_settings());
        assert_eq!(code(&by_session(&service, &first, minutes(11))), "");
    });
}

#[test]
fn a_session_is_worth_nothing_without_its_fingerprint() {
    on_each(|world| {
        user(world, "ann", &json!({}));
        let opened = log_in(&world.service, "ann", start()).unwrap();
        let id = opened.id;
        let key = opened.caller.identity().unwrap().session.unwrap();
        assert!(id.starts_with(&format!("{key}.")));
        let mut forged = id.clone();
        let last = if forged.ends_with('A') { 'B' } else { 'A' };
        forged.pop();
        forged.push(last);
        // The last character of Base64 may hold bits that do not count; another one does.
        let other = id.replacen('-', "", 1);
        let stored = key.to_string();
        let upper = id.to_uppercase();
        for text in [
            stored.as_str(),
            other.as_str(),
            upper.as_str(),
            "",
            ".",
            "x.y.z",
        ] {
            assert_eq!(
                code(&by_session(&world.service, text, start())),
                "SignInFailed",
                "{text}"
            );
        }
        // As a cookie it is none.
        let credential = userdex::service::Credential::Cookie(&id);
        let imprint = world.service.imprint(Way::Cookie, &id);
        let entered = world.service.enter(imprint, credential, None, start());
        assert_eq!(code(&entered), "SignInFailed");
        assert_eq!(code(&by_session(&world.service, &id, start())), "");
        assert!(!world.dump().iter().any(|line| line.contains(&id)));
    });
}

#[test]
fn an_unused_session_ends() {
    on_each(|world| {
        user(world, "ann", &json!({}));
        let id = log_in(&world.service, "ann", start()).unwrap().id;
        // Used each 19 minutes, it goes on.
        for n in 1..=5 {
            assert_eq!(
                code(&by_session(&world.service, &id, minutes(19 * n))),
                "",
                "{n}"
            );
        }
        assert_eq!(
            code(&by_session(&world.service, &id, minutes(95 + 21))),
            "SignInFailed"
        );
        let next = log_in(&world.service, "ann", minutes(117)).unwrap().id;
        assert_ne!(id, next);
    });
}

#[test]
fn a_session_ends_however_much_it_is_used() {
    on_each(|world| {
        user(world, "ann", &json!({}));
        user(world, "robot", &json!({"UserType": "SystemUserNoLogin"}));
        for (login, most) in [("robot", 60), ("ann", 12 * 60)] {
            let id = log_in(&world.service, login, start()).unwrap().id;
            let mut last = 0;
            for n in (10..=most + 20).step_by(10) {
                if code(&by_session(&world.service, &id, minutes(n))) == "" {
                    last = n;
                }
            }
            assert_eq!(last, most - 10, "{login}");
        }
    });
}

#[test]
fn the_use_of_a_session_is_noted_once_a_minute() {
    on_each(|world| {
        user(world, "ann", &json!({}));
        let id = log_in(&world.service, "ann", start()).unwrap().id;
        let rows = || {
            let dump = world.dump().into_iter();
            dump.filter(|line| line.starts_with("Ext_Sessions|"))
                .collect::<Vec<_>>()
        };
        let before = rows();
        by_session(&world.service, &id, seconds(59)).unwrap();
        assert_eq!(rows(), before);
        by_session(&world.service, &id, seconds(60)).unwrap();
        assert_ne!(rows(), before);
    });
}

#[test]
fn sessions_are_limited_and_some_slots_kept() {
    on_each(|world| {
        for login in ["ann", "bob", "eve", "root"] {
            user(world, login, &json!({}));
        }
        let service = with(world, |s| {
            // One is the tester's.
            s.slots.most = 5;
            s.slots.reserved = vec!["root".to_owned()];
        });
        let now = |n| seconds(n);
        assert_eq!(code(&log_in(&service, "ann", now(1))), "");
        let bob = log_in(&service, "bob", now(2)).unwrap();
        let full = log_in(&service, "eve", now(3));
        assert_eq!(code(&full), "", "three of four, one kept");
        let full = service.log_in(&Attempt {
            application: Some("second"),
            ..attempt("eve", PASSWORD, now(4))
        });
        assert_eq!(code(&full), "MaximumLicenseCountExceeded");
        // Whoever has a session already gets it.
        assert_eq!(log_in(&service, "bob", now(5)).unwrap().id, bob.id);
        assert_eq!(code(&log_in(&service, "root", now(6))), "");
        let session = bob.caller.identity().unwrap().session.unwrap();
        service.end_session(session, now(7)).unwrap();
        let again = service.log_in(&Attempt {
            application: Some("second"),
            ..attempt("eve", PASSWORD, now(8))
        });
        assert_eq!(code(&again), "", "a slot is free at once");
        // Time-outs free slots too.
        assert_eq!(code(&log_in(&service, "bob", minutes(40))), "");
    });
}
