//! What is offered, the JSON form, versions.

use serde_json::Value as Json;

use super::{ALL, NOTHING, NOW, Node, offered_xml, shipped};
use crate::encode::csdl::capabilities::allowed_expressions;
use crate::encode::csdl::{build, json};
use crate::encode::{CsdlVersion, Offers, csdl_json, csdl_xml};
use crate::model::{Declared, Filters};

#[test]
fn only_what_is_answered_is_offered() {
    let model = shipped();
    let truth = |offers: Offers| {
        let top = Node::read(&offered_xml(&model, offers));
        let set = top.find("EntitySet", "Systems_Security_Users").unwrap();
        let term = |name: &str| set.annotation(name).unwrap().values("Bool").join(" ");
        [
            term("Capabilities.InsertRestrictions"),
            term("Capabilities.UpdateRestrictions"),
            term("Capabilities.DeleteRestrictions"),
            top.find("Action", "CreateCopy").is_some().to_string(),
            top.find("Action", "SetPassword").is_some().to_string(),
        ]
    };
    assert_eq!(truth(NOTHING), ["false"; 5]);
    assert_eq!(truth(NOW), ["true", "true", "true", "false", "true"]);
    assert_eq!(truth(ALL), ["true"; 5]);
}

#[test]
fn sets_say_what_groups_and_what_is_aggregated() {
    let top = Node::read(&offered_xml(&shipped(), NOW));
    let set = top.find("EntitySet", "Systems_Security_Users").unwrap();
    let supported = set.annotation("Aggregation.ApplySupported").unwrap();
    let paths = supported.values("PropertyPath");
    for path in ["UserType", "Person/Id", "Login", "CreationTimeUtc"] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    for path in ["Notes", "Name", "Password", "ObjectVersion", "DisplayText"] {
        assert!(!paths.contains(&path), "{path}");
    }
    // `CreationTimeUtc` is aggregated and does not group.
    let times = paths.iter().filter(|path| **path == "CreationTimeUtc");
    assert_eq!(times.count(), 1);
    let all = supported.values("String");
    assert!(all.contains(&"average") && all.contains(&"countdistinct"));
    let container = top.find("EntityContainer", "Container");
    let container = container.or_else(|| {
        let schemas = top.children.iter().flat_map(|c| &c.children);
        let mut all = schemas.flat_map(|schema| &schema.children);
        all.find(|c| c.name == "EntityContainer")
    });
    let defaults = container.unwrap();
    let defaults = defaults.annotation("Aggregation.ApplySupportedDefaults");
    assert!(defaults.unwrap().values("String").contains(&"groupby"));
}

#[test]
fn every_offered_operation_is_of_the_model() {
    let model = shipped();
    let called = |offers: Offers| model.methods().iter().filter(|m| offers.calls(m)).count();
    assert_eq!(called(NOW), 3);
    assert_eq!(called(ALL), model.methods().len());
}

#[test]
fn sets_say_whether_they_take_new_entities() {
    let top = Node::read(&offered_xml(&shipped(), NOW));
    let truth = |set: &str| {
        let set = top.find("EntitySet", set).unwrap();
        let term = |name: &str| set.annotation(name).unwrap().values("Bool").join(" ");
        [
            term("Capabilities.InsertRestrictions"),
            term("Capabilities.UpdateRestrictions"),
            term("Capabilities.DeleteRestrictions"),
        ]
    };
    assert_eq!(truth("General_Contacts_Persons"), ["true"; 3]);
    // A party is a person, a company or a part of one.
    assert_eq!(truth("General_Contacts_Parties"), ["true", "true", "true"]);
    assert_eq!(truth("Systems_Core_ObjectChangesets"), ["false"; 3]);
}

#[test]
fn operations_of_ours_are_of_users_alone() {
    let model = shipped();
    let document = json::encode(&build::document(&model, CsdlVersion::V401, NOW));
    for (name, parameters) in [("SetPassword", 2), ("ConfirmEmail", 1)] {
        let overloads = document["Ext"][name].as_array().unwrap();
        assert_eq!(overloads.len(), 1, "{name}");
        let given = overloads[0]["$Parameter"].as_array().unwrap();
        assert_eq!(given.len(), parameters, "{name}");
        assert_eq!(given[0]["$Type"], "Erp.Systems_Security_User");
        assert_eq!(overloads[0]["$ReturnType"], Json::Null);
    }
    assert_eq!(document["Erp"]["CreateCopy"], Json::Null);
}

#[test]
fn operations_have_their_parameters() {
    let model = shipped();
    let document = json::encode(&build::document(&model, CsdlVersion::V401, ALL));
    let overloads = document["Erp"]["GetAllowedCustomPropertyValues"]
        .as_array()
        .unwrap();
    let of_user = overloads
        .iter()
        .find(|o| o["$Parameter"][0]["$Type"] == "Erp.Systems_Security_User")
        .unwrap();
    let parameters = of_user["$Parameter"].as_array().unwrap().iter();
    let names: Vec<_> = parameters.map(|p| p["$Name"].as_str().unwrap()).collect();
    let expected = [
        "entityObject",
        "customPropertyCode",
        "search",
        "exactMatch",
        "orderByDescription",
        "top",
        "skip",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        of_user["$Parameter"][5]["@Core.OptionalParameter"]["DefaultValue"],
        "10"
    );
    assert_eq!(of_user["$ReturnType"]["$Collection"], true);
    assert_eq!(of_user["$ReturnType"]["$Type"], "Erp.CustomPropertyValue");
}

#[test]
fn what_is_not_bound_is_imported() {
    let model = shipped();
    let document = json::encode(&build::document(&model, CsdlVersion::V401, NOW));
    let overloads = document["Erp"]["GetVersion"].as_array().unwrap();
    assert_eq!(overloads.len(), 1);
    assert_eq!(overloads[0]["$IsBound"], Json::Null);
    assert_eq!(overloads[0]["$Parameter"], serde_json::json!([]));
    assert_eq!(overloads[0]["$ReturnType"]["$Type"], "Erp.GetVersionResult");
    let container = &document["Erp"]["Container"];
    assert_eq!(container["GetVersion"]["$Function"], "Erp.GetVersion");
    assert_eq!(container["GetRenamedEntityTypes"], Json::Null);
    let top = Node::read(&offered_xml(&model, ALL));
    let import = top.find("FunctionImport", "GetRenamedEntityTypes").unwrap();
    assert_eq!(import.attribute("Function"), "Erp.GetRenamedEntityTypes");
    let returned = top.find("Function", "GetRenamedEntityTypes").unwrap();
    assert_eq!(
        returned.values("Type"),
        ["Collection(Erp.GetRenamedEntityTypesResult)"]
    );
    let record = top
        .find("ComplexType", "GetRenamedEntityTypesResult")
        .unwrap();
    assert_eq!(record.values("Name").len(), 4);
}

#[test]
fn json_form() {
    let document: Json = serde_json::from_str(&csdl_json(&shipped(), ALL).unwrap()).unwrap();
    assert_eq!(document["$Version"], "4.01");
    assert_eq!(document["$EntityContainer"], "Erp.Container");
    let user = &document["Erp"]["Systems_Security_User"];
    assert_eq!(user["$Kind"], "EntityType");
    assert_eq!(user["$Key"], serde_json::json!(["Id"]));
    assert_eq!(user["Email"]["$MaxLength"], 254);
    assert_eq!(user["Email"]["$Nullable"], true);
    assert_eq!(
        user["Email"]["$Type"],
        Json::Null,
        "`Edm.String` is the default"
    );
    let filters = &user["Email"]["@Ext.DeclaredFilters"];
    assert_eq!(*filters, serde_json::json!(["multi eq", "like"]));
    assert_eq!(user["Groups"]["$OnDelete"], "Cascade");
    assert_eq!(user["Groups"]["@Ext.CountedInFilters"], true);
    let set = &document["Erp"]["Container"]["Systems_Security_Users"];
    assert_eq!(
        set["$NavigationPropertyBinding"]["Groups"],
        "Systems_Security_UserGroups"
    );
    assert_eq!(
        set["@Core.OptimisticConcurrency"],
        serde_json::json!(["ObjectVersion"])
    );
}

#[test]
fn the_version_is_as_asked() {
    let model = shipped();
    for (version, text) in [(CsdlVersion::V40, "4.0"), (CsdlVersion::V401, "4.01")] {
        let top = Node::read(&csdl_xml(&model, version, ALL).unwrap());
        assert_eq!(top.attribute("Version"), text);
    }
}

#[test]
fn declarations_map_to_the_nearest_word() {
    use Declared::{Eq, Ge, Le, Like, MultiEq};
    let rows: &[(&[Declared], Option<&str>)] = &[
        (&[], None),
        (&[Eq], Some("SingleValue")),
        (&[MultiEq], Some("MultiValue")),
        (&[Like], Some("SearchExpression")),
        (&[Eq, Like], Some("SingleValue")),
        (&[MultiEq, Like], Some("MultiValue")),
        (&[Ge, Le], Some("SingleRange")),
        (&[Eq, Ge, Le], Some("MultiRange")),
        (&[Eq, Ge, Le, Like], Some("MultiRangeOrSearchExpression")),
    ];
    for (words, expected) in rows {
        assert_eq!(
            allowed_expressions(Filters::of(words)),
            *expected,
            "{words:?}"
        );
    }
}
