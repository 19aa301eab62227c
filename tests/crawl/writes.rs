//! Changes that bring secrets, well and badly, and look for some: nothing of them comes back.

use serde_json::{Value as Json, json};
use userdex::model::{Binding, Method, MethodKind};

use crate::callers::Sees;
use crate::crawl::Walk;
use crate::secrets::{CONTROL, HASH, MARKER, Secret, secrets};
use crate::stage::{password, repeatable};
use crate::support::server::USERS;

/// Every change.
pub(crate) fn all(walk: &mut Walk<'_>) {
    let model = walk.stage.server.model.clone();
    for secret in secrets(&model) {
        values(walk, &secret);
        lookups(walk, &secret);
    }
    passwords(walk);
    for method in model.methods() {
        call(walk, method);
    }
    if walk.caller.sees == Sees::All {
        let request = repeatable(&walk.stage.server);
        let again = walk.send(&request);
        assert_eq!(again.status, 201, "{again}");
    }
}

/// Sends a change with what clients prefer.
fn send(walk: &mut Walk<'_>, method: &str, address: &str, media: &str, body: &str) {
    for preference in ["return=representation", "return=minimal, handling=strict"] {
        let request = walk
            .odata(method, address)
            .body(media, body)
            .prefer(preference);
        walk.send(&request);
    }
}

fn send_json(walk: &mut Walk<'_>, method: &str, address: &str, body: &Json) {
    send(walk, method, address, "application/json", &body.to_string());
}

/// A secret as a value, in every form of payload.
fn values(walk: &mut Walk<'_>, secret: &Secret<'_>) {
    let (object, name) = (walk.stage.object(secret.id), secret.name);
    let property = format!("{object}/{name}");
    for value in [
        json!(format!("{MARKER}-changed")),
        json!({"x": MARKER}),
        json!([MARKER]),
        json!(format!("{MARKER}\u{0}")),
        json!(MARKER.repeat(100)),
    ] {
        send_json(walk, "PATCH", &object, &json!({ name: value.clone() }));
        send_json(walk, "PUT", &object, &json!({ name: value.clone() }));
        send_json(walk, "PUT", &property, &json!({"value": value.clone()}));
        send_json(
            walk,
            "POST",
            &secret.of.set,
            &json!({ name: value.clone(), "DisplayText": CONTROL }),
        );
        send_json(
            walk,
            "PATCH",
            &format!("{object}?$select={name}"),
            &json!({ name: value }),
        );
    }
    for body in [
        format!("{{\"{name}\":\"{MARKER}\",}}"),
        format!("{{\"{name}\":\"{MARKER}"),
        format!("{{\"{name}\":\"{MARKER}\",\"{name}\":\"{MARKER}\"}}"),
        format!("{{\"{name}@odata.bind\":\"{MARKER}\"}}"),
        format!("{{\"{name}@odata.type\":\"Edm.Guid\",\"{name}\":\"{MARKER}\"}}"),
    ] {
        send(walk, "PATCH", &object, "application/json", &body);
    }
    send(
        walk,
        "PUT",
        &format!("{property}/$value"),
        "text/plain",
        MARKER,
    );
    send(walk, "PATCH", &object, "text/plain", MARKER);
}

/// A secret as what finds an object.
fn lookups(walk: &mut Walk<'_>, secret: &Secret<'_>) {
    let (set, name) = (&secret.of.set, secret.name);
    for body in [
        json!({"@erpnet.findBy": { name: format!("{MARKER}-changed") }}),
        json!({"@erpnet.action": "find", name: format!("{MARKER}-changed")}),
        json!({"@erpnet.action": "findOrNull", name: format!("{MARKER}-changed")}),
        json!({"@erpnet.action": "find", "@erpnet.findBy": {"DisplayText": MARKER}}),
    ] {
        let request = walk
            .odata("POST", set)
            .json(&body)
            .prefer("return=representation");
        let answer = walk.send(&request);
        assert!(
            answer.status >= 400 || answer.body.is_empty(),
            "{}: {body} finds {answer}",
            walk.caller.name
        );
    }
    let filter = json!({"EntitySet": set, "RecordFilter": format!("{name} eq '{MARKER}'")});
    let request = walk.odata("POST", "Ext_EntityPermissions").json(&filter);
    let answer = walk.send(&request);
    assert!(
        answer.status >= 400,
        "{}: {filter} {answer}",
        walk.caller.name
    );
}

/// Passwords and hashes in all annotations that take them.
fn passwords(walk: &mut Walk<'_>) {
    let vault = walk.stage.vault.clone();
    let format = |hash: Json, format: &str| json!({"hash": hash, "format": format});
    let good = [
        json!({"@ext.initialPassword": password()}),
        json!({"@ext.passwordHash": format(json!(HASH), "AspNetCoreV3")}),
    ];
    let bad = [
        json!({"@ext.initialPassword": MARKER.repeat(1000)}),
        json!({"@ext.initialPassword": {"x": MARKER}}),
        json!({"@ext.passwordHash": format(json!(MARKER), "AspNetCoreV3")}),
        json!({"@ext.passwordHash": format(json!(MARKER), "Unknown")}),
        json!({"@ext.passwordHash": format(json!([MARKER]), "MD5")}),
        json!({"@ext.passwordHash": format(json!("AspNetCoreV3"), MARKER)}),
        json!({"@ext.passwordHash": MARKER}),
        json!({"Password@ext.initialPassword": MARKER}),
    ];
    for annotation in good.iter().chain(&bad) {
        send_json(walk, "PATCH", &vault, annotation);
        send_json(walk, "POST", USERS, annotation);
    }
    // A good one would end the session of whoever asks.
    for annotation in &bad {
        send_json(walk, "PATCH", "Ext.Me", annotation);
    }
}

/// An operation with good and bad arguments.
fn call(walk: &mut Walk<'_>, method: &Method) {
    let name = method.qualified();
    let address = match method.binding {
        Binding::Entity(id) => format!("{}/{name}", walk.stage.object(id)),
        Binding::Any => format!("{}/{name}", walk.stage.vault),
        Binding::Unbound => name,
    };
    // What is told in an answer is told once: only secrets that the caller brings can come back.
    let is_secret = |name: &str| matches!(name, "password" | "secret");
    let filled = |value: Json| -> Json {
        let parameters = method.parameters.iter().map(|p| {
            let value = if is_secret(&p.name) {
                value.clone()
            } else {
                json!(CONTROL)
            };
            (p.name.clone(), value)
        });
        parameters.collect::<serde_json::Map<_, _>>().into()
    };
    let bodies = [
        json!({}),
        filled(json!(format!("{MARKER}-called"))),
        filled(json!([MARKER])),
        filled(json!({"x": MARKER})),
        filled(json!(MARKER.repeat(1000))),
        filled(json!(format!("{MARKER}\u{0}"))),
        json!({"secret": MARKER, "password": MARKER}),
        json!([MARKER]),
    ];
    for body in bodies {
        for method in ["POST", "PATCH"] {
            let request = walk.odata(method, &address).json(&body);
            walk.send(&request);
        }
    }
    let cut = format!("{{\"secret\":\"{MARKER}");
    let request = walk.odata("POST", &address).body("application/json", cut);
    walk.send(&request);
    if matches!(method.kind, MethodKind::Function) {
        walk.get(&format!("{address}(x=1)"));
    }
    walk.get(&address);
}
