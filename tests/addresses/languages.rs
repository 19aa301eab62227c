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
        bare.header("Content-Type")
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
        told.header("Preference-Applied")
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
        ("Name/EN/$value/EN", 404),
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
    let server = kind.server();
    let ann = ann(&server);
    let reader = Person::new(&server, "reader");
    let get = |address: &str| reader.asks(server.ask("GET", address)).send();
    assert_eq!(get(&format!("{ann}/Name/EN")).status, 403, "no set");
    reader.may(&server, USERS, &json!({"CanRead": true, "CanUpdate": true}));
    assert_eq!(
        get(&format!("{ann}/Name/EN")).json()["value"],
        "Ann \"A\" Lee"
    );
    let all = server.create(
        "Systems_Security_AccessKeys",
        &json!({"Name": {"EN": "Names"}}),
    );
    server.create(
        "Systems_Security_ColumnPermissions",
        &json!({"TableName": "Sec_Users", "ColumnName": "User_Name",
                "AccessKey@odata.bind": all}),
    );
    let later = Person::new(&server, "later");
    later.may(&server, USERS, &json!({"CanRead": true, "CanUpdate": true}));
    for path in ["Name", "Name/EN", "Name/EN/$value", "Name/XX"] {
        let request = later.asks(server.ask("GET", &format!("{ann}/{path}")));
        request.refused(403, "AttributeNotReadable", "Name");
    }
    let body = json!({"value": "Mallory"});
    let request = later.asks(server.put(&format!("{ann}/Name/EN"), &body));
    let refused = request.expect(403);
    assert_eq!(refused.json()["error"]["code"], "AttributeNotReadable");
    let request = later.asks(server.delete(&format!("{ann}/Name/BG")));
    request.expect(403);
    let name: Value = server.stored(&ann, "Name");
    assert_eq!(name, json!({"EN": "Ann \"A\" Lee", "BG": "Ан"}));
}
