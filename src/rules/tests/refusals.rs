//! Every refusal: code, targets, texts in English and Bulgarian; and what is not refused.

use serde_json::{Value as Body, json};

use super::seal;
use crate::change::testkit::{Ask, GROUPS, MEMBERS, USERS, World, at, key};
use crate::rules::RULES;
use crate::value::Value;

const NOTIFICATIONS: &str = "Systems_Core_Notifications";

/// Users 1 (internal) and 2 (external), groups 10 (ordinary), 11 (administrators), 12 (everybody),
/// 13 (of one user), 14 (power users); user 1 is in each by memberships 20 to 24.
fn world() -> World {
    let mut world = World::default();
    world.user(1, "ann");
    world.user(2, "eve");
    // Somebody stays an administrator whatever the tests do.
    world.user(9, "root");
    world.set(key(9), "IsAdmin", Value::Boolean(true));
    world.set(key(2), "UserType", Value::Text("EXT".to_owned()));
    for (id, name, code) in [
        (10, "Sales", "G"),
        (11, "Admins", "A"),
        (12, "Everybody", "E"),
        (13, "Of ann", "U"),
        (14, "Power", "P"),
    ] {
        world.group(id, name, code);
        world.member(id + 10, key(1), key(id));
    }
    world
}

/// A new user of a type, with more properties.
fn user(user_type: &str, more: &Body) -> Body {
    let mut body = json!({"Login": "new", "Name": {"EN": "New"}, "UserType": user_type});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn notification(class: &str) -> Ask {
    let body = json!({
        "User@odata.bind": at(USERS, key(1)), "NotificationClass": class, "Subject": "Hello"
    });
    Ask::Post(NOTIFICATIONS, body)
}

fn switched(member: u128, group: u128) -> Ask {
    let body = json!({"Group@odata.bind": at(GROUPS, key(group))});
    Ask::Patch(MEMBERS, key(member), body)
}

#[test]
fn every_refusal_has_its_code_targets_and_texts() {
    let secret = json!({"@ext.initialPassword": "x"});
    let with = |more: Body| {
        let mut all = secret.clone();
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        all
    };
    let patch = |id, body| Ask::Patch(USERS, key(id), body);
    for (ask, code, targets, english, bulgarian) in [
        (
            Ask::Post(
                USERS,
                user("ExternalCommunityUser", &with(json!({"IsAdmin": true}))),
            ),
            "R34956",
            &["IsAdmin", "UserType"][..],
            "User 'new' has type ExternalCommunityUser and therefore may not hold administrator rights. Clear the administrator flag or choose a different type.",
            "Потребителят 'new' е от тип ExternalCommunityUser и затова не може да има администраторски права. Махнете флага за администратор или изберете друг тип.",
        ),
        (
            patch(2, json!({"IsAdmin": true})),
            "R34956",
            &["IsAdmin", "UserType"],
            "User 'eve' has type ExternalCommunityUser and therefore may not hold administrator rights. Clear the administrator flag or choose a different type.",
            "Потребителят 'eve' е от тип ExternalCommunityUser и затова не може да има администраторски права. Махнете флага за администратор или изберете друг тип.",
        ),
        (
            Ask::Post(USERS, user("InternalUser", &json!({}))),
            "R35716",
            &["Password", "UserType"],
            "Set a password for user 'new': type InternalUser cannot be saved without one.",
            "Задайте парола на потребителя 'new': тип InternalUser не може да се запише без парола.",
        ),
        (
            Ask::Post(USERS, user("SystemUserNoLogin", &json!({}))),
            "R35716",
            &["Password", "UserType"],
            "Set a password for user 'new': type SystemUserNoLogin cannot be saved without one.",
            "Задайте парола на потребителя 'new': тип SystemUserNoLogin не може да се запише без парола.",
        ),
        (
            patch(1, json!({"DefaultLanguage": "english"})),
            "R36747",
            &["DefaultLanguage"],
            "'english' is not a known two-letter language code (ISO 639-1). Select one of the codes offered.",
            "'english' не е познат двубуквен код на език (ISO 639-1). Изберете един от предложените кодове.",
        ),
        (
            patch(1, json!({"PasswordFormat": "MD5"})),
            "PasswordFormatFixed",
            &["PasswordFormat"],
            "The password format of user 'ann' cannot be changed while a password is stored: set a new password instead.",
            "Форматът на паролата на потребителя 'ann' не може да се смени, докато има записана парола: задайте нова парола.",
        ),
        (
            switched(21, 10),
            "R31282",
            &["Group"],
            "The membership in system group 'Admins' is fixed and cannot be switched to another group.",
            "Членството в системната група 'Admins' е постоянно и не може да се смени с друга група.",
        ),
        (
            Ask::Post(GROUPS, json!({"Name": {"EN": "fine", "BG": "a<b"}})),
            "R37154",
            &["Name"],
            "'a<b' is not an acceptable group name because it contains '<' or '>'.",
            "'a<b' не може да бъде име на група, защото съдържа '<' или '>'.",
        ),
        (
            Ask::Patch(GROUPS, key(14), json!({"Notes": "x"})),
            "R37166",
            &["GroupType"],
            "'Power' is a system group, so its data is read-only.",
            "'Power' е системна група и данните ѝ не се променят.",
        ),
        (
            notification("NT_A_x"),
            "R35312",
            &["NotificationClass"],
            "'NT_A_x' is not a valid notification class. Write USR or NT, then a scope in capitals, then a classification, with underscores in between (for example NT_SOC_REPLY).",
            "'NT_A_x' не е валиден клас на известие. Напишете USR или NT, после обхват с главни букви и после класификация, разделени с долна черта (например NT_SOC_REPLY).",
        ),
    ] {
        for (language, text) in [("en", english), ("bg", bulgarian), ("fr", english)] {
            // An example of these languages has a name in English only.
            let refused = seal(&mut world(), std::slice::from_ref(&ask), language).unwrap_err();
            let expected: Vec<_> = targets
                .iter()
                .map(|target| format!("0 {code} {target}: {text}"))
                .collect();
            assert_eq!(refused, expected, "{language}");
        }
    }
}

#[test]
fn what_no_rule_minds() {
    let secret = || json!({"@ext.initialPassword": "x"});
    let admin = || json!({"@ext.initialPassword": "x", "IsAdmin": true});
    for (number, ask) in [
        Ask::Post(USERS, user("InternalUser", &admin())),
        Ask::Post(USERS, user("SystemUserNoLogin", &admin())),
        Ask::Post(USERS, user("ApplicationUserNoLogin", &admin())),
        Ask::Post(USERS, user("ExternalCommunityUser", &secret())),
        Ask::Post(USERS, user("VirtualUserNoLogin", &json!({}))),
        Ask::Post(USERS, user("ApplicationUserNoLogin", &json!({}))),
        Ask::Post(USERS, user("InvitationInternalNoLogin", &json!({}))),
        Ask::Post(USERS, user("InvitationExternalNoLogin", &json!({}))),
        Ask::Patch(USERS, key(1), json!({"DefaultLanguage": "bg"})),
        Ask::Patch(USERS, key(1), json!({"DefaultLanguage": null})),
        // The format may come with a new password.
        Ask::Patch(
            USERS,
            key(1),
            json!({"@ext.passwordHash": {"hash": "OTHER", "format": "MD5"}}),
        ),
        Ask::Patch(GROUPS, key(10), json!({"Name": {"EN": "Sales & more"}})),
        Ask::Post(GROUPS, json!({"Name": {"EN": "New"}})),
        // Power users are not listed, and going is not covered.
        switched(24, 10),
        switched(20, 14),
        switched(21, 11),
        Ask::Delete(MEMBERS, key(21)),
        notification("NT_SOC_REPLY"),
        notification("USR_AB_a.b/c + d-9_"),
        notification("NT_A_B_C"),
    ]
    .into_iter()
    .enumerate()
    {
        let done = seal(&mut world(), &[ask], "en");
        assert_eq!(done.err(), None, "{number}");
    }
}

#[test]
fn system_groups_stay_as_they_are() {
    for group in 11..15 {
        let ask = Ask::Patch(GROUPS, key(group), json!({"Name": {"BG": "<"}}));
        let refused = seal(&mut world(), &[ask], "en").unwrap_err();
        assert_eq!(refused.len(), 1, "only ordinary groups have no brackets");
        assert!(refused[0].starts_with("0 R37166 GroupType"), "{refused:?}");
        let same = Ask::Patch(GROUPS, key(group), json!({"Notes": null}));
        assert!(seal(&mut world(), &[same], "en").is_ok(), "nothing changes");
    }
    for member in [21, 22, 23] {
        let refused = seal(&mut world(), &[switched(member, 14)], "en").unwrap_err();
        assert!(refused[0].starts_with("0 R31282 Group:"), "{refused:?}");
    }
}

#[test]
fn classes_of_notifications_have_their_form() {
    for class in [
        "",
        "NT",
        "NT_SOC",
        "NT_SOC_",
        "XX_SOC_A",
        "nt_SOC_A",
        "NT_Soc_A",
        "NT__SOC_A",
        "NT_S_",
        "NT_SOC_A\n",
        "NT_SOC_Ж",
        " NT_SOC_A",
        "NT_S1_A",
        "NT_SOC_A*",
    ] {
        let refused = seal(&mut world(), &[notification(class)], "en").unwrap_err();
        assert!(
            refused[0].starts_with("0 R35312 NotificationClass:"),
            "{class}"
        );
    }
}

#[test]
fn languages_are_codes_of_two_letters() {
    for (code, fits) in [
        ("bg", true),
        ("en", true),
        ("de", true),
        ("en-US", false),
        ("xx", false),
        ("eng", false),
        ("b", false),
        ("", false),
        (" bg", false),
    ] {
        let ask = Ask::Patch(USERS, key(1), json!({"DefaultLanguage": code}));
        assert_eq!(seal(&mut world(), &[ask], "en").is_ok(), fits, "{code:?}");
    }
}

#[test]
fn every_refusal_of_a_request_is_told_with_its_request() {
    let bad = user(
        "ExternalCommunityUser",
        &json!({"IsAdmin": true, "DefaultLanguage": "x"}),
    );
    let asks = [
        Ask::Patch(USERS, key(1), json!({"DefaultLanguage": "q"})),
        Ask::Post(USERS, bad),
    ];
    let refused = seal(&mut world(), &asks, "en").unwrap_err();
    let heads: Vec<_> = refused.iter().filter_map(|l| l.split(':').next()).collect();
    assert_eq!(
        heads,
        [
            "0 R36747 DefaultLanguage",
            "1 R34956 IsAdmin",
            "1 R34956 UserType",
            "1 R35716 Password",
            "1 R35716 UserType",
            "1 R36747 DefaultLanguage",
        ]
    );
}

#[test]
fn a_nested_object_is_refused_at_its_place() {
    let mut world = world();
    let group = json!({"Name": {"EN": "a>b"}, "Notes": "new"});
    let body = json!({"Groups": [{"Group": group}]});
    let refused = seal(&mut world, &[Ask::Patch(USERS, key(1), body)], "en").unwrap_err();
    assert!(
        refused[0].starts_with("0 R37154 Groups/0/Group/Name:"),
        "{refused:?}"
    );
}

#[test]
fn a_value_that_looks_like_a_place_is_none() {
    let body = json!({"Login": "{UserType}", "Name": {"EN": "x"}});
    let refused = seal(&mut world(), &[Ask::Post(USERS, body)], "en").unwrap_err();
    assert_eq!(
        refused[0],
        "0 R35716 Password: Set a password for user '{UserType}': type InternalUser cannot be saved without one."
    );
}

#[test]
fn codes_are_unique_and_every_rule_says_what_it_demands() {
    let mut codes: Vec<_> = RULES.iter().map(|r| r.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), RULES.len());
    for rule in RULES {
        assert!(!rule.about().is_empty() && !rule.about().ends_with('.'));
        for entity in rule.entities() {
            let known = crate::change::testkit::model().repository(entity);
            assert!(known.is_some(), "{} of {}", entity, rule.code());
        }
    }
}
