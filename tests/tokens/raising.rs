//! Nobody gets more than their own sign-in has: not by an application, not by a token, and not by
//! bringing back what was ended.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use userdex::access::Scopes;
use userdex::service::{Caller, Verb, Way};

use crate::at::{code, on_each, path, start, user};
use crate::kit::{
    APPLICATIONS, TOKENS, application, by_token, caller, issue, system_user, write_as,
};
use crate::support::world::World;

fn change(world: &World, who: &Arc<Caller>, verb: Verb, path: &str, body: &Json) -> String {
    code(&write_as(&world.service, who, (verb, path), body, start())).to_owned()
}

#[test]
fn nobody_sets_up_an_application_with_scopes_that_they_lack() {
    on_each(|world| {
        let admin = user(world, "boss", &json!({}));
        let usual = caller(world, admin, Way::Session, Scopes::USUAL);
        let full = caller(world, admin, Way::Session, Scopes::ALL);
        let new = |scope: &str, n: u8| {
            json!({"ApplicationUri": format!("app:{n}"), "Name": "x", "Scope": scope,
                   "SystemUserAllowed": true, "SystemUser": system_user(admin)})
        };
        for (who, scope, expected) in [
            (&usual, "read update sec", "Forbidden"),
            (&usual, "sec", "Forbidden"),
            (&usual, "read openid", ""),
            (&full, "read update sec", ""),
        ] {
            let number = u8::try_from(scope.len()).unwrap();
            let found = change(world, who, Verb::Post, APPLICATIONS, &new(scope, number));
            assert_eq!(found, expected, "{scope}");
        }
        let low = application(world, "app:low", &json!({"Scope": "read"}));
        let high = application(
            world,
            "app:high",
            &json!({"Scope": "read sec", "ClientType": "Public"}),
        );
        let at = |key| format!("{APPLICATIONS}({key})");
        #[rustfmt::skip]
        let steps = [
            (low, Verb::Patch, json!({"Scope": "read sec"}), "Forbidden"),
            (low, Verb::Patch, json!({"Scope": "read update"}), ""),
            (low, Verb::Patch, json!({"SystemUser": system_user(admin), "SystemUserAllowed": true}), ""),
            (high, Verb::Patch, json!({"Scope": "read"}), "Forbidden"),
            (high, Verb::Patch, json!({"SystemUser": system_user(admin)}), "Forbidden"),
            (high, Verb::Patch, json!({"SystemUserAllowed": true}), "Forbidden"),
            (high, Verb::Patch, json!({"ClientType": "Confidential"}), "Forbidden"),
            (high, Verb::Put, json!({"ApplicationUri": "app:high", "Name": "x"}), "Forbidden"),
            (high, Verb::Patch, json!({"Name": "y"}), ""),
            (high, Verb::Patch, json!({"IsEnabled": false}), ""),
            (high, Verb::Patch, json!({"IsEnabled": true}), "Forbidden"),
        ];
        for (key, verb, body, expected) in steps {
            let found = change(world, &usual, verb, &at(key), &body);
            assert_eq!(found, expected, "{body}");
        }
        let secret = |who: &Arc<Caller>, key| {
            let call = format!("{}/Ext.SetSecret", at(key));
            change(world, who, Verb::Post, &call, &json!({}))
        };
        assert_eq!(secret(&usual, high), "Forbidden");
        assert_eq!(secret(&usual, low), "");
        assert_eq!(secret(&full, high), "");
        // What `doctor` lists: the one that was made, and not the one that is disabled.
        let found = world.store.session().unwrap().sec_applications();
        assert_eq!(found.unwrap(), ["app:15"], "{}", world.name);
        for way in [Way::Token, Way::Client, Way::Issuer] {
            let who = caller(world, admin, way, Scopes::ALL);
            assert_eq!(secret(&who, low), "Forbidden", "{way:?}");
            let call = format!("{}/Ext.IssueToken", path(admin));
            let found = change(world, &who, Verb::Post, &call, &json!({}));
            assert_eq!(found, "Forbidden", "{way:?}");
        }
    });
}

#[test]
fn a_token_gives_its_user_no_password() {
    on_each(|world| {
        let boss = user(world, "boss", &json!({}));
        let other = user(world, "other", &json!({}));
        let body = json!({"password": "a new password"});
        for (way, expected) in [
            (Way::Token, "Forbidden"),
            (Way::Client, "Forbidden"),
            (Way::Issuer, "Forbidden"),
            (Way::Basic, ""),
            (Way::Session, ""),
            (Way::Cookie, ""),
        ] {
            let who = caller(world, boss, way, Scopes::USUAL);
            for target in ["Ext.Me".to_owned(), path(boss)] {
                let call = format!("{target}/Ext.SetPassword");
                let found = change(world, &who, Verb::Post, &call, &body);
                assert_eq!(found, expected, "{way:?} {target}");
            }
            let call = format!("{}/Ext.SetPassword", path(other));
            assert_eq!(change(world, &who, Verb::Post, &call, &body), "");
        }
    });
}

#[test]
fn what_was_ended_does_not_come_back() {
    on_each(|world| {
        let boss = user(world, "boss", &json!({}));
        let who = caller(world, boss, Way::Session, Scopes::ALL);
        let (token, id) = issue(world, boss, &json!({}));
        let row = format!("{TOKENS}({id})");
        let revoke = format!("{row}/Ext.RevokeToken");
        let patch = |who: &Arc<Caller>, body: &Json| change(world, who, Verb::Patch, &row, body);
        assert_eq!(patch(&who, &json!({"Description": "x"})), "");
        assert_eq!(change(world, &who, Verb::Post, &revoke, &json!({})), "");
        for who in [&who, Caller::system()] {
            for body in [
                json!({"ConsumedTimestamp": null}),
                json!({"ConsumedTimestamp": "2099-01-01T00:00:00Z"}),
            ] {
                assert_eq!(patch(who, &body), "Forbidden", "{body}");
            }
        }
        // Revoked again it stays as it is, and so does the rest of the row.
        assert_eq!(change(world, &who, Verb::Post, &revoke, &json!({})), "");
        assert_eq!(patch(&who, &json!({"Description": "y"})), "");
        let found = by_token(&world.service, &token, start());
        assert_eq!(code(&found), "SignInFailed");
    });
}
