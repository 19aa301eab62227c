//! Who is let in with a password, and what the others are told.

use serde_json::json;
use userdex::service::{Verb, Way};

use crate::at::{
    PASSWORD, account, attempt, by_basic, code, log_in, minutes, on_each, path, seconds, start,
    user, write,
};
use crate::support::history::history;

#[test]
fn a_password_lets_in_and_no_other_does() {
    on_each(|world| {
        let key = user(world, "Ann", &json!({}));
        let opened = log_in(&world.service, "ANN", start()).unwrap();
        let identity = opened.caller.identity().unwrap().clone();
        assert_eq!((identity.user, identity.login.as_str()), (key, "Ann"));
        assert!(identity.administrator && identity.way == Way::Session);
        assert_eq!(identity.scopes.text(), "read update");
        let long = "x".repeat(400);
        for (login, password) in [
            ("ann", "correct horsE"),
            ("ann", ""),
            ("bob", PASSWORD),
            ("", PASSWORD),
            ("ann\0", PASSWORD),
            ("\\ann", PASSWORD),
            (long.as_str(), PASSWORD),
        ] {
            let refused = world.service.log_in(&attempt(login, password, start()));
            let problem = refused.unwrap_err();
            assert_eq!(problem.word(), "SignInFailed", "{login:?}");
            // All of them sound alike.
            let other = world
                .service
                .log_in(&attempt("nobody", "x", start()))
                .unwrap_err();
            assert_eq!(problem.to_string(), other.to_string());
        }
    });
}

#[test]
fn each_type_has_its_ways() {
    on_each(|world| {
        // Login endpoint, page, Basic.
        for (user_type, expected) in [
            ("InternalUser", ["", "", ""]),
            (
                "ExternalCommunityUser",
                ["SignInRefused", "", "SignInRefused"],
            ),
            ("SystemUserNoLogin", ["", "SignInRefused", ""]),
            ("ApplicationUserNoLogin", ["SignInRefused"; 3]),
            ("VirtualUserNoLogin", ["SignInRefused"; 3]),
            ("InvitationInternalNoLogin", ["SignInRefused"; 3]),
            ("InvitationExternalNoLogin", ["SignInRefused"; 3]),
        ] {
            let admin = user_type == "InternalUser" || user_type == "SystemUserNoLogin";
            let more = json!({"UserType": user_type, "IsAdmin": admin});
            let key = user(world, user_type, &more);
            if !admin {
                add_role(world, &path(key));
            }
            let by = |way| {
                let attempt = attempt(user_type, PASSWORD, start());
                code(
                    &world
                        .service
                        .log_in(&userdex::service::Attempt { way, ..attempt }),
                )
            };
            let basic = code(&by_basic(&world.service, user_type, PASSWORD, start()));
            let found = [by(Way::Session), by(Way::Cookie), basic];
            assert_eq!(found, expected, "{} {user_type}", world.name);
            // Whoever does not know the password is not told even that.
            let wrong = world.service.log_in(&attempt(user_type, "wrong", start()));
            assert_eq!(code(&wrong), "SignInFailed");
        }
    });
}

/// Makes a user a member of a group of its own.
fn add_role(world: &crate::support::world::World, user: &str) {
    let key = uuid::Uuid::now_v7();
    let group = format!("Systems_Security_Groups({key})");
    let body = json!({"Id": key.to_string(), "Name": {"EN": key.to_string()}, "GroupType": "G"});
    let with_type = write(&world.service, Verb::Post, "Systems_Security_Groups", &body);
    if with_type.is_err() {
        let body = json!({"Id": key.to_string(), "Name": {"EN": key.to_string()}});
        write(&world.service, Verb::Post, "Systems_Security_Groups", &body).unwrap();
    }
    let body = json!({"Group@odata.bind": group});
    write(&world.service, Verb::Post, &format!("{user}/Groups"), &body).unwrap();
}

#[test]
fn each_reason_is_told_to_whoever_knows_the_password() {
    on_each(|world| {
        let no_role = json!({"IsAdmin": false});
        let windows = json!({"WindowsUserName": "CORP\\ann"});
        let inactive = json!({"Active": false});
        for (login, more, expected, basic) in [
            ("idle", &inactive, "SignInRefused", "SignInRefused"),
            ("alone", &no_role, "SignInRefused", ""),
            ("windows", &windows, "SignInRefused", "SignInRefused"),
            (
                "no-basic",
                &json!({"BasicAuthenticationAllowed": false}),
                "",
                "SignInRefused",
            ),
        ] {
            user(world, login, more);
            let found = [
                code(&log_in(&world.service, login, start())),
                code(&by_basic(&world.service, login, PASSWORD, start())),
            ];
            assert_eq!(found, [expected, basic], "{} {login}", world.name);
            let wrong = world.service.log_in(&attempt(login, "wrong", start()));
            assert_eq!(code(&wrong), "SignInFailed", "{login}");
        }
        let by_windows = userdex::service::Attempt {
            windows_user: Some("corp\\ANN"),
            ..attempt("windows", PASSWORD, start())
        };
        assert_eq!(code(&world.service.log_in(&by_windows)), "");
    });
}

#[test]
fn domains_tell_equal_logins_apart() {
    on_each(|world| {
        let domain = |name: &str, local: bool, default: bool| {
            let key = uuid::Uuid::now_v7();
            let body = json!({"Id": key.to_string(), "Name": name, "AllowLocalAccounts": local,
                "IsDefault": default});
            write(
                &world.service,
                Verb::Post,
                "Systems_Security_Domains",
                &body,
            )
            .unwrap();
            format!("Systems_Security_Domains({key})")
        };
        let (near, far) = (domain("Near", true, true), domain("Far", true, false));
        let sso = domain("Sso", false, false);
        let bind = |domain: &str| json!({"Domain@odata.bind": domain});
        let a = user(world, "ann", &bind(&near));
        write(
            &world.service,
            Verb::Post,
            "Systems_Security_Users",
            &json!({
                "Login": "ann", "Name": {"EN": "ann"}, "IsAdmin": true,
                "Domain@odata.bind": far, "@ext.initialPassword": "another horse",
            }),
        )
        .unwrap();
        user(world, "bob", &bind(&sso));
        let machine = json!({"UserType": "SystemUserNoLogin", "Domain@odata.bind": sso});
        user(world, "robot", &machine);
        let who = |login: &str, password: &str| {
            let opened = world.service.log_in(&attempt(login, password, start()));
            opened.map(|opened| opened.caller.user().unwrap())
        };
        assert_eq!(who("ann", PASSWORD).unwrap(), a);
        assert_eq!(who("near\\ANN", PASSWORD).unwrap(), a);
        assert_ne!(who("FAR\\ann", "another horse").unwrap(), a);
        assert_eq!(code(&who("far\\ann", PASSWORD)), "SignInFailed");
        assert_eq!(code(&who("ann", "another horse")), "SignInFailed");
        assert_eq!(code(&who("bob", PASSWORD)), "SignInRefused");
        assert_eq!(code(&who("robot", PASSWORD)), "");
    });
}

#[test]
fn an_old_hash_is_made_anew_once() {
    on_each(|world| {
        let md5 = json!({"hash": "329670c3265b6ccd392e622733e9772f", "format": "MD5"});
        let more = json!({"@ext.initialPassword": null, "@ext.passwordHash": md5});
        let key = user(world, "old", &more);
        assert_eq!(account(&world.store, key).format, "MD5");
        let before = history(world).len();
        let opened = std::thread::scope(|scope| {
            let one = || {
                scope.spawn(|| {
                    world
                        .service
                        .log_in(&attempt("old", "my password", start()))
                })
            };
            let all = [one(), one(), one(), one()];
            all.map(|thread| thread.join().unwrap())
        });
        let lost = opened.iter().filter(|opened| opened.is_err()).count();
        // Whoever saw the old hash while another made it anew is refused once, and not let in by a
        // hash that is not there any more.
        assert!(lost < 4, "{opened:?}");
        let now = account(&world.store, key);
        assert_eq!(now.format, "AN3");
        let again = world
            .service
            .log_in(&attempt("old", "my password", seconds(1)));
        assert_eq!(code(&again), "");
        assert_eq!(account(&world.store, key).password, now.password);
        let changes = history(world);
        assert_eq!(changes.len(), before + 1, "{changes:?}");
        // The session goes on: it is the same password.
        let id = again.unwrap().id;
        assert_eq!(
            code(&crate::at::by_session(&world.service, &id, minutes(1))),
            ""
        );
    });
}
