use serde_json::{Value as Json, json};

use super::document;
use super::parameters::forms;
use crate::diag::Code;
use crate::http::route::{Place, Route};
use crate::model::{Declared, Filters, Model};

fn shipped() -> Json {
    let model = Model::shipped().unwrap();
    serde_json::from_str(&document(&model, "/").unwrap()).unwrap()
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let model = Model::shipped().unwrap();
    assert_eq!(
        document(&model, "/").unwrap(),
        document(&model, "/").unwrap()
    );
}

#[test]
fn declarations_are_told_as_forms() {
    use Declared::{Eq, Ge, Le, Like, MultiEq};
    let rows: &[(&[Declared], &str)] = &[
        (&[Eq], "eq, ne"),
        (&[MultiEq], "eq, ne, in"),
        (&[Ge, Le], "ge, gt, le, lt"),
        (&[Like], "contains, startswith, endswith"),
        (
            &[MultiEq, Like],
            "eq, ne, in, contains, startswith, endswith",
        ),
    ];
    for (words, expected) in rows {
        assert_eq!(forms(Filters::of(words)), *expected, "{words:?}");
    }
}

#[test]
fn the_filter_of_users_is_documented() {
    let document = shipped();
    let filter = &document["components"]["parameters"]["Systems_Security_Users.filter"];
    let text = filter["description"].as_str().unwrap();
    for line in [
        "- `CreationTimeUtc`: ge, gt, le, lt",
        "- `Login`: eq, ne, in, contains, startswith, endswith",
        "- `Name`: contains, startswith, endswith",
        "- `Person`: eq, ne, in",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    assert!(!text.contains("`Notes`"), "Notes declares no filter");
    let order = &document["components"]["parameters"]["Systems_Security_Users.orderby"];
    let order = order["description"].as_str().unwrap();
    assert!(order.ends_with("`Id`, `Email`, `Login`."), "{order}");
}

#[test]
fn users_look_as_the_source_says() {
    let document = shipped();
    let user = &document["components"]["schemas"]["Systems_Security_User"]["properties"];
    assert_eq!(user["Email"]["type"], json!(["string", "null"]));
    assert_eq!(user["Email"]["maxLength"], 254);
    assert_eq!(user["AccessFailedCount"]["format"], "int32");
    assert_eq!(user["CreationTimeUtc"]["format"], "date-time");
    assert_eq!(user["CreationTimeUtc"]["readOnly"], true);
    assert_eq!(user["Id"]["format"], "uuid");
    assert_eq!(user["Password"], Json::Null, "closed");
    let ty = "#/components/schemas/Systems_Security_Users_UserType";
    assert_eq!(user["UserType"]["allOf"][0]["$ref"], ty);
    assert_eq!(user["UserType"]["default"], "InternalUser");
    let group = &document["components"]["schemas"]["Systems_Security_Group"]["properties"];
    assert_eq!(group["GroupType"]["readOnly"], true);
    let party = &document["components"]["schemas"]["General_Contacts_Person"]["properties"];
    assert_eq!(party["PartyName"]["readOnly"], true);
    let ty = &document["components"]["schemas"]["Systems_Security_Users_UserType"]["enum"];
    assert_eq!(ty.as_array().unwrap().len(), 7);
    assert_eq!(ty[0], "InternalUser");
}

#[test]
fn every_query_declares_its_refusals() {
    let document = shipped();
    let mut queries = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(answers) = item["get"]["responses"].as_object() else {
            assert!(item["post"].is_object(), "{path}");
            continue;
        };
        assert!(answers.contains_key("200"), "{path}");
        if !path.contains("/Systems_") && !path.contains("/General_") {
            continue;
        }
        queries += 1;
        for status in [
            "400", "403", "404", "405", "406", "410", "414", "501", "503",
        ] {
            let place = format!("#/components/responses/Error{status}");
            assert_eq!(answers[status]["$ref"], place, "{status} of {path}");
        }
    }
    assert!(queries > 100, "only {queries} addresses");
}

const ROOT: &str = "/api/domain/odata";

#[test]
fn every_change_declares_its_body_and_its_refusals() {
    let document = shipped();
    let mut changes = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for verb in ["post", "patch", "put", "delete"] {
            let change = &item[verb];
            if change.is_null()
                || path.ends_with("$batch")
                || path.contains("$async")
                || !path.starts_with(ROOT)
            {
                continue;
            }
            changes += 1;
            let answers = change["responses"].as_object().unwrap();
            // Actions that answer something have a body instead.
            let done = answers.contains_key("204") || answers.contains_key("200");
            assert!(done, "{verb} {path}");
            for status in [
                "400", "404", "405", "409", "412", "413", "415", "422", "428", "501", "503",
            ] {
                let place = format!("#/components/responses/Error{status}");
                assert_eq!(answers[status]["$ref"], place, "{status} of {verb} {path}");
            }
            let body = change["requestBody"].is_object();
            assert_eq!(body, verb != "delete", "{verb} {path}");
        }
    }
    assert!(changes > 100, "only {changes} changes");
}

#[test]
fn what_is_offered_is_there_and_nothing_else() {
    let document = shipped();
    let verbs = |path: &str| -> Vec<String> {
        let item = document["paths"][format!("{ROOT}/{path}")].as_object();
        let verbs = item.into_iter().flat_map(|item| item.keys());
        verbs.cloned().collect()
    };
    for (path, expected) in [
        ("Systems_Security_Users", "get post"),
        ("Systems_Security_Users({id})", "get put delete patch"),
        ("Systems_Security_Users({id})/Groups", "get post"),
        ("Systems_Security_Users({id})/Person", "get"),
        ("Systems_Security_Users({id})/Ext.SetPassword", "post"),
        ("Systems_Security_Users({id})/Ext.ConfirmEmail", "post"),
        ("Systems_Security_Users({id})/Erp.CreateCopy", "post"),
        ("BeginTransaction", "post"),
        ("EndTransaction", "post"),
        ("Systems_Security_Groups({id})/Ext.SetPassword", ""),
        ("General_Contacts_Parties", "get post"),
        ("General_Contacts_Parties({id})", "get put delete patch"),
        ("Systems_Core_ObjectChangesets", "get"),
        ("Systems_Core_ObjectChangesets({id})", "get"),
        ("Systems_Core_ObjectChangesets({id})/Erp.CreateCopy", ""),
        (
            "Systems_Core_ObjectChangesets({id})/Erp.CreateNotification",
            "post",
        ),
        ("$batch", "post"),
        ("$async/{request}", "get delete"),
        ("Me", "get patch"),
    ] {
        let mut expected: Vec<_> = expected.split_whitespace().collect();
        let mut found = verbs(path);
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{path}");
    }
}

#[test]
fn bodies_hold_what_writers_give() {
    let document = shipped();
    let schemas = &document["components"]["schemas"];
    // An object of the base set says of which type it is.
    let party = &schemas["General_Contacts_Party.Create"]["anyOf"];
    let person =
        party.as_array().unwrap().iter().find(|of| {
            of["allOf"][0]["$ref"] == "#/components/schemas/General_Contacts_Person.Create"
        });
    let named = &person.unwrap()["allOf"][1];
    assert_eq!(
        named["properties"]["@odata.type"]["enum"],
        json!(["#Erp.General_Contacts_Person"])
    );
    assert_eq!(named["required"], json!(["@odata.type"]));
    // What no answer holds may still be needed.
    let token = &schemas["Systems_Security_AccessToken.Create"]["allOf"][1];
    assert_eq!(token["properties"]["AccessTokenKey"]["writeOnly"], true);
    assert!(
        token["required"]
            .as_array()
            .unwrap()
            .contains(&json!("AccessTokenKey"))
    );
    let given = &schemas["Systems_Security_User.Update"]["properties"];
    for closed in [
        "Password",
        "CreationTimeUtc",
        "EmailConfirmed",
        "ObjectVersion",
        "DisplayText",
    ] {
        assert_eq!(given[closed], Json::Null, "{closed}");
    }
    assert_eq!(given["AccessFailedCount"]["minimum"], 0);
    let groups = "#/components/schemas/Systems_Security_UserGroup.Update";
    assert_eq!(given["Groups"]["items"]["$ref"], groups);
    let needed = &schemas["Systems_Security_User.Create"]["allOf"][1]["required"];
    assert_eq!(*needed, json!(["Login", "Name"]));
    let body = &document["components"]["requestBodies"]["Systems_Security_User.Create"];
    assert_eq!(body["required"], true);
    let path = format!("{ROOT}/Systems_Security_Users({{id}})/Ext.SetPassword");
    let call = &document["paths"][&path]["post"]["requestBody"];
    let arguments = &call["content"]["application/json"]["schema"];
    assert_eq!(arguments["required"], json!(["password"]));
}

#[test]
fn refusals_name_their_codes() {
    let document = shipped();
    let refusal = |status: u16| {
        let answer = &document["components"]["responses"][format!("Error{status}")];
        answer["description"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    for code in [
        Code::FilterNotDeclared,
        Code::AttributeNotReadable,
        Code::Gone,
    ] {
        assert!(
            refusal(code.status()).contains(code.word()),
            "{}",
            code.word()
        );
    }
    assert!(!refusal(500).contains("ModelFault"), "only at start-up");
}

/// Every `$ref` of the document and the place that it names.
fn references(value: &Json, found: &mut Vec<String>) {
    match value {
        Json::Object(members) => {
            let target = members.get("$ref").and_then(Json::as_str);
            found.extend(target.map(str::to_owned));
            members.values().for_each(|v| references(v, found));
        }
        Json::Array(items) => items.iter().for_each(|v| references(v, found)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = shipped();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for place in found {
        let pointer = place.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{place}");
    }
}

#[test]
fn the_stream_of_events_is_told() {
    let document = shipped();
    let path = "/api/domain/events";
    assert_eq!(Route::of(path).address.place, Place::Events);
    let listen = &document["paths"][path]["get"];
    let answers = listen["responses"].as_object().unwrap();
    assert!(answers["200"]["content"]["text/event-stream"].is_object());
    for status in ["400", "401", "403", "410", "429", "503"] {
        assert!(answers.contains_key(status), "{status}");
    }
    let parameters = listen["parameters"].as_array().unwrap();
    let names: Vec<_> = parameters.iter().map(|p| (&p["name"], &p["in"])).collect();
    let query = |name: &str| (json!(name), json!("query"));
    let (sets, last) = (query("sets"), query("lastEventId"));
    let header = (json!("Last-Event-ID"), json!("header"));
    let expected = [&sets, &last, &header].map(|(name, place)| (name, place));
    assert_eq!(names, expected);
    // Whoever listens has signed in: the rule of the document holds.
    assert!(listen.get("security").is_none());
}

#[test]
fn signing_in_is_told_with_its_refusals() {
    let document = shipped();
    for (path, verb, good, refusals, is_open) in [
        (
            "/api/domain/login",
            "post",
            "200",
            "400 401 403 415 422 429 503",
            true,
        ),
        (
            "/api/domain/logout",
            "post",
            "204",
            "400 401 403 503",
            false,
        ),
        (
            "/api/domain/session",
            "get",
            "200",
            "400 401 403 503",
            false,
        ),
        (
            "/id/connect/token",
            "post",
            "200",
            "400 401 403 429 503",
            true,
        ),
        (
            "/id/.well-known/openid-configuration",
            "get",
            "200",
            "400",
            true,
        ),
        (
            "/id/.well-known/openid-configuration/jwks",
            "get",
            "200",
            "503",
            true,
        ),
        ("/sys/auto-discovery", "get", "200", "400", true),
    ] {
        assert_ne!(Route::of(path).address.place, Place::Nowhere, "{path}");
        let operation = &document["paths"][path][verb];
        let answers = operation["responses"].as_object().unwrap();
        for status in refusals.split(' ').chain([good]) {
            assert!(answers.contains_key(status), "{status} of {verb} {path}");
        }
        let open = operation["security"] == json!([{}]);
        assert_eq!(open, is_open, "{path}");
    }
    let login = &document["paths"]["/api/domain/login"]["post"]["requestBody"]["content"];
    let fields = &login["application/json"]["schema"];
    assert_eq!(fields["required"], json!(["user", "pass"]));
    assert_eq!(
        login["application/x-www-form-urlencoded"]["schema"],
        *fields
    );
    let token = &document["paths"]["/id/connect/token"]["post"]["responses"]["400"];
    let errors = &token["content"]["application/json"]["schema"]["properties"]["error"]["enum"];
    assert_eq!(errors.as_array().unwrap().len(), 5);
}
