//! What clients say of the answers that they would like: versions and preferences; and addresses
//! that stand for others.

use serde_json::json;

use crate::support::http::Request;
use crate::support::server::{Kind, Server, USERS, key, link, user};

crate::on_both!(
    names_of_control_information_follow_the_version,
    nulls_are_omitted,
    what_means_nothing_is_not_applied,
    an_entity_is_found_by_its_id,
    me_is_the_caller,
    sets_are_not_mixed,
    schemas_have_one_version,
    custom_properties_make_another_version,
);

fn names_of_control_information_follow_the_version(kind: Kind) {
    let server = kind.server();
    let (ann, group) = (server.user("ann"), server.group("G"));
    let member = json!({"User": link(&ann), "Group": link(&group)});
    server.create("Systems_Security_UserGroups", &member);
    let full = "application/json;odata.metadata=full";
    let addresses = [
        format!("{USERS}?$top=1&$count=true&$expand=Groups($count=true)"),
        format!("{ann}?$expand=Groups,Person"),
        format!("{ann}/Name"),
        format!("{ann}/Groups/$ref"),
        format!("{USERS}?$select=Name/EN"),
        String::new(),
        "GetVersion()".to_owned(),
    ];
    for address in &addresses {
        let ask = |version: &str| {
            let request = server.ask("GET", address).header("Accept", full);
            let request = request.prefer("maxpagesize=1");
            request.header("OData-MaxVersion", version).expect(200)
        };
        let (old, new) = (ask("4.0"), ask("4.01"));
        assert_eq!(new.header("odata-version"), Some("4.01"));
        assert!(old.text().contains("\"@odata.context\""), "{address} {old}");
        assert!(!new.text().contains("odata.context"), "{address} {new}");
        let tokens = |text: &str| {
            let words = text.split('"').filter(|word| !word.contains("$skiptoken="));
            words.collect::<Vec<_>>().join("\"")
        };
        let without_expanded = |text: &str| {
            let text = text.replacen("(Groups())", "", 1);
            text.replacen("(Groups(),Person())", "", 1)
        };
        // Types of the standard itself have no number sign any more.
        let newer = old.text().replace("@odata.", "@");
        let newer = newer.replace("@type\":\"#", "@type\":\"");
        let newer = newer.replace("@type\":\"Erp.", "@type\":\"#Erp.");
        assert_eq!(
            tokens(&newer),
            // What is expanded is said to clients of 4.01 only.
            tokens(&without_expanded(new.text())),
            "{address}"
        );
    }
    // Whoever names no version gets what has always been.
    let answer = server.ask("GET", &ann).expect(200);
    assert!(answer.text().contains("\"@odata.etag\""), "{answer}");
}

fn nulls_are_omitted(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    for address in [ann.clone(), format!("{USERS}?$filter=Login eq 'ann'")] {
        let whole = server.ask("GET", &address).expect(200);
        assert!(whole.text().contains("\"Email\":null"), "{whole}");
        let lean = server.ask("GET", &address).prefer("omit-values=nulls");
        let lean = lean.expect(200);
        assert!(!lean.text().contains(":null"), "{lean}");
        assert!(lean.text().contains("\"Login\":\"ann\""), "{lean}");
        assert_eq!(lean.header("preference-applied"), Some("omit-values=nulls"));
    }
    // Also of what a change answers with.
    for (wanted, applied) in [
        ("return=representation", "return=representation"),
        // There null says what the change has done.
        (
            "return=representation, omit-values=nulls",
            "return=representation",
        ),
    ] {
        let change = server.patch(&ann, &json!({"Notes": null})).prefer(wanted);
        let answer = change.expect(200);
        for name in ["Email", "Notes"] {
            let null = format!("\"{name}\":null");
            assert!(answer.text().contains(&null), "{answer}");
        }
        assert_eq!(answer.header("preference-applied"), Some(applied));
    }
    let made = server.post(USERS, &user("bea")).prefer("omit-values=nulls");
    let made = made.expect(201);
    assert!(!made.text().contains(":null"), "{made}");
    assert_eq!(made.header("preference-applied"), Some("omit-values=nulls"));
    // Where nothing is answered there is nothing to leave out.
    let silent = server.patch(&ann, &json!({"Notes": "y"}));
    let silent = silent
        .prefer("return=minimal, omit-values=nulls")
        .expect(204);
    assert_eq!(silent.header("preference-applied"), Some("return=minimal"));
    let both = server
        .ask("GET", USERS)
        .prefer("omit-values=nulls, odata.maxpagesize=1");
    assert_eq!(
        both.expect(200).header("preference-applied"),
        Some("odata.maxpagesize=1, omit-values=nulls")
    );
}

fn what_means_nothing_is_not_applied(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    for preference in [
        "omit-values=defaults",
        "include-annotations=\"*\"",
        "allow-entityreferences",
        "respond-async",
        "track-changes=maybe",
    ] {
        for address in [USERS, &ann] {
            let answer = server.ask("GET", address).prefer(preference).expect(200);
            assert_eq!(answer.header("preference-applied"), None, "{preference}");
        }
    }
    // Where there are no members to leave out.
    for address in [
        format!("{USERS}/$count"),
        format!("{USERS}?$format=csv"),
        format!("{ann}/Login"),
    ] {
        let request = server.ask("GET", &address).prefer("omit-values=nulls");
        assert_eq!(
            request.expect(200).header("preference-applied"),
            None,
            "{address}"
        );
    }
}

fn an_entity_is_found_by_its_id(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let there = server.get(&format!("{ann}?$select=Login"));
    for id in [
        ann.clone(),
        format!("{USERS}/{}", key(&ann)),
        format!("http://localhost/api/domain/odata/{ann}"),
    ] {
        let found = server.get(&format!("$entity?$id={id}&$select=Login"));
        assert_eq!(found, there, "{id}");
    }
    let cast = format!("$entity/Erp.Systems_Security_User?$id={ann}&$expand=Groups");
    assert_eq!(server.get(&cast)["Groups"], json!([]));
    for (address, status, code, target) in [
        ("$entity".to_owned(), 400, "InvalidOption", "$id"),
        (format!("$entity?$id={USERS}"), 400, "InvalidValue", "$id"),
        (
            "$entity?$id=Nothing(1)".to_owned(),
            400,
            "InvalidValue",
            "$id",
        ),
        (format!("$entity/Groups?$id={ann}"), 404, "NotFound", ""),
        (format!("$entity/Login?$id={ann}"), 404, "NotFound", ""),
        (
            format!("$entity?$id={ann}&$top=1"),
            400,
            "InvalidOption",
            "$top",
        ),
        (format!("{USERS}?$id={ann}"), 400, "InvalidOption", "$id"),
    ] {
        server.ask("GET", &address).refused(status, code, target);
    }
    let gone = format!("$entity?$id={USERS}(00000000-0000-4000-8000-00000000abcd)");
    server.ask("GET", &gone).refused(404, "NotFound", "");
    let change = server.patch(&format!("$entity?$id={ann}"), &json!({"Notes": "x"}));
    assert!(change.send().status >= 400);
}

fn me_is_the_caller(kind: Kind) {
    let server = kind.server();
    let me = server.get("Me");
    assert_eq!(me["Login"], "~tester");
    assert_eq!(me["Id"], server.get("Ext.Me")["Id"]);
    assert_eq!(server.stored("Me", "Login"), "~tester");
    server.ask("GET", "Me/Notes").expect(204);
    assert_eq!(server.get("Me/Groups")["value"], json!([]));
    server.ask("GET", "Me(1)").expect(404);
    let document = server.get("");
    let listed = document["value"].as_array().unwrap().iter();
    let me = listed.filter(|entry| entry["kind"] == "Singleton");
    assert_eq!(me.map(|e| &e["url"]).collect::<Vec<_>>(), [&json!("Me")]);
    let metadata = server.ask("GET", "$metadata").expect(200);
    let singleton = "<Singleton Name=\"Me\" Type=\"Erp.Systems_Security_User\">";
    assert!(metadata.text().contains(singleton));
}

fn sets_are_not_mixed(kind: Kind) {
    let server = kind.server();
    let address = "$crossjoin(Systems_Security_Users,Systems_Security_Groups)";
    let answer = server.ask("GET", address).refused(501, "NotSupported", "");
    assert!(answer.text().contains("set by set"), "{answer}");
}

/// The version that `$metadata` tells, the same in both forms.
fn told_version(server: &Server) -> String {
    let json = server
        .ask("GET", "$metadata")
        .header("Accept", "application/json");
    let json = json.expect(200).json();
    let version = json["Erp"]["@Core.SchemaVersion"].as_str().unwrap();
    assert_eq!(json["Ext"]["@Core.SchemaVersion"], version);
    let element = format!("<Annotation Term=\"Core.SchemaVersion\" String=\"{version}\"/>");
    for most in ["4.0", "4.01"] {
        let xml = server
            .ask("GET", "$metadata")
            .header("OData-MaxVersion", most);
        let xml = xml.expect(200);
        assert_eq!(xml.text().matches(&element).count(), 2, "{element}");
    }
    version.to_owned()
}

fn custom_properties_make_another_version(kind: Kind) {
    let server = kind.server();
    let shipped = told_version(&server);
    let definition = json!({
        "Code": "shoe", "Name": {"EN": "Shoe size"}, "EntityName": "Sec_Users",
        "PropertyType": "Number",
    });
    server.create("Systems_Bpm_CustomProperties", &definition);
    let reset = Request::new(server.address, "POST", "/api/domain/reset");
    reset.expect(204);
    let custom = told_version(&server);
    assert_ne!(custom, shipped);
    let ask = |version: &str| {
        let address = format!("{USERS}?$top=1&$schemaversion={version}");
        server.ask("GET", &address)
    };
    ask(&custom).expect(200);
    ask(&shipped).refused(404, "NotFound", "$schemaversion");
}

fn schemas_have_one_version(kind: Kind) {
    let server = kind.server();
    let version = told_version(&server);
    let ann = server.user("ann");
    let change = |version: &str| {
        let address = format!("{ann}?$schemaversion={version}");
        server.patch(&address, &json!({"Notes": "x"}))
    };
    change(&version).expect(204);
    change("7").refused(404, "NotFound", "$schemaversion");
    for address in [
        "$metadata?",
        "?",
        &format!("{USERS}?"),
        &format!("{USERS}/$count?"),
    ] {
        let ask = |version: &str| server.ask("GET", &format!("{address}$schemaversion={version}"));
        ask("*").expect(200);
        ask(&version).expect(200);
        ask("7").refused(404, "NotFound", "$schemaversion");
    }
}
