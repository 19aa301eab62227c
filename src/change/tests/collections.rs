//! Children: merged by key or by what makes them unique, new, changed, moved, let go.

use serde_json::{Value as Body, json};

use crate::change::testkit::{
    ALLOWED, Ask, GROUPS, MEMBERS, PERSONS, PROPERTIES, USERS, World, at, key, kinds, value,
};

/// Users 1 and 2, groups 10 to 12; user 1 is in 10 and 11 by memberships 20 and 21.
fn world() -> World {
    let mut world = World::default();
    world.user(1, "ann");
    world.user(2, "bob");
    for id in 10..13 {
        world.group(id, &format!("g{id}"), "G");
    }
    world.member(20, key(1), key(10));
    world.member(21, key(1), key(11));
    world
}

fn group(id: u128) -> Body {
    json!({"Group@odata.bind": at(GROUPS, key(id))})
}

fn patch(name: &str, body: &Body) -> Ask {
    Ask::Patch(USERS, key(1), json!({ name: body }))
}

#[test]
fn a_list_adds_and_keeps() {
    let mut world = world();
    let set = world.change(&[patch("Groups", &json!([group(10), group(12)]))]);
    assert_eq!(
        kinds(&set.unwrap()),
        [
            "Nothing Systems_Security_Users 1",
            "Nothing Systems_Security_UserGroups 14",
            "Create Systems_Security_UserGroups f0000001",
        ],
        "what is unique in its parent is found by that"
    );
}

#[test]
fn a_whole_list_takes_the_others_away() {
    let mut world = world();
    let body = json!({"Groups": [group(10), group(12)]});
    let set = world.change(&[Ask::Patch401(USERS, key(1), body.clone())]);
    let expected = [
        "Nothing Systems_Security_Users 1",
        "Nothing Systems_Security_UserGroups 14",
        "Create Systems_Security_UserGroups f0000001",
        "Delete Systems_Security_UserGroups 15",
    ];
    assert_eq!(kinds(&set.unwrap()), expected);
    // One that an earlier request moved away is not there any more; one that it added is.
    let user = json!({"User@odata.bind": at(USERS, key(2))});
    let mut added = group(12);
    added["User@odata.bind"] = json!(at(USERS, key(1)));
    added["Id"] = json!(key(30).to_string());
    let asks = [
        Ask::Patch(MEMBERS, key(21), user),
        Ask::Post(MEMBERS, added),
        Ask::Patch401(USERS, key(1), json!({"Groups": []})),
    ];
    let set = world.change(&asks).unwrap();
    assert_eq!(value(&set, MEMBERS, key(21), "User"), key(2).to_string());
    let gone: Vec<_> = set.objects().iter().filter(|o| o.after.is_none()).collect();
    assert_eq!(
        gone.iter().map(|o| o.id).collect::<Vec<_>>(),
        [key(30), key(20)]
    );
}

#[test]
fn children_are_changed_by_their_key() {
    let mut world = world();
    let mut child = group(12);
    child["Id"] = json!(key(20).to_string());
    let set = world.change(&[patch("Groups", &json!([child]))]).unwrap();
    assert_eq!(kinds(&set)[1], "Update Systems_Security_UserGroups 14");
    assert_eq!(value(&set, MEMBERS, key(20), "Group"), key(12).to_string());
    let gone = json!([{"Id": key(99).to_string()}]);
    assert_eq!(
        world.change(&[patch("Groups", &gone)]).err().unwrap(),
        ["0 UnknownReference Groups/0: no object of `Systems_Security_UserGroups` fits"],
        "only a key: it finds"
    );
    let mut new = group(12);
    new["Id"] = json!(key(99).to_string());
    let set = world.change(&[patch("Groups", &json!([new]))]).unwrap();
    assert_eq!(kinds(&set)[1], "Create Systems_Security_UserGroups 63");
}

#[test]
fn children_without_a_unique_key_are_found_by_code_or_name() {
    let mut world = World::default();
    let value = |code: &str, text: &str| json!({"PropertyAllowedValueField": code, "Description": {"EN": text}});
    for (id, code) in [(1, "X"), (2, "Y")] {
        let values = [value("red", "Red"), value("dark", "Dark red")];
        let body = json!({"Code": code, "Name": {"EN": code}, "EntityName": "E",
            "AllowedValues": values});
        world.seed(PROPERTIES, key(id), body);
    }
    let mut change = |child: Body| {
        let ask = Ask::Patch(PROPERTIES, key(2), json!({"AllowedValues": [child]}));
        let set = world.change(&[ask]);
        set.map(|set| kinds(&set)[1..].concat())
    };
    let first = 0xF000_0003_u128;
    for (child, expected) in [
        (
            json!({"PropertyAllowedValueField": "red"}),
            format!("Nothing {ALLOWED} {first:x}"),
        ),
        (
            json!({"PropertyAllowedValueField": "red", "Active": false}),
            format!("Update {ALLOWED} {first:x}"),
        ),
        (
            json!({"Description": {"EN": "dark"}}),
            format!("Nothing {ALLOWED} {:x}", first + 1),
        ),
        (
            json!({"PropertyAllowedValueField": "green", "Description": {"EN": "Red"}, "Active": true}),
            format!("Create {ALLOWED} f0000005"),
        ),
    ] {
        assert_eq!(change(child.clone()), Ok(expected), "{child}");
    }
    assert_eq!(
        change(json!({"PropertyAllowedValueField": "blue"})),
        Err(vec![format!(
            "0 UnknownReference AllowedValues/0: no object of `{ALLOWED}` fits"
        )])
    );
}

#[test]
fn a_child_of_another_moves() {
    let mut world = world();
    let body = json!({"Groups": [{"@odata.id": at(MEMBERS, key(20))}]});
    let set = world.change(&[Ask::Patch(USERS, key(2), body)]).unwrap();
    assert_eq!(
        kinds(&set),
        [
            "Nothing Systems_Security_Users 2",
            "Update Systems_Security_UserGroups 14",
            "Nothing Systems_Security_Users 1",
        ],
        "both aggregates are taken in: both versions rise"
    );
    assert_eq!(set.objects()[1].root, key(2));
    let body = json!({"Groups@odata.bind": [at(MEMBERS, key(20))]});
    let set = world.change(&[Ask::Patch(USERS, key(2), body)]).unwrap();
    assert_eq!(value(&set, MEMBERS, key(20), "User"), key(2).to_string());
}

#[test]
fn a_child_names_its_own_parent_only() {
    let mut world = world();
    let mut child = group(12);
    child["User@odata.bind"] = json!(at(USERS, key(1)));
    assert!(world.change(&[patch("Groups", &json!([child]))]).is_ok());
    let mut child = group(12);
    child["User@odata.bind"] = json!(at(USERS, key(2)));
    assert_eq!(
        world
            .change(&[patch("Groups", &json!([child]))])
            .err()
            .unwrap(),
        ["0 InvalidPayload Groups/0/User: `User` is the object around this one"]
    );
}

#[test]
fn deltas_add_change_and_take_away() {
    let mut world = world();
    let mut changed = group(12);
    changed["Id"] = json!(key(20).to_string());
    let delta = json!([
        {"@removed": {}, "@odata.id": at(MEMBERS, key(21))},
        changed,
    ]);
    let set = world.change(&[patch("Groups@delta", &delta)]).unwrap();
    assert_eq!(
        kinds(&set),
        [
            "Nothing Systems_Security_Users 1",
            "Delete Systems_Security_UserGroups 15",
            "Update Systems_Security_UserGroups 14",
        ]
    );
    let mut other = json!([{"@removed": {}, "@odata.id": at(MEMBERS, key(21))}]);
    let ask = Ask::Patch(USERS, key(2), json!({ "Groups@delta": other.take() }));
    assert_eq!(
        world.change(&[ask]).err().unwrap(),
        ["0 NotFound Groups/0: the object is not in `Groups`"]
    );
    let action = json!([{"Id": key(20).to_string(), "@erpnet.action": "delete"}]);
    let set = world.change(&[patch("Groups", &action)]).unwrap();
    assert_eq!(kinds(&set)[1], "Delete Systems_Security_UserGroups 14");
}

#[test]
fn stamps_and_composed_texts_follow() {
    let mut world = World::default();
    let body = json!({
        "FirstName": {"EN": "Ann", "BG": "Ан"}, "LastName": {"EN": "Lee"}, "NationalNumber": "77"
    });
    world.seed(PERSONS, key(1), body);
    let stored = world.memory.rows[&key(1)].clone();
    let is = |name| crate::change::testkit::shown(stored.entity, &stored.record, name);
    assert_eq!(is("PartyName"), r#"{"EN":"Ann Lee","BG":"Ан Lee"}"#);
    assert_eq!(is("PartyUniqueNumber"), "77");
    assert_eq!(is("PartyType"), "P");
    assert_eq!(is("PartyCode"), "00001");
    for name in [
        "CreationUser",
        "UpdateUser",
        "PartyCreationUser",
        "PartyUpdateUser",
    ] {
        assert_eq!(is(name), "author", "{name}");
    }
    for name in [
        "CreationTime",
        "UpdateTime",
        "PartyCreationTime",
        "PartyUpdateTime",
    ] {
        assert_eq!(
            is(name),
            crate::change::testkit::now().to_string(),
            "{name}"
        );
    }
    let text = |text: &str| crate::value::Value::Text(text.to_owned());
    world.set(key(1), "CreationUser", text("first"));
    world.set(key(1), "UpdateUser", text("first"));
    let patch = |body| Ask::Patch(PERSONS, key(1), body);
    let set = world
        .change(&[patch(json!({"MiddleName": {"DE": "M"}}))])
        .unwrap();
    let is = |name| value(&set, PERSONS, key(1), name);
    assert_eq!(is("CreationUser"), "first");
    assert_eq!(is("UpdateUser"), "author");
    assert_eq!(
        is("PartyName"),
        r#"{"EN":"Ann M Lee","BG":"Ан M Lee","DE":"Ann M Lee"}"#
    );
    let set = world.change(&[patch(json!({"FirstName": null, "LastName": null}))]);
    assert_eq!(
        set.err().unwrap(),
        [
            "0 ValueRequired FirstName: one of `FirstName`, `MiddleName`, `LastName` of `General_Contacts_Persons` is required"
        ]
    );
    // A name that was put together otherwise stays until a part changes.
    world.set(key(1), "PartyName", text(r#"{"EN":"Old"}"#));
    let set = world.change(&[patch(json!({"Notes": "x"}))]).unwrap();
    assert_eq!(value(&set, PERSONS, key(1), "PartyName"), r#"{"EN":"Old"}"#);
}
