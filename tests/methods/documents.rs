//! What `$metadata` says of methods.

use serde_json::{Value, json};

use crate::support::server::Kind;

crate::on_both!(metadata_follows_the_table);

fn metadata_follows_the_table(kind: Kind) {
    let server = kind.server();
    let document = server.get("$metadata?$format=json");
    let erp = &document["Erp"];
    let overloads = erp["CreateNotification"].as_array().unwrap();
    assert!(overloads.len() > 20);
    let of_user = overloads
        .iter()
        .find(|o| o["$Parameter"][0]["$Type"] == "Erp.Systems_Security_User");
    let parameters = of_user.unwrap()["$Parameter"].as_array().unwrap();
    let names: Vec<_> = parameters
        .iter()
        .map(|p| p["$Name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "entityObject",
            "user",
            "notificationClass",
            "subject",
            "priority"
        ]
    );
    assert_eq!(parameters[1]["$Type"], "Erp.Systems_Security_User");
    assert_eq!(of_user.unwrap()["$ReturnType"], Value::Null);
    assert_eq!(
        parameters[4]["@Core.OptionalParameter"],
        json!({"DefaultValue": "Normal"})
    );
    let container = &erp["Container"];
    for name in ["GetVersion", "GetRenamedEntityTypes", "GetRepositoryEvents"] {
        assert_eq!(container[name]["$Function"], format!("Erp.{name}"));
    }
    assert_eq!(
        container["MarkNotificationsRead"]["$Action"],
        "Ext.MarkNotificationsRead"
    );
    let marks = document["Ext"]["MarkNotificationsRead"].as_array().unwrap();
    assert_eq!((marks.len(), &marks[0]["$IsBound"]), (1, &Value::Null));
    let copy = &erp["CreateCopy"][0];
    assert_eq!(copy["$ReturnType"]["$Type"], copy["$Parameter"][0]["$Type"]);
    let of = |copy: &Value| copy["$Parameter"][0]["$Type"].clone();
    let copies = erp["CreateCopy"].as_array().unwrap();
    assert!(
        copies
            .iter()
            .all(|copy| of(copy) != "Erp.Systems_Core_ObjectChangeset")
    );
    let begin = &erp["BeginTransaction"][0];
    assert_eq!(begin["$ReturnType"], json!({}));
    let xml = server.ask("GET", "$metadata").expect(200);
    assert!(
        xml.text()
            .contains("<FunctionImport Name=\"GetVersion\" Function=\"Erp.GetVersion\"/>")
    );
}
