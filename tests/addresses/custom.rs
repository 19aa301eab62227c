//! The values of custom properties, and the parts of them, as addresses.

use serde_json::{Value, json};

use crate::support::http::Request;
use crate::support::person::Person;
use crate::support::server::{Kind, Server, USERS, key, link, merged};

crate::on_both!(
    a_value_is_read,
    a_value_is_changed,
    a_closed_value_has_closed_parts,
);

const COLOR: &str = "CustomProperty_color";

/// A server whose users have a color; who has one, who has none.
fn colored(kind: Kind) -> (Server, String, String, String) {
    let server = kind.server();
    let property = json!({"Code": "color", "EntityName": "Sec_Users", "Name": {"EN": "Color"}});
    let property = server.create("Systems_Bpm_CustomProperties", &property);
    let blue = json!({"Property": link(&property), "PropertyAllowedValueField": "blue",
                      "Description": {"EN": "like the sky", "BG": "син"}});
    let blue = server.create("Systems_Bpm_CustomPropertyAllowedValues", &blue);
    Request::new(server.address, "POST", "/api/domain/reset").expect(204);
    let ann = server.user_with("ann", json!({COLOR: {"Value": "blue"}}));
    let bob = server.user("bob");
    (server, ann, bob, blue)
}

fn a_value_is_read(kind: Kind) {
    let (server, ann, bob, blue) = colored(kind);
    let whole = server.get(&format!("{ann}/{COLOR}"));
    let context = whole["@odata.context"].as_str().unwrap();
    assert!(
        context.ends_with(&format!("$metadata#{ann}/{COLOR}")),
        "{context}"
    );
    let stored = server.stored(&ann, COLOR);
    let bare = json!({"@odata.context": context});
    assert_eq!(whole, merged(bare, stored.clone()));
    let told = [
        (format!("{COLOR}/$value"), "blue"),
        (format!("{COLOR}/Value/$value"), "blue"),
        (format!("{COLOR}/ValueId/$value"), key(&blue)),
        (format!("{COLOR}/Description/BG/$value"), "син"),
    ];
    for (path, text) in told {
        let answer = server.ask("GET", &format!("{ann}/{path}")).expect(200);
        assert_eq!(answer.text(), text, "{path}");
        assert!(
            answer
                .header("content-type")
                .unwrap()
                .starts_with("text/plain")
        );
    }
    for (path, value) in [
        ("Value", json!("blue")),
        ("ValueId", json!(key(&blue))),
        ("Description/EN", json!("like the sky")),
    ] {
        let found = server.get(&format!("{ann}/{COLOR}/{path}"));
        assert_eq!(found["value"], value, "{path}");
        let context = found["@odata.context"].as_str().unwrap();
        assert!(
            context.ends_with(&format!("#{ann}/{COLOR}/{path}")),
            "{context}"
        );
    }
    let means = server.get(&format!("{ann}/{COLOR}/Description"));
    assert_eq!(
        (&means["EN"], &means["BG"]),
        (&json!("like the sky"), &json!("син"))
    );
    let full = server.ask("GET", &format!("{ann}/{COLOR}"));
    let full = full
        .header("Accept", "application/json;odata.metadata=full")
        .expect(200);
    assert_eq!(full.json()["@odata.type"], "#Erp.CustomPropertyValue");
    for path in [
        "",
        "/$value",
        "/Value",
        "/ValueId",
        "/Description",
        "/Description/EN",
    ] {
        server
            .ask("GET", &format!("{bob}/{COLOR}{path}"))
            .expect(204);
    }
    server
        .ask("GET", &format!("{ann}/{COLOR}/Description/DE"))
        .expect(204);
    for (path, status) in [
        ("Shade", 400),
        ("Value/EN", 404),
        ("Description/EN/EN", 404),
        ("$count", 404),
    ] {
        server
            .ask("GET", &format!("{ann}/{COLOR}/{path}"))
            .expect(status);
    }
    let nobody = format!("{USERS}(00000000-0000-0000-0000-00000000dead)/{COLOR}");
    server.ask("GET", &nobody).expect(404);
}

fn a_value_is_changed(kind: Kind) {
    let (server, ann, bob, blue) = colored(kind);
    let at = |user: &str| format!("{user}/{COLOR}");
    let value = |user: &str| server.stored(user, COLOR)["Value"].clone();
    server.put(&at(&bob), &json!({"Value": "red"})).expect(204);
    assert_eq!(value(&bob), "red");
    let told = server
        .patch(&at(&bob), &json!({"ValueId": key(&blue)}))
        .prefer("return=representation")
        .expect(200);
    assert_eq!(told.json()["Value"], "blue");
    assert_eq!(told.json()["Description"]["BG"], "син");
    let raw = server.ask("PUT", &format!("{}/$value", at(&bob)));
    raw.body("text/plain", "dark red").expect(204);
    assert_eq!(value(&bob), "dark red");
    // As it was answered: what says only what the answer is about is no part of it.
    let echoed = server.get(&at(&ann));
    server.put(&at(&bob), &echoed).expect(204);
    assert_eq!(value(&bob), "blue");
    server.delete(&at(&bob)).expect(204);
    assert_eq!(server.stored(&bob, COLOR), Value::Null);
    server
        .put(&at(&bob), &json!({"value": {"Value": "green"}}))
        .expect(204);
    assert_eq!(value(&bob), "green");
    server.put(&at(&bob), &json!({"value": null})).expect(204);
    assert_eq!(server.stored(&bob, COLOR), Value::Null);
    server.put(&at(&bob), &json!({"Value": 5})).expect(400);
    server.put(&at(&bob), &json!({})).expect(400);
    server
        .put(&at(&bob), &json!({"Value": "x".repeat(255)}))
        .expect(422);
    // The parts of a value belong together.
    for path in [
        "Value",
        "ValueId",
        "Description",
        "Description/EN",
        "Value/$value",
    ] {
        let address = format!("{}/{path}", at(&ann));
        for request in [
            server.put(&address, &json!({"value": "x"})),
            server.delete(&address),
        ] {
            let refused = request.expect(405);
            assert_eq!(refused.header("allow"), Some("GET, HEAD, OPTIONS"));
        }
    }
    assert_eq!(value(&ann), "blue");
}

fn a_closed_value_has_closed_parts(kind: Kind) {
    let (server, ann, ..) = colored(kind);
    let access = server.create(
        "Systems_Security_AccessKeys",
        &json!({"Name": {"EN": "Colors"}}),
    );
    server.create(
        "Systems_Security_ColumnPermissions",
        &json!({"TableName": "Sec_Users", "ColumnName": COLOR, "AccessKey@odata.bind": access}),
    );
    let reader = Person::new(&server, "reader");
    reader.may(&server, USERS, &json!({"CanRead": true}));
    for path in [
        "",
        "/$value",
        "/Value",
        "/ValueId",
        "/Description",
        "/Description/EN/$value",
    ] {
        let request = reader.asks(server.ask("GET", &format!("{ann}/{COLOR}{path}")));
        request.refused(403, "AttributeNotReadable", COLOR);
    }
    let request = reader.asks(server.put(&format!("{ann}/{COLOR}"), &json!({"Value": "red"})));
    request.expect(403);
    assert_eq!(server.stored(&ann, COLOR)["Value"], "blue");
}
