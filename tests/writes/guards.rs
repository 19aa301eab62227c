//! What must not come about: shared keys, changes that stand in each other's way for ever, texts that
//! nobody can read; and who is told of a refusal.

use std::sync::Barrier;

use serde_json::{Value, json};

use crate::support::server::{Kind, Server, USERS, key, merged, user, virtual_user};

crate::on_both!(
    a_key_is_that_of_one_object,
    a_key_is_that_of_one_object_of_a_change_set,
    crosswise_change_sets_are_all_made,
    upserts_of_one_key_at_once,
    a_person_without_names_is_told_which,
    a_login_is_one_line,
    the_last_request_is_blamed,
);

const DOMAINS: &str = "Systems_Security_Domains";
const PARTIES: &str = "General_Contacts_Parties";
const PERSONS: &str = "General_Contacts_Persons";
const OBJECTS: &str = "Systems_Core_ExtensibleDataObjects";
const KEY: &str = "00000000-0000-4000-8000-00000000abcd";

/// A change set of JSON.
fn change_set(requests: &[(&str, &str, Value)]) -> Value {
    let requests = requests.iter().enumerate();
    let requests = requests.map(|(number, (method, url, body))| {
        let id = number.to_string();
        json!({"id": id, "atomicityGroup": "g", "method": method, "url": url, "body": body})
    });
    json!({ "requests": requests.collect::<Vec<_>>() })
}

/// The statuses of the answers to a change set.
fn statuses(server: &Server, requests: &[(&str, &str, Value)]) -> Vec<u64> {
    let answer = server.post("$batch", &change_set(requests)).expect(200);
    let answer = answer.json();
    let responses = answer["responses"].as_array().unwrap().iter();
    responses.map(|r| r["status"].as_u64().unwrap()).collect()
}

fn a_key_is_that_of_one_object(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({ "Id": KEY }));
    assert_eq!(key(&ann), KEY);
    let domain = json!({"Id": KEY, "Name": "d"});
    server
        .post(DOMAINS, &domain)
        .refused(409, "NotUnique", "Id");
    // By address too.
    let address = format!("{DOMAINS}({KEY})");
    for request in [
        server.put(&address, &json!({"Name": "d"})),
        server.patch(&address, &json!({"Name": "d"})),
    ] {
        request.refused(409, "NotUnique", "Id");
    }
    let person = json!({"Id": KEY, "FirstName": {"EN": "Ann"}});
    server
        .post(PERSONS, &person)
        .refused(409, "NotUnique", "Id");
    server
        .post(USERS, &merged(user("bob"), json!({ "Id": KEY })))
        .refused(409, "NotUnique", "Id");
    assert_eq!(
        server.rows(&format!("{OBJECTS}?$filter=Id eq {KEY}")).len(),
        1
    );
    // A person and its party are one object.
    let other = "00000000-0000-4000-8000-00000000abce";
    server.create(PERSONS, &json!({"Id": other, "FirstName": {"EN": "Ann"}}));
    server.get(&format!("{PARTIES}({other})"));
    // What goes frees its key.
    server.delete(&ann).expect(204);
    server.create(DOMAINS, &domain);
}

fn a_key_is_that_of_one_object_of_a_change_set(kind: Kind) {
    let server = kind.server();
    let both = [
        ("POST", USERS, merged(user("ann"), json!({ "Id": KEY }))),
        ("POST", DOMAINS, json!({"Id": KEY, "Name": "d"})),
    ];
    assert_eq!(statuses(&server, &both), [424, 409]);
    assert_eq!((server.count(USERS), server.count(DOMAINS)), (0, 0));
}

/// Many threads change the same two users in opposite order.
fn crosswise_change_sets_are_all_made(kind: Kind) {
    let server = kind.server();
    let pair = [server.user("ann"), server.user("bob")];
    let (threads, rounds) = (4, 6);
    let start = Barrier::new(threads);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (server, start, pair) = (&server, &start, &pair);
            scope.spawn(move || {
                start.wait();
                for round in 0..rounds {
                    let notes = json!({"Notes": format!("{thread} {round}")});
                    let [one, other] = [thread % 2, (thread + 1) % 2];
                    let both = [
                        ("PATCH", pair[one].as_str(), notes.clone()),
                        ("PATCH", pair[other].as_str(), notes),
                    ];
                    assert_eq!(statuses(server, &both), [204, 204]);
                }
            });
        }
    });
    // Each change was made, and once.
    let notes: Vec<Value> = pair.iter().map(|one| server.stored(one, "Notes")).collect();
    assert_eq!(notes[0], notes[1]);
    for one in &pair {
        assert_eq!(server.stored(one, "ObjectVersion"), 1 + threads * rounds);
    }
}

/// The first creates the object, the others find it.
fn upserts_of_one_key_at_once(kind: Kind) {
    let server = kind.server();
    for round in 0..5 {
        let address = format!("{DOMAINS}(00000000-0000-4000-8000-00000000000{round})");
        let start = Barrier::new(4);
        let mut found: Vec<u16> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..4)
                .map(|thread| {
                    let (server, start, address) = (&server, &start, &address);
                    scope.spawn(move || {
                        let body = json!({"Name": format!("d{round}"), "IsDefault": thread < 2});
                        let request = server.put(address, &body);
                        let request = match thread % 2 {
                            0 => request,
                            _ => request.header("If-None-Match", "*"),
                        };
                        start.wait();
                        request.send().status
                    })
                })
                .collect();
            running
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        found.sort_unstable();
        let created = found.iter().filter(|status| **status == 201).count();
        let others = found.iter().all(|status| [201, 204, 412].contains(status));
        assert!(created == 1 && others, "{found:?}");
    }
}

fn a_person_without_names_is_told_which(kind: Kind) {
    let server = kind.server();
    let answer = server.post(PERSONS, &json!({"Gender": "Female"})).refused(
        422,
        "ValueRequired",
        "FirstName",
    );
    let message = answer.json()["error"]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        message.starts_with("one of `FirstName`, `MiddleName`, `LastName`"),
        "{message}"
    );
    server.create(PERSONS, &json!({"LastName": {"EN": "Lee"}}));
}

fn a_login_is_one_line(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    for login in [
        "",
        " ",
        "\u{a0}",
        "a\r\nb",
        "a\tb",
        "a\u{7f}",
        "a\u{85}",
        "a\u{2028}b",
    ] {
        server
            .post(USERS, &user(login))
            .refused(422, "ValueOutOfRange", "Login");
        server
            .patch(&ann, &json!({ "Login": login }))
            .refused(422, "ValueOutOfRange", "Login");
    }
    server.change(&ann, &json!({"Login": "Ан Ли 李"}));
    // Other texts may have lines.
    server.change(&ann, &json!({"Notes": "a\r\nb"}));
}

/// Of several requests for one object the last that changes it.
fn the_last_request_is_blamed(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let bob = server.create(USERS, &virtual_user("bob"));
    let set = [
        ("PATCH", bob.as_str(), json!({"Notes": "n"})),
        ("PATCH", ann.as_str(), json!({"Notes": "n"})),
        ("PATCH", bob.as_str(), json!({"IsAdmin": true})),
        // It changes nothing.
        ("PATCH", bob.as_str(), json!({})),
    ];
    assert_eq!(statuses(&server, &set), [424, 424, 422, 424]);
    let set = [
        ("PATCH", bob.as_str(), json!({"IsAdmin": true})),
        ("PATCH", ann.as_str(), json!({"Notes": "n"})),
    ];
    assert_eq!(statuses(&server, &set), [422, 424]);
}
