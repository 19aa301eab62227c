//! Every entity of the model that clients may write, with values made from the model.

use serde_json::{Value, json};
use userdex::model::{Attribute, EntityId};

use crate::support::payloads::{Payloads, is_free, open_entities, writable};
use crate::support::server::{Kind, Server, key, link, merged};

crate::on_both!(
    objects_come_change_and_go,
    children_come_through_their_parents,
    what_is_left_out_gets_its_default,
    objects_are_replaced,
    closed_entities_are_refused,
);

/// The object with everything of it that answers may show.
fn read(server: &Server, id: EntityId, address: &str) -> Value {
    let entity = server.model.entity(id);
    let attributes = entity.attributes.iter().filter(|a| !a.secret);
    let names: Vec<&str> = attributes
        .map(|a| a.name.as_str())
        .chain(entity.references.iter().map(|r| r.name.as_str()))
        .collect();
    server.get(&format!("{address}?$select={}", names.join(",")))
}

/// The version of an object's aggregate.
fn version(server: &Server, address: &str) -> i64 {
    server.get(&format!("{address}?$select=ObjectVersion"))["ObjectVersion"]
        .as_i64()
        .unwrap()
}

/// Sees that an object is as a payload says.
fn same(server: &Server, id: EntityId, address: &str, payload: &Value) {
    let entity = server.model.entity(id);
    let found = read(server, id, address);
    for (name, value) in payload.as_object().unwrap() {
        let secret = entity
            .attributes
            .iter()
            .any(|a| a.secret && a.name == *name);
        let same = match value["@odata.id"].as_str() {
            // The address may be one of the base.
            Some(address) => found[name]["@odata.id"].as_str().map(key) == Some(key(address)),
            None => found[name] == *value,
        };
        assert!(
            secret || same,
            "{address} {name}: {value} became {}",
            found[name]
        );
    }
}

fn objects_come_change_and_go(kind: Kind) {
    let server = kind.server();
    let payloads = Payloads::new(&server);
    for id in open_entities(&server.model) {
        let entity = server.model.entity(id);
        let body = payloads.object(id, true, None);
        let answer = server.post(&entity.set, &body).expect(201);
        let address = format!("{}({})", entity.set, answer.id());
        let location = answer.header("location").unwrap();
        assert!(location.ends_with(&format!("/{address}")), "{location}");
        same(&server, id, &address, &body);
        let mut before = version(&server, &address);
        for attribute in writable(&server.model, id) {
            let mut value = payloads.value(entity, attribute);
            if value == body[&attribute.name] {
                value = payloads.value(entity, attribute);
            }
            let stored = &read(&server, id, &address)[&attribute.name];
            // A rule may have changed it meanwhile, as it does with what confirms another value.
            if let (Some(stored), true) = (stored.as_bool(), is_free(entity, attribute)) {
                value = json!(!stored);
            }
            if value == *stored {
                continue;
            }
            let change = json!({ &attribute.name: value });
            server.change(&address, &change);
            same(&server, id, &address, &change);
            let after = version(&server, &address);
            assert!(after > before, "{address} {}", attribute.name);
            before = after;
            server.change(&address, &change);
            let unchanged = version(&server, &address);
            assert_eq!(unchanged, after, "{address} {}", attribute.name);
        }
        server.delete(&address).expect(204);
        server.ask("GET", &address).refused(404, "NotFound", "");
    }
}

fn children_come_through_their_parents(kind: Kind) {
    let server = kind.server();
    let payloads = Payloads::new(&server);
    let model = &server.model;
    let mut tried = 0;
    for id in open_entities(model) {
        let parent = payloads.create(id).unwrap();
        for collection in &model.entity(id).collections {
            let child = model.entity(collection.target);
            if !child.is_open() || !model.derived(collection.target).is_empty() {
                continue;
            }
            let back = &child.reference(collection.back).name;
            let body = payloads.object(collection.target, true, Some(back));
            let before = version(&server, &parent);
            let rows = format!("{parent}/{}", collection.name);
            let answer = server.post(&rows, &body).expect(201);
            let address = format!("{}({})", child.set, answer.id());
            same(&server, collection.target, &address, &body);
            let owner = &server.get(&format!("{address}?$select={back}"))[back]["@odata.id"];
            assert_eq!(*owner, json!(parent));
            let rises = version(&server, &parent) > before;
            assert_eq!(rises, collection.owned, "{rows}");
            assert_eq!(server.count(&rows), 1);
            server.delete(&address).expect(204);
            assert_eq!(server.count(&rows), 0);
            tried += 1;
        }
    }
    assert!(tried >= 10, "{tried}");
}

fn what_is_left_out_gets_its_default(kind: Kind) {
    let server = kind.server();
    let payloads = Payloads::new(&server);
    let model = &server.model;
    for id in open_entities(model) {
        let entity = model.entity(id);
        let body = payloads.object(id, false, None);
        let address = server.create(&entity.set, &body);
        let found = read(&server, id, &address);
        for attribute in &entity.attributes {
            let given = body.get(&attribute.name).is_some() || !attribute.compose.is_empty();
            if given || attribute.secret || attribute.stamp.is_some() {
                continue;
            }
            let value = &found[&attribute.name];
            if let Some(expected) = default(model, attribute) {
                assert_eq!(*value, expected, "{address} {}", attribute.name);
            }
        }
    }
}

/// What an attribute is when nobody gives it, where that is known beforehand.
fn default(model: &userdex::model::Model, attribute: &Attribute) -> Option<Value> {
    use userdex::model::{AttributeRole, Default};
    let stored = match attribute.role {
        AttributeRole::Stored => true,
        AttributeRole::Key
        | AttributeRole::Root
        | AttributeRole::DisplayText
        | AttributeRole::Custom(_) => false,
    };
    match &attribute.default {
        Some(Default::Constant(text)) if attribute.enumeration.is_some() => {
            let members = model.enumeration(attribute.enumeration.unwrap());
            assert!(members.member(text).is_some());
            Some(json!(text))
        }
        Some(Default::Constant(text)) => {
            Some(serde_json::from_str(text).unwrap_or_else(|_| json!(text)))
        }
        None if stored && attribute.nullable => Some(Value::Null),
        Some(Default::NewGuid | Default::Now | Default::NextCode) | None => None,
    }
}

fn objects_are_replaced(kind: Kind) {
    let server = kind.server();
    let payloads = Payloads::new(&server);
    let model = &server.model;
    for id in open_entities(model) {
        let entity = model.entity(id);
        let body = payloads.object(id, true, None);
        let address = server.create(&entity.set, &body);
        let before = read(&server, id, &address);
        // What a new object needs, and nothing else: the rest falls back to its default.
        let replacement = payloads.object(id, false, None);
        server.put(&address, &replacement).expect(204);
        same(&server, id, &address, &replacement);
        let after = read(&server, id, &address);
        for attribute in entity.attributes.iter().filter(|a| !a.secret) {
            let name = &attribute.name;
            if entity.is_writable(id, attribute) && replacement.get(name).is_none() {
                let root = attribute.role == userdex::model::AttributeRole::Root;
                let expected = if root {
                    Some(Value::Null)
                } else {
                    default(model, attribute)
                };
                if let Some(expected) = expected {
                    assert_eq!(after[name], expected, "{address} {name}");
                }
            }
            let made = attribute.compose.is_empty() && attribute.read_only;
            if made && attribute.stamp.is_none_or(|s| !s.follows_changes()) {
                let moves = name == "AggregateLastUpdateTimeUtc";
                assert!(moves || after[name] == before[name], "{address} {name}");
            }
        }
        let key_given = json!({"Id": "00000000-0000-4000-8000-00000000ffff"});
        let mut other = replacement.clone();
        other["Id"] = key_given["Id"].clone();
        server.put(&address, &other).send();
        assert_eq!(read(&server, id, &address)["Id"], json!(key(&address)));
    }
}

fn closed_entities_are_refused(kind: Kind) {
    let server = kind.server();
    let model = &server.model;
    let guid = "00000000-0000-4000-8000-000000000001";
    for (_, entity) in model.entities().filter(|(_, e)| !e.is_open()) {
        let address = format!("{}({guid})", entity.set);
        for request in [
            server.post(&entity.set, &json!({})),
            server.patch(&address, &json!({})),
            server.put(&address, &json!({})),
            server.delete(&address),
        ] {
            let answer = request.refused(405, "MethodNotAllowed", "");
            assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
        }
    }
    // Nor are their objects reached from inside others.
    let domain = server.create("Systems_Security_Domains", &json!({"Name": "d"}));
    let object = format!("Systems_Core_ExtensibleDataObjects({})", key(&domain));
    let ann = server.user("ann");
    for change in [
        json!({"@erpnet.action": "delete"}),
        json!({"@erpnet.action": "create"}),
        json!({"ExternalId": "x", "@erpnet.action": "update"}),
        json!({"ExternalId": "x", "@erpnet.action": "merge"}),
    ] {
        let mut of = merged(link(&object), change);
        of["Id"] = json!(key(&domain));
        let body = json!({"NotificationClass": "NT_A_B", "User": link(&ann), "DataObject": of});
        server.post("Systems_Core_Notifications", &body).refused(
            405,
            "MethodNotAllowed",
            "DataObject",
        );
    }
    // Objects of a base are made as one of the entities that extend it.
    let parties = "General_Contacts_Parties";
    server
        .post(parties, &json!({}))
        .refused(400, "InvalidPayload", "");
    let person = json!({"@odata.type": "#Erp.General_Contacts_Person", "FirstName": {"EN": "Ann"}});
    let answer = server.post(parties, &person).expect(201);
    let found = server.get(&format!("General_Contacts_Persons({})", answer.id()));
    assert_eq!(found["FirstName"]["EN"], "Ann");
}
