//! Change tracking: S1-10 to S1-12.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use userdex::diag::Code;

use crate::support::server::{Kind, Server, USERS, key, link, options, settings, user};

crate::on_both!(
    a_change_leaves_its_rows,
    creations_and_deletions_leave_documents,
    children_belong_to_their_aggregate,
    numbers_rise_with_every_change,
    levels_outside_the_range_are_refused,
    large_values_are_kept_at_level_four,
    changes_by_rules_are_there_too,
    times_of_aggregates_follow,
    a_set_of_changes_is_one_row,
);

const SETS: &str = "Systems_Core_ObjectChangesets";
const CHANGES: &str = "Systems_Core_ObjectChanges";
const ATTRIBUTES: &str = "Systems_Core_AttributeChanges";

/// The newest set of changes.
fn newest(server: &Server) -> Value {
    server.rows(&format!("{SETS}?$orderby=ChangeNumber desc&$top=1"))[0].clone()
}

/// The changed objects of a set of changes.
fn objects(server: &Server, set: &Value) -> Vec<Value> {
    let id = set["Id"].as_str().unwrap();
    server.rows(&format!(
        "{CHANGES}?$filter=ObjectChangeset eq '{SETS}({id})'&$select=*,OldValuesJson"
    ))
}

/// The changed attributes of a changed object: name and new value, by rising name.
fn attributes(server: &Server, object: &Value) -> Vec<(String, Value)> {
    let id = object["Id"].as_str().unwrap();
    let rows = server.rows(&format!(
        "{ATTRIBUTES}?$filter=ObjectChange eq '{CHANGES}({id})'"
    ));
    let pair = |row: &Value| {
        (
            row["AttributeName"].as_str().unwrap().to_owned(),
            row["NewValue"].clone(),
        )
    };
    let mut found: Vec<_> = rows.iter().map(pair).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// The document of a creation.
fn document(object: &Value) -> Value {
    let bytes = URL_SAFE_NO_PAD
        .decode(object["ChangesJsonCompressed"].as_str().unwrap())
        .unwrap();
    let mut text = String::new();
    flate2::read::ZlibDecoder::new(&bytes[..])
        .read_to_string(&mut text)
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

/// S1-10
fn a_change_leaves_its_rows(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"Notes": "before"}));
    let (sets, changes) = (server.count(SETS), server.count(CHANGES));
    server
        .patch(&ann, &json!({"Notes": "after", "Active": true}))
        .header("User-Agent", "tests/1")
        .expect(204);
    assert_eq!(
        (server.count(SETS), server.count(CHANGES)),
        (sets + 1, changes + 1)
    );
    let set = newest(&server);
    assert_eq!(set["ApplicationName"], "tests/1");
    assert_eq!(set["ServerVersion"], env!("CARGO_PKG_VERSION"));
    assert!(set["TimeUtc"].as_str().unwrap().ends_with('Z'));
    let objects = objects(&server, &set);
    let object = &objects[0];
    assert_eq!(object["ChangeType"], "Update");
    assert_eq!(object["RepositoryName"], "Systems.Security.Users");
    assert_eq!(object["EntityItemId"], *key(&ann));
    assert_eq!(
        attributes(&server, object),
        [("Notes".to_owned(), json!("after"))]
    );
    let old: Value = serde_json::from_str(object["OldValuesJson"].as_str().unwrap()).unwrap();
    assert_eq!(old, json!({"Notes": "before"}));
    // Each kind of value as text, a reference as a key.
    let person = server.create(
        "General_Contacts_Persons",
        &json!({"FirstName": {"EN": "P"}}),
    );
    let change = json!({"Active": false, "AccessFailedCount": 3, "UserType": "SystemUserNoLogin",
                        "LockoutEndUtc": "2026-01-02T03:04:05.678Z", "Notes": null,
                        "Name": {"BG": "Ан"}, "Person": link(&person)});
    server.change(&ann, &change);
    let all = attributes(&server, &self::objects(&server, &newest(&server))[0]);
    let value = |name: &str| all.iter().find(|(n, _)| n == name).unwrap().1.clone();
    assert_eq!(all.len(), 7, "{all:?}");
    assert_eq!(value("Active"), "false");
    assert_eq!(value("AccessFailedCount"), "3");
    assert_eq!(value("UserType"), "SystemUserNoLogin");
    assert_eq!(value("LockoutEndUtc"), "2026-01-02T03:04:05.678Z");
    assert_eq!(value("Notes"), Value::Null);
    assert_eq!(value("Person"), *key(&person));
    let name: Value = serde_json::from_str(value("Name").as_str().unwrap()).unwrap();
    assert_eq!(name, json!({"EN": "ann", "BG": "Ан"}));
}

fn creations_and_deletions_leave_documents(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"Notes": "n"}));
    let created = &objects(&server, &newest(&server))[0];
    assert_eq!(created["ChangeType"], "Create");
    let whole = document(created);
    assert_eq!(whole["Login"], "ann");
    assert_eq!(whole["Name"], json!({"EN": "ann"}));
    assert_eq!(
        (&whole["Active"], &whole["Notes"]),
        (&json!(true), &json!("n"))
    );
    assert!(whole.get("Email").is_none() && whole.get("Password").is_none());
    assert!(attributes(&server, created).is_empty());
    server.delete(&ann).expect(204);
    let deleted = &objects(&server, &newest(&server))[0];
    assert_eq!(deleted["ChangeType"], "Delete");
    let old: Value = serde_json::from_str(deleted["OldValuesJson"].as_str().unwrap()).unwrap();
    assert_eq!((&old["Login"], &old["Notes"]), (&json!("ann"), &json!("n")));
}

/// S1-12
fn children_belong_to_their_aggregate(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let body = json!({"Group": link(&server.group("G")), "User": link(&ann)});
    let version = || {
        let row = server.get(&format!("{ann}?$select=ObjectVersion"));
        row["ObjectVersion"].as_i64().unwrap()
    };
    let before = version();
    let row = server.create("Systems_Security_UserGroups", &body);
    assert!(version() > before);
    let objects = objects(&server, &newest(&server));
    let child = objects
        .iter()
        .find(|o| o["RepositoryName"] == "Systems.Security.UserGroups");
    let child = child.unwrap_or_else(|| panic!("{objects:?}"));
    let root = child["RootObject"]["@odata.id"].as_str().unwrap();
    assert!(root.contains(key(&ann)), "{root}");
    // The user itself was not changed: nothing is told of it.
    let untold = !objects
        .iter()
        .any(|o| o["RepositoryName"] == "Systems.Security.Users");
    assert!(untold, "{objects:?}");
    let before = version();
    server.delete(&row).expect(204);
    assert!(version() > before);
    let moved = server.create("Systems_Security_UserGroups", &body);
    let bob = server.user("bob");
    let before = version();
    server.change(&moved, &json!({"User": link(&bob)}));
    assert!(version() > before, "the aggregate that lost a child");
    let other = server.get(&format!("{bob}?$select=ObjectVersion"))["ObjectVersion"].clone();
    assert_eq!(other, 2);
}

fn numbers_rise_with_every_change(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (server, ann) = (&server, &ann);
            scope.spawn(move || {
                for number in 0..5 {
                    server.user(&format!("u{thread}{number}"));
                    server.change(ann, &json!({"Notes": format!("{thread}{number}")}));
                    server
                        .post(USERS, &user("ann"))
                        .refused(409, "NotUnique", "Login");
                }
            });
        }
    });
    let rows = server.rows(&format!("{SETS}?$orderby=ChangeNumber"));
    let numbers: Vec<_> = rows
        .iter()
        .map(|row| row["ChangeNumber"].as_i64().unwrap())
        .collect();
    let expected: Vec<i64> = (1..=41).collect();
    assert_eq!(numbers, expected);
    let version = server.get(&format!("{ann}?$select=ObjectVersion"))["ObjectVersion"].clone();
    assert_eq!(version, 21);
}

/// S1-10, S1-11
fn levels_outside_the_range_are_refused(kind: Kind) {
    for (repository, level, good) in [
        ("Systems.Security.Users", 2, false),
        ("Systems.Security.Users", 3, true),
        ("Systems.Security.Users", 4, true),
        ("Systems.Security.Users", 5, false),
        ("Systems.Security.UserProviderLogins", 1, true),
        ("General.Contacts.Parties", 3, false),
        ("Systems.Core.ObjectChanges", 1, false),
        ("Systems.Security.Nothing", 3, false),
    ] {
        let mut settings = settings();
        settings.writes.track.insert(repository.to_owned(), level);
        match kind.start(settings, options()) {
            Ok(_) => assert!(good, "{repository} {level}"),
            Err(problem) => {
                assert!(!good, "{repository} {level}: {problem:?}");
                assert_eq!(problem.code(), Code::ConfigurationFault);
                assert_eq!(problem.target(), Some(&*format!("track.{repository}")));
            }
        }
    }
}

/// S1-11
fn large_values_are_kept_at_level_four(kind: Kind) {
    let groups = "Systems_Security_Groups";
    for (level, kept) in [(3, false), (4, true)] {
        let mut settings = settings();
        let repository = "Systems.Security.Groups".to_owned();
        settings.writes.track.insert(repository, level);
        let server = kind.server_with(settings);
        let large = "large".repeat(1000);
        let body = json!({"Name": {"EN": "g"}, "AdditionalDataJson": large});
        let group = server.create(groups, &body);
        let whole = document(&objects(&server, &newest(&server))[0]);
        assert_eq!(whole.get("AdditionalDataJson").is_some(), kept, "{level}");
        server.change(
            &group,
            &json!({"AdditionalDataJson": "other", "Notes": "n"}),
        );
        let object = &objects(&server, &newest(&server))[0];
        let value = if kept { json!("other") } else { Value::Null };
        let expected = [
            ("AdditionalDataJson".to_owned(), value),
            ("Notes".to_owned(), json!("n")),
        ];
        assert_eq!(attributes(&server, object), expected, "{level}");
        let old = object["OldValuesJson"].as_str().unwrap();
        assert_eq!(old.contains("large"), kept, "{level}");
    }
    // Below level 2, only version and time of the object move.
    let server = kind.server();
    let before = server.count(SETS);
    let domain = server.create("Systems_Security_Domains", &json!({"Name": "d"}));
    server.change(&domain, &json!({"Name": "e"}));
    assert_eq!(server.count(SETS), before);
}

fn changes_by_rules_are_there_too(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"Email": "a@x.example"}));
    server
        .ask("POST", &format!("{ann}/Ext.ConfirmEmail"))
        .expect(204);
    let confirmed = attributes(&server, &objects(&server, &newest(&server))[0]);
    assert_eq!(confirmed, [("EmailConfirmed".to_owned(), json!("true"))]);
    server.change(&ann, &json!({"Email": "b@x.example"}));
    let reset = attributes(&server, &objects(&server, &newest(&server))[0]);
    let expected = [
        ("Email".to_owned(), json!("b@x.example")),
        ("EmailConfirmed".to_owned(), json!("false")),
    ];
    assert_eq!(reset, expected);
}

fn times_of_aggregates_follow(kind: Kind) {
    let server = kind.server();
    let groups = "Systems_Security_Groups";
    let first = server.create(groups, &json!({"Name": {"EN": "first"}}));
    let second = server.create(groups, &json!({"Name": {"EN": "second"}}));
    let time = |address: &str| {
        let row = server.get(&format!("{address}?$select=AggregateLastUpdateTimeUtc"));
        row["AggregateLastUpdateTimeUtc"]
            .as_str()
            .map(str::to_owned)
    };
    let created = time(&second).unwrap();
    next_millisecond();
    server.change(&first, &json!({"Notes": "x"}));
    let changed = time(&first).unwrap();
    assert!(changed > created, "{changed} {created}");
    let filter = format!("{groups}?$filter=AggregateLastUpdateTimeUtc ge {changed}");
    let rows = server.rows(&filter);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["Id"], *key(&first));
    // A child moves the time of its aggregate.
    next_millisecond();
    let payloads = crate::support::payloads::Payloads::new(&server);
    let key_of_access = server.model.set("Systems_Security_AccessKeys").unwrap();
    let access = payloads.create(key_of_access).unwrap();
    let child = json!({"AccessKey": link(&access), "CanUpdate": true, "CanDelete": false,
                       "CanRead": true, "CanCreate": true});
    let child = keep_known(&server, "Systems_Security_GroupAccessKeys", child);
    server
        .post(&format!("{second}/AccessKeys"), &child)
        .expect(201);
    assert!(time(&second).unwrap() > changed);
    // A change of nothing moves nothing.
    let still = time(&first);
    server.change(&first, &json!({"Notes": "x"}));
    assert_eq!(time(&first), still);
}

/// Times are kept to the millisecond.
fn next_millisecond() {
    let start = std::time::Instant::now();
    while start.elapsed().as_millis() < 2 {
        std::thread::yield_now();
    }
}

/// The members that an entity has.
fn keep_known(server: &Server, set: &str, mut body: Value) -> Value {
    let entity = server.model.entity(server.model.set(set).unwrap());
    body.as_object_mut()
        .unwrap()
        .retain(|name, _| entity.property(name).is_some());
    body
}

fn a_set_of_changes_is_one_row(kind: Kind) {
    let server = kind.server();
    let group = server.group("G");
    let request = |id: &str, login: &str| {
        json!({"id": id, "atomicityGroup": "g", "method": "POST", "url": USERS,
               "body": {"Login": login, "Name": {"EN": login}, "UserType": "VirtualUserNoLogin",
                        "Groups": [{"Group": link(&group)}]}})
    };
    let batch = json!({"requests": [request("1", "a"), request("2", "b")]});
    let answer = server.post("$batch", &batch).expect(200).json();
    assert_eq!(answer["responses"][1]["status"], 201, "{answer}");
    assert_eq!(server.count(SETS), 1);
    assert_eq!(objects(&server, &newest(&server)).len(), 4);
}
