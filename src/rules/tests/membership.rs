//! R34956 through groups: who is in a group of administrators is one.

use serde_json::{Value as Body, json};

use super::seal;
use crate::change::testkit::{Ask, GROUPS, MEMBERS, USERS, World, at, key};
use crate::value::Value;

/// Users 1 (internal) and 2 (external); groups 10 (ordinary) and 11 (administrators).
fn world() -> World {
    let mut world = World::default();
    world.user(1, "ann");
    world.user(2, "eve");
    // Somebody stays an administrator whatever the tests do.
    world.user(9, "root");
    world.set(key(9), "IsAdmin", Value::Boolean(true));
    world.set(key(2), "UserType", Value::Text("EXT".to_owned()));
    world.group(10, "Sales", "G");
    world.group(11, "Admins", "A");
    world
}

fn joins(user: u128, group: u128) -> Body {
    json!({"User@odata.bind": at(USERS, key(user)), "Group@odata.bind": at(GROUPS, key(group))})
}

fn becomes(user_type: &str) -> Ask {
    Ask::Patch(USERS, key(1), json!({"UserType": user_type}))
}

fn heads(refused: &[String]) -> Vec<&str> {
    refused.iter().filter_map(|l| l.split(':').next()).collect()
}

#[test]
fn both_directions_of_the_flag() {
    let mut world = world();
    world.set(key(1), "IsAdmin", Value::Boolean(true));
    for user_type in ["ExternalCommunityUser", "VirtualUserNoLogin"] {
        let refused = seal(&mut world, &[becomes(user_type)], "en").unwrap_err();
        assert_eq!(heads(&refused), ["0 R34956 IsAdmin", "0 R34956 UserType"]);
    }
    let both = Ask::Patch(
        USERS,
        key(1),
        json!({"UserType": "ExternalCommunityUser", "IsAdmin": false}),
    );
    assert!(seal(&mut world, &[both], "en").is_ok());
}

#[test]
fn a_membership_is_refused_at_its_group() {
    let mut world = world();
    let refused = seal(&mut world, &[Ask::Post(MEMBERS, joins(2, 11))], "en").unwrap_err();
    assert_eq!(
        refused,
        [
            "0 R34956 Group: User 'eve' has type ExternalCommunityUser and therefore may not hold administrator rights. Clear the administrator flag or choose a different type."
        ]
    );
    for (user, group) in [(2, 10), (1, 11)] {
        let asks = [Ask::Post(MEMBERS, joins(user, group))];
        assert!(seal(&mut world, &asks, "en").is_ok());
    }
}

#[test]
fn a_membership_inside_its_user_is_refused_at_the_user() {
    let mut world = world();
    let groups = json!({"Groups": [{"Group@odata.bind": at(GROUPS, key(11))}]});
    let refused = seal(
        &mut world,
        &[Ask::Patch(USERS, key(2), groups.clone())],
        "en",
    );
    assert_eq!(heads(&refused.unwrap_err()), ["0 R34956 Groups/0/Group"]);
    let mut user = json!({
        "Login": "new", "Name": {"EN": "New"}, "UserType": "VirtualUserNoLogin"
    });
    user["Groups"] = groups["Groups"].clone();
    let refused = seal(&mut world, &[Ask::Post(USERS, user)], "en").unwrap_err();
    assert_eq!(heads(&refused), ["0 R34956 UserType", "0 R34956 Groups"]);
}

#[test]
fn the_type_is_refused_because_of_a_stored_membership() {
    let mut world = world();
    world.member(20, key(1), key(11));
    let refused = seal(&mut world, &[becomes("ExternalCommunityUser")], "en").unwrap_err();
    assert_eq!(heads(&refused), ["0 R34956 UserType", "0 R34956 Groups"]);
}

#[test]
fn memberships_of_the_same_change_set_count() {
    let mut world = world();
    let asks = [
        Ask::Post(MEMBERS, joins(1, 11)),
        becomes("ExternalCommunityUser"),
    ];
    let refused = seal(&mut world, &asks, "en").unwrap_err();
    assert_eq!(heads(&refused), ["1 R34956 UserType", "1 R34956 Groups"]);

    world.member(20, key(1), key(11));
    let asks = [
        Ask::Delete(MEMBERS, key(20)),
        becomes("ExternalCommunityUser"),
    ];
    assert!(seal(&mut world, &asks, "en").is_ok(), "it goes");
    let asks = [
        becomes("ExternalCommunityUser"),
        Ask::Delete(MEMBERS, key(20)),
    ];
    assert!(
        seal(&mut world, &asks, "en").is_ok(),
        "the order is the same"
    );
    let asks = [
        Ask::Patch(
            MEMBERS,
            key(20),
            json!({"User@odata.bind": at(USERS, key(2))}),
        ),
        becomes("ExternalCommunityUser"),
    ];
    let refused = seal(&mut world, &asks, "en").unwrap_err();
    assert_eq!(heads(&refused), ["0 R34956 Group"], "it moves to the other");
}

#[test]
fn a_user_who_stops_to_be_external_may_join() {
    let mut world = world();
    let asks = [
        Ask::Post(MEMBERS, joins(2, 11)),
        Ask::Patch(USERS, key(2), json!({"UserType": "InternalUser"})),
    ];
    assert!(seal(&mut world, &asks, "en").is_ok());
    let asks = [Ask::Delete(USERS, key(2))];
    world.member(21, key(2), key(11));
    assert!(seal(&mut world, &asks, "en").is_ok(), "or go");
}
