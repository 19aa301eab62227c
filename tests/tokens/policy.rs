//! Which tokens an application has, and what becomes of them when it changes.

use serde_json::json;
use userdex::service::{Caller, Verb, Way};

use crate::at::{code, millis, on_each, start, user, write};
use crate::kit::{
    APPLICATIONS, application, by_token, issue, issue_as, open_application, system_user,
};

#[test]
fn the_policy_says_whose_tokens_there_are() {
    on_each(|world| {
        let admin = user(world, "admin1", &json!({}));
        let plain = user(world, "plain", &json!({"IsAdmin": false}));
        // Policy, and whether an administrator and a user have tokens.
        let table = [
            ("None", [false, false]),
            ("AuthenticatedUsers", [true, true]),
            ("AdministratorsOnly", [true, false]),
        ];
        for (policy, expected) in table {
            let uri = format!("app:{policy}");
            application(world, &uri, &json!({"ReferenceTokens": policy}));
            let free = open_application(world, &format!("{uri}:used"));
            for (who, expected) in [admin, plain].into_iter().zip(expected) {
                let refusal = if expected { "" } else { "Forbidden" };
                let made = issue_as(world, Caller::system(), who, &json!({"application": uri}));
                assert_eq!(code(&made), refusal, "{policy}");
                // A token that is there already follows the policy too.
                let (token, _) = issue(world, who, &json!({"application": format!("{uri}:used")}));
                assert_eq!(code(&by_token(&world.service, &token, start())), "");
                let target = format!("{APPLICATIONS}({free})");
                let set = |policy: &str| {
                    let body = json!({"ReferenceTokens": policy});
                    write(&world.service, Verb::Patch, &target, &body).unwrap();
                };
                set(policy);
                let refusal = if expected { "" } else { "SignInFailed" };
                assert_eq!(
                    code(&by_token(&world.service, &token, start())),
                    refusal,
                    "{policy}"
                );
                set("AuthenticatedUsers");
            }
        }
    });
}

#[test]
fn a_system_token_acts_as_the_system_user_of_its_application() {
    on_each(|world| {
        let robot = user(world, "robot", &json!({"UserType": "SystemUserNoLogin"}));
        let other = user(world, "other", &json!({"UserType": "SystemUserNoLogin"}));
        let key = application(
            world,
            "app:robot",
            &json!({
                "ReferenceTokens": "AdministratorsOnly",
                "SystemUserAllowed": true,
                "SystemUser": system_user(robot),
            }),
        );
        let body = json!({"application": "app:robot"});
        let (token, _) = issue(world, robot, &body);
        let caller = by_token(&world.service, &token, start()).unwrap();
        let identity = caller.identity().unwrap();
        assert_eq!((identity.user, identity.way), (robot, Way::Token));
        assert_eq!(identity.application.as_deref(), Some("app:robot"));
        let target = format!("{APPLICATIONS}({key})");
        for (change, back) in [
            (json!({"IsEnabled": false}), json!({"IsEnabled": true})),
            (
                json!({"SystemUserAllowed": false}),
                json!({"SystemUserAllowed": true}),
            ),
            (
                json!({"ReferenceTokens": "None"}),
                json!({"ReferenceTokens": "AdministratorsOnly"}),
            ),
            (
                json!({"SystemUser": system_user(other)}),
                json!({"SystemUser": system_user(robot)}),
            ),
        ] {
            write(&world.service, Verb::Patch, &target, &change).unwrap();
            let refused = by_token(&world.service, &token, millis(1));
            assert_eq!(code(&refused), "SignInFailed", "{change}");
            write(&world.service, Verb::Patch, &target, &back).unwrap();
            assert_eq!(
                code(&by_token(&world.service, &token, millis(1))),
                "",
                "{change}"
            );
        }
        write(
            &world.service,
            Verb::Patch,
            &target,
            &json!({"Scope": "read"}),
        )
        .unwrap();
        let caller = by_token(&world.service, &token, millis(2)).unwrap();
        assert_eq!(caller.scopes().text(), "read");
    });
}
