//! References and child collections: sections 5.3 and 5.4, and `$ref`.

use serde_json::{Value, json};

use crate::support::server::{Kind, Server, USERS, key, link, merged, user};

crate::on_both!(
    references_are_bound_in_every_way,
    bad_addresses_are_refused,
    references_are_linked_and_unlinked,
    children_are_linked_and_unlinked,
    children_change_through_their_own_sets,
    provider_logins_are_unique,
    provider_tokens_are_never_shown,
    roles_are_unique_over_all_their_members,
    renamed_sets_take_nothing,
);

/// One object for each reference of users, by name.
fn targets(server: &Server) -> Vec<(&'static str, String)> {
    let person = json!({"FirstName": {"EN": "P"}});
    let models = crate::support::payloads::Payloads::new(server);
    let model = server.model.set("Projects_AI_Models").unwrap();
    vec![
        (
            "Domain",
            server.create("Systems_Security_Domains", &json!({"Name": "d"})),
        ),
        ("Model", models.create(model).unwrap()),
        ("Person", server.create("General_Contacts_Persons", &person)),
    ]
}

/// S1-55, S1-56, S1-57
fn references_are_bound_in_every_way(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let mut number = 0;
    for (name, target) in targets(&server) {
        let id = key(&target);
        for address in [
            target.clone(),
            format!("/{target}"),
            format!("http://localhost/api/domain/odata/{target}"),
            format!("/api/domain/odata/{target}"),
            target.replace('(', "/").replace(')', ""),
        ] {
            let bind = format!("{name}@odata.bind");
            let short = format!("{name}@bind");
            for body in [
                json!({ name: link(&address) }),
                json!({ name: {"@id": address} }),
                json!({ &bind: address }),
                json!({ &short: address }),
            ] {
                server.change(&ann, &body);
                let found = server.stored(&ann, name);
                assert_eq!(found["@odata.id"].as_str().map(key), Some(id), "{body}");
                number += 1;
                let created = merged(user(&format!("u{number}")), body);
                let created = server.create(USERS, &created);
                assert_eq!(server.stored(&created, name), found);
                server.change(&ann, &json!({ name: null }));
                assert_eq!(server.stored(&ann, name), Value::Null);
            }
        }
        server.change(&ann, &json!({ format!("{name}@odata.bind"): target }));
        server.change(&ann, &json!({ format!("{name}@odata.bind"): null }));
        assert_eq!(server.stored(&ann, name), Value::Null);
        let filter = format!("{USERS}?$filter={name} eq '{target}'");
        assert_eq!(server.count(&filter), 20);
    }
}

fn bad_addresses_are_refused(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let other = "00000000-0000-4000-8000-000000000001";
    for (address, status, code) in [
        (
            format!("General_Contacts_Persons({other})"),
            422,
            "UnknownReference",
        ),
        (
            format!("Systems_Security_Domains({other})"),
            400,
            "TypeMismatch",
        ),
        (format!("Nothing({other})"), 400, "TypeMismatch"),
        (
            "General_Contacts_Persons(5)".to_owned(),
            400,
            "InvalidValue",
        ),
        ("nonsense".to_owned(), 400, "InvalidValue"),
        (String::new(), 400, "InvalidValue"),
        ("$1".to_owned(), 400, "InvalidValue"),
    ] {
        let nested = json!({ "Person": link(&address) });
        server.patch(&ann, &nested).refused(status, code, "Person");
        let bind = json!({ "Person@odata.bind": address });
        let answer = server.patch(&ann, &bind).expect(status);
        let (found, target) = answer.faults().remove(0);
        assert_eq!(
            (found.as_str(), target.starts_with("Person")),
            (code, true),
            "{answer}"
        );
    }
    for body in [
        json!({"Person": "General_Contacts_Persons"}),
        json!({"Person": 5}),
        json!({"Person": []}),
    ] {
        server
            .patch(&ann, &body)
            .refused(400, "TypeMismatch", "Person");
    }
    let twice = json!({"Person": null, "Person@odata.bind": null});
    server
        .patch(&ann, &twice)
        .refused(400, "DuplicateProperty", "Person");
}

fn references_are_linked_and_unlinked(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    for (name, target) in targets(&server) {
        let at = format!("{ann}/{name}/$ref");
        let before = server.stored(&ann, "ObjectVersion");
        let answer = server.put(&at, &link(&target)).expect(204);
        assert!(answer.body.is_empty());
        assert_ne!(server.stored(&ann, "ObjectVersion"), before);
        let found = server.get(&at);
        assert_eq!(found["@odata.id"].as_str().map(key), Some(key(&target)));
        server.delete(&at).expect(204);
        assert_eq!(server.stored(&ann, name), Value::Null);
        server.delete(&at).send();
        server
            .put(&at, &json!({}))
            .refused(400, "InvalidPayload", "");
        let wrong = link("Systems_Security_Groups(00000000-0000-4000-8000-000000000001)");
        server.put(&at, &wrong).refused(400, "TypeMismatch", "");
    }
    let missing = link("General_Contacts_Persons(00000000-0000-4000-8000-000000000001)");
    server
        .put(&format!("{ann}/Person/$ref"), &missing)
        .refused(422, "UnknownReference", "Person");
    // One that must be there, and one that only the service writes.
    let group = server.group("G");
    let member = merged(json!({"Group": link(&group)}), json!({"User": link(&ann)}));
    let row = server.create("Systems_Security_UserGroups", &member);
    server
        .delete(&format!("{row}/Group/$ref"))
        .refused(422, "ValueRequired", "Group");
    server
        .put(&format!("{group}/GroupForUser/$ref"), &link(&ann))
        .refused(400, "ReadOnlyAttribute", "GroupForUser");
    let options = server.ask("OPTIONS", &format!("{group}/GroupForUser/$ref"));
    let allowed = options.expect(204);
    assert_eq!(allowed.header("allow"), Some("GET, HEAD, OPTIONS"));
    assert_eq!(allowed.header("odata-version"), Some("4.0"));
}

fn children_are_linked_and_unlinked(kind: Kind) {
    let server = kind.server();
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let group = server.group("G");
    let member = json!({"Group": link(&group), "User": link(&ann)});
    let row = server.create("Systems_Security_UserGroups", &member);
    // A child that is given to another parent moves.
    server
        .post(&format!("{bob}/Groups/$ref"), &link(&row))
        .expect(204);
    assert_eq!(server.count(&format!("{ann}/Groups")), 0);
    assert_eq!(server.count(&format!("{bob}/Groups")), 1);
    let missing = link("Systems_Security_UserGroups(00000000-0000-4000-8000-000000000001)");
    server
        .post(&format!("{bob}/Groups/$ref"), &missing)
        .refused(422, "UnknownReference", "@odata.id");
    // It is a part of its parent, and cannot be nobody's.
    let answer = server
        .delete(&format!("{bob}/Groups/$ref?$id={row}"))
        .expect(405);
    assert_eq!(answer.faults()[0].0, "MethodNotAllowed");
    server
        .delete(&format!("{bob}/Groups({})/$ref", key(&row)))
        .expect(405);
    server
        .delete(&format!("{bob}/Groups/$ref"))
        .refused(400, "InvalidOption", "$id");
    assert_eq!(server.count(&format!("{bob}/Groups")), 1);
}

/// S1-60, S1-61
fn children_change_through_their_own_sets(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let access = server.create(
        "Systems_Security_AccessKeys",
        &crate::support::payloads::Payloads::new(&server).object(
            server.model.set("Systems_Security_AccessKeys").unwrap(),
            false,
            None,
        ),
    );
    assert!(server.get(&ann).get("AccessKeys").is_none());
    let body = json!({"AccessKey": link(&access), "CanDelete": true, "CanUpdate": false});
    let answer = server.post(&format!("{ann}/AccessKeys"), &body).expect(201);
    let row = format!("Systems_Security_UserAccessKeys({})", answer.id());
    server
        .post(&format!("{ann}/AccessKeys"), &body)
        .refused(409, "NotUnique", "AccessKey");
    let before = server.stored(&ann, "ObjectVersion").as_i64();
    server.change(&row, &json!({"CanUpdate": true, "Permission3": true}));
    assert!(server.stored(&ann, "ObjectVersion").as_i64() > before);
    let expanded = server.get(&format!("{ann}?$expand=AccessKeys"));
    assert_eq!(expanded["AccessKeys"][0]["Permission3"], true);
    server.delete(&row).expect(204);
    assert_eq!(server.count(&format!("{ann}/AccessKeys")), 0);
    // A child without a parent, with an unknown one, and with another than the address says.
    let set = "Systems_Security_UserGroups";
    let group = link(&server.group("G"));
    server
        .post(set, &json!({"Group": group}))
        .refused(422, "ValueRequired", "User");
    let nobody = link(&format!("{USERS}(00000000-0000-4000-8000-000000000001)"));
    let body = json!({"Group": group, "User": nobody});
    server
        .post(set, &body)
        .refused(422, "UnknownReference", "User");
    server
        .post(&format!("{ann}/Groups"), &body)
        .refused(400, "InvalidPayload", "User");
    let mine = json!({"Group": group, "User": link(&ann)});
    server.post(&format!("{ann}/Groups"), &mine).expect(201);
    server
        .post(&format!("{ann}/Groups"), &mine)
        .refused(409, "NotUnique", "Group");
    let missing = format!("{USERS}(00000000-0000-4000-8000-000000000001)/Groups");
    server
        .post(&missing, &json!({"Group": group}))
        .refused(404, "NotFound", "");
}

/// S1-62
fn provider_logins_are_unique(kind: Kind) {
    let server = kind.server();
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let body = json!({"ProviderName": "GOOGLE", "ProviderKey": "k"});
    server
        .post(&format!("{ann}/ProviderLogins"), &body)
        .expect(201);
    server
        .post(&format!("{bob}/ProviderLogins"), &body)
        .refused(409, "NotUnique", "ProviderKey");
    for other in [
        json!({"ProviderName": "AZUREAD", "ProviderKey": "k"}),
        json!({"ProviderName": "GOOGLE", "ProviderKey": "K"}),
    ] {
        server
            .post(&format!("{bob}/ProviderLogins"), &other)
            .expect(201);
    }
    let unknown = json!({"ProviderName": "GITHUB", "ProviderKey": "k"});
    server
        .post(&format!("{bob}/ProviderLogins"), &unknown)
        .refused(400, "UnknownEnumMember", "ProviderName");
    // Nested, the target says which child.
    let nested =
        json!({"ProviderLogins": [{"ProviderName": "FACEBOOK", "ProviderKey": "1"}, body]});
    server.post(USERS, &merged(user("eve"), nested)).refused(
        409,
        "NotUnique",
        "ProviderLogins/1/ProviderKey",
    );
}

/// S1-63
fn provider_tokens_are_never_shown(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let body = json!({"LoginProviderName": "x", "TokenName": "t", "TokenValue": "marker-token"});
    let rows = format!("{ann}/ProviderTokens");
    let answer = server.post(&rows, &body).expect(201);
    assert!(!answer.text().contains("marker-token"), "{answer}");
    let row = format!("Systems_Security_UserProviderTokens({})", answer.id());
    let answer = server
        .patch(&row, &json!({"TokenValue": "marker-token-2"}))
        .prefer("return=representation")
        .expect(200);
    assert!(!answer.text().contains("marker-token"), "{answer}");
    server.ask("GET", &format!("{row}/TokenValue")).refused(
        403,
        "AttributeNotReadable",
        "TokenValue",
    );
    let answer = server
        .ask("GET", &format!("{ann}?$expand=ProviderTokens"))
        .expect(200);
    assert!(!answer.text().contains("marker-token"), "{answer}");
    let own = format!("{row}/TokenValue");
    let answer = server
        .put(&own, &json!({"value": "marker-token-3"}))
        .prefer("return=representation")
        .send();
    assert!(!answer.text().contains("marker-token"), "{answer}");
    let twin = merged(body, json!({"TokenValue": null}));
    server.post(&rows, &twin).expect(409);
}

/// S1-64
fn roles_are_unique_over_all_their_members(kind: Kind) {
    let server = kind.server();
    let payloads = crate::support::payloads::Payloads::new(&server);
    let ann = server.user("ann");
    let role = payloads
        .create(server.model.set("Systems_Security_Roles").unwrap())
        .unwrap();
    let company = server.model.set("General_EnterpriseCompanies").unwrap();
    let company = payloads.create(company).unwrap();
    let rows = format!("{ann}/RoleUsers");
    let everywhere = json!({"Role": link(&role)});
    let one = merged(
        everywhere.clone(),
        json!({"EnterpriseCompany": link(&company)}),
    );
    for body in [&everywhere, &one] {
        let answer = server.post(&rows, body).expect(201);
        assert_eq!(answer.json()["IsLayoutAdmin"], false);
        let answer = server.post(&rows, body).expect(409);
        assert_eq!(answer.faults()[0].0, "NotUnique");
    }
    assert_eq!(server.count(&rows), 2);
}

fn renamed_sets_take_nothing(kind: Kind) {
    let server = kind.server();
    for method in ["POST", "PATCH"] {
        let answer = server
            .with(method, "Systems_Workflow_RoleUsers", &json!({}))
            .expect(404);
        assert!(
            answer.text().contains("Systems_Security_RoleUsers"),
            "{answer}"
        );
    }
    let answer = server.post("Systems_Security_User", &json!({})).expect(404);
    assert!(answer.text().contains("Systems_Security_Users"), "{answer}");
}
