//! What is kept of changes, level by level.

use std::io::Read as _;

use serde_json::{Value as Body, json};
use uuid::Uuid;

use crate::change::testkit::{
    ALLOWED, Ask, GROUPS, PERSONS, PROPERTIES, USERS, World, at, author, key, model, now, shown,
};
use crate::change::{Record, history, is_kept};
use crate::model::EntityId;
use crate::value::Value;

const CHANGES: &str = "Systems_Core_ObjectChanges";
const ATTRIBUTES: &str = "Systems_Core_AttributeChanges";

/// The history of one transaction at a level.
fn kept(world: &mut World, asks: &[Ask], level: u8) -> Vec<(EntityId, Record)> {
    let set = world.change(asks).unwrap();
    let mut number = 0;
    let mut ids = || {
        number += 1;
        key(0xD000_0000 + number)
    };
    history(&set, &|_| level, &author(), 42, &mut ids).unwrap()
}

/// Rows of an entity, some of their properties.
fn rows<const N: usize>(
    all: &[(EntityId, Record)],
    set: &str,
    names: [&str; N],
) -> Vec<[String; N]> {
    let mine = all.iter().filter(|(e, _)| model().entity(*e).set == set);
    mine.map(|(e, record)| names.map(|name| shown(*e, record, name)))
        .collect()
}

fn document(all: &[(EntityId, Record)]) -> Body {
    let entity = model().set(CHANGES).unwrap();
    let crate::model::PropertyId::Attribute(id) = model()
        .entity(entity)
        .property("ChangesJsonCompressed")
        .unwrap()
    else {
        panic!();
    };
    let mut mine = all.iter().filter(|(e, _)| *e == entity);
    let Value::Binary(bytes) = mine.next().unwrap().1.value(id) else {
        panic!("no document");
    };
    let mut text = String::new();
    let mut decoder = flate2::read::ZlibDecoder::new(bytes.as_slice());
    decoder.read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// User 1 with a password, in group 10 by membership 20.
fn world() -> World {
    let mut world = World::default();
    world.user(1, "ann");
    world.group(10, "Sales", "G");
    world.member(20, key(1), key(10));
    world
}

fn patch(body: Body) -> [Ask; 1] {
    [Ask::Patch(USERS, key(1), body)]
}

fn of(id: Uuid) -> String {
    id.to_string()
}

#[test]
fn a_set_tells_who_when_and_with_what() {
    let all = kept(&mut world(), &patch(json!({"Notes": "x"})), 3);
    let names = [
        "TimeUtc",
        "User",
        "ApplicationName",
        "ChangeNumber",
        "ServerVersion",
    ];
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let expected = [
        now().to_string(),
        of(key(0xA)),
        "tests".to_owned(),
        "42".to_owned(),
        version,
    ];
    assert_eq!(
        rows(&all, "Systems_Core_ObjectChangesets", names),
        [expected]
    );
}

#[test]
fn a_change_by_level() {
    let body = json!({"Notes": "x", "UserType": "VirtualUserNoLogin", "AccessFailedCount": 3,
        "Name": {"BG": "Ан"}, "@ext.passwordHash": {"hash": "OTHER", "format": "MD5"}});
    let mut hashed = world();
    hashed.set(key(1), "Password", Value::Text("OLD".to_owned()));
    let names = [
        "ChangeType",
        "EntityItemId",
        "RepositoryName",
        "RootObject",
        "OldValuesJson",
    ];
    for level in [2, 3, 4] {
        let all = kept(&mut hashed, &patch(body.clone()), level);
        let old = if level == 2 {
            "-"
        } else {
            r#"{"AccessFailedCount":0,"Name":{"EN":"ann"},"Notes":null,"UserType":"InternalUser"}"#
        };
        let row = ["U", &of(key(1)), "Systems.Security.Users", &of(key(1)), old].map(str::to_owned);
        assert_eq!(rows(&all, CHANGES, names), [row], "{level}");
        let changed = rows(&all, ATTRIBUTES, ["AttributeName", "NewValue"]);
        let expected = [
            ["AccessFailedCount", "3"],
            ["Name", r#"{"EN":"ann","BG":"Ан"}"#],
            ["Notes", "x"],
            ["Password", "-"],
            ["UserType", "VirtualUserNoLogin"],
        ];
        let expected = if level == 2 { &[][..] } else { &expected };
        assert_eq!(changed, expected, "{level}");
        let shown = format!("{all:?}");
        assert!(!shown.contains("HASH") && !shown.contains("OLD"), "{level}");
    }
}

#[test]
fn a_creation_is_one_document_without_secrets() {
    let body = json!({"Id": of(key(9)), "Login": "new", "Name": {"EN": "N"},
        "@ext.initialPassword": "x"});
    let all = kept(&mut world(), &[Ask::Post(USERS, body)], 3);
    assert_eq!(rows(&all, CHANGES, ["ChangeType"]), [["C"]]);
    assert!(rows(&all, ATTRIBUTES, ["NewValue"]).is_empty());
    let document = document(&all);
    assert_eq!(document["Login"], "new");
    assert_eq!(document["Name"], json!({"EN": "N"}));
    assert_eq!(document["UserType"], "InternalUser");
    assert_eq!(document["Active"], true);
    assert_eq!(document.get("Password"), None);
    assert_eq!(document.get("Email"), None, "nulls are left out");
}

#[test]
fn a_deletion_keeps_the_old_values_of_the_whole_aggregate() {
    let all = kept(&mut world(), &[Ask::Delete(USERS, key(1))], 3);
    let found = rows(&all, CHANGES, ["ChangeType", "EntityItemId", "RootObject"]);
    let row = |id| ["D".to_owned(), of(id), of(key(1))];
    assert_eq!(found, [row(key(1)), row(key(20))]);
    let old = rows(&all, CHANGES, ["OldValuesJson"]);
    assert!(old[0][0].contains("\"Login\":\"ann\"") && !old[0][0].contains("HASH"));
    let member: Body = serde_json::from_str(&old[1][0]).unwrap();
    assert_eq!(member["User"], of(key(1)));
    assert_eq!(member["Group"], of(key(10)));
    let all = kept(&mut world(), &[Ask::Delete(USERS, key(1))], 2);
    assert_eq!(rows(&all, CHANGES, ["OldValuesJson"]), [["-"], ["-"]]);
}

#[test]
fn references_are_kept_by_key() {
    let mut world = world();
    world.seed(PERSONS, key(5), json!({"FirstName": {"EN": "Ann"}}));
    let body = json!({"Person@odata.bind": at(PERSONS, key(5))});
    let all = kept(&mut world, &patch(body), 3);
    let changed = rows(&all, ATTRIBUTES, ["AttributeName", "NewValue"]);
    assert_eq!(changed, [["Person".to_owned(), of(key(5))]]);
    assert_eq!(
        rows(&all, CHANGES, ["OldValuesJson"]),
        [[r#"{"Person":null}"#]]
    );
}

#[test]
fn large_values_are_kept_at_level_four_only() {
    let mut world = World::default();
    world.seed(
        PROPERTIES,
        key(1),
        json!({"Name": {"EN": "P"}, "EntityName": "X"}),
    );
    let body = json!({"Property@odata.bind": at(PROPERTIES, key(1)),
        "PropertyAllowedValueField": "v", "Picture": "AAAA", "LongDescription": "old"});
    world.seed(ALLOWED, key(2), body.clone());
    let change = json!({"Picture": "AAEC", "LongDescription": "new", "Description": {"EN": "d"}});
    for (level, expected, old) in [
        (
            3,
            [
                ["Description", r#"{"EN":"d"}"#],
                ["LongDescription", "-"],
                ["Picture", "-"],
            ],
            r#"{"Description":null}"#,
        ),
        (
            4,
            [
                ["Description", r#"{"EN":"d"}"#],
                ["LongDescription", "new"],
                ["Picture", "AAEC"],
            ],
            r#"{"Description":null,"LongDescription":"old","Picture":"AAAA"}"#,
        ),
    ] {
        let ask = Ask::Patch(ALLOWED, key(2), change.clone());
        let all = kept(&mut world, &[ask], level);
        assert_eq!(
            rows(&all, ATTRIBUTES, ["AttributeName", "NewValue"]),
            expected
        );
        assert_eq!(rows(&all, CHANGES, ["OldValuesJson"]), [[old]]);
        let all = kept(&mut world, &[Ask::Post(ALLOWED, body.clone())], level);
        let document = document(&all);
        assert_eq!(document.get("Picture").is_some(), level == 4);
        assert_eq!(document.get("LongDescription").is_some(), level == 4);
    }
}

#[test]
fn a_long_document_is_compressed() {
    let mut world = World::default();
    let body = json!({"Name": {"EN": "P"}, "EntityName": "X", "Notes": "ж".repeat(5000)});
    let all = kept(&mut world, &[Ask::Post(PROPERTIES, body)], 4);
    assert_eq!(document(&all)["Notes"], "ж".repeat(5000));
    let [[size]] = rows(&all, CHANGES, ["ChangesJsonCompressed"])
        .try_into()
        .unwrap();
    let size: usize = size.split(' ').next().unwrap().parse().unwrap();
    assert!(size < 1000, "{size}");
}

#[test]
fn nothing_is_kept_of_what_is_not_tracked_or_does_not_change() {
    let mut world = world();
    let set = world.change(&patch(json!({"Notes": "x"}))).unwrap();
    assert!(is_kept(&set, &|_| 2));
    assert!(!is_kept(&set, &|_| 1));
    let set = world.change(&patch(json!({"Login": "ann"}))).unwrap();
    assert!(!is_kept(&set, &|_| 4));
    // A child changes: the root is only taken along, and is not told of.
    let all = kept(
        &mut world,
        &[Ask::Delete("Systems_Security_UserGroups", key(20))],
        4,
    );
    assert_eq!(
        rows(&all, CHANGES, ["RepositoryName", "RootObject"]),
        [["Systems.Security.UserGroups".to_owned(), of(key(1))]]
    );
    // Each entity has its own level.
    let users = model().set(USERS);
    let set = world.change(&[
        Ask::Patch(USERS, key(1), json!({"Notes": "x"})),
        Ask::Patch(GROUPS, key(10), json!({"Notes": "x"})),
    ]);
    let levels = |e| if Some(e) == users { 3 } else { 1 };
    let mut number = 0;
    let mut ids = || {
        number += 1;
        key(number)
    };
    let all = history(&set.unwrap(), &levels, &author(), 1, &mut ids).unwrap();
    assert_eq!(
        rows(&all, CHANGES, ["RepositoryName"]),
        [["Systems.Security.Users"]]
    );
}
