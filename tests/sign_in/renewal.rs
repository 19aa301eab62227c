//! Passwords that get too old, new ones at sign-in, and old ones that do not come back.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use userdex::access::{Class, Policy};
use userdex::service::{
    Caller, ContentIds, Identity, Scopes, Service, ServiceSettings, Verb, Way, WriteRequest,
    own_request,
};
use userdex::value::Timestamp;
use uuid::Uuid;

use crate::at::{
    PASSWORD, account, after, attempt, by_basic, by_session, code, log_in, on_each, other, path,
    start, user, write,
};
use crate::support::world::{World, quick_settings};

const DAY: u64 = 24 * 60 * 60;

/// So many days after the users were made.
fn days(n: u64) -> Timestamp {
    after(Duration::from_secs(n * DAY))
}

fn settings(history: usize, max_age: u64) -> ServiceSettings {
    let mut settings = quick_settings();
    settings.passwords.history = history;
    settings.sign_in.max_age = Duration::from_secs(max_age * DAY);
    settings
}

fn renew(service: &Service, login: &str, old: &str, new: &str, now: Timestamp) -> &'static str {
    code(&service.log_in_renewed(&attempt(login, old, now), new))
}

#[test]
fn a_password_that_is_too_old_has_to_be_changed() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        let service = other(world, settings(0, 30));
        let now = days(0);
        assert_eq!(code(&log_in(&service, "ann", now)), "");
        let late = days(31);
        for found in [
            code(&log_in(&service, "ann", late)),
            code(&by_basic(&service, "ann", PASSWORD, late)),
        ] {
            assert_eq!(found, "PasswordChangeRequired", "{}", world.name);
        }
        // Only whoever knows the password is told.
        let wrong = service.log_in(&attempt("ann", "wrong", late));
        assert_eq!(code(&wrong), "SignInFailed");
        assert_eq!(
            renew(&service, "ann", "wrong", "new one", late),
            "SignInFailed"
        );
        assert_eq!(account(&world.store, key).failed, 2);
        assert_eq!(renew(&service, "ann", PASSWORD, "new one", late), "");
        assert_eq!(
            code(&log_in(&service, "ann", late)),
            "SignInFailed",
            "the old one"
        );
        assert_eq!(
            code(&service.log_in(&attempt("ann", "new one", days(60)))),
            ""
        );
        let later = service.log_in(&attempt("ann", "new one", days(62)));
        assert_eq!(code(&later), "PasswordChangeRequired");
        // Machines go on; and where there is no such setting, everybody does.
        let machine = json!({"UserType": "SystemUserNoLogin"});
        user(world, "machine", &machine);
        assert_eq!(code(&by_basic(&service, "machine", PASSWORD, days(99))), "");
        user(world, "bob", &json!({}));
        assert_eq!(code(&log_in(&world.service, "bob", days(999))), "");
    });
}

#[test]
fn a_new_password_at_sign_in_ends_the_sessions_of_the_old_one() {
    on_each(|world| {
        let key = user(world, "ann", &json!({"IsAdmin": false}));
        let role = json!({"Role": {"Name": "readers", "@erpnet.action": "create"}});
        let roles = format!("{}/RoleUsers", path(key));
        write(&world.service, Verb::Post, &roles, &role).unwrap();
        let service = &world.service;
        let old = log_in(service, "ann", start()).unwrap();
        let new = service.log_in_renewed(&attempt("ann", PASSWORD, start()), "new one");
        let new = new.unwrap();
        assert_eq!(code(&by_session(service, &old.id, start())), "SignInFailed");
        assert_eq!(code(&by_session(service, &new.id, start())), "");
        // It is a change by the user, and holds neither of both.
        let changes = "Systems_Core_ObjectChangesets?$orderby=ChangeNumber%20desc&$top=1";
        let found = world.get(changes);
        assert_eq!(found[0]["User"]["@odata.id"], path(key));
        let dump = world.dump().join("\n");
        assert!(!dump.contains("new one") && !dump.contains(PASSWORD));
    });
}

#[test]
fn a_new_password_meets_the_policy() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        let mut settings = settings(0, 0);
        settings.writes.policy = Policy {
            min_length: 4,
            require: vec![Class::Digit],
        };
        let service = other(world, settings);
        for weak in ["abc", "abcdef"] {
            assert_eq!(
                renew(&service, "ann", PASSWORD, weak, start()),
                "PasswordPolicy"
            );
        }
        assert_eq!(account(&world.store, key).failed, 0);
        assert_eq!(renew(&service, "ann", PASSWORD, "abcd1", start()), "");
    });
}

#[test]
fn the_last_passwords_do_not_come_back() {
    on_each(|world| {
        user(world, "ann", &json!({}));
        let service = other(world, settings(3, 0));
        let renew = |old: &str, new: &str| renew(&service, "ann", old, new, start());
        assert_eq!(
            renew(PASSWORD, PASSWORD),
            "PasswordPolicy",
            "the one in use"
        );
        assert_eq!(renew(PASSWORD, "second"), "");
        assert_eq!(renew("second", PASSWORD), "PasswordPolicy");
        assert_eq!(renew("second", "third"), "");
        assert_eq!(renew("third", PASSWORD), "PasswordPolicy");
        assert_eq!(renew("third", "fourth"), "");
        assert_eq!(renew("fourth", "second"), "PasswordPolicy");
        assert_eq!(renew("fourth", PASSWORD), "", "the fourth last may");
        // Hashes only, and no more of them than are compared.
        let dump = world.dump();
        let kept: Vec<_> = dump
            .iter()
            .filter(|line| line.starts_with("Ext_Old_Passwords|"))
            .collect();
        assert_eq!(kept.len(), 2, "{kept:?}");
        let all = dump.join("\n");
        for plain in [PASSWORD, "second", "third", "fourth"] {
            assert!(!all.contains(plain), "{plain}");
        }
    });
}

/// A user as a caller who may change users.
fn caller(world: &World, user: Uuid) -> Arc<Caller> {
    let identity = Identity {
        user,
        login: account(&world.store, user).login,
        administrator: true,
        scopes: Scopes::USUAL,
        way: Way::Session,
        session: None,
        application: None,
    };
    world.service.caller(identity).unwrap()
}

#[test]
fn what_administrators_set_for_others_is_not_compared() {
    on_each(|world| {
        let (boss, ann) = (
            user(world, "boss", &json!({})),
            user(world, "ann", &json!({})),
        );
        let service = other(world, settings(3, 0));
        let boss_calls = caller(world, boss);
        let set = |target: String, verb, body: &serde_json::Value| {
            let request = WriteRequest {
                caller: Arc::clone(&boss_calls),
                ..own_request(verb, target, body, after(Duration::from_secs(1)))
            };
            let done = service.write(&[request], &mut ContentIds::default());
            code(&done.map_err(|refusal| refusal.problem))
        };
        let body = json!({"password": PASSWORD});
        let initial = json!({"@ext.initialPassword": PASSWORD});
        let call = |user| format!("{}/Ext.SetPassword", path(user));
        for (target, verb, body, expected) in [
            // Whoever could compare could guess the password of somebody else.
            (call(ann), Verb::Post, &body, ""),
            (path(ann), Verb::Patch, &initial, ""),
            (call(boss), Verb::Post, &body, "PasswordPolicy"),
            (
                "Ext.Me/Ext.SetPassword".to_owned(),
                Verb::Post,
                &body,
                "PasswordPolicy",
            ),
            (path(boss), Verb::Patch, &initial, "PasswordPolicy"),
            ("Ext.Me".to_owned(), Verb::Patch, &initial, "PasswordPolicy"),
            (call(boss), Verb::Post, &json!({"password": "another"}), ""),
        ] {
            assert_eq!(set(target.clone(), verb, body), expected, "{target}");
        }
    });
}
