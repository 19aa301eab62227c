//! Values of custom properties are written with their objects, as their definitions allow.

use serde_json::{Value, json};

use crate::kit::{COLOR, VALUES, allow, bare, color, colored, define, painted, reset};
use crate::support::server::{Kind, USERS, key, link, merged, user};

crate::on_both!(
    values_are_given_changed_and_removed,
    values_are_of_the_type_of_their_property,
    payloads_have_one_form,
    a_list_gives_its_values,
    a_limit_refuses_other_values,
    a_parent_narrows_what_is_taken,
    objects_are_values,
    values_belong_to_their_objects,
    what_changed_is_in_the_history,
);

fn values_are_given_changed_and_removed(kind: Kind) {
    let server = colored(kind);
    let ann = painted(&server, "ann", "blue");
    assert_eq!(color(&server, &ann), bare("blue"));
    let version = |address: &str| server.stored(address, "ObjectVersion").as_i64().unwrap();
    let before = version(&ann);
    server.change(
        &ann,
        &json!({COLOR: {"Value": "red", "Description": {"EN": "not blue"}}}),
    );
    let expected = json!({"Value": "red", "ValueId": null, "Description": {"EN": "not blue"}});
    assert_eq!(color(&server, &ann), expected);
    assert_eq!(version(&ann), before + 1);
    // The same again changes nothing, as it was given or as it was answered.
    for same in [json!({"Value": "red"}), expected] {
        server.change(&ann, &json!({COLOR: same}));
    }
    assert_eq!(version(&ann), before + 1);
    // Other changes leave it.
    server.change(&ann, &json!({"Notes": "n"}));
    assert_eq!(color(&server, &ann)["Value"], "red");
    server.change(&ann, &json!({COLOR: {"Value": null, "ValueId": null}}));
    assert_eq!(color(&server, &ann), Value::Null);
    server.change(&ann, &json!({COLOR: {"Value": "red"}}));
    server.change(&ann, &json!({COLOR: null}));
    assert_eq!(color(&server, &ann), Value::Null);
    assert_eq!(server.count(VALUES), 0);
    // `PUT` without it removes it.
    server.change(&ann, &json!({COLOR: {"Value": "red"}}));
    let whole = json!({"Login": "ann", "Name": {"EN": "ann"}});
    server.put(&ann, &whole).expect(204);
    assert_eq!(color(&server, &ann), Value::Null);
    let whole = merged(whole, json!({COLOR: {"Value": "green"}}));
    server.put(&ann, &whole).expect(204);
    assert_eq!(color(&server, &ann), bare("green"));
    // A change answers with it where that is asked for.
    let answer = server
        .patch(
            &format!("{ann}?$select={COLOR}"),
            &json!({COLOR: {"Value": "grey"}}),
        )
        .header("Prefer", "return=representation")
        .expect(200);
    assert_eq!(answer.json()[COLOR], bare("grey"));
}

fn values_are_of_the_type_of_their_property(kind: Kind) {
    let server = kind.server();
    for (code, of) in [
        ("n", "Number"),
        ("d", "Date"),
        ("p", "Picture"),
        ("t", "Text"),
    ] {
        define(&server, code, json!({"PropertyType": of}));
    }
    reset(&server);
    let ann = server.user("ann");
    let change = |code: &str, value: Value| {
        let body = json!({format!("CustomProperty_{code}"): {"Value": value}});
        server.patch(&ann, &body)
    };
    for (code, value, stored) in [
        ("n", json!("-12.50"), "-12.50"),
        ("n", json!(12), "12"),
        ("n", json!(1.5), "1.5"),
        ("d", json!("2026-02-28"), "2026-02-28"),
        (
            "p",
            json!("https://x.example/a.png"),
            "https://x.example/a.png",
        ),
        ("t", json!("2026"), "2026"),
    ] {
        change(code, value).expect(204);
        let name = format!("CustomProperty_{code}");
        assert_eq!(server.stored(&ann, &name), bare(stored));
    }
    for (code, value, status, word) in [
        ("n", json!("many"), 400, "InvalidValue"),
        ("n", json!("1e3"), 400, "InvalidValue"),
        ("d", json!("2026-02-30"), 400, "InvalidValue"),
        ("d", json!("today"), 400, "InvalidValue"),
        ("d", json!(2026), 400, "TypeMismatch"),
        ("p", json!("a.png"), 422, "ValueOutOfRange"),
        ("t", json!(5), 400, "TypeMismatch"),
        ("t", json!(true), 400, "TypeMismatch"),
        ("t", json!("x".repeat(255)), 422, "ValueTooLong"),
        ("t", json!("a\u{0}b"), 400, "InvalidValue"),
    ] {
        let answer = change(code, value.clone()).expect(status);
        let error = answer.json()["error"].clone();
        assert_eq!(error["code"], word, "{code} {value}: {error}");
        let target = error["target"].as_str().unwrap();
        assert!(
            target.starts_with(&format!("CustomProperty_{code}")),
            "{target}"
        );
    }
    change("t", json!("x".repeat(254))).expect(204);
}

fn payloads_have_one_form(kind: Kind) {
    let server = colored(kind);
    let ann = server.user("ann");
    let inside = |name: &str| format!("{COLOR}/{name}");
    for (value, status, code, target) in [
        (json!("blue"), 400, "TypeMismatch", COLOR.to_owned()),
        (json!(["blue"]), 400, "TypeMismatch", COLOR.to_owned()),
        (json!({}), 400, "InvalidPayload", COLOR.to_owned()),
        (
            json!({"Description": {"EN": "x"}}),
            400,
            "InvalidPayload",
            COLOR.to_owned(),
        ),
        (
            json!({"Value": "x", "Color": 1}),
            400,
            "UnknownProperty",
            inside("Color"),
        ),
        (
            json!({"ValueId": "x"}),
            400,
            "InvalidValue",
            inside("ValueId"),
        ),
        (
            json!({"ValueId": 1}),
            400,
            "TypeMismatch",
            inside("ValueId"),
        ),
        (
            json!({"Value": "x", "Description": "y"}),
            400,
            "TypeMismatch",
            inside("Description"),
        ),
        (
            json!({"Value": "x", "Description": {"xx1": "y"}}),
            400,
            "InvalidValue",
            inside("Description/xx1"),
        ),
        (
            json!({"ValueId": key(&ann)}),
            422,
            "UnknownReference",
            COLOR.to_owned(),
        ),
    ] {
        server
            .patch(&ann, &json!({COLOR: value}))
            .refused(status, code, &target);
    }
    // All faults at once, and what would find the object is not among them.
    let body = json!({COLOR: "blue", "Login": 5});
    let answer = server.patch(&ann, &body).expect(400);
    assert_eq!(
        answer.json()["error"]["details"].as_array().unwrap().len(),
        1
    );
    let typed = json!({"@odata.type": "#Erp.CustomPropertyValue", "Value": "blue"});
    server.change(&ann, &json!({COLOR: typed}));
    assert_eq!(color(&server, &ann), bare("blue"));
    server
        .patch(&ann, &json!({"CustomProperty_colour": null}))
        .refused(400, "UnknownProperty", "CustomProperty_colour");
    // Values have no other way in.
    server
        .post(VALUES, &json!({"Value": "x"}))
        .refused(405, "MethodNotAllowed", "");
}

fn a_list_gives_its_values(kind: Kind) {
    let server = kind.server();
    let property = define(&server, "color", json!({}));
    let described = json!({"Description": {"EN": "the sky", "BG": "небето"}});
    let blue = allow(&server, &property, "blue", described);
    let gone = allow(&server, &property, "mauve", json!({"Active": false}));
    reset(&server);
    let ann = server.user("ann");
    let expected = json!({"Value": "blue", "ValueId": blue,
        "Description": {"EN": "the sky", "BG": "небето"}});
    for given in [
        json!({"Value": "blue"}),
        json!({"Value": "BLUE"}),
        json!({"ValueId": blue}),
        json!({"Value": "blue", "ValueId": blue, "Description": {"EN": "mine"}}),
    ] {
        server.change(&ann, &json!({COLOR: null}));
        server.change(&ann, &json!({COLOR: given}));
        assert_eq!(color(&server, &ann), expected, "{given}");
    }
    server
        .patch(&ann, &json!({COLOR: {"Value": "red", "ValueId": blue}}))
        .refused(400, "InvalidPayload", COLOR);
    server
        .patch(&ann, &json!({COLOR: {"ValueId": gone}}))
        .refused(422, "UnknownReference", COLOR);
    // Without a limit anything else may be given.
    server.change(&ann, &json!({COLOR: {"Value": "mauve"}}));
    assert_eq!(color(&server, &ann), bare("mauve"));
}

fn a_limit_refuses_other_values(kind: Kind) {
    let server = kind.server();
    let property = define(&server, "color", json!({"LimitToAllowedValues": true}));
    allow(&server, &property, "blue", json!({}));
    let taken_over =
        json!({"LimitToAllowedValues": true, "AllowedValuesProperty": link(&property)});
    define(&server, "shade", taken_over);
    reset(&server);
    let ann = server.user("ann");
    for name in [COLOR, "CustomProperty_shade"] {
        server.change(&ann, &json!({name: {"Value": "blue"}}));
        let answer = server
            .patch(&ann, &json!({name: {"Value": "red"}}))
            .refused(422, "ValueOutOfRange", name);
        let text = answer.text();
        assert!(text.contains("GetAllowedCustomPropertyValues"), "{text}");
        assert_eq!(server.stored(&ann, name)["Value"], "blue");
    }
    // The limit holds as it is defined now; what an object has stays.
    server.change(&property, &json!({"LimitToAllowedValues": false}));
    server.change(&ann, &json!({COLOR: {"Value": "red"}}));
    server.change(&property, &json!({"LimitToAllowedValues": true}));
    server.change(&ann, &json!({COLOR: {"Value": "red"}, "Notes": "n"}));
    let wrong =
        json!({"Groups": [], COLOR: {"Value": "x"}, "CustomProperty_shade": {"Value": "y"}});
    let answer = server.post(USERS, &merged(user("ben"), wrong)).expect(422);
    assert_eq!(
        answer.json()["error"]["details"].as_array().unwrap().len(),
        1
    );
    assert_eq!(server.count(&format!("{USERS}?$filter=Login eq 'ben'")), 0);
}

fn a_parent_narrows_what_is_taken(kind: Kind) {
    let server = kind.server();
    let limited = json!({"LimitToAllowedValues": true});
    let country = define(&server, "country", limited.clone());
    let bg = allow(&server, &country, "BG", json!({}));
    allow(&server, &country, "DE", json!({}));
    let parent = json!({"AllowedValuesParentProperty": link(&country)});
    let city = define(&server, "city", merged(limited, parent));
    allow(&server, &city, "Sofia", json!({"ParentAllowedValueId": bg}));
    allow(&server, &city, "elsewhere", json!({}));
    reset(&server);
    let (country, city) = ("CustomProperty_country", "CustomProperty_city");
    let ann = server.user("ann");
    server.change(&ann, &json!({city: {"Value": "elsewhere"}}));
    server
        .patch(&ann, &json!({city: {"Value": "Sofia"}}))
        .refused(422, "ValueOutOfRange", city);
    server
        .patch(
            &ann,
            &json!({city: {"Value": "Sofia"}, country: {"Value": "DE"}}),
        )
        .refused(422, "ValueOutOfRange", city);
    server.change(
        &ann,
        &json!({city: {"Value": "Sofia"}, country: {"Value": "BG"}}),
    );
    assert_eq!(server.stored(&ann, city)["Value"], "Sofia");
}

fn objects_are_values(kind: Kind) {
    let server = kind.server();
    let more = json!({"AllowedValuesEntityName": USERS, "LimitToAllowedValues": true});
    define(&server, "boss", more);
    let xml = json!({"AllowedValuesEntityName": USERS, "AllowedValuesFilterXML": "<f/>",
        "LimitToAllowedValues": true});
    define(&server, "aide", xml);
    reset(&server);
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let name = "CustomProperty_boss";
    let expected = json!({"Value": "bob", "ValueId": key(&bob), "Description": {"EN": "bob"}});
    for given in [json!({"Value": "BOB"}), json!({"ValueId": key(&bob)})] {
        server.change(&ann, &json!({name: null}));
        server.change(&ann, &json!({name: given}));
        assert_eq!(server.stored(&ann, name), expected, "{given}");
    }
    server
        .patch(&ann, &json!({name: {"Value": "carl"}}))
        .refused(422, "ValueOutOfRange", name);
    server
        .patch(&ann, &json!({"CustomProperty_aide": {"Value": "bob"}}))
        .refused(501, "NotSupported", "CustomProperty_aide");
}

fn values_belong_to_their_objects(kind: Kind) {
    let server = colored(kind);
    let property = define(&server, "size", json!({}));
    reset(&server);
    let ann = painted(&server, "ann", "blue");
    painted(&server, "bob", "red");
    server.change(&ann, &json!({"CustomProperty_size": {"Value": "L"}}));
    let rows = server.rows(&format!(
        "{VALUES}?$filter=EntityItemId eq {}&$orderby=Value",
        key(&ann)
    ));
    let values: Vec<_> = rows
        .iter()
        .map(|r| (&r["Value"], &r["EntityName"]))
        .collect();
    let table = json!("Sec_Users");
    assert_eq!(values, [(&json!("blue"), &table), (&json!("L"), &table)]);
    // Those of properties that are not in use go too.
    server.change(&property, &json!({"IsActive": false}));
    reset(&server);
    server.delete(&ann).expect(204);
    let left = server.rows(VALUES);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["Value"], "red");
}

fn what_changed_is_in_the_history(kind: Kind) {
    let server = colored(kind);
    let ann = painted(&server, "ann", "blue");
    server.change(&ann, &json!({COLOR: {"Value": "red"}}));
    let mut changes = server.rows(&format!(
        "Systems_Core_ObjectChanges?$filter=EntityItemId eq {}&$select=Id,ChangeType,OldValuesJson",
        key(&ann)
    ));
    changes.retain(|change| change["OldValuesJson"] != Value::Null);
    assert_eq!(changes.len(), 1);
    let old: Value = serde_json::from_str(changes[0]["OldValuesJson"].as_str().unwrap()).unwrap();
    assert_eq!(old, json!({COLOR: bare("blue")}));
    let attributes = server.rows(&format!(
        "Systems_Core_AttributeChanges?$filter=ObjectChange/Id eq {}",
        changes[0]["Id"].as_str().unwrap()
    ));
    assert_eq!(attributes.len(), 1);
    assert_eq!(attributes[0]["AttributeName"], COLOR);
    let new: Value = serde_json::from_str(attributes[0]["NewValue"].as_str().unwrap()).unwrap();
    assert_eq!(new, bare("red"));
}
