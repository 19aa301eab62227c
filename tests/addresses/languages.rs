//! One language of a text as an address.

use serde_json::{Value, json};

use crate::support::http::Answer;
use crate::support::person::Person;
use crate::support::server::{Kind, Server, USERS, key};

crate::on_both!(
    a_language_is_read,
    a_language_is_changed,
    a_language_behind_a_reference,
    what_is_no_part_is_not_there,
    closed_texts_have_closed_languages,
);

/// A user with a name in two languages; the address.
fn ann(server: &Server) -> String {
    let name = json!({"Name": {"EN": "Ann \"A\" Lee", "BG": "Ан"}});
    server.user_with("ann", name)
}

fn get(server: &Server, address: &str) -> Answer {
    server.ask("GET", address).send()
}

fn a_language_is_read(kind: Kind) {
    let server = kind.server();
    let ann = ann(&server);
    let english = server.ask("GET", &format!("{ann}/Name/EN")).expect(200);
    assert_eq!(
        english.json()["@odata.context"]
            .as_str()
            .unwrap()
            .split("$metadata")
            .nth(1),
        Some(format!("#{ann}/Name/EN").as_str()),
    );
    assert_eq!(english.json()["value"], "Ann \"A\" Lee");
    assert_eq!(english.json().as_object().unwrap().len(), 2);
    // Names of languages are found in any case, as in `$select`; the context has the right one.
    let bulgarian = server.get(&format!("{ann}/Name/bg"));
    assert_eq!(bulgarian["value"], "Ан");
    assert!(
        bulgarian["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("/Name/BG")
    );
    let bare = server
        .ask("GET", &format!("{ann}/Name/EN/$value"))
        .expect(200);
    assert_eq!(bare.text(), "Ann \"A\" Lee");
    assert!(
        bare.header("content-type")
            .unwrap()
            .starts_with("text/plain")
    );
    let none = "application/json;odata.metadata=none";
    let none = server
        .ask("GET", &format!("{ann}/Name/EN"))
        .header("Accept", none);
    assert_eq!(none.expect(200).json(), json!({"value": "Ann \"A\" Lee"}));
    for address in ["Name/DE", "Name/DE/$value"] {
        let nothing = server.ask("GET", &format!("{ann}/{address}")).expect(204);
        assert_eq!(nothing.text_or_nothing(), "");
    }
    let by_segment = format!("{USERS}/{}/Name/EN/$value", key(&ann));
    assert_eq!(get(&server, &by_segment).text(), "Ann \"A\" Lee");
    let nobody = format!("{USERS}(00000000-0000-0000-0000-00000000dead)/Name/EN");
    server.ask("GET", &nobody).expect(404);
    server
        .ask("GET", &format!("{ann}/Name/EN?$select=x"))
        .expect(400);
    server
        .ask("GET", &format!("{ann}/Name/EN?$format=csv"))
        .expect(406);
}

fn a_language_is_changed(kind: Kind) {
    let server = kind.server();
    let ann = ann(&server);
    let (english, bulgarian) = (format!("{ann}/Name/EN"), format!("{ann}/Name/BG"));
    let name = || server.stored(&ann, "Name");
    server.put(&english, &json!({"value": "Ann"})).expect(204);
    assert_eq!(name(), json!({"EN": "Ann", "BG": "Ан"}), "others stay");
    server
        .patch(&bulgarian, &json!({"value": "Аня"}))
        .expect(204);
    server
        .patch(&format!("{ann}/Name/DE"), &json!({"value": "Anna"}))
        .expect(204);
    assert_eq!(name(), json!({"EN": "Ann", "BG": "Аня", "DE": "Anna"}));
    let told = server
        .put(&english, &json!({"value": "Annie"}))
        .prefer("return=representation")
        .expect(200);
    assert_eq!(told.json()["value"], "Annie");
    assert!(
        told.header("preference-applied")
            .unwrap()
            .contains("representation")
    );
    let raw = server.ask("PUT", &format!("{bulgarian}/$value"));
    raw.body("text/plain", "Ани").expect(204);
    server.delete(&format!("{ann}/Name/DE")).expect(204);
    assert_eq!(name(), json!({"EN": "Annie", "BG": "Ани"}));
    server.put(&bulgarian, &json!({"value": null})).expect(204);
    assert_eq!(name(), json!({"EN": "Annie"}));
    // A version for each change that is one.
    let version = || server.stored(&ann, "ObjectVersion").as_i64().unwrap();
    let before = version();
    server.put(&english, &json!({"value": "Annie"})).expect(204);
    assert_eq!(version(), before);
    let stale = server.put(&english, &json!({"value": "A"}));
    stale.header("If-Match", "W/\"0\"").expect(412);
    // What is wrong is told of the language.
    let long = "x".repeat(300);
    server
        .put(&english, &json!({ "value": long }))
        .refused(422, "ValueTooLong", "Name/EN");
    for (body, code) in [
        (json!({"value": 5}), "TypeMismatch"),
        (json!({"value": {"EN": "x"}}), "TypeMismatch"),
        (json!({"EN": "x"}), "InvalidPayload"),
        (json!({}), "InvalidPayload"),
    ] {
        let answer = server.put(&english, &body).expect(400);
        assert_eq!(answer.json()["error"]["code"], code, "{body}");
    }
    let twice = server.ask("PUT", &english);
    twice
        .body("application/json", r#"{"value":"a","value":"b"}"#)
        .expect(400);
    server.post(&english, &json!({"value": "x"})).expect(405);
    // Users need a name.
    let last = server.delete(&english).send();
    assert_eq!(last.status, 422, "{last}");
    assert_eq!(name(), json!({"EN": "Annie"}));
}

fn a_language_behind_a_reference(kind: Kind) {
    let server = kind.server();
    let ann = ann(&server);
    let person = json!({"FirstName": {"EN": "Ann"}, "LastName": {"EN": "Lee", "BG": "Ли"}});
    let person = server.create("General_Contacts_Persons", &person);
    assert_eq!(
        get(&server, &format!("{ann}/Person/LastName/BG")).status,
        204
    );
    server.change(&ann, &json!({"Person": {"@odata.id": person}}));
    let found = server.get(&format!("{ann}/Person/LastName/BG"));
    assert_eq!(found["value"], "Ли");
    let id = key(&person);
    let through_base =
        format!("General_Contacts_Parties({id})/Erp.General_Contacts_Person/LastName/BG/$value");
    assert_eq!(get(&server, &through_base).text(), "Ли");
    let changed = format!("{ann}/Person/LastName/BG");
    server.put(&changed, &json!({"value": "Лий"})).expect(204);
    let name = server.stored(&person, "LastName");
    assert_eq!(name, json!({"EN": "Lee", "BG": "Лий"}));
}

fn what_is_no_part_is_not_there(kind: Kind) {
    let server = kind.server();
    let ann = ann(&server);
    for (address, status) in [
        ("Login/EN", 404),
        ("Login/EN/$value", 404),
        ("Name/EN/EN", 404),
        ("Name/EN/$value/EN", 400),
        ("Name/EN/$count", 404),
        ("Name/EN/$ref", 404),
        ("Name/EN()", 404),
        ("Name/English1", 400),
        ("Name/Erp.X", 400),
    ] {
        let answer = get(&server, &format!("{ann}/{address}"));
        assert_eq!(answer.status, status, "{address} {answer}");
    }
    let all = format!("{USERS}/Name/EN");
    server.ask("GET", &all).expect(404);
}

fn closed_texts_have_closed_languages(kind: Kind) {
    const PERSONS: &str = "General_Contacts_Persons";
    let server = kind.server();
    let name = json!({"EN": "Vic", "BG": "Вик"});
    let vic = server.create(PERSONS, &json!({ "FirstName": name }));
    let change = json!({"CanRead": true, "CanUpdate": true});
    let (reader, later) = (
        Person::new(&server, "reader"),
        Person::new(&server, "later"),
    );
    let get = |address: &str| reader.asks(server.ask("GET", address)).send();
    assert_eq!(get(&format!("{vic}/FirstName/EN")).status, 403, "no set");
    reader.may(&server, PERSONS, &change);
    assert_eq!(get(&format!("{vic}/FirstName/EN")).json()["value"], "Vic");
    let body = json!({"value": "Victor"});
    let english = format!("{vic}/FirstName/EN");
    reader.asks(server.put(&english, &body)).expect(204);
    let access = json!({"Name": {"EN": "Names"}});
    let access = server.create("Systems_Security_AccessKeys", &access);
    let table = server.model.table(server.model.set(PERSONS).unwrap());
    server.create(
        "Systems_Security_ColumnPermissions",
        &json!({"TableName": table.name, "ColumnName": "First_Name",
                "AccessKey@odata.bind": access}),
    );
    later.may(&server, PERSONS, &change);
    for path in [
        "FirstName",
        "FirstName/EN",
        "FirstName/EN/$value",
        "FirstName/XX",
    ] {
        let request = later.asks(server.ask("GET", &format!("{vic}/{path}")));
        request.refused(403, "AttributeNotReadable", "FirstName");
    }
    for request in [server.put(&english, &body), server.delete(&english)] {
        let refused = later.asks(request).expect(403);
        assert_eq!(refused.json()["error"]["code"], "AttributeNotReadable");
    }
    let name: Value = server.stored(&vic, "FirstName");
    assert_eq!(name, json!({"EN": "Victor", "BG": "Вик"}));
}
