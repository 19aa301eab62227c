//! Payloads that were right, and then changed at random: never a fault of the service, and what is
//! refused leaves no trace.
//!
//! `USERDEX_SEED=n USERDEX_CASES=n cargo test --test robust mutated` draws others, and more.

use fastrand::Rng;
use serde_json::{Map, Value as Json, json};
use userdex::model::{Attribute, Entity, EntityId, Model};
use userdex::service::{ContentIds, Verb};
use userdex::value::Kind;

use super::support::world::{World, change, worlds};
use super::{id, ids};

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

/// Values of every form, most of them wrong almost everywhere.
fn odd(rng: &mut Rng, known: &[String]) -> Json {
    let texts = [
        "",
        "a",
        "\0",
        "\u{1}",
        "\u{2}",
        "null",
        "EN",
        "🦀",
        "\u{200b}",
        "İ",
        "ß",
        "$1",
        "$",
        "/",
        "Systems_Security_Users(x)",
        "2026-11-20T21:21:42Z",
        "9999-12-31T23:59:59.9999999Z",
        "0001-01-01T00:00:00Z",
        "InternalUser",
        "VirtualUserNoLogin",
        "create",
        "find",
        "merge",
        "delete",
        "findOrNull",
        "findSingleOrNull",
        "AAAA",
        "-1",
        "%",
        "_",
        "'",
        "\\",
        "\"",
    ];
    match rng.u8(0..14) {
        0 => Json::Null,
        1 => json!(rng.bool()),
        2 => json!(rng.i64(..)),
        3 => json!(rng.u64(..)),
        4 => json!(rng.f64() * 1e6),
        5 => json!(rng.i32(-2..3)),
        6 => json!([]),
        7 => json!({}),
        8 => json!([odd(rng, known)]),
        9 => json!({(*rng.choice(texts.iter()).unwrap()): odd(rng, known)}),
        10 if !known.is_empty() => json!(known[rng.usize(..known.len())]),
        11 => json!("x".repeat(rng.usize(0..3_000))),
        _ => json!(rng.choice(texts.iter()).unwrap()),
    }
}

/// Names that mean something somewhere.
fn odd_name(rng: &mut Rng, model: &Model, entity: &Entity) -> String {
    let annotations = [
        "@odata.id",
        "@odata.type",
        "@erpnet.action",
        "@erpnet.findBy",
        "@removed",
        "@odata.etag",
        "@ext.initialPassword",
        "@ext.passwordHash",
        "@odata.context",
        "@id",
        "@",
        "",
    ];
    let all: Vec<&str> = entity.property_names().collect();
    let own = all[rng.usize(..all.len())];
    match rng.u8(0..8) {
        0 | 1 => (*rng.choice(annotations.iter()).unwrap()).to_owned(),
        2 => format!("{own}@odata.bind"),
        3 => format!("{own}@delta"),
        4 => format!("{own}@odata.type"),
        5 => {
            let sets: Vec<&Entity> = model.entities().map(|(_, e)| e).collect();
            let other: Vec<&str> = sets[rng.usize(..sets.len())].property_names().collect();
            other[rng.usize(..other.len())].to_owned()
        }
        _ => own.to_owned(),
    }
}

/// A value that the attribute takes.
fn right(model: &Model, attribute: &Attribute, rng: &mut Rng) -> Json {
    let word = format!("w{}", rng.u16(..));
    let limit = usize::try_from(attribute.max_length.unwrap_or(9)).unwrap();
    let word: String = word.chars().take(limit).collect();
    match attribute.kind {
        Kind::Boolean => json!(rng.bool()),
        Kind::Byte | Kind::Int16 | Kind::Int32 => json!(rng.u8(1..9)),
        Kind::Int64 => json!(rng.u32(..)),
        Kind::Guid => json!(id(rng.u128(0..64))),
        Kind::String => json!(word),
        Kind::DateTimeOffset => json!("2026-11-20T21:21:42.123Z"),
        Kind::Binary => json!("AAEC"),
        Kind::Multilanguage => json!({"EN": word}),
        Kind::Enumeration => {
            let members = &model.enumeration(attribute.enumeration.unwrap()).members;
            json!(members[rng.usize(..members.len())].name)
        }
    }
}

/// A payload for an entity that could be right.
fn payload(
    world: &World,
    number: EntityId,
    known: &[Vec<String>],
    rng: &mut Rng,
    depth: u8,
) -> Json {
    let model = &*world.model;
    let entity = model.entity(number);
    let mut body = Map::new();
    for (_, attribute) in entity.attribute_ids() {
        if entity.is_writable(number, attribute) && (attribute.required || rng.u8(0..4) == 0) {
            body.insert(attribute.name.clone(), right(model, attribute, rng));
        }
    }
    for (_, reference) in entity.reference_ids() {
        let keys = &known[reference.target.index()];
        if (!reference.nullable || rng.bool()) && !keys.is_empty() {
            let key = &keys[rng.usize(..keys.len())];
            let address = format!("{}({key})", model.entity(reference.target).set);
            body.insert(format!("{}@odata.bind", reference.name), json!(address));
        }
    }
    for (_, collection) in entity.collection_ids() {
        if depth > 0 && rng.u8(0..3) == 0 {
            let child = payload(world, collection.target, known, rng, depth - 1);
            body.insert(collection.name.clone(), json!([child]));
        }
    }
    Json::Object(body)
}

/// Changes something somewhere in a tree.
fn mutate(tree: &mut Json, rng: &mut Rng, name: &str, keys: &[String]) {
    match tree {
        Json::Object(members) if !members.is_empty() && rng.u8(0..5) > 0 => {
            let at = rng.usize(..members.len());
            let key = members.keys().nth(at).unwrap().clone();
            match rng.u8(0..5) {
                0 => {
                    members.remove(&key);
                }
                1 => {
                    let value = members.remove(&key).unwrap();
                    members.insert(name.to_owned(), value);
                }
                2 => {
                    members.insert(name.to_owned(), odd(rng, keys));
                }
                _ => mutate(&mut members[&key], rng, name, keys),
            }
        }
        Json::Array(items) if !items.is_empty() && rng.u8(0..4) > 0 => {
            let at = rng.usize(..items.len());
            if rng.u8(0..3) == 0 {
                items.push(items[at].clone());
            } else {
                mutate(&mut items[at], rng, name, keys);
            }
        }
        Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::String(_)
        | Json::Array(_)
        | Json::Object(_) => *tree = odd(rng, keys),
    }
}

/// The text of a payload, sometimes damaged.
fn damaged(tree: &Json, rng: &mut Rng) -> Vec<u8> {
    let mut text = tree.to_string().into_bytes();
    if rng.u8(0..6) == 0 && !text.is_empty() {
        let at = rng.usize(..text.len());
        match rng.u8(0..4) {
            0 => text.truncate(at),
            1 => text[at] = rng.u8(..),
            2 => text.insert(at, rng.u8(..)),
            _ => {
                text.remove(at);
            }
        }
    }
    text
}

/// Where a change of an entity could go.
fn address(entity: &Entity, keys: &[String], rng: &mut Rng) -> (Verb, String) {
    let verbs = [Verb::Post, Verb::Patch, Verb::Put, Verb::Delete];
    let key = match keys {
        [] => id(rng.u128(0..64)),
        keys => keys[rng.usize(..keys.len())].clone(),
    };
    let set = &entity.set;
    let names: Vec<&str> = entity.property_names().collect();
    let own = names[rng.usize(..names.len())];
    match rng.u8(0..12) {
        0..=5 => (Verb::Post, set.clone()),
        6 | 7 => (Verb::Patch, format!("{set}({key})")),
        8 => (Verb::Put, format!("{set}({key})")),
        9 => (
            *rng.choice(verbs.iter()).unwrap(),
            format!("{set}({key})/{own}"),
        ),
        10 => (
            *rng.choice(verbs.iter()).unwrap(),
            format!("{set}({key})/{own}/$ref"),
        ),
        _ => (
            *rng.choice(verbs.iter()).unwrap(),
            format!("{set}({key})/{own}/$value"),
        ),
    }
}

#[test]
fn mutated_payloads_are_no_fault_of_the_service() {
    let (seed, cases) = (number("USERDEX_SEED", 3), number("USERDEX_CASES", 300));
    for world in worlds(12) {
        let model = world.model.clone();
        let known: Vec<Vec<String>> = model
            .entities()
            .map(|(_, entity)| ids(&world, &entity.set, ""))
            .collect();
        let open: Vec<EntityId> = model
            .entities()
            .filter(|(_, entity)| entity.is_open())
            .map(|(number, _)| number)
            .collect();
        let mut rng = Rng::with_seed(seed);
        let mut before = world.dump();
        let (mut taken, mut refused) = (0, 0);
        for n in 0..cases {
            let number = open[usize::try_from(n).unwrap() % open.len()];
            let entity = model.entity(number);
            let mut tree = payload(&world, number, &known, &mut rng, 2);
            for _ in 0..rng.u8(0..4) {
                let name = odd_name(&mut rng, &model, entity);
                mutate(&mut tree, &mut rng, &name, &known[number.index()]);
            }
            let (verb, path) = address(entity, &known[number.index()], &mut rng);
            let body = damaged(&tree, &mut rng);
            let place = format!(
                "{}, seed {seed}, case {n}: {verb:?} {path} {}",
                world.name,
                String::from_utf8_lossy(&body)
            );
            let request = change(verb, &path, body);
            match world.service.write(&[request], &mut ContentIds::default()) {
                Ok(_) => {
                    taken += 1;
                    before = world.dump();
                }
                Err(refusal) => {
                    refused += 1;
                    let problem = refusal.problem;
                    let status = problem.code().status();
                    let log = problem.log_text();
                    assert!(
                        status < 500 || status == 501,
                        "{place}\n{problem:?} {log:?}"
                    );
                    assert!(!problem.message().is_empty(), "{place}");
                    world.assert_unchanged(&before, &place);
                }
            }
        }
        assert!(taken * 20 > cases, "only {taken} of {cases} were right");
        assert!(refused * 5 > cases, "only {refused} of {cases} were wrong");
    }
}
