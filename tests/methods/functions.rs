//! Functions of the service: names, arguments, parts of the result, verbs.

use serde_json::json;
use userdex::access::Scopes;

use crate::kit::Person;
use crate::support::server::{Kind, USERS, user};

crate::on_both!(
    the_version_is_told,
    renamed_sets_are_listed,
    repositories_tell_their_events,
    arguments_come_in_every_form,
    wrong_arguments_are_told,
    results_are_cut_and_counted,
    each_kind_has_its_verb,
    functions_need_the_scope_read,
);

fn the_version_is_told(kind: Kind) {
    let server = kind.server();
    for name in [
        "GetVersion",
        "GetVersion()",
        "Erp.GetVersion",
        "Erp.GetVersion()",
    ] {
        let answer = server.ask("GET", name).expect(200);
        let body = answer.json();
        assert_eq!(body["version"], env!("CARGO_PKG_VERSION"), "{name}");
        let context = body["@odata.context"].as_str().unwrap();
        assert!(
            context.ends_with("$metadata#Erp.GetVersionResult"),
            "{context}"
        );
        assert_eq!(answer.header("odata-version"), Some("4.0"));
        let head = server.ask("HEAD", name).expect(200);
        assert!(head.body.is_empty());
    }
    server
        .ask("GET", "GetVersion")
        .anonymous()
        .refused(401, "SignInRequired", "");
    server.ask("GET", "Ext.GetVersion").expect(501);
    server.ask("GET", "GetVersion?$format=xml").expect(406);
}

fn renamed_sets_are_listed(kind: Kind) {
    let server = kind.server();
    let body = server.get("GetRenamedEntityTypes()");
    let context = body["@odata.context"].as_str().unwrap();
    assert!(
        context.ends_with("#Collection(Erp.GetRenamedEntityTypesResult)"),
        "{context}"
    );
    let rows = body["value"].as_array().unwrap();
    let wanted = json!({"OldName": "Systems_Workflow_RoleUsers",
                        "NewName": "Systems_Security_RoleUsers", "Version": "24.1.101.1"});
    assert!(rows.contains(&wanted), "{body}");
    for row in rows {
        let (old, new) = (
            row["OldName"].as_str().unwrap(),
            row["NewName"].as_str().unwrap(),
        );
        let refused = server.ask("GET", old).refused(404, "RenamedEntitySet", old);
        assert!(refused.text().contains(new), "{refused}");
    }
}

fn repositories_tell_their_events(kind: Kind) {
    let server = kind.server();
    let events = |repository: &str| {
        let rows = server.rows(&format!(
            "GetRepositoryEvents(repositoryName='{repository}')"
        ));
        let names = rows
            .iter()
            .map(|row| row["Name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(
        events("Systems.Security.Users"),
        ["Create", "Update", "Delete"]
    );
    // The history of changes has no history.
    assert!(events("Systems.Core.ObjectChangesets").is_empty());
    server
        .ask(
            "GET",
            "GetRepositoryEvents(repositoryName='Systems_Security_Users')",
        )
        .refused(404, "NotFound", "repositoryName");
}

fn arguments_come_in_every_form(kind: Kind) {
    let server = kind.server();
    let name = "Systems.Security.Users";
    for address in [
        format!("GetRepositoryEvents(repositoryName='{name}')"),
        format!("Erp.GetRepositoryEvents( repositoryName = '{name}' )"),
        format!("GetRepositoryEvents(repositoryName=@p)?@p='{name}'"),
        format!("GetRepositoryEvents?repositoryName='{name}'"),
        format!("GetRepositoryEvents?@repositoryName='{name}'"),
        format!("GetRepositoryEvents?unknown=1&repositoryName='{name}'"),
    ] {
        assert_eq!(server.rows(&address).len(), 3, "{address}");
    }
}

fn wrong_arguments_are_told(kind: Kind) {
    let server = kind.server();
    for (arguments, code, target) in [
        ("", "InvalidPayload", "repositoryName"),
        ("()", "InvalidPayload", "repositoryName"),
        ("(repositoryName=null)", "InvalidPayload", "repositoryName"),
        ("(repositoryName=@p)", "InvalidPayload", "repositoryName"),
        ("?RepositoryName='a'", "InvalidPayload", "repositoryName"),
        ("(name='a')", "UnknownProperty", "name"),
        ("(repositoryName=1)", "TypeMismatch", "repositoryName"),
        (
            "(repositoryName='a',repositoryName='a')",
            "DuplicateProperty",
            "repositoryName",
        ),
        ("('a')", "InvalidValue", ""),
        ("(repositoryName=)", "SyntaxError", ""),
    ] {
        let address = format!("GetRepositoryEvents{arguments}");
        let answer = server.ask("GET", &address).refused(400, code, target);
        if code != "SyntaxError" && code != "TypeMismatch" && code != "DuplicateProperty" {
            let help = answer.json()["error"]["@ext.help"].to_string();
            assert!(
                help.contains("it takes `repositoryName`"),
                "{address}: {answer}"
            );
        }
    }
    server
        .ask("GET", "GetVersion(a=1)")
        .refused(400, "UnknownProperty", "a");
}

fn results_are_cut_and_counted(kind: Kind) {
    let server = kind.server();
    let all = server.rows("GetRenamedEntityTypes()");
    let number = all.len();
    assert!(number > 3);
    let part = server.get("GetRenamedEntityTypes()?$top=2&$skip=1&$count=true");
    assert_eq!(part["@odata.count"], number);
    assert_eq!(part["value"].as_array().unwrap(), &all[1..3]);
    let count = server
        .ask("GET", "GetRenamedEntityTypes()/$count")
        .expect(200);
    assert_eq!(count.text(), number.to_string());
    assert!(server.rows("GetRenamedEntityTypes?$skip=100").is_empty());
    for (option, name) in [
        ("$filter=OldName eq 'a'", "$filter"),
        ("$orderby=OldName", "$orderby"),
        ("$select=OldName", "$select"),
        ("$expand=A", "$expand"),
        ("$search=a", "$search"),
    ] {
        let address = format!("GetRenamedEntityTypes()?{option}");
        let answer = server
            .ask("GET", &address)
            .refused(400, "InvalidOption", name);
        let help = answer.json()["error"]["@ext.help"].to_string();
        assert!(help.contains("$top, $skip, $count"), "{answer}");
    }
    server
        .ask("GET", "GetVersion()?$top=1")
        .refused(400, "InvalidOption", "$top");
    server.ask("GET", "GetVersion()/$count").expect(404);
    server
        .ask("GET", "GetRenamedEntityTypes()/OldName")
        .expect(404);
}

fn each_kind_has_its_verb(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let values = format!("{ann}/GetAllowedCustomPropertyValues(customPropertyCode='x')");
    for address in ["GetVersion", "GetRenamedEntityTypes()", values.as_str()] {
        for verb in ["POST", "PATCH", "PUT", "DELETE"] {
            let answer = server.with(verb, address, &json!({}));
            let answer = answer.refused(405, "MethodNotAllowed", "");
            assert_eq!(
                answer.header("allow"),
                Some("GET, HEAD, OPTIONS"),
                "{verb} {address}"
            );
        }
    }
    for action in [
        "CreateNotification",
        "Erp.CreateNotification",
        "Ext.Unlock",
        "Unlock",
    ] {
        let address = format!("{ann}/{action}");
        for verb in ["GET", "HEAD", "PATCH", "PUT", "DELETE"] {
            let answer = server.ask(verb, &address).expect(405);
            assert_eq!(
                answer.header("allow"),
                Some("POST, OPTIONS"),
                "{verb} {address}"
            );
        }
    }
}

fn functions_need_the_scope_read(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let writer = Person::of(&server, ann.clone(), Scopes::parse("update"));
    for address in [
        "GetVersion()".to_owned(),
        "GetRepositoryEvents(repositoryName='Systems.Security.Users')".to_owned(),
        format!("{ann}/GetAllowedCustomPropertyValues(customPropertyCode='x')"),
    ] {
        writer.asks(server.ask("GET", &address)).refused(
            403,
            "Forbidden",
            if address.starts_with("GetV") || address.starts_with("GetR") {
                ""
            } else {
                USERS
            },
        );
    }
    let reader = Person::of(&server, ann, Scopes::parse("read"));
    reader.asks(server.ask("GET", "GetVersion()")).expect(200);
}
