//! Random changes on SQLite, on PostgreSQL and in memory: all agree after each step, and the
//! history of changes rebuilds what is stored.
//!
//! `USERDEX_SEED=n USERDEX_CASES=n cargo test --test agree` draws others, and more; a failure names
//! its seed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "helpers of tests stop the test"
)]

mod draw;
mod memory;
mod replay;
#[path = "../support/mod.rs"]
mod support;

use fastrand::Rng;
use memory::{Expected, Memory};
use serde_json::{Value as Json, json};
use support::history::key;
use support::world::{World, change, text, worlds};
use userdex::service::{ContentIds, WriteAnswer, WriteRequest};
use userdex::value::Timestamp;
use uuid::Uuid;

const USERS: &str = "Systems_Security_Users";
const USER_GROUPS: &str = "Systems_Security_UserGroups";
const DOMAINS: &str = "Systems_Security_Domains";
const GROUPS: &str = "Systems_Security_Groups";

/// A key that depends on a number only.
fn id(number: u128) -> String {
    Uuid::from_u128(0x7e57_0000_0000_4000_8000_0000_0000_0000 | number).to_string()
}

/// Whether an object was made by this test.
fn mine(key: &str) -> bool {
    key.starts_with("7e57")
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

/// What a database answers to a change, without what only it can know.
fn outcome(world: &World, requests: &[WriteRequest]) -> Result<Vec<WriteAnswer>, (String, String)> {
    let done = world.service.write(requests, &mut ContentIds::default());
    done.map_err(|refusal| {
        let problem = refusal.problem;
        let status = problem.code().status();
        assert!(
            status < 500,
            "{}: {problem:?} {:?}",
            world.name,
            problem.log_text()
        );
        let target = problem.target().unwrap_or_default();
        let word = problem.word().to_owned();
        let about = match word.as_str() {
            // Of two values that are taken, each database names the one that it looks at first.
            "NotUnique" => String::new(),
            _ => format!("{} {target} {}", refusal.request, problem.message()),
        };
        (word, about)
    })
}

/// The objects of this test, as the read API gives them.
fn rows(world: &World, address: &str) -> Vec<Json> {
    let rows = world.all(address).into_iter();
    rows.filter(|row| mine(&text(&row["Id"]))).collect()
}

/// Everything that the steps touch.
fn stored(world: &World) -> [Vec<Json>; 2] {
    let users = format!(
        "{USERS}?$select=default,ObjectVersion&$expand=Groups($select=Id,Group;$orderby=Id)&$orderby=Id"
    );
    let domains = format!("{DOMAINS}?$select=default,ObjectVersion&$orderby=Id");
    [rows(world, &users), rows(world, &domains)]
}

/// The same as the model has it.
fn simplified([users, domains]: &[Vec<Json>; 2]) -> Json {
    let users = users.iter().map(|row| {
        let groups = row["Groups"].as_array().unwrap().iter();
        let groups: Vec<Json> = groups.map(|m| json!([m["Id"], key(&m["Group"])])).collect();
        let domain = if row["Domain"].is_null() {
            Json::Null
        } else {
            json!(key(&row["Domain"]))
        };
        let mut user = json!({"Id": row["Id"], "Groups": groups, "Domain": domain});
        for name in memory::ATTRIBUTES.iter().chain(&["ObjectVersion"]) {
            user[*name] = row[*name].clone();
        }
        user
    });
    let domains = domains.iter();
    let domains = domains
        .map(|d| json!({"Id": d["Id"], "Name": d["Name"], "ObjectVersion": d["ObjectVersion"]}));
    json!({"users": users.collect::<Vec<_>>(), "domains": domains.collect::<Vec<_>>()})
}

#[test]
fn both_databases_and_the_memory_agree() {
    let (seed, steps) = (number("USERDEX_SEED", 11), number("USERDEX_CASES", 150));
    let worlds = worlds(1);
    let groups = worlds[0].all(&format!("{GROUPS}?$select=Id,GroupType&$orderby=Id"));
    let of_type = |name: &str| {
        let found = groups.iter().filter(|g| g["GroupType"] == name);
        found.map(|g| text(&g["Id"])).take(2).collect::<Vec<_>>()
    };
    let mut rng = Rng::with_seed(seed);
    let mut memory = Memory::new(of_type("Administrators"));
    let groups = [
        of_type("NormalUserDefinableGroup"),
        of_type("Administrators"),
    ]
    .concat();
    let (mut taken, mut refused) = (0, 0);
    for step in 0..steps {
        let operations = draw::operations(&mut rng, &memory, &groups);
        let now =
            Timestamp::from_micros(1_790_000_000_000_000 + i64::try_from(step).unwrap() * 1_000);
        let requests: Vec<WriteRequest> = operations
            .iter()
            .map(|operation| {
                let (verb, path, body) = operation.request();
                WriteRequest {
                    now,
                    ..change(verb, &path, body)
                }
            })
            .collect();
        let place = format!("seed {seed}, step {step}: {operations:#?}");
        let outcomes: Vec<_> = worlds.iter().map(|w| outcome(w, &requests)).collect();
        if let [one, two] = &outcomes[..] {
            assert_eq!(one, two, "{place}");
        }
        let expected = memory.expect(&operations);
        match (&outcomes[0], expected) {
            (Ok(_), Expected { faults, next, .. }) if faults.is_empty() => {
                memory = next;
                taken += 1;
            }
            (Err((word, _)), Expected { faults, vague, .. })
                if faults.contains(word.as_str()) || (vague && word == "NotUnique") =>
            {
                refused += 1;
            }
            (outcome, Expected { faults, .. }) => {
                panic!("{place}\nexpected {faults:?}\n{outcome:?}")
            }
        }
        let all: Vec<_> = worlds.iter().map(stored).collect();
        if let [one, two] = &all[..] {
            // Addresses hold the port of the server.
            assert_eq!(one, two, "{place}");
        }
        assert_eq!(simplified(&all[0]), memory.simplified(), "{place}");
    }
    assert!(taken * 4 > steps, "only {taken} of {steps} were done");
    assert!(
        refused * 8 > steps,
        "only {refused} of {steps} were refused"
    );
    for world in &worlds {
        replay::check(world);
    }
}
