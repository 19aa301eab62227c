//! Who may see and change custom properties, and who may reset the model.

use serde_json::{Value, json};

use crate::kit::{
    COLOR, Person, VALUES, allow, bare, color, colored, define, painted, reset, resets,
};
use crate::support::http::Request;
use crate::support::server::{Kind, Server, USERS};

crate::on_both!(
    administrators_reset_the_model,
    values_are_seen_with_their_objects,
    a_property_can_be_closed,
    a_closed_parent_narrows_as_if_it_were_empty,
    objects_that_are_hidden_are_no_values,
    record_filters_name_properties,
);

const PERSONS: &str = "General_Contacts_Persons";

fn administrators_reset_the_model(kind: Kind) {
    let server = kind.server();
    let ann = Person::new(&server, "ann");
    define(&server, "color", json!({}));
    ann.asks(resets(&server)).refused(403, "Forbidden", "");
    resets(&server)
        .anonymous()
        .refused(401, "SignInRequired", "");
    for method in ["GET", "PUT", "DELETE"] {
        let request = Request::new(server.address, method, "/api/domain/reset");
        let answer = request.refused(405, "MethodNotAllowed", "");
        assert_eq!(answer.header("allow"), Some("POST, OPTIONS"), "{method}");
    }
    let all = server.get(&format!("{USERS}?$top=1"));
    assert!(all["value"][0].get(COLOR).is_none());
    server
        .ask("GET", &format!("{USERS}?$select={COLOR}"))
        .refused(400, "UnknownProperty", COLOR);
    reset(&server);
    server.get(&format!("{USERS}?$select={COLOR}"));
}

fn values_are_seen_with_their_objects(kind: Kind) {
    let server = colored(kind);
    painted(&server, "ann", "blue");
    let secret = painted(&server, "bob", "blue");
    let carl = Person::new(&server, "carl");
    let filtered = format!("{USERS}?$filter={COLOR} eq 'blue'&$select=Login,{COLOR}");
    carl.asks(server.ask("GET", &filtered))
        .refused(403, "Forbidden", USERS);
    // Whether the property is there is told by nothing but the model.
    let unknown = format!("{USERS}?$filter=CustomProperty_colour eq 'blue'");
    carl.asks(server.ask("GET", &unknown))
        .refused(403, "Forbidden", USERS);
    carl.asks(server.ask("GET", VALUES))
        .refused(403, "Forbidden", VALUES);
    carl.may(
        &server,
        USERS,
        &json!({"RecordFilter": "Login in ('ann','carl')"}),
    );
    let rows = carl.asks(server.ask("GET", &filtered)).expect(200).json();
    assert_eq!(rows["value"].as_array().unwrap().len(), 1, "{rows}");
    assert_eq!(rows["value"][0][COLOR], bare("blue"));
    carl.asks(server.ask("GET", &format!("{secret}?$select={COLOR}")))
        .expect(404);
    // The values themselves are for administrators.
    carl.asks(server.ask("GET", VALUES))
        .refused(403, "Forbidden", VALUES);
}

/// A person with a color, and somebody who may read and change persons.
fn persons(kind: Kind) -> (Server, String, Person) {
    let server = kind.server();
    define(&server, "color", json!({"EntityName": "Cm_Persons"}));
    reset(&server);
    let ann = json!({"FirstName": {"EN": "Ann"}, COLOR: {"Value": "blue"}});
    let ann = server.create(PERSONS, &ann);
    let carl = Person::new(&server, "carl");
    carl.may(&server, PERSONS, &json!({"CanUpdate": true}));
    (server, ann, carl)
}

/// The definition of the color.
fn definition(server: &Server) -> String {
    let rows = server.rows("Systems_Bpm_CustomProperties?$filter=Code eq 'color'");
    format!(
        "Systems_Bpm_CustomProperties({})",
        rows[0]["Id"].as_str().unwrap()
    )
}

/// Closes the color of persons.
fn close(server: &Server) {
    let key = server.create(
        "Systems_Security_AccessKeys",
        &json!({"Name": {"EN": "key"}}),
    );
    let closing = |column: &str| {
        json!({"TableName": "Cm_Persons", "ColumnName": column, "AccessKey": {"@odata.id": key},
            "CanRead": true, "CanUpdate": true})
    };
    let columns = "Systems_Security_ColumnPermissions";
    server
        .post(columns, &closing("CustomProperty_colour"))
        .refused(422, "PermissionFault", "ColumnName");
    server.create(columns, &closing(COLOR));
}

fn a_property_can_be_closed(kind: Kind) {
    let (server, ann, carl) = persons(kind);
    let change = |value: &str| carl.asks(server.patch(&ann, &json!({COLOR: {"Value": value}})));
    change("red").expect(204);
    close(&server);
    let read = server.ask("GET", &format!("{PERSONS}?$select={COLOR}"));
    carl.asks(read).refused(403, "AttributeNotReadable", COLOR);
    for part in ["Value", "ValueId", "Description", "Description/EN"] {
        let read = server.ask("GET", &format!("{PERSONS}?$select={COLOR}/{part}"));
        carl.asks(read).refused(403, "AttributeNotReadable", COLOR);
    }
    for filter in ["eq 'red'", "ne 'red'"] {
        let filtered = server.ask("GET", &format!("{PERSONS}?$filter={COLOR} {filter}"));
        carl.asks(filtered)
            .refused(403, "AttributeNotReadable", COLOR);
    }
    // Whatever the value, and whatever is allowed: nothing tells what is held.
    change("green").refused(403, "Forbidden", COLOR);
    let limit = json!({"LimitToAllowedValues": true});
    server.change(&definition(&server), &limit);
    for value in ["red", "green"] {
        change(value).refused(403, "Forbidden", COLOR);
    }
    // Another property moves nothing.
    define(&server, "a", json!({"EntityName": "Cm_Persons"}));
    reset(&server);
    let read = server.ask("GET", &format!("{PERSONS}?$select={COLOR}"));
    carl.asks(read).refused(403, "AttributeNotReadable", COLOR);
    let read = server.ask("GET", &format!("{PERSONS}?$select=CustomProperty_a"));
    carl.asks(read).expect(200);
    assert_eq!(color(&server, &ann), bare("red"));
}

fn a_closed_parent_narrows_as_if_it_were_empty(kind: Kind) {
    let (server, ann, carl) = persons(kind);
    let parent = definition(&server);
    let blue = allow(&server, &parent, "blue", json!({}));
    let more = json!({"EntityName": "Cm_Persons", "LimitToAllowedValues": true,
        "AllowedValuesParentProperty": {"@odata.id": parent}});
    let shade = define(&server, "shade", more);
    allow(
        &server,
        &shade,
        "navy",
        json!({"ParentAllowedValueId": blue}),
    );
    reset(&server);
    let offered = || {
        let call = "GetAllowedCustomPropertyValues(customPropertyCode='shade')/$count";
        let call = server.ask("GET", &format!("{ann}/{call}"));
        carl.asks(call).expect(200).text().to_owned()
    };
    let name = "CustomProperty_shade";
    let change = || carl.asks(server.patch(&ann, &json!({name: {"Value": "navy"}})));
    assert_eq!(offered(), "1");
    change().expect(204);
    server.change(&ann, &json!({name: null}));
    close(&server);
    assert_eq!(offered(), "0");
    change().refused(422, "ValueOutOfRange", name);
}

fn objects_that_are_hidden_are_no_values(kind: Kind) {
    let (server, ann, carl) = persons(kind);
    define(
        &server,
        "boss",
        json!({"EntityName": "Cm_Persons", "LimitToAllowedValues": true,
            "AllowedValuesEntityName": "Systems.Security.Groups"}),
    );
    reset(&server);
    let group = server.create(
        "Systems_Security_Groups",
        &json!({"Name": {"EN": "Hidden"}}),
    );
    let name = "CustomProperty_boss";
    let id = crate::support::server::key(&group);
    let change = |value: Value| carl.asks(server.patch(&ann, &json!({name: value})));
    // The same whether or not it is there.
    let error = |value: &str| {
        let answer = change(json!({"Value": value})).expect(422).json();
        let message = answer["error"]["message"].as_str().unwrap();
        message.replace(value, "")
    };
    assert_eq!(error("Hidden"), error("Absent"));
    change(json!({"ValueId": id})).refused(422, "UnknownReference", name);
    server.change(&ann, &json!({name: {"ValueId": id}}));
}

fn record_filters_name_properties(kind: Kind) {
    let server = colored(kind);
    painted(&server, "ann", "blue");
    painted(&server, "bob", "red");
    let carl = Person::new(&server, "carl");
    carl.may(
        &server,
        USERS,
        &json!({"RecordFilter": format!("{COLOR} eq 'blue'")}),
    );
    let all = server.ask("GET", &format!("{USERS}?$select=Login"));
    let rows = carl.asks(all).expect(200).json();
    let logins: Vec<_> = rows["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["Login"])
        .collect();
    assert_eq!(logins, [&json!("ann")]);
    carl.asks(server.ask("GET", &format!("{USERS}/$count")))
        .expect(200);
}
