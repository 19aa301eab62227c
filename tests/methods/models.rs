//! The model endpoints.

use serde_json::{Value, json};

use crate::kit::Person;
use crate::support::http::{Answer, Request};
use crate::support::server::{Kind, Server};

crate::on_both!(
    the_standard_model_is_for_everybody,
    the_current_model_is_for_callers,
    a_set_is_told_with_its_members,
    documents_are_not_sent_again,
    texts_are_in_the_language_of_the_request,
    unknown_sets_are_told,
);

const STANDARD: &str = "/api/domain/standardmodel";
const CURRENT: &str = "/api/domain/currentmodel";

fn ask(server: &Server, target: &str) -> Request {
    Request::new(server.address, "GET", target)
}

fn member(of: &Value, list: &str, name: &str) -> Value {
    let all = of[list].as_array().unwrap();
    let found = all.iter().find(|one| one["Name"] == name);
    found.unwrap_or_else(|| panic!("no {list} {name}")).clone()
}

fn the_standard_model_is_for_everybody(kind: Kind) {
    let server = kind.server();
    let list = ask(&server, STANDARD).anonymous().expect(200);
    let all = list.json();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), server.model.entities().count());
    let users = all
        .iter()
        .find(|one| one["Name"] == "Systems_Security_Users")
        .unwrap();
    assert_eq!(
        *users,
        json!({
            "Name": "Systems_Security_Users",
            "TableName": "Sec_Users",
            "RepositoryName": "Systems.Security.Users",
            "LocalizedName": "Users",
            "LocalizedDescription": users["LocalizedDescription"],
            "IsAggregateRoot": true,
            "AggregateRoot": "Systems.Security.Users",
            "ObjectType": "Erp.Systems_Security_User",
            "Category": "Definitions",
            "UIVisibility": "ShownByDefault",
        })
    );
    let full = ask(&server, &format!("{STANDARD}?details=true"))
        .anonymous()
        .expect(200)
        .json();
    let full = full.as_array().unwrap();
    assert_eq!(full.len(), all.len());
    let users = full
        .iter()
        .find(|one| one["Name"] == "Systems_Security_Users")
        .unwrap();
    assert_eq!(users["AggregateParent"], Value::Null);
    let one = ask(&server, &format!("{STANDARD}/Systems_Security_Users")).anonymous();
    assert_eq!(one.expect(200).json(), *users);
    ask(&server, &format!("{STANDARD}?details=yes")).refused(400, "InvalidOption", "details");
    Request::new(server.address, "POST", STANDARD).expect(405);
}

fn the_current_model_is_for_callers(kind: Kind) {
    let server = kind.server();
    for target in [
        CURRENT.to_owned(),
        format!("{CURRENT}/Systems_Security_Users"),
    ] {
        ask(&server, &target)
            .anonymous()
            .refused(401, "SignInRequired", "");
        let standard = target.replace("current", "standard");
        // Whoever has signed in reads it, without any right.
        let ann = Person::new(&server, if target == CURRENT { "ann" } else { "ben" });
        let current = ann.asks(ask(&server, &target)).expect(200);
        assert_eq!(current.json(), ask(&server, &standard).expect(200).json());
    }
}

fn a_set_is_told_with_its_members(kind: Kind) {
    let server = kind.server();
    let users = ask(&server, &format!("{STANDARD}/Systems_Security_Users"))
        .expect(200)
        .json();
    assert_eq!(users["TrackChanges"], json!({"MinLevel": 3, "MaxLevel": 4}));
    assert_eq!(users["DisplayTextFormat"], "{Name}");
    assert_eq!(users["SearchMembers"], json!(["Login", "Name"]));
    assert_eq!(
        (&users["CodeDataMember"], &users["NameDataMember"]),
        (&json!("Login"), &json!("Name"))
    );
    let login = member(&users, "Attributes", "Login");
    assert_eq!(
        (
            &login["Type"],
            &login["ColumnName"],
            &login["SupportsSet"],
            &login["ReadOnly"]
        ),
        (
            &json!("Edm.String"),
            &json!("Login"),
            &json!(true),
            &json!(false)
        )
    );
    assert_eq!(
        login["BaseInfo"]["SupportedFilters"],
        "Equals, Like, EqualsIn"
    );
    assert_eq!(login["BaseInfo"]["MaxLength"], 64);
    let kind_of = member(&users, "Attributes", "UserType");
    assert_eq!(kind_of["Type"], "Erp.Systems_Security_Users_UserType");
    let first = &kind_of["enumValues"][0];
    assert!(
        first["Name"].is_string() && first["Code"].is_string(),
        "{first}"
    );
    // Closed attributes are described, and their values are nowhere.
    let password = member(&users, "Attributes", "Password");
    assert_eq!(password["BaseInfo"]["IsClosed"], true);
    assert_eq!(
        member(&users, "Attributes", "Id")["BaseInfo"]["DefaultValueType"],
        "NewGuid"
    );
    let text = member(&users, "Attributes", "DisplayText");
    assert_eq!(
        (
            &text["IsCalculatedDataAttribute"],
            &text["IsPersistent"],
            &text["ColumnName"]
        ),
        (&json!(true), &json!(false), &Value::Null)
    );
    let person = member(&users, "References", "Person");
    assert_eq!(person["ReferencedEntitySet"], "General_Contacts_Persons");
    assert_eq!(person["IsOwnership"], false);
    let groups = member(&users, "ChildCollections", "Groups");
    assert_eq!(groups["ChildEntitySet"], "Systems_Security_UserGroups");
    let notify = member(&users, "Methods", "CreateNotification");
    assert_eq!(
        (
            &notify["Namespace"],
            &notify["ReturnType"],
            &notify["IsAction"]
        ),
        (&json!("Erp"), &json!("void"), &json!(true))
    );
    let values = member(&users, "Methods", "GetAllowedCustomPropertyValues");
    assert_eq!(
        member(&values, "Parameters", "top"),
        json!({"Name": "top", "Type": "int32", "IsOptional": true, "DefaultValue": "10"})
    );
    let copy = member(&users, "Methods", "CreateCopy");
    assert_eq!(copy["IsAction"], true);
    let member_of = ask(&server, &format!("{STANDARD}/Systems_Security_UserGroups")).expect(200);
    let member_of = member_of.json();
    assert_eq!(member_of["AggregateParent"], "Systems.Security.Users");
    assert_eq!(member_of["IsAggregateRoot"], false);
    assert_eq!(
        member(&member_of, "References", "User")["IsAggregateParent"],
        true
    );
}

fn documents_are_not_sent_again(kind: Kind) {
    let server = kind.server();
    let same = |one: &Answer, other: &Answer| one.etag() == other.etag();
    for target in [
        STANDARD.to_owned(),
        format!("{CURRENT}?details=true"),
        format!("{STANDARD}/Systems_Security_Users"),
    ] {
        let first = ask(&server, &target).expect(200);
        let again = ask(&server, &target).header("If-None-Match", &first.etag());
        assert!(again.expect(304).body.is_empty());
        assert_eq!(
            first.header("content-type"),
            Some("application/json;charset=utf-8")
        );
        assert!(same(&first, &ask(&server, &target).expect(200)));
        let other = ask(&server, &target)
            .header("Accept-Language", "bg")
            .expect(200);
        assert!(!same(&first, &other));
        assert!(first.header("vary").unwrap().contains("Accept-Language"));
    }
}

fn texts_are_in_the_language_of_the_request(kind: Kind) {
    let server = kind.server();
    let text = |query: &str| {
        let users = ask(
            &server,
            &format!("{STANDARD}/Systems_Security_Users{query}"),
        );
        let users = users.expect(200).json();
        let name = member(&users, "Attributes", "Name");
        name["LocalizedDescription"].as_str().unwrap().to_owned()
    };
    assert_eq!(text(""), "Full name, in one or more languages.");
    assert_eq!(text("?culture=bg"), "Пълно име, на един или повече езици.");
    assert_eq!(text("?culture=de"), "Full name, in one or more languages.");
}

fn unknown_sets_are_told(kind: Kind) {
    let server = kind.server();
    for base in [STANDARD, CURRENT] {
        ask(&server, &format!("{base}/Users")).refused(404, "UnknownEntitySet", "Users");
        let renamed = ask(&server, &format!("{base}/Systems_Workflow_RoleUsers"));
        renamed.refused(404, "RenamedEntitySet", "Systems_Workflow_RoleUsers");
        ask(&server, &format!("{base}/a/b")).expect(404);
        ask(&server, &format!("{base}/")).expect(200);
    }
}
