//! Wrong passwords are counted, and too many lock.

use serde_json::json;
use userdex::service::{SignInSettings, Verb};

use crate::at::{
    PASSWORD, account, attempt, by_basic, code, log_in, minutes, on_each, other, path, seconds,
    start, user, write,
};
use crate::support::world::quick_settings;

#[test]
fn failures_are_counted_and_leave_no_trace_elsewhere() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        let version =
            || world.get(&format!("{}?$select=ObjectVersion", path(key)))["ObjectVersion"].clone();
        let (before, changes) = (
            version(),
            world.count("Systems_Core_ObjectChangesets/$count"),
        );
        for n in 1..=3 {
            let wrong = world.service.log_in(&attempt("ann", "wrong", start()));
            assert_eq!(code(&wrong), "SignInFailed");
            assert_eq!(account(&world.store, key).failed, n);
        }
        assert_eq!(code(&log_in(&world.service, "ann", start())), "");
        assert_eq!(account(&world.store, key).failed, 0);
        assert_eq!(version(), before, "{}", world.name);
        assert_eq!(world.count("Systems_Core_ObjectChangesets/$count"), changes);
    });
}

#[test]
fn too_many_failures_lock_for_a_while() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        for _ in 0..5 {
            let _ = world.service.log_in(&attempt("ann", "wrong", start()));
        }
        let locked = account(&world.store, key);
        assert_eq!((locked.failed, locked.locked_until), (0, Some(minutes(5))));
        let end = &world.get(&path(key))["LockoutEndUtc"];
        assert_eq!(end, "2026-11-26T12:05:00Z");
        let found = world.count(&format!(
            "{}/$count?$filter=contains(LockoutEndUtc,'2026-11-26T12:05')",
            crate::at::USERS
        ));
        assert_eq!(found, 1, "the text form follows");
        for now in [start(), seconds(299)] {
            // Right or wrong: the answer is the same, and nothing is counted.
            assert_eq!(code(&log_in(&world.service, "ann", now)), "SignInFailed");
            let wrong = world.service.log_in(&attempt("ann", "wrong", now));
            assert_eq!(code(&wrong), "SignInFailed");
            assert_eq!(
                code(&by_basic(&world.service, "ann", PASSWORD, now)),
                "SignInFailed"
            );
        }
        assert_eq!(account(&world.store, key).failed, 0);
        assert_eq!(code(&log_in(&world.service, "ann", minutes(5))), "");
        assert_eq!(account(&world.store, key).locked_until, None);
    });
}

#[test]
fn an_administrator_unlocks() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        let lock = || {
            for _ in 0..5 {
                let _ = world.service.log_in(&attempt("ann", "wrong", start()));
            }
            assert_eq!(
                code(&log_in(&world.service, "ann", start())),
                "SignInFailed"
            );
        };
        lock();
        let unlock = format!("{}/Ext.Unlock", path(key));
        write(&world.service, Verb::Post, &unlock, &json!({})).unwrap();
        assert_eq!(code(&log_in(&world.service, "ann", start())), "");
        lock();
        let body = json!({"LockoutEndUtc": null});
        write(&world.service, Verb::Patch, &path(key), &body).unwrap();
        assert_eq!(code(&log_in(&world.service, "ann", start())), "");
    });
}

#[test]
fn guesses_at_the_same_time_are_all_counted() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        let mut settings = quick_settings();
        settings.sign_in = SignInSettings {
            max_failed: 0,
            ..SignInSettings::default()
        };
        let service = other(world, settings);
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        let wrong = service.log_in(&attempt("ann", "wrong", start()));
                        assert_eq!(code(&wrong), "SignInFailed");
                    }
                });
            }
        });
        assert_eq!(account(&world.store, key).failed, 30, "{}", world.name);
    });
}

#[test]
fn many_guesses_lock_however_they_meet() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        std::thread::scope(|scope| {
            for n in 0..8 {
                let service = &world.service;
                scope.spawn(move || {
                    for m in 0..4 {
                        let wrong = format!("wrong {n} {m}");
                        let _ = service.log_in(&attempt("ann", &wrong, start()));
                    }
                });
            }
        });
        let after = account(&world.store, key);
        assert_eq!(after.locked_until, Some(minutes(5)));
        assert_eq!(after.failed, 0, "what comes after the lock is not counted");
    });
}
