//! The second factor set up and taken away by its user, and reset by administrators.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use userdex::diag::{Problem, Result};
use userdex::service::{
    Attempt, Caller, ContentIds, Identity, Scopes, Verb, Way, WriteRequest, own_request,
};
use userdex::value::Timestamp;
use uuid::Uuid;

use crate::at::{PASSWORD, account, attempt, code, minutes, on_each, path, seconds, start, user};
use crate::second_factor::totp;
use crate::support::world::World;

/// A user as the caller of some way in, who may do what the own account allows.
fn caller(world: &World, user: Uuid, way: Way) -> Arc<Caller> {
    let account = account(&world.store, user);
    let identity = Identity {
        user,
        login: account.login,
        administrator: account.is_admin,
        scopes: Scopes::USUAL,
        way,
        session: None,
        application: None,
    };
    world.service.caller(identity).unwrap()
}

/// Calls an action of `Ext`; the body of the answer.
fn call(
    world: &World,
    caller: &Arc<Caller>,
    target: &str,
    body: &Json,
    now: Timestamp,
) -> Result<Json> {
    let request = WriteRequest {
        caller: Arc::clone(caller),
        ..own_request(Verb::Post, target.to_owned(), body, now)
    };
    let done = world.service.write(&[request], &mut ContentIds::default());
    let answers = done.map_err(|refusal| refusal.problem)?;
    Ok(serde_json::from_slice(&answers[0].body).unwrap_or(Json::Null))
}

fn mine(world: &World, caller: &Arc<Caller>, action: &str, body: &Json) -> Result<Json, Problem> {
    mine_at(world, caller, action, body, start())
}

fn mine_at(
    world: &World,
    caller: &Arc<Caller>,
    action: &str,
    body: &Json,
    now: Timestamp,
) -> Result<Json, Problem> {
    call(world, caller, &format!("Ext.Me/Ext.{action}"), body, now)
}

fn text(json: &Json, name: &str) -> String {
    json[name].as_str().unwrap().to_owned()
}

/// A user without rights, with a factor; the user, the caller, the secret and the recovery codes.
fn enrolled(world: &World, login: &str) -> (Uuid, Arc<Caller>, String, Vec<String>) {
    let key = user(world, login, &json!({"IsAdmin": false}));
    let me = caller(world, key, Way::Session);
    let begun = mine(world, &me, "BeginSecondFactor", &json!({})).unwrap();
    let secret = text(&begun, "secret");
    let body = json!({"code": totp(&secret, start())});
    let confirmed = mine(world, &me, "ConfirmSecondFactor", &body).unwrap();
    let codes = confirmed["recoveryCodes"].as_array().unwrap();
    let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned());
    (key, me, secret, codes.collect())
}

fn log_in(world: &World, login: &str, given: Option<&str>, now: Timestamp) -> &'static str {
    let attempt = Attempt {
        code: given,
        way: Way::Cookie,
        ..attempt(login, PASSWORD, now)
    };
    match world.service.log_in(&attempt) {
        Err(problem) if problem.to_string().contains("role") => "",
        other => code(&other),
    }
}

#[test]
fn users_set_their_second_factor_up_in_two_steps() {
    on_each(|world| {
        let key = user(world, "ann", &json!({"IsAdmin": false}));
        let me = caller(world, key, Way::Cookie);
        let nothing = mine(
            world,
            &me,
            "ConfirmSecondFactor",
            &json!({"code": "123456"}),
        );
        assert_eq!(code(&nothing), "Forbidden", "nothing was begun");
        let first = mine(world, &me, "BeginSecondFactor", &json!({})).unwrap();
        let begun = mine(world, &me, "BeginSecondFactor", &json!({})).unwrap();
        let (old, secret) = (text(&first, "secret"), text(&begun, "secret"));
        assert_ne!(old, secret);
        let uri = text(&begun, "uri");
        assert!(
            uri.starts_with("otpauth://totp/Userdex:ann?secret="),
            "{uri}"
        );
        assert!(uri.contains(&secret));
        assert!(!account(&world.store, key).two_factor, "not in use yet");
        let confirm = |code: &str, now| {
            mine_at(
                world,
                &me,
                "ConfirmSecondFactor",
                &json!({"code": code}),
                now,
            )
        };
        for wrong in ["", &totp(&old, start())] {
            assert_eq!(code(&confirm(wrong, start())), "Forbidden", "{wrong}");
        }
        let right = totp(&secret, start());
        let confirmed = confirm(&right, start()).unwrap();
        let codes = confirmed["recoveryCodes"].as_array().unwrap();
        assert_eq!(codes.len(), 10);
        assert_eq!(
            confirmed["@odata.context"],
            "$metadata#Ext.ConfirmSecondFactorResult"
        );
        assert!(account(&world.store, key).two_factor);
        assert_eq!(log_in(world, "ann", None, start()), "SecondFactorRequired");
        // The code that confirmed does not sign in as well; the next one does.
        assert_eq!(log_in(world, "ann", Some(&right), start()), "SignInRefused");
        let next = totp(&secret, seconds(30));
        assert_eq!(log_in(world, "ann", Some(&next), seconds(30)), "");
        let recovery = codes[4].as_str().unwrap();
        assert_eq!(log_in(world, "ann", Some(recovery), seconds(30)), "");
        assert_eq!(
            log_in(world, "ann", Some(recovery), seconds(30)),
            "SignInRefused"
        );
        // Set up, it has to go before another comes; and nothing of it can be read.
        let again = mine(world, &me, "BeginSecondFactor", &json!({}));
        assert_eq!(code(&again), "Forbidden");
        let stored = world.dump().join("\n");
        for text in [&secret, codes[0].as_str().unwrap()] {
            assert!(!stored.contains(text), "{}", world.name);
        }
        let tokens = format!("{}/ProviderTokens", path(key));
        for row in world.get(&tokens).as_array().unwrap() {
            assert_eq!(row.get("TokenValue"), None);
        }
    });
}

#[test]
fn a_second_factor_goes_with_a_proof() {
    on_each(|world| {
        let (key, me, secret, codes) = enrolled(world, "ann");
        let remove = |body: Json, now| mine_at(world, &me, "RemoveSecondFactor", &body, now);
        for body in [
            json!({}),
            json!({"code": "000000"}),
            json!({"password": "wrong"}),
            // Used when it was confirmed.
            json!({"code": totp(&secret, start())}),
        ] {
            assert_eq!(code(&remove(body.clone(), start())), "Forbidden", "{body}");
        }
        let both = json!({"code": codes[0], "password": PASSWORD});
        assert_eq!(code(&remove(both, start())), "InvalidPayload");
        assert!(account(&world.store, key).two_factor);
        assert_eq!(account(&world.store, key).failed, 3, "wrong proofs count");
        remove(json!({"code": totp(&secret, seconds(30))}), seconds(30)).unwrap();
        assert!(!account(&world.store, key).two_factor);
        assert_eq!(log_in(world, "ann", None, seconds(30)), "");
        let rows = world.get(&format!("{}/ProviderTokens", path(key)));
        assert_eq!(rows, json!([]), "nothing of it stays");
        for (login, body) in [("bob", json!({"password": PASSWORD})), ("cid", Json::Null)] {
            let (key, me, _, codes) = enrolled(world, login);
            let body = if body.is_null() {
                json!({"code": codes[1]})
            } else {
                body
            };
            mine(world, &me, "RemoveSecondFactor", &body).unwrap();
            assert!(!account(&world.store, key).two_factor, "{login}");
        }
    });
}

#[test]
fn proofs_lock_as_passwords_do_and_forgive_nothing() {
    on_each(|world| {
        let (key, me, _, _) = enrolled(world, "ann");
        let wrong = json!({"password": "wrong"});
        for _ in 0..4 {
            let _ = mine(world, &me, "RemoveSecondFactor", &wrong);
        }
        assert_eq!(account(&world.store, key).failed, 4);
        let locks = mine(world, &me, "RemoveSecondFactor", &wrong).unwrap_err();
        assert_eq!(account(&world.store, key).locked_until, Some(minutes(5)));
        // A right proof is answered as a wrong one is.
        let right = json!({"password": PASSWORD});
        let refused = mine(world, &me, "RemoveSecondFactor", &right).unwrap_err();
        assert_eq!(refused.to_string(), locks.to_string());
        assert!(account(&world.store, key).two_factor);
        // What was begun and confirmed by whoever has found an open session resets no count.
        let other = user(world, "bob", &json!({"IsAdmin": false}));
        let bob = caller(world, other, Way::Session);
        for _ in 0..4 {
            let _ = world.service.log_in(&attempt("bob", "wrong", start()));
        }
        let begun = mine(world, &bob, "BeginSecondFactor", &json!({})).unwrap();
        let body = json!({"code": totp(&text(&begun, "secret"), start())});
        mine(world, &bob, "ConfirmSecondFactor", &body).unwrap();
        assert_eq!(account(&world.store, other).failed, 4);
    });
}

#[test]
fn administrators_reset_and_nobody_else_meddles() {
    on_each(|world| {
        let (ann, me, _, _) = enrolled(world, "ann");
        let admin = user(world, "boss", &json!({}));
        let plain = user(world, "plain", &json!({"IsAdmin": false}));
        let (boss, plain) = (
            caller(world, admin, Way::Session),
            caller(world, plain, Way::Session),
        );
        let on = |who: &Arc<Caller>, action: &str, body: Json| {
            let target = format!("{}/Ext.{action}", path(ann));
            code(&call(world, who, &target, &body, start()))
        };
        assert_ne!(on(&plain, "RemoveSecondFactor", json!({})), "");
        assert_eq!(on(&boss, "BeginSecondFactor", json!({})), "Forbidden");
        let confirm = json!({"code": "123456"});
        assert_eq!(on(&boss, "ConfirmSecondFactor", confirm), "Forbidden");
        assert!(account(&world.store, ann).two_factor);
        // A token that somebody found takes nothing away, whatever it brings.
        let token = caller(world, ann, Way::Token);
        let proof = json!({"password": PASSWORD});
        let refused = mine(world, &token, "RemoveSecondFactor", &proof);
        assert_eq!(code(&refused), "Forbidden");
        let begin = mine(world, &token, "BeginSecondFactor", &json!({}));
        assert_eq!(code(&begin), "Forbidden");
        assert_eq!(on(&boss, "RemoveSecondFactor", json!({})), "");
        assert!(!account(&world.store, ann).two_factor);
        // An administrator's own one goes with a proof only.
        let begun = mine(world, &boss, "BeginSecondFactor", &json!({})).unwrap();
        let body = json!({"code": totp(&text(&begun, "secret"), start())});
        mine(world, &boss, "ConfirmSecondFactor", &body).unwrap();
        let refused = mine(world, &boss, "RemoveSecondFactor", &json!({}));
        assert_eq!(code(&refused), "Forbidden");
        // Machines answer no question of an authenticator.
        let machine = user(world, "machine", &json!({"UserType": "SystemUserNoLogin"}));
        let machine = caller(world, machine, Way::Basic);
        let begin = mine(world, &machine, "BeginSecondFactor", &json!({}));
        assert_eq!(code(&begin), "Forbidden");
        drop(me);
    });
}

#[test]
fn a_call_about_the_factor_carries_nothing_along() {
    on_each(|world| {
        let key = user(world, "ann", &json!({"IsAdmin": false}));
        let me = caller(world, key, Way::Session);
        let begun = mine(world, &me, "BeginSecondFactor", &json!({})).unwrap();
        let right = json!({"code": totp(&text(&begun, "secret"), start())});
        let request = |verb, target: &str, body: &Json| WriteRequest {
            caller: Arc::clone(&me),
            ..own_request(verb, target.to_owned(), body, start())
        };
        let both = [
            request(Verb::Patch, "Ext.Me", &json!({"IsAdmin": true})),
            request(Verb::Post, "Ext.Me/Ext.ConfirmSecondFactor", &right),
        ];
        let refused = world.service.write(&both, &mut ContentIds::default());
        assert_eq!(refused.unwrap_err().problem.word(), "InvalidBatch");
        let account = account(&world.store, key);
        assert!(!account.is_admin && !account.two_factor);
    });
}

#[test]
fn no_plain_change_switches_a_second_factor() {
    on_each(|world| {
        let (ann, _, _, _) = enrolled(world, "ann");
        let admin = json!({"IsAdmin": true});
        crate::at::write(&world.service, Verb::Patch, &path(ann), &admin).unwrap();
        let boss = user(world, "boss", &json!({}));
        let off = json!({"TwoFactorEnabled": false});
        let replaced = json!({"Login": "ann", "Name": {"EN": "Ann"}});
        let raw = |who: &Arc<Caller>, (verb, target, body): (Verb, &str, &Json)| {
            let request = WriteRequest {
                caller: Arc::clone(who),
                ..own_request(verb, target.to_owned(), body, start())
            };
            let done = world.service.write(&[request], &mut ContentIds::default());
            done.map_err(|refusal| refusal.problem)
        };
        let other = caller(world, boss, Way::Session);
        for way in [Way::Basic, Way::Session, Way::Cookie, Way::Token] {
            let own = caller(world, ann, way);
            for change in [
                (Verb::Patch, &*path(ann), &off),
                (Verb::Patch, "Ext.Me", &off),
                (Verb::Put, &path(ann), &replaced),
                (
                    Verb::Put,
                    &format!("{}/TwoFactorEnabled", path(ann)),
                    &json!({"value": false}),
                ),
            ] {
                let refused = raw(&own, change);
                assert_eq!(code(&refused), "Forbidden", "{way:?} {change:?}");
            }
        }
        assert_eq!(
            code(&raw(&other, (Verb::Patch, &path(ann), &off))),
            "Forbidden"
        );
        let on = json!({"TwoFactorEnabled": true});
        assert_eq!(
            code(&raw(&other, (Verb::Patch, &path(boss), &on))),
            "Forbidden"
        );
        assert!(account(&world.store, ann).two_factor);
        // The same value is no change.
        assert_eq!(code(&raw(&other, (Verb::Patch, &path(ann), &on))), "");
    });
}
