//! Signing in and out.

use serde_json::{Value as Json, json};
use userdex::access::Purpose;
use userdex::service::{Attempt, Credential, Keys, Verb, Way};
use userdex::value::Timestamp;

use crate::kit::{
    PASSWORD, USERS, ask, basic, log, log_in, names, noted, on_each, path, send, user, write,
};

#[test]
fn a_session_is_noted_from_its_beginning_to_its_end() {
    on_each(|world| {
        let ann = user(world, "ann");
        let lines = noted(world, || {
            let session = log_in(world, "ann", PASSWORD).unwrap();
            for _ in 0..3 {
                let read = send(
                    world,
                    &session,
                    "GET",
                    &format!("{USERS}?$top=1"),
                    &Json::Null,
                );
                assert_eq!(read.status, 200);
            }
            let out = ask(world, "POST", "/api/domain/logout").header("Authorization", &session);
            out.expect(204);
        });
        assert_eq!(names(&lines), ["SignedIn", "SignedOut"], "{}", world.name);
        for line in &lines {
            assert_eq!(line.user, ann.to_string());
            assert_eq!(line.application, "grid");
            assert_eq!(line.word("caller"), "ann");
            assert_eq!(line.word("way"), "session");
            assert_eq!(line.word("address"), "127.0.0.1");
            assert_eq!(line.word("outcome"), "done");
        }
    });
}

#[test]
fn basic_is_noted_once_for_each_password_that_is_checked() {
    on_each(|world| {
        user(world, "ann");
        let lines = noted(world, || {
            for _ in 0..5 {
                let (who, path) = (basic("ann", PASSWORD), format!("{USERS}?$top=1"));
                assert_eq!(send(world, &who, "GET", &path, &Json::Null).status, 200);
            }
        });
        assert_eq!(names(&lines), ["SignedIn"], "{}", world.name);
        assert_eq!(lines[0].word("way"), "basic");
        assert_eq!(lines[0].word("times"), "", "only once");
        assert_eq!(lines[0].application, "tester/1");
    });
}

#[test]
fn failures_say_why_and_never_what_was_typed() {
    on_each(|world| {
        let ann = user(world, "ann");
        write(
            &world.service,
            Verb::Patch,
            &path(user(world, "old")),
            &json!({"Active": false}),
        );
        let lines = noted(world, || {
            assert_eq!(log_in(world, "ANN", "MARKER-wrong"), None);
            assert_eq!(log_in(world, "MARKER-typed\nthere", "MARKER-wrong"), None);
            assert_eq!(log_in(world, "old", PASSWORD), None);
            for who in [
                "ErpSession MARKER.x",
                "Bearer enrt_MARKER",
                "Bearer a.MARKER.c",
            ] {
                let path = format!("{USERS}?$top=1");
                assert_eq!(send(world, who, "GET", &path, &Json::Null).status, 401);
            }
        });
        assert!(names(&lines).iter().all(|name| *name == "SignInFailed"));
        let mut reasons: Vec<String> = lines.iter().map(|line| line.word("reason")).collect();
        reasons.sort();
        let found: Vec<&str> = reasons.iter().map(String::as_str).collect();
        assert_eq!(
            found[1..4],
            ["inactive", "malformed", "password"],
            "{found:?}"
        );
        assert_eq!(lines.len(), 6, "{found:?}");
        let by = |reason: &str| {
            lines
                .iter()
                .find(|line| line.word("reason") == reason)
                .unwrap()
        };
        // The user is the object: that they took part is what is not proved.
        let wrong = by("password");
        assert_eq!(
            (wrong.object.clone(), wrong.user.as_str()),
            (ann.to_string(), "")
        );
        assert_eq!(
            wrong.word("caller"),
            "ann",
            "as the user is called, not as it was typed"
        );
        assert_eq!(wrong.word("outcome"), "refused");
        let unknown = by("unknown");
        assert!(unknown.word("login").starts_with('#'), "{unknown:?}");
        assert_eq!(
            (unknown.word("caller").as_str(), unknown.object.as_str()),
            ("unknown", "")
        );
        assert!(
            !world.dump().join("\n").contains("MARKER"),
            "{}",
            world.name
        );
    });
}

#[test]
fn a_lock_is_noted_with_the_failure_that_brings_it() {
    on_each(|world| {
        let ann = user(world, "ann");
        let lines = noted(world, || {
            for _ in 0..7 {
                assert_eq!(log_in(world, "ann", "wrong"), None);
            }
            assert_eq!(log_in(world, "ann", PASSWORD), None);
        });
        let locks: Vec<_> = lines
            .iter()
            .filter(|line| line.name == "LockedOut")
            .collect();
        assert_eq!(locks.len(), 1, "{}", world.name);
        assert_eq!(locks[0].object, ann.to_string());
        assert!(locks[0].word("until").ends_with('Z'));
        let failures = |reason: &str| -> u64 {
            let of = lines.iter().filter(|line| line.word("reason") == reason);
            of.map(|line| line.details["times"].as_u64().unwrap_or(1))
                .sum()
        };
        assert_eq!((failures("password"), failures("locked")), (7, 1));
    });
}

#[test]
fn the_second_factor_is_noted() {
    on_each(|world| {
        let ann = user(world, "ann");
        let mut recovery = String::new();
        let lines = noted(world, || {
            let enrolled = world
                .service
                .enrol_second_factor(ann, "ann", Timestamp::now());
            enrolled.unwrap().recovery[0]
                .as_text()
                .clone_into(&mut recovery);
        });
        let mut found = names(&lines);
        found.sort_unstable();
        assert_eq!(found, ["RightsChanged", "SecondFactorChanged"]);
        assert!(lines.iter().all(|line| line.object == ann.to_string()));
        let attempt = |code: &str| {
            let attempt = Attempt {
                login: "ann",
                password: PASSWORD,
                code: Some(code),
                way: Way::Session,
                application: None,
                windows_user: None,
                now: Timestamp::now(),
            };
            world.service.log_in(&attempt).is_ok()
        };
        let lines = noted(world, || {
            assert!(attempt(&recovery));
            assert!(!attempt(&recovery), "once");
        });
        let mut found = names(&lines);
        found.sort_unstable();
        assert_eq!(
            found,
            ["RecoveryCodeUsed", "SignInFailed", "SignedIn"],
            "{}",
            world.name
        );
        let text = format!("{:?}", log(world));
        assert!(!text.contains(&recovery));
    });
}

#[test]
fn tokens_and_keys_are_noted() {
    on_each(|world| {
        let ann = user(world, "ann");
        let session = log_in(world, "ann", PASSWORD).unwrap();
        let mut token = String::new();
        let lines = noted(world, || {
            let call = format!("{}/Ext.IssueToken", path(ann));
            let made = send(world, &session, "POST", &call, &json!({"scopes": "read"}));
            assert_eq!(made.status, 200, "{}", made.body);
            made.tree()["token"]
                .as_str()
                .unwrap()
                .clone_into(&mut token);
            let id = made.tree()["id"].as_str().unwrap().to_owned();
            let who = format!("Bearer {token}");
            let read = send(world, &who, "GET", &format!("{USERS}?$top=1"), &Json::Null);
            assert_eq!(read.status, 200);
            let call = format!("Systems_Security_AccessTokens({id})/Ext.RevokeToken");
            assert_eq!(send(world, &session, "POST", &call, &json!({})).status, 204);
        });
        assert_eq!(
            names(&lines),
            ["TokenIssued", "SignedIn", "TokenRevoked"],
            "{}",
            world.name
        );
        assert_eq!(lines[0].details["values"]["Scopes"], "read");
        assert_eq!(lines[0].user, ann.to_string());
        assert_eq!(lines[1].word("way"), "token");
        let text = format!("{:?}", log(world));
        assert!(!text.contains(token.trim_start_matches("enrt_")), "{text}");
        let lines = noted(world, || {
            let keys = Keys::open(&world.store, Timestamp::now()).unwrap();
            keys.rotate(&[Purpose::Sessions], Timestamp::now()).unwrap();
        });
        assert_eq!(names(&lines), ["KeysRotated"]);
        assert_eq!(lines[0].details["purposes"], json!(["sessions"]));
    });
}

#[test]
fn applications_are_noted() {
    on_each(|world| {
        let bot = user(world, "bot");
        let app = "Systems_Security_TrustedApplications";
        let secret = "MARKER-client-secret";
        let body = json!({
            "Id": "7d7e2e3e-0000-4000-8000-000000000001", "ApplicationUri": "grid/1", "Name": "g",
            "Scope": "read", "SystemUserAllowed": true, "SystemUser@odata.bind": path(bot),
        });
        write(
            &world.service,
            Verb::Patch,
            &path(bot),
            &json!({"UserType": "SystemUserNoLogin"}),
        );
        let set = format!("{app}(7d7e2e3e-0000-4000-8000-000000000001)/Ext.SetSecret");
        let lines = noted(world, || {
            write(&world.service, Verb::Post, app, &body);
            write(&world.service, Verb::Post, &set, &json!({"secret": secret}));
        });
        assert_eq!(
            names(&lines),
            ["RightsCreated", "ClientSecretSet"],
            "{}",
            world.name
        );
        assert_eq!(lines[0].details["values"]["Scope"], "read");
        let token = |secret: &str, scope: &str| {
            let form = format!(
                "grant_type=client_credentials&client_id=grid%2F1&client_secret={secret}&scope={scope}"
            );
            let media = "application/x-www-form-urlencoded";
            ask(world, "POST", "/id/connect/token")
                .body(media, form)
                .send()
                .status
        };
        let lines = noted(world, || {
            assert_eq!(token("MARKER-wrong", "read"), 401);
            assert_eq!(token(secret, "sec"), 400);
            assert_eq!(token(secret, "read"), 200);
        });
        let found: Vec<_> = lines
            .iter()
            .map(|l| (l.name.clone(), l.word("reason")))
            .collect();
        let expected = [
            ("SignInFailed", "secret"),
            ("SignInFailed", "scope"),
            ("TokenIssued", ""),
        ];
        for (name, reason) in expected {
            let line = found.iter().find(|(n, r)| n == name && r == reason);
            assert!(line.is_some(), "{name} {reason}: {found:?}");
        }
        assert!(lines.iter().all(|line| line.application == "grid/1"));
        let dump = world.dump();
        let mut log = dump.iter().filter(|line| line.starts_with("Sys_Audit"));
        assert!(!log.any(|line| line.contains("MARKER")), "{}", world.name);
    });
}

/// A request of somebody who is remembered asks no database, for the log neither.
#[test]
fn a_caller_who_is_known_costs_nothing() {
    on_each(|world| {
        user(world, "ann");
        let text = format!("ann:{PASSWORD}");
        let credential = Credential::Basic {
            application: None,
            login: "ann",
            password: PASSWORD,
        };
        let imprint = world.service.imprint(Way::Basic, &text);
        let now = Timestamp::now();
        world.service.enter(imprint, credential, None, now).unwrap();
        let entries = log(world).len();
        let before = world.service.statements();
        for _ in 0..100 {
            let known = world.service.recall(&imprint, now);
            assert!(matches!(known, userdex::service::Recalled::Caller(_)));
        }
        assert_eq!(world.service.statements(), before);
        assert_eq!(log(world).len(), entries);
    });
}
