//! How objects are found: actions, search keys, and their order.

use serde_json::{Value as Body, json};

use crate::change::testkit::{Ask, GROUPS, PERSONS, USERS, World, at, key, kinds, value};
use crate::value::Value;

/// Users ann (1), annabel (2), bob (3); bob has an id elsewhere.
fn world() -> World {
    let mut world = World::default();
    world.user(1, "ann");
    world.user(2, "annabel");
    world.user(3, "bob");
    for (id, name) in [(10, "Sales"), (11, "Sales West"), (12, "Other")] {
        world.group(id, name, "G");
        world.set(key(id), "ExternalId", Value::Text(format!("e{id}")));
        world.set(key(id), "ExternalSystem", Value::Text("crm".to_owned()));
    }
    world.seed(
        PERSONS,
        key(20),
        json!({"FirstName": {"EN": "Ann"}, "NationalNumber": "77"}),
    );
    world
}

/// Posts an object with an action; the key of what became of it.
fn post(set: &'static str, action: &str, mut body: Body) -> Result<Option<(u128, bool)>, String> {
    body["@erpnet.action"] = json!(action);
    let mut world = world();
    let done = world.change(&[Ask::Post(set, body)]);
    done.map_err(|faults| faults.concat())?;
    Ok(world.outcomes[0].map(|o| (o.id.as_u128(), o.created)))
}

#[test]
fn the_first_search_key_decides() {
    let (id, other) = (key(10).to_string(), key(12).to_string());
    for (keys, found) in [
        (json!({"ExternalId": "e11"}), Some(11)),
        (
            json!({"ExternalId": "e11", "ExternalSystem": "crm"}),
            Some(11),
        ),
        (json!({"ExternalId": "e11", "ExternalSystem": "hr"}), None),
        (
            json!({"ExternalId": "e11", "Id": id, "Name": "Other"}),
            Some(11),
        ),
        (json!({"Id": id, "Name": "Other"}), Some(10)),
        (json!({"Name": "OTHER", "DisplayText": "Sales"}), Some(12)),
        (json!({"Name": "sales w"}), Some(11)),
        (json!({"Name": "sales"}), Some(10)),
        (json!({"DisplayText": "Sales West"}), Some(11)),
        (json!({"DisplayText": "Sales We"}), None),
        (json!({"Id": other}), Some(12)),
    ] {
        let got = post(GROUPS, "findOrNull", json!({"@erpnet.findBy": keys})).unwrap();
        assert_eq!(got, found.map(|id| (id, false)), "{keys}");
    }
    let code = json!({"@erpnet.findBy": {"Code": "BOB", "Name": "ann"}});
    assert_eq!(post(USERS, "find", code), Ok(Some((3, false))));
    for (set, keys, expected) in [
        (
            GROUPS,
            json!({"Code": "x"}),
            "objects of `Systems_Security_Groups` cannot be found by `Code`",
        ),
        (
            USERS,
            json!({"ExternalId": "x"}),
            "objects of `Systems_Security_Users` cannot be found by `ExternalId`",
        ),
        (
            USERS,
            json!({"ExternalSystem": "x"}),
            "`@erpnet.findBy` names nothing to find by",
        ),
        (
            USERS,
            json!({}),
            "`@erpnet.findBy` names nothing to find by",
        ),
    ] {
        let refused = post(set, "find", json!({"@erpnet.findBy": keys})).unwrap_err();
        assert_eq!(
            refused,
            format!("0 InvalidPayload @erpnet.findBy: {expected}")
        );
    }
}

#[test]
fn actions_find_or_not() {
    let (bob, nobody) = (
        json!({"Login": "bob"}),
        json!({"Login": "nobody", "Name": {"EN": "N"}}),
    );
    let missing = || Err("0 NotFound -: no object of `Systems_Security_Users` fits".to_owned());
    for action in [
        "find",
        "findOrNull",
        "findOrCreate",
        "findSingle",
        "findSingleOrNull",
        "update",
        "merge",
    ] {
        assert_eq!(
            post(USERS, action, bob.clone()),
            Ok(Some((3, false))),
            "{action}"
        );
    }
    assert_eq!(post(USERS, "delete", bob), Ok(None));
    for (action, expected) in [
        ("find", missing()),
        ("findSingle", missing()),
        ("update", missing()),
        ("delete", missing()),
        ("findOrNull", Ok(None)),
        ("findSingleOrNull", Ok(None)),
    ] {
        assert_eq!(post(USERS, action, nobody.clone()), expected, "{action}");
    }
    for action in ["create", "merge", "findOrCreate"] {
        let made = post(USERS, action, nobody.clone());
        assert!(matches!(made, Ok(Some((_, true)))), "{action} {made:?}");
    }
}

#[test]
fn more_than_one_is_ambiguous_only_for_the_only_one() {
    let ann = json!({"@erpnet.findBy": {"Name": "ann"}});
    assert_eq!(post(USERS, "find", ann.clone()), Ok(Some((1, false))));
    for action in ["findSingle", "findSingleOrNull"] {
        assert_eq!(
            post(USERS, action, ann.clone()).unwrap_err(),
            "0 AmbiguousReference -: more than one object of `Systems_Security_Users` fits"
        );
    }
}

#[test]
fn finding_changes_nothing_and_merging_does() {
    let mut world = world();
    let body = |action: &str| json!({"@erpnet.action": action, "Login": "bob", "Notes": "new"});
    for (action, kind) in [
        ("find", "Nothing"),
        ("findOrCreate", "Nothing"),
        ("update", "Update"),
        ("merge", "Update"),
    ] {
        let set = world.change(&[Ask::Post(USERS, body(action))]).unwrap();
        assert_eq!(kinds(&set), [format!("{kind} {USERS} 3")], "{action}");
    }
}

#[test]
fn nested_objects_are_found_by_what_they_give() {
    let mut world = world();
    let patch = |person: Body| Ask::Patch(USERS, key(1), json!({ "Person": person }));
    for person in [
        json!({"NationalNumber": "77"}),
        json!({"PartyName": {"EN": "ann"}}),
        json!({"DisplayText": "Ann"}),
        json!({"@erpnet.findBy": {"Code": "77"}}),
        json!({"Id": key(20).to_string()}),
        json!({"@odata.id": at(PERSONS, key(20))}),
    ] {
        let set = world.change(&[patch(person.clone())]).unwrap();
        let is = value(&set, USERS, key(1), "Person");
        assert_eq!(is, key(20).to_string(), "{person}");
        assert!(kinds(&set).iter().all(|k| !k.starts_with("Create")));
    }
    assert_eq!(
        world
            .change(&[patch(json!({"NationalNumber": "78"}))])
            .err()
            .unwrap(),
        ["0 UnknownReference Person: no object of `General_Contacts_Persons` fits"]
    );
    // More than what finds it: it is merged.
    let merged = json!({"NationalNumber": "77", "Notes": "x"});
    let set = world.change(&[patch(merged)]).unwrap();
    assert_eq!(kinds(&set)[1], format!("Update {PERSONS} 14"));
    let new = json!({"NationalNumber": "78", "FirstName": {"EN": "Bo"}});
    let set = world.change(&[patch(new)]).unwrap();
    assert!(kinds(&set)[1].starts_with(&format!("Create {PERSONS}")));
    let null = json!({"NationalNumber": "78", "@erpnet.action": "findOrNull"});
    let set = world.change(&[patch(null)]).unwrap();
    assert_eq!(value(&set, USERS, key(1), "Person"), "-");
}

#[test]
fn objects_of_the_change_set_are_found_as_they_will_be() {
    let mut world = world();
    let find = |login: &str| Ask::Post(USERS, json!({"@erpnet.action": "find", "Login": login}));
    let rename = Ask::Patch(USERS, key(3), json!({"Login": "rob"}));
    assert!(world.change(&[rename.clone(), find("ROB")]).is_ok());
    assert!(world.change(&[rename, find("bob")]).is_err());
    assert!(
        world
            .change(&[Ask::Delete(USERS, key(3)), find("bob")])
            .is_err()
    );
    let new = json!({"Login": "zoe", "Name": {"EN": "Zoe"}});
    assert!(world.change(&[Ask::Post(USERS, new), find("zoe")]).is_ok());
}
