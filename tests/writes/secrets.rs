//! Secrets go in and never come out: not in answers, refusals, the history, or any set.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use userdex::access::Policy;
use userdex::model::AttributeRole;

use crate::support::http::Answer;
use crate::support::payloads::{Payloads, open_entities, writable};
use crate::support::server::{Kind, Server, USERS, merged, settings, virtual_user};

crate::on_both!(
    secrets_never_come_back,
    a_new_secret_is_told_without_a_value,
    weak_passwords_are_refused,
);

/// In every secret text.
const MARKER: &str = "M4rK3r";
/// A hash as administrators import it.
const HASH: &str =
    "AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ==";
const MD5: &str = "329670c3265b6ccd392e622733e9772f";
/// What no answer may hold: the secrets, and the first characters of every hash that we make.
const CLOSED: &[&str] = &[MARKER, "AQAAAAI", "329670c3", "MpZwwyZbbM05"];

/// Sees that no byte of an answer, plain or packed, tells a secret.
fn clean(answer: &Answer, of: &str) {
    let mut seen = vec![String::from_utf8_lossy(&answer.body).into_owned()];
    seen.extend(answer.headers.iter().map(|(_, value)| value.clone()));
    // Packed documents, in whatever format they stand.
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
    for packed in answer
        .text_or_nothing()
        .split(word)
        .filter(|w| w.starts_with("eA"))
    {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(packed) else {
            continue;
        };
        let mut text = String::new();
        let mut unpacked = flate2::read::ZlibDecoder::new(&bytes[..]);
        if unpacked.read_to_string(&mut text).is_ok() {
            seen.push(text);
        }
    }
    for text in seen {
        for closed in CLOSED {
            assert!(!text.contains(closed), "{of} tells {closed}: {text}");
        }
    }
}

/// Fills the database with secrets, and sees that no answer gives them back on the way.
fn fill(server: &Server) {
    let payloads = Payloads::new(server);
    let secret = |n: usize| format!("{MARKER}-{n}");
    for id in open_entities(&server.model) {
        let entity = server.model.entity(id);
        let secrets: Vec<&str> = writable(&server.model, id)
            .into_iter()
            .filter(|a| a.secret)
            .map(|a| a.name.as_str())
            .collect();
        if secrets.is_empty() {
            continue;
        }
        let mut body = payloads.object(id, true, None);
        for name in &secrets {
            body[*name] = json!(secret(0));
        }
        let answer = server.post(&entity.set, &body).expect(201);
        clean(&answer, &entity.set);
        let address = format!("{}({})", entity.set, answer.id());
        for name in secrets {
            for request in [
                server.patch(&address, &json!({ name: secret(1) })),
                server.patch(&address, &json!({ name: {"x": secret(2)} })),
                server.patch(&address, &json!({ name: [secret(2)] })),
                server.patch(&address, &json!({ name: format!("{MARKER}\u{0}") })),
                server.patch(&address, &json!({ name: MARKER.repeat(100) })),
                server.put(&format!("{address}/{name}"), &json!({"value": secret(3)})),
                server.put(&format!("{address}/{name}"), &json!({ secret(4): 5 })),
                server
                    .ask("PUT", &format!("{address}/{name}/$value"))
                    .body("text/plain", secret(5)),
                server
                    .ask("PATCH", &address)
                    .body("application/json", format!("{{\"{name}\":\"{MARKER}\",}}")),
                server.ask("PATCH", &address).body(
                    "application/json",
                    format!("{{\"{name}\":\"{MARKER}\",\"{name}\":\"{MARKER}\"}}"),
                ),
            ] {
                for preference in ["return=representation", "return=minimal"] {
                    let answer = request.clone().prefer(preference).send();
                    // The name of an unknown member is the client's own word.
                    if !answer.text_or_nothing().contains("UnknownProperty") {
                        clean(&answer, &format!("{address}/{name}"));
                    }
                }
            }
        }
    }
    users(server);
}

fn users(server: &Server) {
    let plain = json!({"@ext.initialPassword": format!("{MARKER}-plain")});
    let hashed = json!({"@ext.passwordHash": {"hash": HASH, "format": "AspNetCoreV3"}});
    let md5 = json!({"@ext.passwordHash": {"hash": MD5, "format": "MD5"}});
    let mut users = Vec::new();
    for (number, given) in [&plain, &hashed, &md5].into_iter().enumerate() {
        let body = merged(virtual_user(&format!("secret{number}")), given.clone());
        let answer = server.post(USERS, &body).expect(201);
        clean(&answer, USERS);
        users.push(format!("{USERS}({})", answer.id()));
        let again = server.post(USERS, &body).refused(409, "NotUnique", "Login");
        clean(&again, USERS);
    }
    let invited = json!({"UserType": "InvitationInternalNoLogin"});
    let answer = server
        .post(USERS, &merged(virtual_user("invited"), invited))
        .expect(201);
    clean(&answer, USERS);
    for address in &users {
        for body in [
            plain.clone(),
            hashed.clone(),
            md5.clone(),
            json!({"@ext.initialPassword": MARKER.repeat(1000)}),
            json!({"@ext.initialPassword": {"x": MARKER}}),
            json!({"@ext.passwordHash": {"hash": MARKER, "format": "AspNetCoreV3"}}),
            json!({"@ext.passwordHash": {"hash": MARKER, "format": "Unknown"}}),
            json!({"@ext.passwordHash": {"hash": [MARKER]}}),
            json!({"@ext.passwordHash": MARKER}),
            json!({"Password": MARKER}),
        ] {
            for preference in ["return=representation", "handling=strict"] {
                let answer = server.patch(address, &body).prefer(preference).send();
                clean(&answer, address);
            }
        }
        let call = format!("{address}/Ext.SetPassword");
        for body in [
            json!({"password": format!("{MARKER}-set")}),
            json!({"password": [MARKER]}),
            json!({"password": MARKER.repeat(1000)}),
        ] {
            clean(&server.post(&call, &body).send(), &call);
        }
        let put = merged(virtual_user("put"), plain.clone());
        clean(
            &server
                .put(address, &put)
                .prefer("return=representation")
                .send(),
            address,
        );
    }
}

fn secrets_never_come_back(kind: Kind) {
    let server = kind.server();
    fill(&server);
    let mut bytes = 0;
    for (_, entity) in server.model.entities() {
        let shown = entity.attributes.iter().filter(|a| !a.secret);
        let names: Vec<&str> = shown.map(|a| a.name.as_str()).collect();
        let all = format!("$select={}", names.join(","));
        let mut asked = vec![
            (String::new(), "application/json;odata.metadata=full"),
            (all.clone(), "application/json"),
            (all.clone(), "text/csv"),
            (all, "application/x-ndjson"),
        ];
        for collection in &entity.collections {
            asked.push((format!("$expand={}", collection.name), "application/json"));
        }
        for query in asked {
            let address = format!("{}?{}", entity.set, query.0);
            let answer = server.ask("GET", &address).header("Accept", query.1).send();
            // A view of the roots has no rows of its own kind to select from by every name.
            assert_eq!(answer.status, 200, "{address} {answer}");
            bytes += answer.body.len();
            clean(&answer, &address);
        }
        for attribute in entity.attributes.iter().filter(|a| a.secret) {
            let name = &attribute.name;
            assert_ne!(attribute.role, AttributeRole::Key);
            for option in [
                format!("$select={name}"),
                format!("$filter={name} eq '{MARKER}-1'"),
                format!("$filter=contains({name},'M')"),
                format!("$orderby={name}"),
            ] {
                let address = format!("{}?{option}", entity.set);
                let refused = server.ask("GET", &address).expect(403);
                assert_eq!(refused.faults()[0].0, "AttributeNotReadable", "{address}");
            }
        }
    }
    assert!(bytes > 10_000, "{bytes}");
}

fn a_new_secret_is_told_without_a_value(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let changes = || server.rows("Systems_Core_AttributeChanges");
    assert!(changes().is_empty());
    server
        .post(
            &format!("{ann}/Ext.SetPassword"),
            &json!({"password": "new one"}),
        )
        .expect(204);
    let rows = changes();
    let told: Vec<(&str, &Value)> = rows
        .iter()
        .map(|row| (row["AttributeName"].as_str().unwrap(), &row["NewValue"]))
        .collect();
    assert_eq!(told, [("Password", &Value::Null)]);
    let old =
        server.rows("Systems_Core_ObjectChanges?$select=OldValuesJson&$orderby=Id desc&$top=1");
    assert_eq!(old[0]["OldValuesJson"], "{}");
}

/// Wherever a plain password comes in, the policy is asked.
fn weak_passwords_are_refused(kind: Kind) {
    let mut settings = settings();
    settings.writes.policy = Policy::default();
    let server = kind.server_with(settings);
    let user = |password: &str| {
        merged(
            virtual_user("policy"),
            json!({"@ext.initialPassword": password}),
        )
    };
    let refused = |answer: Answer, target: &str| {
        let error = answer.json()["error"].clone();
        assert_eq!(error["code"], "PasswordPolicy", "{error}");
        assert_eq!(error["target"], target, "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("an upper case letter, a digit"),
            "{message}"
        );
        assert!(!message.contains("weak-password"), "{message}");
    };
    let answer = server.post(USERS, &user("weak-password")).expect(422);
    refused(answer, "@ext.initialPassword");
    let made = server
        .post(USERS, &user("Str0ng-password"))
        .expect(201)
        .json();
    let call = format!("{USERS}({})/Ext.SetPassword", made["Id"].as_str().unwrap());
    let set = |password: &str| server.post(&call, &json!({"password": password}));
    refused(set("weak-password").expect(422), "password");
    assert!(set("An0ther-password").send().status < 300);
}
