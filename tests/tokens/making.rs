//! Making tokens: who may, for whom, with which scopes and for how long; and what is kept of them.

use serde_json::{Value as Json, json};
use userdex::access::{ReferenceToken, Scopes};
use userdex::service::{Caller, Verb, Way};

use crate::at::{code, on_each, other, path, start, user, write};
use crate::kit::{TOKENS, by_token, caller, issue, issue_as, open_application, write_as};
use crate::support::history::history;
use crate::support::world::quick_settings;

#[test]
fn a_token_is_answered_once_and_kept_as_a_fingerprint() {
    on_each(|world| {
        let ann = user(world, "ann", &json!({}));
        let body = json!({"description": "for the grid", "scopes": "read"});
        let made = issue_as(world, Caller::system(), ann, &body).unwrap();
        let token = made["token"].as_str().unwrap();
        assert!(ReferenceToken::parse(token).is_some());
        assert_eq!(made["@odata.context"], "$metadata#Ext.IssueTokenResult");
        // 90 days after the start.
        assert_eq!(made["expires"], "2027-02-24T12:00:00Z");
        let random = token.strip_prefix("enrt_").unwrap();
        let dump = world.dump();
        assert!(!dump.iter().any(|line| line.contains(random)));
        let id = made["id"].as_str().unwrap();
        let row = world.get(&format!("{TOKENS}({id})"));
        assert_eq!(row["Description"], "for the grid");
        assert_eq!(row["Scopes"], "read");
        assert_eq!(row["Type"], "PersonalAccessToken");
        assert_eq!(row["User"]["@odata.id"], path(ann));
        assert_eq!(row.get("AccessTokenKey"), None);
        assert_eq!(row.get("Data"), None);
        let caller = by_token(&world.service, token, start()).unwrap();
        let identity = caller.identity().unwrap();
        assert_eq!((identity.user, identity.way), (ann, Way::Token));
        assert_eq!(identity.scopes, Scopes::parse("read"));
    });
}

#[test]
fn nobody_gives_more_than_they_have() {
    on_each(|world| {
        let admin = user(world, "admin1", &json!({}));
        let plain = user(world, "plain", &json!({"IsAdmin": false}));
        open_application(world, "app:all");
        let narrow = json!({"ReferenceTokens": "AuthenticatedUsers", "Scope": "read"});
        crate::kit::application(world, "app:read", &narrow);
        let usual = |user| caller(world, user, Way::Session, Scopes::USUAL);
        let full = caller(world, admin, Way::Session, Scopes::ALL);
        let by_token = caller(world, admin, Way::Token, Scopes::ALL);
        let app = |scopes: &str| json!({"application": "app:all", "scopes": scopes});
        // Maker, user, arguments, and the scopes or the code of the refusal.
        let table = [
            (usual(admin), admin, json!({}), "read update"),
            (usual(admin), plain, json!({}), "read update"),
            (usual(admin), plain, json!({"scopes": "sec"}), "Forbidden"),
            (
                full.clone(),
                plain,
                json!({"scopes": "sec read"}),
                "read sec",
            ),
            (usual(plain), plain, json!({}), "Forbidden"),
            (usual(plain), plain, app("read"), "read"),
            (usual(plain), plain, app(""), "read update"),
            (usual(plain), plain, app("read sec"), "Forbidden"),
            (usual(plain), admin, app("read"), "Forbidden"),
            (by_token, admin, json!({}), "Forbidden"),
            (full.clone(), admin, app("read write"), "InvalidValue"),
            (
                full.clone(),
                admin,
                json!({"application": "app:read", "scopes": "update"}),
                "Forbidden",
            ),
            (
                full.clone(),
                admin,
                json!({"application": "app:read"}),
                "read",
            ),
            (
                full,
                admin,
                json!({"application": "app:none"}),
                "UnknownReference",
            ),
        ];
        for (number, (maker, of, body, expected)) in table.iter().enumerate() {
            // Who sees no users sees themselves.
            let made = if maker.is_administrator() || maker.user() != Some(*of) {
                issue_as(world, maker, *of, body)
            } else {
                let target = (Verb::Post, "Ext.Me/Ext.IssueToken");
                write_as(&world.service, maker, target, body, start())
            };
            let found = match &made {
                Ok(made) => {
                    let id = made["id"].as_str().unwrap();
                    let row = world.get(&format!("{TOKENS}({id})"));
                    row["Scopes"].as_str().unwrap().to_owned()
                }
                Err(problem) => problem.word().to_owned(),
            };
            assert_eq!(&found, expected, "{number} {body} {made:?}");
        }
    });
}

#[test]
fn users_make_their_own_tokens_by_ext_me() {
    on_each(|world| {
        let plain = user(world, "plain", &json!({"IsAdmin": false}));
        open_application(world, "app:all");
        let maker = caller(world, plain, Way::Session, Scopes::USUAL);
        let ask = |body: &Json| {
            let target = (Verb::Post, "Ext.Me/Ext.IssueToken");
            write_as(&world.service, &maker, target, body, start())
        };
        let made = ask(&json!({"application": "app:all"})).unwrap();
        let token = made["token"].as_str().unwrap();
        let caller = by_token(&world.service, token, start()).unwrap();
        assert_eq!(caller.user(), Some(plain));
        assert_eq!(code(&ask(&json!({}))), "Forbidden");
        // Without the scope of changes, there is no making.
        let reads = crate::kit::caller(world, plain, Way::Session, Scopes::parse("read"));
        let target = (Verb::Post, "Ext.Me/Ext.IssueToken");
        let body = json!({"application": "app:all"});
        let refused = write_as(&world.service, &reads, target, &body, start());
        assert_eq!(code(&refused), "Forbidden");
    });
}

#[test]
fn tokens_live_as_long_as_the_settings_allow() {
    on_each(|world| {
        let ann = user(world, "ann", &json!({}));
        for (expires, expected) in [
            (json!("2026-11-26T12:00:00Z"), "InvalidValue"),
            (json!("2026-11-26T12:00:00.001Z"), ""),
            (json!("2027-11-26T12:00:00Z"), ""),
            (json!("2027-11-26T12:00:01Z"), "InvalidValue"),
            (json!("soon"), "InvalidValue"),
            (json!(5), "TypeMismatch"),
            (json!(null), ""),
        ] {
            let body = json!({"expires": expires});
            let made = issue_as(world, Caller::system(), ann, &body);
            assert_eq!(code(&made), expected, "{expires}");
        }
    });
}

#[test]
fn only_users_who_could_use_one_get_a_token() {
    on_each(|world| {
        for (kind, more, expected) in [
            ("InternalUser", json!({}), ""),
            (
                "ExternalCommunityUser",
                json!({"IsAdmin": false, "Email": "e@x.example"}),
                "",
            ),
            ("SystemUserNoLogin", json!({}), ""),
            (
                "VirtualUserNoLogin",
                json!({"IsAdmin": false, "@ext.initialPassword": null}),
                "Forbidden",
            ),
        ] {
            let mut body = json!({"UserType": kind});
            for (name, value) in more.as_object().unwrap() {
                body[name] = value.clone();
            }
            let key = user(world, kind, &body);
            let made = issue_as(world, Caller::system(), key, &json!({}));
            assert_eq!(code(&made), expected, "{kind} {made:?}");
        }
        let idle = user(world, "idle", &json!({"Active": false}));
        let made = issue_as(world, Caller::system(), idle, &json!({}));
        assert_eq!(code(&made), "Forbidden");
    });
}

#[test]
fn a_row_that_somebody_wrote_signs_nobody_in() {
    on_each(|world| {
        let ann = user(world, "ann", &json!({}));
        let body = json!({"AccessTokenKey": "x", "Type": "PersonalAccessToken",
            "User@odata.bind": path(ann)});
        write(&world.service, Verb::Post, TOKENS, &body).unwrap();
        let token = ReferenceToken::generate(&[7; 24]);
        assert_eq!(
            code(&by_token(&world.service, token.text(), start())),
            "SignInFailed"
        );
        // And one that was changed signs nobody in any more.
        let bob = user(world, "bob", &json!({}));
        for body in [
            json!({"Scopes": "read update sec"}),
            json!({"User@odata.bind": path(bob)}),
            json!({"ExpireTimestamp": "2036-01-01T00:00:00Z"}),
            json!({"ExpireTimestamp": null}),
            json!({"Type": "SystemAccessToken"}),
        ] {
            let (token, id) = issue(world, ann, &json!({"scopes": "read"}));
            let target = format!("{TOKENS}({id})");
            assert_eq!(code(&by_token(&world.service, &token, start())), "");
            write(&world.service, Verb::Patch, &target, &body).unwrap();
            assert_eq!(
                code(&by_token(&world.service, &token, start())),
                "SignInFailed",
                "{body}"
            );
        }
        let (token, id) = issue(world, ann, &json!({}));
        let body = json!({"Description": "another"});
        write(
            &world.service,
            Verb::Patch,
            &format!("{TOKENS}({id})"),
            &body,
        )
        .unwrap();
        assert_eq!(code(&by_token(&world.service, &token, start())), "");
    });
}

#[test]
fn making_a_token_is_in_the_history_without_it() {
    on_each(|world| {
        let ann = user(world, "ann", &json!({}));
        let mut settings = quick_settings();
        let tokens = "Systems.Security.AccessTokens".to_owned();
        settings.writes.track.insert(tokens, 4);
        let service = other(world, settings);
        let maker = caller(world, ann, Way::Session, Scopes::USUAL);
        let target = format!("{}/Ext.IssueToken", path(ann));
        let target = (Verb::Post, target.as_str());
        let made = write_as(&service, &maker, target, &json!({}), start()).unwrap();
        let changes = history(world);
        let id = made["id"].as_str().unwrap();
        let has = |text: &str| {
            changes
                .iter()
                .any(|change| format!("{change:?}").contains(text))
        };
        assert!(has(id), "{changes:?}");
        let token = made["token"].as_str().unwrap();
        assert!(!has(token));
        let ring = world.service.ring().unwrap();
        let stored = ring.records().iter().map(|key| format!("{}.", key.id));
        for fingerprint in stored {
            assert!(!has(&fingerprint));
        }
    });
}
