//! `GetAllowedCustomPropertyValues` (S1-65, S1-66).

use serde_json::{Value, json};

use crate::kit::Person;
use crate::support::server::{Kind, Server, USERS, link, merged, user, without};

crate::on_both!(
    defaults_are_observable,
    values_are_searched,
    values_are_ordered,
    the_result_is_cut_further,
    wrong_calls_are_told,
    values_come_from_where_the_property_says,
    objects_are_those_that_the_caller_sees,
    a_parent_narrows_the_values,
    hidden_values_of_a_parent_narrow_nothing,
);

const PROPERTIES: &str = "Systems_Bpm_CustomProperties";
const ALLOWED: &str = "Systems_Bpm_CustomPropertyAllowedValues";

fn property(server: &Server, code: &str, more: Value) -> String {
    let body = json!({"Code": code, "EntityName": "Sec_Users", "Name": {"EN": code}});
    server.create(PROPERTIES, &merged(body, more))
}

fn value(server: &Server, property: &str, value: &str, more: Value) -> String {
    let body = json!({"Property": link(property), "PropertyAllowedValueField": value});
    server.create(ALLOWED, &merged(body, more))
}

/// A user, and a property with some fruits.
fn fruits(server: &Server) -> String {
    let property = property(server, "fruit", json!({}));
    for (text, en, bg) in [
        ("banana", "yellow", "жълт"),
        ("apple", "red", "червен"),
        ("Cherry", "dark red", "тъмночервен"),
        ("avocado", "green", "зелен"),
    ] {
        let described = json!({"Description": {"EN": en, "BG": bg}});
        value(server, &property, text, described);
    }
    value(server, &property, "aubergine", json!({"Active": false}));
    server.create(USERS, &user("ann"))
}

fn call(object: &str, arguments: &str) -> String {
    let arguments = arguments.replace('%', "%25");
    format!("{object}/GetAllowedCustomPropertyValues({arguments})")
}

fn values(server: &Server, object: &str, arguments: &str) -> Vec<String> {
    let rows = server.rows(&call(object, arguments));
    let values = rows
        .iter()
        .map(|row| row["Value"].as_str().unwrap().to_owned());
    values.collect()
}

fn defaults_are_observable(kind: Kind) {
    let server = kind.server();
    let property = property(&server, "size", json!({}));
    for number in 1..=11 {
        value(&server, &property, &format!("{number:02}"), json!({}));
    }
    let ann = server.create(USERS, &user("ann"));
    let first = values(&server, &ann, "customPropertyCode='size'");
    assert_eq!(first.len(), 10);
    assert_eq!((first[0].as_str(), first[9].as_str()), ("01", "10"));
    assert_eq!(
        values(&server, &ann, "customPropertyCode='size',skip=10"),
        ["11"]
    );
    assert_eq!(
        values(&server, &ann, "customPropertyCode='size',top=11").len(),
        11
    );
    assert_eq!(
        values(&server, &ann, "customPropertyCode='size',top=0").len(),
        0
    );
    // The code is found whatever its case.
    assert_eq!(
        values(&server, &ann, "customPropertyCode='SIZE',top=1"),
        ["01"]
    );
    let body = server.get(&call(&ann, "customPropertyCode='size',top=1"));
    let context = body["@odata.context"].as_str().unwrap();
    assert!(
        context.ends_with("$metadata#Collection(Erp.CustomPropertyValue)"),
        "{context}"
    );
    let row = &body["value"][0];
    assert_eq!(row["Description"], Value::Null);
    assert_eq!(row["ValueId"].as_str().unwrap().len(), 36);
}

fn values_are_searched(kind: Kind) {
    let server = kind.server();
    let ann = fruits(&server);
    for (search, expected) in [
        ("search='a%'", &["apple", "avocado"][..]),
        ("search='A%'", &["apple", "avocado"]),
        ("search='%an%'", &["banana"]),
        ("search='%e'", &["apple"]),
        // Descriptions in any language count too.
        ("search='red'", &["apple", "Cherry"]),
        ("search='%red'", &["apple", "Cherry"]),
        ("search='ЗЕЛЕН'", &["avocado"]),
        ("search='an'", &["banana"]),
        ("search=''", &["apple", "avocado", "banana", "Cherry"]),
        ("search=null", &["apple", "avocado", "banana", "Cherry"]),
        ("search='apple',exactMatch=true", &["apple"]),
        ("search='RED',exactMatch=true", &["apple"]),
        ("search='a%',exactMatch=true", &[]),
        ("search='aubergine'", &[]),
        ("search='a%',exactMatch=false,skip=1", &["avocado"]),
    ] {
        let found = values(
            &server,
            &ann,
            &format!("customPropertyCode='fruit',{search}"),
        );
        assert_eq!(found, expected, "{search}");
    }
}

fn values_are_ordered(kind: Kind) {
    let server = kind.server();
    let ann = fruits(&server);
    let by_value = values(&server, &ann, "customPropertyCode='fruit'");
    assert_eq!(by_value, ["apple", "avocado", "banana", "Cherry"]);
    let described = "customPropertyCode='fruit',orderByDescription=true";
    assert_eq!(
        values(&server, &ann, described),
        ["Cherry", "avocado", "apple", "banana"]
    );
    // By the description in the language of the request.
    let address = format!("{}?culture=bg", call(&ann, described));
    let rows = server.rows(&address);
    let found: Vec<_> = rows
        .iter()
        .map(|row| row["Value"].as_str().unwrap())
        .collect();
    assert_eq!(found, ["banana", "avocado", "Cherry", "apple"]);
    assert_eq!(
        rows[0]["Description"],
        json!({"EN": "yellow", "BG": "жълт"})
    );
}

fn the_result_is_cut_further(kind: Kind) {
    let server = kind.server();
    let ann = fruits(&server);
    let all = call(&ann, "customPropertyCode='fruit'");
    let part = server.get(&format!("{all}?$top=1&$skip=1&$count=true"));
    assert_eq!(part["@odata.count"], 4);
    assert_eq!(part["value"][0]["Value"], "avocado");
    assert_eq!(part["value"].as_array().unwrap().len(), 1);
    assert_eq!(
        server
            .ask("GET", &format!("{all}/$count"))
            .expect(200)
            .text(),
        "4"
    );
    server
        .ask("GET", &format!("{all}?$filter=Value eq 'a'"))
        .refused(400, "InvalidOption", "$filter");
    let implicit =
        format!("{ann}/GetAllowedCustomPropertyValues?customPropertyCode='fruit'&@top=2");
    assert_eq!(server.rows(&implicit).len(), 2);
    let cut = format!("{ann}/GetAllowedCustomPropertyValues?customPropertyCode='fruit'&$top=1");
    assert_eq!(server.rows(&cut).len(), 1);
}

fn wrong_calls_are_told(kind: Kind) {
    let server = kind.server();
    let ann = fruits(&server);
    property(&server, "gone", json!({"IsActive": false}));
    property(&server, "other", json!({"EntityName": "Sec_Groups"}));
    for code in ["colour", "gone", "other", ""] {
        server
            .ask("GET", &call(&ann, &format!("customPropertyCode='{code}'")))
            .refused(404, "NotFound", "customPropertyCode");
    }
    let group = server.create("Systems_Security_Groups", &json!({"Name": {"EN": "G"}}));
    assert!(values(&server, &group, "customPropertyCode='other'").is_empty());
    for (arguments, code, target) in [
        ("", "InvalidPayload", "customPropertyCode"),
        ("search='a'", "InvalidPayload", "customPropertyCode"),
        ("customPropertyCode='fruit',top=-1", "InvalidValue", "top"),
        ("customPropertyCode='fruit',skip=-1", "InvalidValue", "skip"),
        (
            "customPropertyCode='fruit',top=1001",
            "LimitExceeded",
            "top",
        ),
        ("customPropertyCode='fruit',top='1'", "TypeMismatch", "top"),
        (
            "customPropertyCode='fruit',exactMatch=1",
            "TypeMismatch",
            "exactMatch",
        ),
        (
            "customPropertyCode='fruit',limit=1",
            "UnknownProperty",
            "limit",
        ),
    ] {
        server
            .ask("GET", &call(&ann, arguments))
            .refused(400, code, target);
    }
}

fn values_come_from_where_the_property_says(kind: Kind) {
    let server = kind.server();
    let ann = fruits(&server);
    let fruit = server.rows(&format!("{PROPERTIES}?$filter=Code eq 'fruit'"));
    let fruit = format!("{PROPERTIES}({})", fruit[0]["Id"].as_str().unwrap());
    let dessert = property(
        &server,
        "dessert",
        json!({"AllowedValuesProperty": link(&fruit)}),
    );
    assert_eq!(
        values(&server, &ann, "customPropertyCode='dessert',top=2"),
        ["apple", "avocado"]
    );
    property(
        &server,
        "treat",
        json!({"AllowedValuesProperty": link(&dessert)}),
    );
    assert_eq!(
        values(&server, &ann, "customPropertyCode='treat',top=1"),
        ["apple"]
    );
    // Two that take over from one another end.
    server.change(&fruit, &json!({"AllowedValuesProperty": link(&dessert)}));
    server
        .ask("GET", &call(&ann, "customPropertyCode='treat'"))
        .refused(400, "LimitExceeded", "customPropertyCode");

    for (code, name) in [
        ("a", "Sec_Users"),
        ("b", "Systems.Security.Users"),
        ("c", USERS),
    ] {
        property(&server, code, json!({"AllowedValuesEntityName": name}));
        let rows = server.rows(&call(
            &ann,
            &format!("customPropertyCode='{code}',search='ann'"),
        ));
        let id = crate::support::server::key(&ann);
        let expected = json!({"Value": "ann", "ValueId": id, "Description": {"EN": "ann"}});
        assert_eq!(rows, [expected], "{name}");
    }
    property(&server, "d", json!({"AllowedValuesEntityName": "No_Such"}));
    server
        .ask("GET", &call(&ann, "customPropertyCode='d'"))
        .refused(404, "NotFound", "customPropertyCode");
    property(
        &server,
        "e",
        json!({"AllowedValuesEntityName": "Sec_Users",
        "AllowedValuesFilterXML": "<filter/>"}),
    );
    server
        .ask("GET", &call(&ann, "customPropertyCode='e'"))
        .expect(501);
}

fn objects_are_those_that_the_caller_sees(kind: Kind) {
    let server = kind.server();
    for login in ["dora", "Carl", "emil"] {
        server.create(
            USERS,
            &merged(user(login), json!({"Name": {"EN": format!("N {login}")}})),
        );
    }
    let ann = Person::new(&server, "ann");
    property(
        &server,
        "boss",
        json!({"AllowedValuesEntityName": "Sec_Users"}),
    );
    let all = values(&server, &ann.address, "customPropertyCode='boss'");
    assert_eq!(all, ["ann", "Carl", "dora", "emil", "~tester"]);
    let paged = values(
        &server,
        &ann.address,
        "customPropertyCode='boss',top=2,skip=1",
    );
    assert_eq!(paged, ["Carl", "dora"]);
    let described = "customPropertyCode='boss',search='N %',orderByDescription=true,skip=1";
    assert_eq!(values(&server, &ann.address, described), ["dora", "emil"]);
    ann.may(
        &server,
        USERS,
        &json!({"RecordFilter": "Login in ('ann','dora')"}),
    );
    let mine = ann.asks(server.ask("GET", &call(&ann.address, "customPropertyCode='boss'")));
    let mine = mine.expect(200).json();
    let logins: Vec<_> = mine["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["Value"].clone())
        .collect();
    assert_eq!(logins, ["ann", "dora"]);
    property(
        &server,
        "team",
        json!({"AllowedValuesEntityName": "Sec_Groups"}),
    );
    let none = ann.asks(server.ask("GET", &call(&ann.address, "customPropertyCode='team'")));
    assert_eq!(none.expect(200).json()["value"], json!([]));
}

fn a_parent_narrows_the_values(kind: Kind) {
    let server = kind.server();
    let country = property(&server, "country", json!({}));
    let bg = value(&server, &country, "BG", json!({}));
    let de = value(&server, &country, "DE", json!({}));
    let city = property(
        &server,
        "city",
        json!({"AllowedValuesParentProperty": link(&country)}),
    );
    let of = |parent: &str| {
        let id = crate::support::server::key(parent);
        json!({"ParentAllowedValueId": id})
    };
    value(&server, &city, "Sofia", of(&bg));
    value(&server, &city, "Berlin", of(&de));
    value(&server, &city, "elsewhere", json!({}));
    let ann = server.create(USERS, &user("ann"));
    assert_eq!(
        values(&server, &ann, "customPropertyCode='city'"),
        ["elsewhere"]
    );
    let held = json!({"Property": link(&country), "EntityName": "Sec_Users", "Value": "bg",
        "EntityItemId": crate::support::server::key(&ann)});
    server.create("Systems_Bpm_CustomPropertyValues", &held);
    assert_eq!(
        values(&server, &ann, "customPropertyCode='city'"),
        ["elsewhere", "Sofia"]
    );
    let ben = server.create(USERS, &without(user("ben"), "nothing"));
    assert_eq!(
        values(&server, &ben, "customPropertyCode='city'"),
        ["elsewhere"]
    );
}

/// What the object has is told only to those who may read it.
fn hidden_values_of_a_parent_narrow_nothing(kind: Kind) {
    const VALUES: &str = "Systems_Bpm_CustomPropertyValues";
    let server = kind.server();
    let country = property(&server, "country", json!({}));
    let bg = value(&server, &country, "BG", json!({}));
    let narrowed = json!({"AllowedValuesParentProperty": link(&country)});
    let city = property(&server, "city", narrowed);
    let parent = json!({"ParentAllowedValueId": crate::support::server::key(&bg)});
    value(&server, &city, "Sofia", parent);
    value(&server, &city, "elsewhere", json!({}));
    let ann = server.create(USERS, &user("ann"));
    let bob = Person::new(&server, "bob");
    bob.may(&server, USERS, &json!({"CanRead": true}));
    let offered = || {
        let asked = bob.asks(server.ask("GET", &call(&ann, "customPropertyCode='city'")));
        let rows = asked.expect(200).json()["value"]
            .as_array()
            .unwrap()
            .clone();
        let values = rows
            .iter()
            .map(|row| row["Value"].as_str().unwrap().to_owned());
        values.collect::<Vec<_>>()
    };
    assert_eq!(offered(), ["elsewhere"]);
    let held = json!({"Property": link(&country), "EntityName": "Sec_Users", "Value": "bg",
        "EntityItemId": crate::support::server::key(&ann)});
    server.create(VALUES, &held);
    assert_eq!(offered(), ["elsewhere"]);
    bob.may(&server, VALUES, &json!({"CanRead": true}));
    assert_eq!(offered(), ["elsewhere", "Sofia"]);
    let key = json!({"Name": {"EN": "Values"}});
    let key = server.create("Systems_Security_AccessKeys", &key);
    server.create(
        "Systems_Security_ColumnPermissions",
        &json!({"TableName": "Gen_Property_Values", "ColumnName": "Property_Value",
            "AccessKey": link(&key)}),
    );
    assert_eq!(offered(), ["elsewhere"]);
}
