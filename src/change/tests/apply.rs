//! New and changed objects: defaults, languages, deep inserts, versions, replacing.

use serde_json::json;

use super::with;
use crate::change::testkit::{
    ALLOWED, Ask, GROUPS, MEMBERS, PERSONS, PROPERTIES, USERS, World, at, entity, key, kinds, now,
    value,
};

fn minimal() -> serde_json::Value {
    json!({"Id": key(1).to_string(), "Login": "ann", "Name": {"EN": "Ann"}})
}

#[test]
fn silence_means_the_defaults() {
    let mut world = World::default();
    let set = world.change(&[Ask::Post(USERS, minimal())]).unwrap();
    let time = now().to_string();
    for (name, expected) in [
        ("Id", key(1).to_string().as_str()),
        ("Active", "true"),
        ("IsAdmin", "false"),
        ("AccessFailedCount", "0"),
        ("UserType", "INT"),
        ("PasswordFormat", "MD5"),
        ("Password", "-"),
        ("CreationTimeUtc", time.as_str()),
        ("Email", "-"),
        ("Person", "-"),
    ] {
        assert_eq!(value(&set, USERS, key(1), name), expected, "{name}");
    }
    let outcome = world.outcomes[0].unwrap();
    assert_eq!(
        (outcome.entity, outcome.id, outcome.created),
        (entity(USERS), key(1), true)
    );
}

#[test]
fn codes_count_up_and_leave_out_used_ones() {
    let mut world = World::default();
    let body = |code: Option<&str>| {
        let body = json!({"Name": {"EN": "P"}, "EntityName": "X"});
        match code {
            Some(code) => with(body, "Code", json!(code)),
            None => body,
        }
    };
    world.seed(PROPERTIES, key(1), body(Some("00003")));
    world.memory.counters.clear();
    for (id, code) in [(2, "00002"), (3, "00004"), (4, "00005")] {
        world.seed(PROPERTIES, key(id), body(None));
        let stored = &world.memory.rows[&key(id)];
        let is = crate::change::testkit::shown(stored.entity, &stored.record, "Code");
        assert_eq!(is, code);
    }
}

#[test]
fn required_values_are_wanted_at_their_places() {
    let mut world = World::default();
    let body =
        json!({"Name": {"EN": null}, "Groups": [{}], "ProviderLogins": [{"ProviderKey": "k"}]});
    let faults = world.change(&[Ask::Post(USERS, body)]).unwrap_err();
    assert_eq!(
        faults,
        [
            "0 ValueRequired Login: `Login` of `Systems_Security_Users` is required",
            "0 ValueRequired Name: `Name` of `Systems_Security_Users` is required",
            "0 ValueRequired Groups/0/Group: `Group` of `Systems_Security_UserGroups` is required",
            "0 ValueRequired ProviderLogins/0/ProviderName: `ProviderName` of `Systems_Security_UserProviderLogins` is required",
        ]
    );
    let body = json!({"Group@odata.bind": at(GROUPS, key(9))});
    let faults = world.change(&[Ask::Post(MEMBERS, body)]).unwrap_err();
    assert_eq!(
        faults,
        [
            "0 UnknownReference Group: there is no `Systems_Security_Groups(00000000-0000-0000-0000-000000000009)`"
        ]
    );
    world.user(1, "ann");
    for name in ["Login", "Name", "Active"] {
        let ask = Ask::Patch(USERS, key(1), json!({ name: null }));
        let faults = world.change(&[ask]).unwrap_err();
        assert!(faults[0].starts_with(&format!("0 ValueRequired {name}:")));
    }
}

#[test]
fn an_old_gap_does_not_stop_another_change() {
    let mut world = World::default();
    world.user(1, "ann");
    world.set(key(1), "Name", crate::value::Value::Null);
    let ask = Ask::Patch(USERS, key(1), json!({"Notes": "x"}));
    assert!(world.change(&[ask]).is_ok());
}

#[test]
fn languages_are_merged_or_replaced() {
    let mut world = World::default();
    world.user(1, "ann");
    let ask = |name| Ask::Patch(USERS, key(1), json!({ "Name": name }));
    let name = |set: &_| value(set, USERS, key(1), "Name");
    for (given, expected) in [
        (json!({"bg": "Ан"}), r#"{"EN":"ann","BG":"Ан"}"#),
        (json!({"en": "Ann"}), r#"{"EN":"Ann"}"#),
        (json!({"EN": null, "BG": "Ан"}), r#"{"BG":"Ан"}"#),
        (json!({}), r#"{"EN":"ann"}"#),
    ] {
        let set = world.change(&[ask(given.clone())]).unwrap();
        assert_eq!(name(&set), expected, "{given}");
    }
    let asks = [ask(json!({"BG": "Ан"})), ask(json!({"DE": "Anne"}))];
    let set = world.change(&asks).unwrap();
    assert_eq!(name(&set), r#"{"EN":"ann","BG":"Ан","DE":"Anne"}"#);
    let put = json!({"Login": "ann", "Name": {"BG": "Ан"}});
    let set = world.change(&[Ask::Put(USERS, key(1), put)]).unwrap();
    assert_eq!(name(&set), r#"{"BG":"Ан"}"#);
}

#[test]
fn replacing_gives_defaults_to_what_is_not_given() {
    let mut world = World::default();
    let body = json!({"Login": "ann", "Name": {"EN": "Ann"}, "Notes": "n", "IsAdmin": true,
        "Active": false, "@ext.initialPassword": "x", "Groups": []});
    world.seed(USERS, key(1), body);
    let put = json!({"Login": "bob", "Name": {"EN": "Bob"}});
    let set = world.change(&[Ask::Put(USERS, key(1), put)]).unwrap();
    for (name, expected) in [
        ("Login", "bob"),
        ("Notes", "-"),
        ("IsAdmin", "false"),
        ("Active", "true"),
        ("Password", "HASH"),
    ] {
        assert_eq!(value(&set, USERS, key(1), name), expected, "{name}");
    }
    let put = json!({"Name": {"EN": "Bob"}});
    let faults = world.change(&[Ask::Put(USERS, key(1), put)]).unwrap_err();
    assert_eq!(
        faults,
        ["0 ValueRequired Login: `Login` of `Systems_Security_Users` is required"]
    );
}

#[test]
fn a_deep_insert_makes_children_and_what_they_refer_to() {
    let mut world = World::default();
    let body = with(
        minimal(),
        "Groups",
        json!([{"Group": {"Name": {"EN": "New"}, "Notes": "n"}}]),
    );
    let body = with(body, "Person", json!({"FirstName": {"EN": "Ann"}}));
    let set = world.change(&[Ask::Post(USERS, body)]).unwrap();
    let mut made = kinds(&set);
    made.iter_mut().for_each(|line| {
        line.truncate(line.rfind(' ').unwrap());
    });
    assert_eq!(
        made,
        [
            "Create Systems_Security_Users",
            "Create General_Contacts_Persons",
            "Create Systems_Security_UserGroups",
            "Create Systems_Security_Groups",
        ]
    );
    let [user, person, member, group] = set.objects() else {
        panic!();
    };
    assert_eq!(value(&set, USERS, user.id, "Person"), person.id.to_string());
    assert_eq!(value(&set, MEMBERS, member.id, "User"), user.id.to_string());
    assert_eq!(
        value(&set, MEMBERS, member.id, "Group"),
        group.id.to_string()
    );
    assert_eq!((member.root, group.root), (user.id, group.id));
    assert_eq!(
        [&user.path, &person.path, &member.path, &group.path],
        ["", "Person", "Groups/0", "Groups/0/Group"]
    );
}

#[test]
fn a_reference_may_lead_to_what_an_earlier_request_made() {
    let mut world = World::default();
    world.group(5, "Sales", "G");
    let body = json!({"User@odata.bind": "$1", "Group@odata.bind": at(GROUPS, key(5))});
    let asks = [Ask::Post(USERS, minimal()), Ask::Post(MEMBERS, body)];
    let set = world.change(&asks).unwrap();
    assert_eq!(set.objects()[1].root, key(1));
    let mut late = asks;
    late.reverse();
    let faults = world.change(&late).unwrap_err();
    assert!(
        faults[0].starts_with("0 UnknownReference User:"),
        "{faults:?}"
    );
}

#[test]
fn keys_of_writers_are_kept_and_used_once() {
    let mut world = World::default();
    let asks = [Ask::Post(USERS, minimal()), Ask::Post(USERS, minimal())];
    assert_eq!(
        world.change(&asks).err().unwrap(),
        ["1 NotUnique Id: another `Systems_Security_Users` has this `Id`"]
    );
}

#[test]
fn the_version_must_be_the_stored_one() {
    let mut world = World::default();
    world.user(1, "ann");
    world.group(5, "Sales", "G");
    world.member(6, key(1), key(5));
    world.memory.rows.get_mut(&key(6)).unwrap().version = 4;
    let patch = |version: i64| json!({"ObjectVersion": version, "Notes": "x"});
    assert!(world.change(&[Ask::Patch(USERS, key(1), patch(1))]).is_ok());
    let refused = world.change(&[Ask::Patch(USERS, key(1), patch(2))]);
    assert_eq!(
        refused.err().unwrap(),
        ["0 PreconditionFailed ObjectVersion: the object has the version 1, not 2"]
    );
    let nested = json!({"Groups": [{"Id": key(6).to_string(), "ObjectVersion": 3,
        "Group@odata.bind": at(GROUPS, key(5))}]});
    let refused = world.change(&[Ask::Patch(USERS, key(1), nested)]);
    assert_eq!(
        refused.err().unwrap(),
        ["0 PreconditionFailed Groups/0/ObjectVersion: the object has the version 4, not 3"]
    );
    let new = with(minimal(), "ObjectVersion", json!(7));
    let new = with(new, "Id", json!(key(8).to_string()));
    assert!(world.change(&[Ask::Post(USERS, new)]).is_ok(), "a new one");
}

#[test]
fn nothing_is_changed_to_what_it_was() {
    let mut world = World::default();
    world.user(1, "ann");
    let same = json!({"Login": "ann", "Name": {"EN": "ann"}, "Notes": null});
    let set = world.change(&[Ask::Patch(USERS, key(1), same)]).unwrap();
    assert!(set.is_empty());
    assert_eq!(kinds(&set), ["Nothing Systems_Security_Users 1"]);
    let there = [
        Ask::Patch(USERS, key(1), json!({"Notes": "x"})),
        Ask::Patch(USERS, key(1), json!({"Notes": null})),
    ];
    assert!(world.change(&there).unwrap().is_empty(), "there and back");
}

#[test]
fn what_is_not_there_or_not_open_is_refused() {
    let mut world = World::default();
    let faults = world.change(&[Ask::Patch(USERS, key(1), json!({"Notes": "x"}))]);
    assert_eq!(
        faults.err().unwrap(),
        [
            "0 NotFound -: there is no `Systems_Security_Users(00000000-0000-0000-0000-000000000001)`"
        ]
    );
    let set = "Systems_Core_ObjectChangesets";
    let faults = world.change(&[Ask::Post(set, json!({"ServerVersion": "1"}))]);
    assert_eq!(
        faults.err().unwrap(),
        ["0 MethodNotAllowed -: `Systems_Core_ObjectChangesets` cannot be written"]
    );
    let faults = world.change(&[Ask::Post(PERSONS, json!({"@ext.initialPassword": "x"}))]);
    assert_eq!(
        faults.err().unwrap()[0],
        "0 UnknownAnnotation Password: objects of `General_Contacts_Persons` have no password"
    );
    let faults = world.change(&[Ask::Post(
        ALLOWED,
        json!({"PropertyAllowedValueField": "x"}),
    )]);
    assert_eq!(
        faults.err().unwrap(),
        [
            "0 ValueRequired Property: `Property` of `Systems_Bpm_CustomPropertyAllowedValues` is required"
        ]
    );
}
