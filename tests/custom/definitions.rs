//! Definitions become a part of the model when somebody resets it.

use serde_json::{Value, json};

use crate::kit::{COLOR, PROPERTIES, bare, color, define, logins, painted, reset, resets};
use crate::support::http::Request;
use crate::support::server::{Kind, Server, USERS, settings};

crate::on_both!(
    a_reset_shows_what_is_defined,
    a_reset_hides_what_is_not_in_use,
    names_are_encoded,
    what_cannot_be_is_left_out,
    other_servers_follow,
    a_start_reads_definitions,
    derived_entities_have_the_properties_of_their_base,
);

fn metadata(server: &Server, format: &str) -> String {
    let answer = server.ask("GET", &format!("$metadata?$format={format}"));
    answer.anonymous().expect(200).text().to_owned()
}

fn model(server: &Server, endpoint: &str) -> Value {
    let target = format!("/api/domain/{endpoint}/{USERS}");
    Request::new(server.address, "GET", &target)
        .expect(200)
        .json()
}

fn attribute(model: &Value, name: &str) -> Option<Value> {
    let all = model["Attributes"].as_array().unwrap();
    all.iter().find(|one| one["Name"] == name).cloned()
}

fn a_reset_shows_what_is_defined(kind: Kind) {
    let server = kind.server();
    let before = metadata(&server, "xml");
    assert!(!before.contains("Name=\"CustomProperty_"));
    let more = json!({"LimitToAllowedValues": true, "Name": {"EN": "Color", "BG": "Цвят"}});
    define(&server, "color", more);
    // Nobody has reset the model yet.
    assert_eq!(metadata(&server, "xml"), before);
    server
        .ask("GET", &format!("{USERS}?$select={COLOR}"))
        .refused(400, "UnknownProperty", COLOR);
    reset(&server);
    let xml = metadata(&server, "xml");
    let property = format!("<Property Name=\"{COLOR}\" Type=\"Erp.CustomPropertyValue\"");
    assert_eq!(xml.matches(&property).count(), 1);
    let json: Value = serde_json::from_str(&metadata(&server, "json")).unwrap();
    let found = &json["Erp"]["Systems_Security_User"][COLOR];
    assert_eq!(found["$Type"], "Erp.CustomPropertyValue", "{found}");
    assert_eq!(found["@Core.Description"], "Color");
    assert_eq!(found["@Ext.DeclaredFilters"], json!(["eq"]));
    let current = attribute(&model(&server, "currentmodel"), COLOR).unwrap();
    assert_eq!(current["Type"], "Erp.CustomPropertyValue");
    assert_eq!(current["LocalizedName"], "Color");
    for (name, expected) in [
        ("IsCustomProperty", true),
        ("SupportsAllowedValues", true),
        ("LimitToAllowedValues", true),
        ("SupportsSet", true),
        ("ReadOnly", false),
        ("IsCalculatedDataAttribute", false),
    ] {
        assert_eq!(current[name], expected, "{name}");
    }
    assert_eq!(current["BaseInfo"]["SupportedFilters"], "Equals");
    assert_eq!(attribute(&model(&server, "standardmodel"), COLOR), None);
    // A reset without anything new changes nothing.
    reset(&server);
    assert_eq!(metadata(&server, "xml"), xml);
}

fn a_reset_hides_what_is_not_in_use(kind: Kind) {
    let server = kind.server();
    let property = define(&server, "color", json!({}));
    reset(&server);
    let ann = painted(&server, "ann", "blue");
    server.change(&property, &json!({"IsActive": false}));
    assert_eq!(color(&server, &ann), bare("blue"));
    reset(&server);
    server
        .ask("GET", &format!("{ann}?$select={COLOR}"))
        .refused(400, "UnknownProperty", COLOR);
    // The value is still there.
    server.change(&property, &json!({"IsActive": true, "Code": "shade"}));
    reset(&server);
    assert_eq!(server.stored(&ann, "CustomProperty_shade"), bare("blue"));
    // A definition with values cannot go.
    server.delete(&property).expect(409);
    server.change(&ann, &json!({"CustomProperty_shade": null}));
    server.delete(&property).expect(204);
    reset(&server);
    assert!(!metadata(&server, "xml").contains("Name=\"CustomProperty_"));
}

fn names_are_encoded(kind: Kind) {
    let server = kind.server();
    define(&server, "size (cm)", json!({"PropertyType": "Number"}));
    define(&server, "цвят", json!({}));
    reset(&server);
    let size = "CustomProperty_size_u0020_u0028cm_u0029";
    let ann = server.user_with(
        "ann",
        json!({size: {"Value": "12"}, "CustomProperty_цвят": {"Value": "син"}}),
    );
    assert_eq!(server.stored(&ann, size), bare("12"));
    assert_eq!(
        logins(&server, "$filter=CustomProperty_цвят eq 'СИН'"),
        ["ann"]
    );
    assert!(metadata(&server, "xml").contains("Name=\"CustomProperty_цвят\""));
}

fn what_cannot_be_is_left_out(kind: Kind) {
    let server = kind.server();
    define(&server, "a b", json!({}));
    define(&server, "a_u0020b", json!({}));
    define(&server, &"€".repeat(40), json!({}));
    define(&server, "x", json!({"EntityName": "No_Such"}));
    define(&server, "y", json!({"EntityName": "Sys_Objects"}));
    reset(&server);
    let xml = metadata(&server, "xml");
    assert_eq!(xml.matches("<Property Name=\"CustomProperty_").count(), 1);
}

fn other_servers_follow(kind: Kind) {
    let server = kind.server();
    let other = server.beside(settings());
    define(&server, "color", json!({}));
    reset(&server);
    let ann = painted(&server, "ann", "blue");
    // Whoever asks the other server sees the new model with the first request.
    assert_eq!(color(&other, &ann), bare("blue"));
    assert!(metadata(&other, "xml").contains(COLOR));
    define(&other, "size", json!({}));
    resets(&other).expect(204);
    server.change(&ann, &json!({"CustomProperty_size": {"Value": "L"}}));
    assert_eq!(other.stored(&ann, "CustomProperty_size"), bare("L"));
}

fn a_start_reads_definitions(kind: Kind) {
    let server = kind.server();
    define(&server, "color", json!({}));
    let later = server.beside(settings());
    let ann = painted(&later, "ann", "blue");
    assert_eq!(color(&later, &ann), bare("blue"));
}

fn derived_entities_have_the_properties_of_their_base(kind: Kind) {
    let server = kind.server();
    define(
        &server,
        "tag",
        json!({"EntityName": "General.Contacts.Parties"}),
    );
    reset(&server);
    let name = "CustomProperty_tag";
    let person = json!({"FirstName": {"EN": "Ann"}, name: {"Value": "vip"}});
    let person = server.create("General_Contacts_Persons", &person);
    assert_eq!(server.stored(&person, name), bare("vip"));
    let id = crate::support::server::key(&person);
    let party = format!("General_Contacts_Parties({id})");
    assert_eq!(server.stored(&party, name), bare("vip"));
    server.change(&party, &json!({name: {"Value": "new"}}));
    assert_eq!(server.stored(&person, name), bare("new"));
    let rows = server.rows(&format!(
        "General_Contacts_Persons?$filter={name} eq 'new'&$select=Id"
    ));
    assert_eq!(rows.len(), 1);
    let users = "Systems_Security_Users";
    let ann = server.user_with("ann", json!({"Person": {"@odata.id": person}}));
    let through = format!("{users}?$expand=Person($select={name})&$filter=Login eq 'ann'");
    assert_eq!(server.rows(&through)[0]["Person"][name], bare("new"));
    assert!(ann.starts_with(users));
    let xml = metadata(&server, "xml");
    assert_eq!(
        xml.matches(&format!("<Property Name=\"{name}\"")).count(),
        1
    );
    assert_eq!(
        server.count(&format!("{PROPERTIES}?$filter=Code eq 'tag'")),
        1
    );
}
