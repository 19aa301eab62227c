//! `@erpnet.action` and `@erpnet.findBy`: all actions, and what decides which object is meant.

use serde_json::{Value, json};

use crate::support::server::{Kind, USERS, key, link, merged, user};

crate::on_both!(
    actions_of_the_whole_object,
    actions_of_objects_around,
    keys_are_asked_in_order,
    names_are_contained_in_any_case,
    own_properties_find_too,
    children_are_found_by_what_makes_them_unique,
    faults_of_finding,
    actions_of_an_addressed_object,
    names_in_a_batch_follow_what_was_found,
    bound_children_come_along,
    bases_are_changed_as_what_they_are,
);

const PERSONS: &str = "General_Contacts_Persons";
const ABSENT: &str = "00000000-0000-4000-8000-00000000abcd";

fn action(base: &Value, action: &str) -> Value {
    merged(base.clone(), json!({ "@erpnet.action": action }))
}

fn actions_of_the_whole_object(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"Notes": "old"}));
    let known = merged(user("ann"), json!({"Notes": "new"}));
    let unknown = merged(user("bob"), json!({"Notes": "new"}));
    let post = |body: &Value, word: &str| server.post(USERS, &action(body, word));
    for word in [
        "find",
        "findOrNull",
        "findOrCreate",
        "findSingle",
        "findSingleOrNull",
    ] {
        let answer = post(&known, word).expect(200);
        assert_eq!(answer.id(), key(&ann), "{word}");
        assert_eq!(answer.json()["Notes"], "old", "{word} changes nothing");
    }
    for word in ["find", "findSingle", "update", "delete"] {
        post(&unknown, word).refused(404, "NotFound", "");
    }
    for word in ["findOrNull", "findSingleOrNull"] {
        assert!(post(&unknown, word).expect(204).body.is_empty(), "{word}");
    }
    assert_eq!(server.stored(&ann, "ObjectVersion"), 1);
    for (number, word) in ["update", "merge"].iter().enumerate() {
        let note = format!("{word}{number}");
        let answer = post(&merged(known.clone(), json!({ "Notes": note })), word).expect(200);
        assert_eq!(answer.json()["Notes"], note);
    }
    post(&known, "create").refused(409, "NotUnique", "Login");
    for (login, word) in [("m", "merge"), ("c", "findOrCreate"), ("n", "create")] {
        let answer = post(&user(login), word).expect(201);
        assert_eq!(answer.json()["Login"], login);
    }
    post(&known, "delete").expect(204);
    server.ask("GET", &ann).expect(404);
    post(&known, "destroy").refused(400, "InvalidValue", "@erpnet.action");
    assert_eq!(server.count(USERS), 3);
}

fn actions_of_objects_around(kind: Kind) {
    let server = kind.server();
    let person = server.create(
        PERSONS,
        &json!({"NationalNumber": "1", "LastName": {"EN": "Lee"}, "Notes": "old"}),
    );
    let ann = server.user("ann");
    let set = |nested: Value| server.patch(&ann, &json!({ "Person": nested }));
    let points = || {
        server.stored(&ann, "Person")["@odata.id"]
            .as_str()
            .map(str::to_owned)
    };
    let known = json!({"NationalNumber": "1", "Notes": "new"});
    let unknown = json!({"NationalNumber": "2", "LastName": {"EN": "New"}});
    for word in [
        "find",
        "findOrNull",
        "findOrCreate",
        "findSingle",
        "findSingleOrNull",
    ] {
        set(Value::Null).expect(204);
        set(action(&known, word)).expect(204);
        assert_eq!(points().as_deref(), Some(&*person), "{word}");
        assert_eq!(server.stored(&person, "Notes"), "old");
    }
    for word in ["find", "findSingle", "update", "delete"] {
        set(action(&unknown, word)).refused(422, "UnknownReference", "Person");
    }
    for word in ["findOrNull", "findSingleOrNull"] {
        set(action(&unknown, word)).expect(204);
        assert_eq!(points(), None, "{word}");
    }
    for word in ["update", "merge"] {
        let change = merged(known.clone(), json!({ "Notes": word }));
        set(action(&change, word)).expect(204);
        assert_eq!(server.stored(&person, "Notes"), word);
    }
    // Without an action: found where it only says how, else merged.
    set(Value::Null).expect(204);
    set(json!({"NationalNumber": "1"})).expect(204);
    assert_eq!(points().as_deref(), Some(&*person));
    set(json!({"NationalNumber": "9"})).refused(422, "UnknownReference", "Person");
    set(merged(known, json!({"Notes": "by default"}))).expect(204);
    assert_eq!(server.stored(&person, "Notes"), "by default");
    assert_eq!(server.count(PERSONS), 1);
    for word in ["findOrCreate", "create"] {
        set(action(&unknown, word)).expect(204);
        assert_ne!(points().as_deref(), Some(&*person));
    }
    assert_eq!(server.count(PERSONS), 3);
}

fn keys_are_asked_in_order(kind: Kind) {
    let server = kind.server();
    let person = |number: &str, more: Value| {
        let body = merged(
            json!({"NationalNumber": number, "LastName": {"EN": format!("Name{number}")}}),
            more,
        );
        server.create(PERSONS, &body)
    };
    let by_external = person("1", json!({"ExternalId": "e", "ExternalSystem": "s"}));
    let elsewhere = person("2", json!({"ExternalId": "e", "ExternalSystem": "t"}));
    let by_id = person("3", json!({}));
    let by_code = person("4", json!({}));
    let by_name = person("5", json!({}));
    let by_display = person("6", json!({}));
    let ann = server.user("ann");
    let mut keys = json!({
        "DisplayText": "Name6", "Name": "name5", "Code": "4", "Id": key(&by_id),
        "ExternalSystem": "s", "ExternalId": "e",
    });
    for (expected, dropped) in [
        (&by_external, "ExternalId"),
        (&by_id, "Id"),
        (&by_code, "Code"),
        (&by_name, "Name"),
        (&by_display, "DisplayText"),
    ] {
        for nested in [
            json!({"@erpnet.findBy": keys}),
            json!({"@erpnet.findBy": keys, "@erpnet.action": "find", "NationalNumber": "2"}),
        ] {
            server.change(&ann, &json!({"Person": null}));
            server.change(&ann, &json!({ "Person": nested }));
            let found = server.stored(&ann, "Person");
            assert_eq!(found["@odata.id"], **expected, "{dropped}");
        }
        keys.as_object_mut().unwrap().shift_remove(dropped);
    }
    // The system is a part of the id: without it, the first of both.
    let without_system = json!({"Person": {"@erpnet.findBy": {"ExternalId": "e"}}});
    server.change(&ann, &without_system);
    let found = server.stored(&ann, "Person")["@odata.id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(found == by_external || found == elsewhere);
    let none = json!({"Person": {"@erpnet.findBy": {"ExternalId": "E"}}});
    server
        .patch(&ann, &none)
        .refused(422, "UnknownReference", "Person");
}

/// S1-06, S1-07
fn names_are_contained_in_any_case(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("Ann.Lee", json!({"Name": {"EN": "Ann Lee", "BG": "Ан Ли"}}));
    let find = |keys: Value| {
        let body = json!({"@erpnet.action": "find", "@erpnet.findBy": keys});
        server.post(USERS, &body)
    };
    for keys in [
        json!({"Code": "ann.lee"}),
        json!({"Code": "ANN.LEE"}),
        json!({"Name": "LEE"}),
        json!({"Name": "ан"}),
        json!({"DisplayText": "Ann Lee"}),
        json!({"Id": key(&ann)}),
    ] {
        assert_eq!(find(keys.clone()).expect(200).id(), key(&ann), "{keys}");
    }
    for keys in [
        json!({"Code": "ann"}),
        json!({"Name": "l_e"}),
        json!({"Name": "%"}),
        json!({"DisplayText": "Lee"}),
        json!({"Id": ABSENT}),
    ] {
        find(keys).refused(404, "NotFound", "");
    }
}

fn own_properties_find_too(kind: Kind) {
    let server = kind.server();
    let first = server.create(
        PERSONS,
        &json!({"LastName": {"EN": "Lee"}, "ExternalId": "x"}),
    );
    server.create(PERSONS, &json!({"LastName": {"EN": "Leeds"}}));
    let ann = server.user("ann");
    for nested in [
        json!({"ExternalId": "x"}),
        json!({"@odata.id": first}),
        json!({"Id": key(&first)}),
        json!({"PartyName": {"EN": "Lee"}}),
        json!({"DisplayText": "Lee"}),
    ] {
        server.change(&ann, &json!({"Person": null}));
        server.change(&ann, &json!({ "Person": nested }));
        assert_eq!(
            server.stored(&ann, "Person")["@odata.id"],
            *first,
            "{nested}"
        );
    }
    let many = json!({"Person": {"PartyName": {"EN": "lee"}, "@erpnet.action": "findSingle"}});
    server
        .patch(&ann, &many)
        .refused(422, "AmbiguousReference", "Person");
    let one = json!({"Person": {"PartyName": {"EN": "leeds"}, "@erpnet.action": "findSingle"}});
    server.change(&ann, &one);
}

fn children_are_found_by_what_makes_them_unique(kind: Kind) {
    let server = kind.server();
    let (group, other) = (server.group("G"), server.group("G"));
    let ann = server.user_with("ann", json!({"Groups": [{"Group": link(&group)}]}));
    let bob = server.user_with("bob", json!({"Groups": [{"Group": link(&group)}]}));
    let row = server.rows(&format!("{ann}/Groups"))[0]["Id"].clone();
    for word in ["merge", "find", "update", "findOrCreate"] {
        let child = json!({"Groups": [{"Group": link(&group), "@erpnet.action": word}]});
        server.change(&ann, &child);
        assert_eq!(
            server.rows(&format!("{ann}/Groups"))[0]["Id"],
            row,
            "{word}"
        );
    }
    let again = json!({"Groups": [{"Group": link(&group), "@erpnet.action": "create"}]});
    server
        .patch(&ann, &again)
        .refused(409, "NotUnique", "Groups/0/Group");
    let absent = json!({"Groups": [{"Group": link(&other), "@erpnet.action": "update"}]});
    server
        .patch(&ann, &absent)
        .refused(422, "UnknownReference", "Groups/0");
    let gone = json!({"Groups": [{"Group": link(&group), "@erpnet.action": "delete"}]});
    server.change(&ann, &gone);
    assert_eq!(server.count(&format!("{ann}/Groups")), 0);
    assert_eq!(server.count(&format!("{bob}/Groups")), 1);
    // Tokens are told apart by both of their names.
    let token = |name: &str, value: &str| json!({"ProviderTokens": [{"LoginProviderName": "p", "TokenName": name, "TokenValue": value}]});
    server.change(&ann, &token("a", "1"));
    server.change(&ann, &token("a", "2"));
    server.change(&ann, &token("b", "1"));
    assert_eq!(server.count(&format!("{ann}/ProviderTokens")), 2);
}

fn faults_of_finding(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let at = "Person/@erpnet.findBy";
    for (keys, code, target) in [
        (
            json!({"Colour": "x"}),
            "UnknownProperty",
            format!("{at}/Colour"),
        ),
        (json!({"Code": 5}), "TypeMismatch", format!("{at}/Code")),
        (json!({"Id": "x"}), "InvalidValue", format!("{at}/Id")),
        (json!("x"), "TypeMismatch", at.to_owned()),
        (json!({}), "InvalidPayload", at.to_owned()),
        (
            json!({"ExternalSystem": "s"}),
            "InvalidPayload",
            at.to_owned(),
        ),
    ] {
        let body = json!({"Person": {"@erpnet.findBy": keys}});
        server.patch(&ann, &body).refused(400, code, &target);
    }
    // Users have no outside id, groups no code.
    let user_by_external = json!({"@erpnet.action": "find", "@erpnet.findBy": {"ExternalId": "x"}});
    server
        .post(USERS, &user_by_external)
        .refused(400, "InvalidPayload", "@erpnet.findBy");
    let group_by_code = json!({"@erpnet.action": "find", "@erpnet.findBy": {"Code": "x"}});
    server
        .post("Systems_Security_Groups", &group_by_code)
        .refused(400, "InvalidPayload", "@erpnet.findBy");
}

fn actions_of_an_addressed_object(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let change = |word: &str| server.patch(&ann, &json!({"Notes": word, "@erpnet.action": word}));
    for word in ["update", "merge"] {
        change(word).expect(204);
        assert_eq!(server.stored(&ann, "Notes"), word);
    }
    for word in [
        "find",
        "findOrNull",
        "findOrCreate",
        "findSingle",
        "findSingleOrNull",
    ] {
        change(word).expect(204);
        assert_eq!(
            server.stored(&ann, "Notes"),
            "merge",
            "{word} changes nothing"
        );
    }
    change("create").refused(409, "NotUnique", "Id");
    change("delete").expect(204);
    server.ask("GET", &ann).expect(404);
    for word in ["update", "delete", "find"] {
        let body = merged(user("ann"), json!({ "@erpnet.action": word }));
        server.patch(&ann, &body).refused(404, "NotFound", "");
    }
    let body = merged(user("ann"), json!({"@erpnet.action": "merge"}));
    assert_eq!(server.patch(&ann, &body).expect(201).id(), key(&ann));
    // The address says which object it is, whatever else would be found.
    let bob = server.user("bob");
    let body = merged(user("ann"), json!({"@erpnet.action": "merge"}));
    server.patch(&bob, &body).refused(409, "NotUnique", "Login");
}

fn names_in_a_batch_follow_what_was_found(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let request = |group: Option<&str>, id: &str, method: &str, url: &str, body: Value| {
        let mut request = json!({"id": id, "method": method, "url": url, "body": body});
        if let Some(group) = group {
            request["atomicityGroup"] = json!(group);
        }
        request
    };
    let send = |group: Option<&str>| {
        let note = json!({ "Notes": format!("{group:?}") });
        let batch = json!({"requests": [
            request(group, "1", "POST", USERS, action(&user("ann"), "merge")),
            request(group, "2", "PATCH", "$1", note),
        ]});
        let answer = server.post("$batch", &batch).expect(200).json();
        [0, 1].map(|n| answer["responses"][n]["status"].clone())
    };
    assert_eq!(send(None), [200, 204]);
    assert_eq!(server.stored(&ann, "Notes"), "None");
    // Inside of a change set, only what is made has a key before all of it is done.
    assert_eq!(send(Some("g")), [424, 400]);
    assert_eq!(server.stored(&ann, "Notes"), "None");
    assert_eq!(server.count(USERS), 1);
}

fn bound_children_come_along(kind: Kind) {
    let server = kind.server();
    let group = server.group("G");
    let ann = server.user_with("ann", json!({"Groups": [{"Group": link(&group)}]}));
    let row = server.rows(&format!("{ann}/Groups"))[0]["Id"].clone();
    let row = format!("Systems_Security_UserGroups({})", row.as_str().unwrap());
    let bob = server.user("bob");
    server.change(&bob, &json!({"Groups@odata.bind": [row]}));
    assert_eq!(server.count(&format!("{ann}/Groups")), 0);
    assert_eq!(server.count(&format!("{bob}/Groups")), 1);
    let absent = format!("Systems_Security_UserGroups({ABSENT})");
    let answer = server
        .patch(&ann, &json!({"Groups@odata.bind": [absent]}))
        .expect(422);
    assert_eq!(answer.faults()[0].0, "UnknownReference");
}

fn bases_are_changed_as_what_they_are(kind: Kind) {
    let server = kind.server();
    let person = server.create(PERSONS, &json!({"LastName": {"EN": "Lee"}, "Notes": "n"}));
    let party = person.replace(PERSONS, "General_Contacts_Parties");
    server.change(
        &party,
        &json!({"PartyNotes": "as a party", "ExternalId": "e"}),
    );
    assert_eq!(server.stored(&person, "PartyNotes"), "as a party");
    assert_eq!(server.stored(&person, "Notes"), "n");
    assert_eq!(server.stored(&person, "ObjectVersion"), 2);
    server.change(&person, &json!({"LastName": {"EN": "Leeds"}}));
    assert_eq!(server.stored(&party, "PartyName")["EN"], "Leeds");
    let twice = server.post(
        PERSONS,
        &json!({"LastName": {"EN": "x"}, "Id": key(&person)}),
    );
    twice.refused(409, "NotUnique", "Id");
    let other = json!({"CompanyName": {"EN": "x"}, "RegistrationNumber": "1", "Id": key(&person)});
    let company = server
        .post("General_Contacts_Companies", &other)
        .expect(409);
    assert_eq!(company.faults()[0].0, "NotUnique");
    server.delete(&party).expect(204);
    server.ask("GET", &person).expect(404);
}
