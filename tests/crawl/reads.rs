//! Every set, by every kind of path and in every format.

use userdex::model::{Allowed, Attribute, EntityId};

use crate::callers::Sees;
use crate::crawl::Walk;
use crate::secrets::MARKER;
use crate::support::server::ODATA;

/// The forms of an answer that rows have.
const FORMATS: &[&str] = &[
    "application/json;odata.metadata=none",
    "application/json;odata.metadata=minimal",
    "application/json;odata.metadata=full;IEEE754Compatible=true",
    "application/x-ndjson",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.userdex.plan+json",
];

/// Everything that can be read of the service.
pub(crate) fn all(walk: &mut Walk<'_>) {
    let model = walk.stage.server.model.clone();
    for (id, entity) in model.entities() {
        let set = &entity.set;
        let answer = walk.get(set);
        let may = match walk.caller.sees {
            Sees::Nothing => Some(false),
            Sees::Some => None,
            Sees::Most => Some(entity.readers != Allowed::Sec),
            Sees::All => Some(true),
        };
        let is_read = answer.status == 200;
        assert!(
            may.is_none_or(|may| may == is_read),
            "{}: {answer}",
            walk.caller.name
        );
        if is_read {
            rows(walk, id);
        } else {
            closed(walk, id);
        }
        object(walk, id);
    }
    batches(walk);
    for address in ["", "$metadata", "$metadata?$format=json"] {
        walk.get(address);
    }
    for address in [
        "$all",
        "$all/$count",
        "Me",
        "Ext.Me",
        "Ext.Me?$expand=*",
        "Ext.Me/Groups",
        "Ext.Me/Password",
        "Ext.Me/Notes/$value",
    ] {
        walk.get(address);
    }
}

/// The rows of a set that may be read.
fn rows(walk: &mut Walk<'_>, id: EntityId) {
    let model = walk.stage.server.model.clone();
    let entity = model.entity(id);
    let set = &entity.set;
    let open = entity.attributes.iter().filter(|a| !a.secret);
    let names: Vec<&str> = open.map(|a| a.name.as_str()).collect();
    let whole = format!("{set}?$select={}", names.join(","));
    let addresses = if walk.caller.every == 1 {
        vec![set, &whole]
    } else {
        vec![set]
    };
    for format in FORMATS {
        for address in &addresses {
            let request = walk.odata("GET", address).header("Accept", format);
            walk.send(&request);
        }
    }
    for query in [
        "$top=1&$count=true",
        "$select=*",
        "$expand=*",
        "$expand=*($levels=2)",
        "$top=1&options=skipnulls",
        "$format=csv",
        "$format=xlsx",
        "$format=plan&$expand=*",
    ] {
        walk.get(&format!("{set}?{query}"));
    }
    for path in ["$count", "$ref"] {
        walk.get(&format!("{set}/{path}"));
    }
    let references = walk.stage.server.model.clone();
    for reference in &references.entity(id).references {
        let name = &reference.name;
        let grouped = format!("$apply=groupby(({name}),aggregate($count as N))");
        for option in [format!("{name}($select=*;$expand=*)"), "*".to_owned()] {
            walk.get(&format!("{set}?{grouped}&expandgroup={option}"));
        }
    }
    derived(walk, id);
    delta(walk, addresses.last().unwrap());
    // A search for the beginning of every secret finds nothing.
    let part = &MARKER[..MARKER.len() - 3];
    let found = walk.get(&format!("{set}/$count?$search=\"{part}\""));
    assert!(found.status != 200 || found.text() == "0", "{set}: {found}");
}

/// What only rows of derived types have, through their base.
fn derived(walk: &mut Walk<'_>, id: EntityId) {
    let model = walk.stage.server.model.clone();
    let base = model.entity(id);
    for of in model.derived(id) {
        let entity = model.entity(*of);
        let path = format!("Erp.{}", entity.type_name);
        let open = entity.attributes.iter().filter(|a| !a.secret);
        let names: Vec<String> = open.map(|a| format!("{path}/{}", a.name)).collect();
        walk.get(&format!("{}?$select={}", base.set, names.join(",")));
        let secret = entity.attributes.iter().filter(|a| a.secret);
        for attribute in secret {
            let address = format!("{}?$select={path}/{}", base.set, attribute.name);
            let answer = walk.get(&address);
            assert!(answer.status >= 400, "{address} {answer}");
        }
        for collection in &entity.collections {
            let name = &collection.name;
            walk.get(&format!("{}?$expand={path}/{name}($expand=*)", base.set));
        }
        for reference in base.references.iter().filter(|r| r.target == id) {
            let name = &reference.name;
            walk.get(&format!("{}?$expand={name}/{path}($expand=*)", base.set));
        }
    }
}

/// A delta link, followed at once; and kept for later.
fn delta(walk: &mut Walk<'_>, address: &str) {
    let request = walk.odata("GET", address).prefer("odata.track-changes");
    let page = walk.send(&request);
    let Some(link) = page.json()["@odata.deltaLink"].as_str().map(str::to_owned) else {
        return;
    };
    let (_, target) = link.split_once(ODATA).unwrap();
    let request = walk.at("GET", &format!("{ODATA}{target}"));
    let told = walk.send(&request);
    assert_eq!(told.status, 200, "{}: {told}", walk.caller.name);
    walk.links.push(format!("{ODATA}{target}"));
}

/// The delta links again, after what this caller has changed.
pub(crate) fn deltas(walk: &mut Walk<'_>) {
    for target in std::mem::take(&mut walk.links) {
        let request = walk.at("GET", &target);
        walk.send(&request);
    }
}

/// A set that may not be read is closed by every path.
fn closed(walk: &mut Walk<'_>, id: EntityId) {
    let model = walk.stage.server.model.clone();
    let set = &model.entity(id).set;
    for path in [
        "/$count",
        "/$ref",
        "?$format=csv",
        "?$top=0&$count=true",
        "/$count?$search=x",
    ] {
        let answer = walk.get(&format!("{set}{path}"));
        let told = matches!(answer.status, 401 | 403);
        assert!(told, "{}: {set}{path} {answer}", walk.caller.name);
    }
}

/// One object and everything that hangs on it.
fn object(walk: &mut Walk<'_>, id: EntityId) {
    let model = walk.stage.server.model.clone();
    let entity = model.entity(id);
    let object = walk.stage.object(id);
    // Every property for who sees most; the secret ones and some others for everybody.
    let is_whole = walk.caller.sees == Sees::All;
    let asked = |(number, a): &(usize, &Attribute)| {
        is_whole || a.secret || *number < 2 || matches!(a.name.as_str(), "DisplayText" | "Notes")
    };
    let properties = entity.attributes.iter().enumerate().filter(asked);
    let properties = properties.map(|(_, a)| (&a.name, a.secret));
    for (name, secret) in properties {
        for path in ["", "/$value", "/EN", "/EN/$value"] {
            let address = format!("{object}/{name}{path}");
            let answer = walk.get(&address);
            assert!(!secret || answer.status >= 400, "{address} {answer}");
        }
    }
    let references = entity.references.iter().map(|r| &r.name);
    let collections = entity.collections.iter().map(|c| &c.name);
    for name in references.chain(collections).step_by(walk.caller.every) {
        for path in ["", "/$ref", "/$count", "?$expand=*"] {
            walk.get(&format!("{object}/{name}{path}"));
        }
        walk.get(&format!("{object}?$expand={name}($expand=*)"));
    }
    for path in ["", "?$select=*&$expand=*", "/$ref", "/$value", "/$count"] {
        walk.get(&format!("{object}{path}"));
    }
    for method in ["HEAD", "OPTIONS"] {
        let request = walk.odata(method, &object);
        walk.send(&request);
    }
}

/// The same sets in batches.
fn batches(walk: &mut Walk<'_>) {
    let model = walk.stage.server.model.clone();
    let sets: Vec<&str> = model.entities().map(|(_, e)| e.set.as_str()).collect();
    let parts = sets.iter().enumerate().map(
        |(number, set)| serde_json::json!({"id": number.to_string(), "method": "get", "url": set}),
    );
    let body = serde_json::json!({"requests": parts.collect::<Vec<_>>()});
    let request = walk.odata("POST", "$batch").json(&body);
    walk.send(&request.prefer("continue-on-error"));
    let part = |set: &&str| {
        format!("--b\r\nContent-Type: application/http\r\n\r\nGET {set} HTTP/1.1\r\n\r\n\r\n")
    };
    let body = sets.iter().map(part).collect::<String>() + "--b--\r\n";
    let request = walk.at("POST", &format!("{ODATA}$batch"));
    let request = request.body("multipart/mixed; boundary=b", body);
    walk.send(&request.prefer("continue-on-error"));
}
