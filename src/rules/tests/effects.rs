//! What rules change beside the change: R33153, R35969, telephones, invitations.

use serde_json::{Value as Body, json};

use super::seal;
use crate::change::Kind;
use crate::change::testkit::{Ask, PERSONS, USERS, World, at, author, key, now, shown, value};
use crate::rules::Sealed;
use crate::value::Value;

/// Administrators 1 to 3 (the second reads Bulgarian, the third something without texts), 4 who is
/// not active, and 5 who is none.
fn world() -> World {
    let mut world = World::default();
    for id in 1..6 {
        world.user(id, &format!("u{id}"));
    }
    for id in 1..5 {
        world.set(key(id), "IsAdmin", Value::Boolean(true));
    }
    world.set(key(2), "DefaultLanguage", Value::Text("bg".to_owned()));
    world.set(key(3), "DefaultLanguage", Value::Text("ja".to_owned()));
    world.set(key(4), "Active", Value::Boolean(false));
    world.seed(PERSONS, key(6), json!({"FirstName": {"EN": "Eve"}}));
    world
}

fn eve() -> Body {
    json!({
        "Id": key(9).to_string(), "Login": "eve", "Name": {"EN": "Eve"}, "UserType": "ExternalCommunityUser",
        "@ext.initialPassword": "x"
    })
}

/// Receiver, class, data object and subject of every new notification.
fn notifications(sealed: &Sealed<'_>) -> Vec<[String; 4]> {
    let model = sealed.model();
    let objects = sealed.set().objects().iter();
    objects
        .filter(|o| model.entity(o.entity).set == "Systems_Core_Notifications")
        .map(|o| {
            assert_eq!(o.kind(), Kind::Create);
            let record = o.after.as_ref().unwrap();
            assert_eq!(
                shown(o.entity, record, "CreationTimeUtc"),
                now().to_string()
            );
            assert_eq!(shown(o.entity, record, "Priority"), "3");
            let show = |name| shown(o.entity, record, name);
            [
                show("User"),
                show("NotificationClass"),
                show("DataObject"),
                show("Subject"),
            ]
        })
        .collect()
}

#[test]
fn active_administrators_are_told_each_in_their_own_language() {
    let sealed = seal(&mut world(), &[Ask::Post(USERS, eve())], "bg").unwrap();
    let row = |user: u128, subject: &str| {
        [
            key(user).to_string(),
            "NT_NEW_COMMUNITY_USER".to_owned(),
            key(9).to_string(),
            subject.to_owned(),
        ]
    };
    let english = "Community account 'eve' has just been registered and still has to be set up.";
    assert_eq!(
        notifications(&sealed),
        [
            row(1, english),
            row(
                2,
                "Акаунтът в общността 'eve' току-що беше регистриран и още трябва да бъде настроен."
            ),
            row(3, english),
        ]
    );
}

#[test]
fn nobody_is_told_of_other_changes() {
    let mut with_person = eve();
    with_person["Person@odata.bind"] = json!(at(PERSONS, key(6)));
    let mut internal = eve();
    internal["UserType"] = json!("InternalUser");
    let external = json!({"UserType": "ExternalCommunityUser"});
    for (stored, ask) in [
        (false, Ask::Post(USERS, with_person)),
        (false, Ask::Post(USERS, internal)),
        (true, Ask::Patch(USERS, key(9), json!({"Notes": "x"}))),
        (true, Ask::Patch(USERS, key(5), external)),
        (true, Ask::Delete(USERS, key(9))),
    ] {
        let mut world = world();
        if stored {
            world.seed(USERS, key(9), eve());
        }
        let sealed = seal(&mut world, &[ask], "en").unwrap();
        assert_eq!(notifications(&sealed), [[""; 4]; 0]);
    }
}

#[test]
fn administrators_are_those_after_the_change() {
    let asks = [
        Ask::Post(USERS, eve()),
        Ask::Patch(USERS, key(1), json!({"Active": false})),
        Ask::Patch(USERS, key(2), json!({"IsAdmin": false})),
        Ask::Patch(USERS, key(4), json!({"Active": true})),
    ];
    let sealed = seal(&mut world(), &asks, "en").unwrap();
    let told: Vec<_> = notifications(&sealed)
        .into_iter()
        .map(|[user, ..]| user)
        .collect();
    assert_eq!(told, [key(3).to_string(), key(4).to_string()]);
}

#[test]
fn an_address_that_changes_is_not_confirmed() {
    let mut world = world();
    world.set(key(1), "Email", Value::Text("a@x.org".to_owned()));
    world.set(key(1), "EmailConfirmed", Value::Boolean(true));
    for (email, confirmed) in [
        (json!("a@x.org"), "true"),
        (json!("b@x.org"), "false"),
        (json!(null), "false"),
    ] {
        let body = json!({"Email": email, "Notes": "x"});
        let sealed = seal(&mut world, &[Ask::Patch(USERS, key(1), body)], "en").unwrap();
        let is = value(sealed.set(), USERS, key(1), "EmailConfirmed");
        assert_eq!(is, confirmed, "{email}");
    }
    let body = json!({"Login": "new", "Name": {"EN": "N"}, "UserType": "VirtualUserNoLogin",
        "Id": key(9).to_string(), "Email": "c@x.org"});
    let sealed = seal(&mut world, &[Ask::Post(USERS, body)], "en").unwrap();
    assert_eq!(
        value(sealed.set(), USERS, key(9), "EmailConfirmed"),
        "false"
    );
}

#[test]
fn a_telephone_that_changes_is_not_confirmed_unless_the_change_says_so() {
    let mut world = world();
    world.set(key(1), "PhoneNumber", Value::Text("1".to_owned()));
    world.set(key(1), "PhoneNumberConfirmed", Value::Boolean(true));
    for (body, confirmed) in [
        (json!({"PhoneNumber": "1", "Notes": "x"}), "true"),
        (json!({"PhoneNumber": "2"}), "false"),
        (json!({"PhoneNumber": null}), "false"),
    ] {
        let ask = Ask::Patch(USERS, key(1), body.clone());
        let sealed = seal(&mut world, &[ask], "en").unwrap();
        let is = value(sealed.set(), USERS, key(1), "PhoneNumberConfirmed");
        assert_eq!(is, confirmed, "{body}");
    }
    world.set(key(1), "PhoneNumberConfirmed", Value::Boolean(false));
    let both = json!({"PhoneNumber": "2", "PhoneNumberConfirmed": true});
    let sealed = seal(&mut world, &[Ask::Patch(USERS, key(1), both)], "en").unwrap();
    let is = value(sealed.set(), USERS, key(1), "PhoneNumberConfirmed");
    assert_eq!(is, "true");
}

#[test]
fn an_invitation_gets_a_password_that_nobody_knows() {
    for (user_type, password, format) in [
        ("InvitationInternalNoLogin", "UNUSABLE", "AN3"),
        ("InvitationExternalNoLogin", "UNUSABLE", "AN3"),
        ("VirtualUserNoLogin", "-", "MD5"),
        ("ApplicationUserNoLogin", "-", "MD5"),
    ] {
        let body = json!({"Id": key(9).to_string(), "Login": "new", "Name": {"EN": "N"}, "UserType": user_type});
        let sealed = seal(&mut world(), &[Ask::Post(USERS, body)], "en").unwrap();
        let is = |name| value(sealed.set(), USERS, key(9), name);
        assert_eq!([is("Password"), is("PasswordFormat")], [password, format]);
    }
    let body = json!({"Id": key(9).to_string(), "Login": "new", "Name": {"EN": "N"},
        "UserType": "InvitationInternalNoLogin", "@ext.initialPassword": "mine"});
    let sealed = seal(&mut world(), &[Ask::Post(USERS, body)], "en").unwrap();
    assert_eq!(value(sealed.set(), USERS, key(9), "Password"), "HASH");
    assert_eq!(author().now, now());
}
