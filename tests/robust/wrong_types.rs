//! A value of a wrong type, or out of range, for every attribute that can be written.

use serde_json::{Value as Json, json};
use userdex::model::{Attribute, Entity, EntityId};
use userdex::service::{ContentIds, Verb};
use userdex::value::Kind;

use super::support::world::{World, change, on_each_world};

/// Values that an attribute does not take, and the codes that say so.
fn wrong(attribute: &Attribute) -> Vec<(Json, &'static [&'static str])> {
    const MISMATCH: &[&str] = &["TypeMismatch"];
    const INVALID: &[&str] = &["InvalidValue"];
    const RANGE: &[&str] = &["ValueOutOfRange"];
    const LONG: &[&str] = &["ValueTooLong"];
    const NUMBER: &[&str] = &["TypeMismatch", "ValueOutOfRange"];
    let mut all = vec![(json!([]), MISMATCH), (json!([1]), MISMATCH)];
    let mut add = |values: &[Json], codes: &'static [&'static str]| {
        all.extend(values.iter().map(|value| (value.clone(), codes)));
    };
    if attribute.kind != Kind::Multilanguage {
        add(&[json!({}), json!({"EN": "a"})], MISMATCH);
    }
    let too_long = attribute
        .max_length
        .filter(|limit| *limit < 10_000)
        .map(|limit| "ж".repeat(usize::try_from(limit).unwrap() + 1));
    match attribute.kind {
        Kind::Boolean => add(&[json!(0), json!("true"), json!("")], MISMATCH),
        Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => {
            add(
                &[json!(true), json!("many"), json!(1.5), json!(-0.5)],
                MISMATCH,
            );
            add(&[json!(1e300), json!(-1e300)], NUMBER);
            add(&[json!(u64::MAX)], RANGE);
            if attribute.kind != Kind::Int64 {
                add(
                    &[
                        json!(i64::MAX),
                        json!(i64::MIN),
                        json!(i64::from(i32::MAX) + 1),
                    ],
                    RANGE,
                );
            }
            if let Some(below) = attribute.min.and_then(|min| min.checked_sub(1)) {
                add(&[json!(below)], RANGE);
            }
        }
        Kind::Guid => {
            add(&[json!(1), json!(false)], MISMATCH);
            add(
                &[
                    json!(""),
                    json!("7"),
                    json!("7e570000-0000-0000-0000-00000000000g"),
                ],
                INVALID,
            );
        }
        Kind::DateTimeOffset => {
            add(&[json!(0), json!(true)], MISMATCH);
            let texts = [
                "",
                "now",
                "2026-13-01T00:00:00Z",
                "2026-02-30T00:00:00Z",
                "2026-01-01T25:00:00Z",
                "99999-01-01T00:00:00Z",
                "+262142-01-01T00:00:00Z",
                "-0001-01-01T00:00:00Z",
            ];
            add(&texts.map(|text| json!(text)), INVALID);
        }
        Kind::String => {
            add(&[json!(1), json!(true), json!(1.5)], MISMATCH);
            add(
                &["\0", "a\u{1}", "\u{2}b", "a\0b"].map(|text| json!(text)),
                INVALID,
            );
            if let Some(text) = too_long {
                add(&[json!(text)], LONG);
            }
        }
        Kind::Binary => {
            add(&[json!(1), json!(true)], MISMATCH);
            add(&[json!("*"), json!("a"), json!("ж")], INVALID);
        }
        Kind::Multilanguage => {
            add(&[json!("a"), json!(1), json!(true)], MISMATCH);
            let inner = [json!({"EN": 1}), json!({"EN": {}}), json!({"EN": []})];
            add(&inner, MISMATCH);
            let inner = ["\0", "\u{1}", "\u{2}"].map(|text| json!({"EN": text}));
            add(&inner, INVALID);
            let names = ["", "E N", "\u{1}", "../..", "EN'"].map(|name| json!({name: "a"}));
            add(&names, &["InvalidValue", "UnknownProperty"]);
            if let Some(text) = too_long {
                add(&[json!({"EN": text})], LONG);
            }
        }
        Kind::Enumeration => {
            add(&[json!(0), json!(true)], MISMATCH);
            add(
                &["", "Ghost", "0", "internaluser "].map(|text| json!(text)),
                &["UnknownEnumMember"],
            );
        }
    }
    all
}

/// Attributes that a writer may set.
fn writable(world: &World) -> impl Iterator<Item = (&Entity, &Attribute)> {
    let open = world
        .model
        .entities()
        .filter(|(_, entity)| entity.is_open());
    open.flat_map(|(number, entity): (EntityId, &Entity)| {
        let all = entity.attribute_ids().map(|(_, attribute)| attribute);
        let free = all.filter(move |a| entity.is_writable(number, a));
        free.map(move |attribute| (entity, attribute))
    })
}

#[test]
fn wrong_types_are_refused_for_every_attribute() {
    on_each_world(0, |world| {
        let before = world.dump();
        let mut seen = 0;
        for (entity, attribute) in writable(world) {
            for (value, codes) in wrong(attribute) {
                let body = json!({&attribute.name: value}).to_string();
                let request = change(Verb::Post, &entity.set, body.clone());
                let shown: String = body.chars().take(200).collect();
                let place = format!("{}: {} {shown}", world.name, entity.set);
                let refusal = world.service.write(&[request], &mut ContentIds::default());
                let problem = refusal.expect_err(&place).problem;
                assert!(codes.contains(&problem.word()), "{place}: {problem:?}");
                let target = problem.target().unwrap_or_default();
                let inner = format!("{}/", attribute.name);
                assert!(
                    target == attribute.name || target.starts_with(&inner),
                    "{place}: {target}"
                );
                assert!(!problem.message().is_empty());
                seen += 1;
            }
        }
        assert!(seen > 1_000, "only {seen} values");
        world.assert_unchanged(&before, "a wrong value");
    });
}

#[test]
fn what_must_be_there_may_not_be_null() {
    on_each_world(0, |world| {
        let before = world.dump();
        for (entity, attribute) in writable(world) {
            if attribute.nullable || attribute.name == Attribute::VERSION {
                continue;
            }
            let body = json!({&attribute.name: null}).to_string();
            let request = change(Verb::Post, &entity.set, body);
            let place = format!("{}: {} of {}", world.name, attribute.name, entity.set);
            let refusal = world.service.write(&[request], &mut ContentIds::default());
            let problem = refusal.expect_err(&place).problem;
            let mut told = vec![&problem];
            told.extend(problem.details());
            let about = |p: &&userdex::diag::Problem| {
                p.word() == "ValueRequired" && p.target() == Some(attribute.name.as_str())
            };
            // Of an abstract entity nothing can be made.
            let abstract_set = problem.word() == "InvalidPayload";
            assert!(
                abstract_set || told.iter().any(about),
                "{place}: {problem:?}"
            );
        }
        world.assert_unchanged(&before, "a null");
    });
}
