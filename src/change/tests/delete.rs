//! Deleting: children go along, others stop it.

use serde_json::json;

use crate::change::testkit::{Ask, GROUPS, MEMBERS, PERSONS, USERS, World, at, key, kinds};

/// User 1 with a person (5) is in group 10 by membership 20.
fn world() -> World {
    let mut world = World::default();
    world.seed(PERSONS, key(5), json!({"FirstName": {"EN": "Ann"}}));
    let body = json!({
        "Login": "ann", "Name": {"EN": "Ann"}, "Person@odata.bind": at(PERSONS, key(5))
    });
    world.seed(USERS, key(1), body);
    world.group(10, "Sales", "G");
    world.member(20, key(1), key(10));
    world
}

#[test]
fn children_go_with_their_aggregate() {
    let set = world().change(&[Ask::Delete(USERS, key(1))]).unwrap();
    assert_eq!(
        kinds(&set),
        [
            "Delete Systems_Security_Users 1",
            "Delete Systems_Security_UserGroups 14",
        ]
    );
    assert!(set.objects().iter().all(|o| o.root == key(1)));
}

#[test]
fn what_is_referred_to_stays_and_the_referrer_is_named() {
    let referrer = |ids: (u128, u128), sets: [&str; 2], name: &str| {
        format!(
            "0 StillReferenced {}/{name}: `{}({})` cannot be deleted: `{name}` of `{}({})` refers to it",
            sets[1],
            sets[0],
            key(ids.0),
            sets[1],
            key(ids.1)
        )
    };
    let refused = world().change(&[Ask::Delete(GROUPS, key(10))]).unwrap_err();
    assert_eq!(refused, [referrer((10, 20), [GROUPS, MEMBERS], "Group")]);
    let refused = world().change(&[Ask::Delete(PERSONS, key(5))]).unwrap_err();
    assert_eq!(refused, [referrer((5, 1), [PERSONS, USERS], "Person")]);
}

#[test]
fn the_change_set_decides_as_a_whole() {
    let unlink = || Ask::Patch(USERS, key(1), json!({"Person": null}));
    let delete = || Ask::Delete(PERSONS, key(5));
    assert!(world().change(&[unlink(), delete()]).is_ok());
    assert!(world().change(&[delete(), unlink()]).is_ok());
    let both = [Ask::Delete(GROUPS, key(10)), Ask::Delete(USERS, key(1))];
    assert!(world().change(&both).is_ok());
    // The number of the request that deletes is told.
    let late = [
        Ask::Patch(USERS, key(1), json!({"Notes": "x"})),
        Ask::Delete(GROUPS, key(10)),
    ];
    let refused = world().change(&late).unwrap_err();
    assert!(refused[0].starts_with("1 StillReferenced"), "{refused:?}");
}

#[test]
fn nothing_new_points_at_what_goes() {
    let mut world = world();
    world.user(2, "bob");
    let bind = || {
        let body = json!({"Person@odata.bind": at(PERSONS, key(5))});
        Ask::Patch(USERS, key(2), body)
    };
    let gone = [
        Ask::Patch(USERS, key(1), json!({"Person": null})),
        Ask::Delete(PERSONS, key(5)),
        bind(),
    ];
    let refused = world.change(&gone).unwrap_err();
    assert!(
        refused[0].starts_with("2 UnknownReference Person:"),
        "{refused:?}"
    );
    let [unlink, delete, bind] = gone;
    let refused = world.change(&[unlink, bind, delete]).unwrap_err();
    assert!(refused[0].starts_with("2 StillReferenced"), "{refused:?}");
}

#[test]
fn twice_is_once_too_often() {
    let twice = [Ask::Delete(USERS, key(1)), Ask::Delete(USERS, key(1))];
    let refused = world().change(&twice).unwrap_err();
    assert!(refused[0].starts_with("1 NotFound -:"), "{refused:?}");
    let child = [Ask::Delete(MEMBERS, key(20)), Ask::Delete(USERS, key(1))];
    assert!(world().change(&child).is_ok());
    let refused = world().change(&[Ask::Delete(USERS, key(9))]).unwrap_err();
    assert!(refused[0].starts_with("0 NotFound -:"), "{refused:?}");
}

#[test]
fn what_is_made_and_deleted_leaves_nothing() {
    let body = json!({"Id": key(2).to_string(), "Login": "x", "Name": {"EN": "x"},
        "Groups": [{"Group@odata.bind": at(GROUPS, key(10))}]});
    let asks = [Ask::Post(USERS, body), Ask::Delete(USERS, key(2))];
    let set = world().change(&asks).unwrap();
    assert!(set.is_empty(), "{:?}", kinds(&set));
}
