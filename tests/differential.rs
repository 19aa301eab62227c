//! Requests drawn from the model, over all entity sets: both databases give the same bytes, and
//! filters give the rows that an evaluator picks in memory.
//!
//! `USERDEX_SEED=n cargo test --test differential` draws others; a failure names its seed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests"
)]

mod support;

use std::cmp::Ordering;

use fastrand::Rng;
use serde_json::Value as Json;
use support::evaluator::{Condition, Field, FieldKind, World, fields};
use support::{Database, encode, encode_query};
use userdex::diag::{Code, Problem};
use userdex::model::Model;

/// Requests of each kind in a run.
const REQUESTS: usize = 400;

/// The seed of this run.
fn seed() -> u64 {
    support::drawing::seed(20_261_122)
}

#[test]
fn filters_give_the_rows_of_the_evaluator() {
    let all = support::rows::databases();
    let first = all.iter().next().unwrap();
    let world = World::read(first);
    let mut rng = Rng::with_seed(seed());
    let sets: Vec<&str> = first
        .model
        .entities()
        .map(|(_, e)| e.set.as_str())
        .collect();
    let (mut some, mut none) = (0, 0);
    for n in 0..REQUESTS {
        let set = sets[n % sets.len()];
        let condition = world.draw(&first.model, set, &mut rng, 3).unwrap();
        let chosen: Vec<&str> = world
            .rows(set)
            .iter()
            .filter(|row| world.holds(&condition, row) == Some(true))
            .map(|row| row["Id"].as_str().unwrap())
            .collect();
        *if chosen.is_empty() {
            &mut none
        } else {
            &mut some
        } += 1;
        for database in all.iter() {
            check_rows(database, set, &condition, &chosen);
        }
    }
    assert!(
        some > none / 2,
        "{none} conditions gave nothing, {some} something"
    );
}

fn check_rows(database: &Database, set: &str, condition: &Condition, expected: &[&str]) {
    let request = format!("{set}?$select=Id&$count=true&$filter={condition}");
    let place = format!("seed {} on {}: {request}", seed(), database.name());
    let filter = encode(&condition.to_string());
    let address = format!("{set}?$select=Id&$count=true&$filter={filter}");
    let answer = database
        .get(&address)
        .unwrap_or_else(|p| panic!("{place}\n{p:?} {:?}", p.log_text()));
    let answer: Json = serde_json::from_str(&answer).unwrap();
    let rows = answer["value"].as_array().unwrap();
    let found: Vec<&str> = rows.iter().map(|row| row["Id"].as_str().unwrap()).collect();
    assert_eq!(found, expected, "{place}");
    assert_eq!(answer["@odata.count"], expected.len(), "{place}");
}

#[test]
fn both_databases_give_the_same_bytes() {
    let all = support::rows::databases();
    let Some((one, two)) = all.pair() else { return };
    let world = World::read(one);
    let mut rng = Rng::with_seed(seed());
    let mut sets: Vec<&str> = one.model.entities().map(|(_, e)| e.set.as_str()).collect();
    // Exports among the requests are noted there, each under a key of its own.
    sets.retain(|set| *set != "Systems_Monitoring_AuditLogEntries");
    let mut accepted = 0;
    for n in 0..REQUESTS {
        let set = sets[n % sets.len()];
        let mut requests = vec![draw_request(&one.model, &world, set, &mut rng); 2];
        // A request and up to three next pages.
        for page in 0..4 {
            let place = format!("seed {} page {page}: {}", seed(), requests[0]);
            let answers = [one.get(&requests[0]), two.get(&requests[1])];
            let [first, second] = [&answers[0], &answers[1]].map(shown);
            assert!(first == second, "{place}\n{first}\n{second}");
            assert!(!first.contains(support::rows::CLOSED), "{place}\n{first}");
            accepted += usize::from(answers[0].is_ok());
            let next = answers.map(|answer| next_link(&answer.unwrap_or_default()));
            match next {
                [Some(next), Some(other)] => requests = vec![next, other],
                _ => break,
            }
        }
    }
    assert!(accepted > REQUESTS / 2, "only {accepted} answers");
}

#[test]
fn pages_join_up_in_the_declared_order() {
    let all = support::rows::databases();
    let first = all.iter().next().unwrap();
    let world = World::read(first);
    let mut rng = Rng::with_seed(seed());
    for (id, entity) in first.model.entities() {
        let mut open = fields(&first.model, id);
        open.retain(|f| f.name == "Id" || f.orderable && !matches!(f.kind, FieldKind::Languages));
        for _ in 0..4 {
            let by = rng.choose_multiple(&open, 2);
            let by: Vec<(&Field, bool)> = by.into_iter().map(|f| (f, rng.bool())).collect();
            let expected = ordered(world.rows(&entity.set), &by);
            let words: Vec<String> = by
                .iter()
                .map(|(field, down)| {
                    format!("{}%20{}", field.name, ["asc", "desc"][usize::from(*down)])
                })
                .collect();
            let size = 1 + expected.len() / rng.usize(2..6);
            let request = format!(
                "{}?$select=Id&$top={size}&$orderby={}",
                entity.set,
                words.join(",")
            );
            for database in all.iter() {
                let found = all_pages(database, &request);
                assert_eq!(
                    found,
                    expected,
                    "seed {} on {}: {request}",
                    seed(),
                    database.name()
                );
            }
        }
    }
}

/// The keys of rows in an order; the key decides between equals.
fn ordered(rows: &[Json], by: &[(&Field, bool)]) -> Vec<String> {
    let mut rows: Vec<&Json> = rows.iter().collect();
    rows.sort_by(|a, b| {
        let key = a["Id"].as_str().cmp(&b["Id"].as_str());
        let found = by.iter().map(|(field, down)| {
            let found = field.order_key(a).cmp(&field.order_key(b));
            if *down { found.reverse() } else { found }
        });
        found.fold(Ordering::Equal, Ordering::then).then(key)
    });
    rows.iter()
        .map(|row| row["Id"].as_str().unwrap().to_owned())
        .collect()
}

/// The keys on all pages of a request.
fn all_pages(database: &Database, request: &str) -> Vec<String> {
    let (mut next, mut found) = (Some(request.to_owned()), Vec::new());
    while let Some(address) = next {
        let body = database.get(&address).unwrap();
        let answer: Json = serde_json::from_str(&body).unwrap();
        let rows = answer["value"].as_array().unwrap().iter();
        found.extend(rows.map(|row| row["Id"].as_str().unwrap().to_owned()));
        next = next_link(&body);
    }
    found
}

/// An answer or a problem, without what may differ: sealed tokens.
fn shown(answer: &Result<String, Problem>) -> String {
    match answer {
        Ok(body) => match body.split_once("$skiptoken=") {
            Some((before, _)) => before.to_owned(),
            None => body.clone(),
        },
        Err(problem) => {
            let fault = problem.code().status() >= 500 && problem.code() != Code::NotSupported;
            assert!(!fault, "{problem:?} {:?}", problem.log_text());
            format!("{:?} {:?}", problem.code(), problem)
        }
    }
}

fn next_link(body: &str) -> Option<String> {
    let answer: Json = serde_json::from_str(body).ok()?;
    let link = answer.get("@odata.nextLink")?.as_str()?;
    Some(link.strip_prefix(support::service::ROOT)?.to_owned())
}

/// A request for a set: mostly well-typed.
fn draw_request(model: &Model, world: &World, set: &str, rng: &mut Rng) -> String {
    let mut options = draw_options(model, world, set, rng, 2);
    if rng.u8(..4) == 0 {
        options.push("$count=true".into());
    }
    if rng.u8(..6) == 0 {
        options.push(format!(
            "$search={}",
            rng.choice(["ann", "\"a\"", "ив NOT z", "1 OR (x y)"])
                .unwrap()
        ));
    }
    if rng.u8(..8) == 0 {
        let format = rng.choice([
            "ndjson",
            "csv",
            "application/json;odata.metadata=full",
            "application/json;odata.metadata=none",
        ]);
        options.push(format!("$format={}", format.unwrap()));
    }
    if rng.u8(..10) == 0 {
        options.push("options=skipnulls".into());
    }
    let path = match rng.u8(..12) {
        0 => "/$count",
        1 => "/$ref",
        _ => "",
    };
    encode_query(&format!("{set}{path}?{}", options.join("&")))
}

/// The options that a set and an expansion share.
fn draw_options(model: &Model, world: &World, set: &str, rng: &mut Rng, depth: u8) -> Vec<String> {
    let entity = model.entity(model.set(set).unwrap());
    let fields = fields(model, model.set(set).unwrap());
    let mut options = Vec::new();
    if rng.u8(..2) == 0 {
        let filter = match rng.u8(..6) {
            0 => ill_typed(&fields, rng),
            _ => world.draw(model, set, rng, 2).unwrap().to_string(),
        };
        options.push(format!(
            "$filter={}",
            filter
                .replace(['&', '#', '+', ';'], "x")
                .replace('%', "%25")
        ));
    }
    if rng.u8(..5) == 0 {
        options.push(format!("$compute={} as Made", computed(&fields, rng)));
    }
    if rng.u8(..2) == 0 {
        let by = rng.choose_multiple(fields.iter().filter(|f| f.orderable || f.name == "Id"), 2);
        let by: Vec<String> = by
            .iter()
            .map(|f| format!("{}{}", f.name, rng.choice(["", " asc", " desc"]).unwrap()))
            .collect();
        if !by.is_empty() {
            options.push(format!("$orderby={}", by.join(",")));
        }
    }
    if rng.u8(..2) == 0 {
        options.push(format!("$top={}", rng.u8(..12)));
    }
    if rng.u8(..4) == 0 {
        options.push(format!("$skip={}", rng.u8(..8)));
    }
    if rng.u8(..3) == 0 {
        let mut names: Vec<&str> = rng.choose_multiple(fields.iter().map(|f| f.name.as_str()), 4);
        names.push(rng.choice(["DisplayText", "*", "default", "Id"]).unwrap());
        options.push(format!("$select={}", names.join(",")));
    }
    if depth > 0 && rng.u8(..2) == 0 {
        let references = entity.references.iter().map(|r| (&r.name, r.target));
        let collections = entity.collections.iter().map(|c| (&c.name, c.target));
        let expands: Vec<String> = rng
            .choose_multiple(references.chain(collections), 2)
            .into_iter()
            .map(|(name, target)| {
                let target = model.entity(target).set.as_str();
                let to_many = entity.collections.iter().any(|c| c.name == *name);
                let mut inner = draw_options(model, world, target, rng, depth - 1);
                if !to_many {
                    let keeps = ["$select", "$expand", "$compute"];
                    inner.retain(|o| keeps.iter().any(|kept| o.starts_with(kept)));
                } else if rng.u8(..4) == 0 {
                    inner.push("$count=true".into());
                }
                match inner.as_slice() {
                    [] => name.clone(),
                    some => format!("{name}({})", some.join(";")),
                }
            })
            .collect();
        if !expands.is_empty() {
            options.push(format!("$expand={}", expands.join(",")));
        }
    }
    options
}

/// A value computed from what may be asked about.
fn computed(fields: &[Field], rng: &mut Rng) -> String {
    let open = fields.iter().filter(|f| f.filters.any() || f.orderable);
    let Some(field) = rng.choose_multiple(open, 1).pop() else {
        return "1 add 1".into();
    };
    let name = &field.name;
    let function = match &field.kind {
        FieldKind::Number => rng.choice([
            "A mul 3 sub 1",
            "A div 2",
            "A divby 4",
            "A mod 0",
            "-A",
            "floor(A)",
        ]),
        FieldKind::Text { .. } => rng.choice([
            "tolower(A)",
            "toupper(A)",
            "trim(A)",
            "length(A)",
            "concat(A,'é')",
            "substring(A,1,2)",
            "indexof(A,'a')",
        ]),
        FieldKind::Languages => rng.choice(["A/EN", "length(A/BG)", "toupper(A/EN)"]),
        FieldKind::Time => rng.choice([
            "year(A)",
            "month(A)",
            "date(A)",
            "time(A)",
            "A add duration'P1DT1H'",
            "fractionalseconds(A)",
            "A sub 2020-01-01T00:00:00Z",
        ]),
        FieldKind::Boolean | FieldKind::Guid | FieldKind::Enumeration(_) => Some("A"),
        FieldKind::Reference(_) | FieldKind::Binary => Some("A"),
    };
    function.unwrap().replace('A', name)
}

/// A condition that is probably refused.
fn ill_typed(fields: &[Field], rng: &mut Rng) -> String {
    let name = &rng.choice(fields).unwrap().name;
    let value = rng
        .choice([
            "'x'",
            "1",
            "null",
            "true",
            "2024-01-01",
            "duration'P1D'",
            "1.5",
            "INF",
            "Login",
            "{}",
        ])
        .unwrap();
    match rng.u8(..6) {
        0 => format!("contains({name},{value})"),
        1 => format!("{name} in ({value},'y')"),
        2 => format!("length({name}) gt {value}"),
        3 => format!("{name} add 1 eq {value}"),
        4 => format!("not {name}"),
        _ => format!(
            "{name} {} {value}",
            rng.choice(["eq", "gt", "le", "has", "ne"]).unwrap()
        ),
    }
}
