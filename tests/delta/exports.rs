//! Exports are read in one snapshot, whatever happens while they run.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::support::server::{USERS, user};
use crate::support::world::{World, on_each_world};

/// Two users always have the same notes, since every change sets both. An export of two states would
/// sooner or later have them differ.
#[test]
fn an_export_is_one_state() {
    on_each_world(1_200, |world| {
        let both = ["0first", "zlast"].map(|login| {
            let made = world.json("POST", USERS, &user(login));
            let id = made.tree()["Id"].as_str().unwrap().to_owned();
            format!("{USERS}({id})")
        });
        let done = AtomicBool::new(false);
        let seen = thread::scope(|scope| {
            scope.spawn(|| write(world, &both, &done));
            let seen = read(world);
            done.store(true, Ordering::Relaxed);
            seen
        });
        let states = seen.len();
        assert!(states > 1, "{}: nothing happened: {seen:?}", world.name);
    });
}

/// Changes both users together, again and again.
fn write(world: &World, both: &[String; 2], done: &AtomicBool) {
    let mut number = 0;
    while !done.load(Ordering::Relaxed) {
        number += 1;
        let requests: Vec<Value> = both
            .iter()
            .enumerate()
            .map(|(id, url)| {
                json!({"id": id.to_string(), "method": "PATCH", "url": url, "atomicityGroup": "g",
                    "headers": {"content-type": "application/json"},
                    "body": {"Notes": format!("n{number}")}})
            })
            .collect();
        let done = world.json("POST", "$batch", &json!({ "requests": requests }));
        assert_eq!(done.status, 200, "{}", done.body);
    }
}

/// Exports, and the notes that they have.
fn read(world: &World) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    // One statement; two parts, since the first key may be null; one for each thousand rows.
    for query in [
        "$select=Login,Notes",
        "$orderby=Email&$select=Login,Notes,Email",
        "$expand=Groups",
    ] {
        for _ in 0..4 {
            let path = format!("{USERS}?{query}&$format=ndjson");
            let answer = world.send("GET", &path, &[], b"");
            assert_eq!(answer.status, 200, "{path} {}", answer.body);
            let rows = answer.body.lines();
            let rows = rows.map(|row| serde_json::from_str::<Value>(row).unwrap());
            let notes: Vec<Value> = rows
                .filter(|row| row["Login"] == "0first" || row["Login"] == "zlast")
                .map(|row| row["Notes"].clone())
                .collect();
            assert_eq!(notes.len(), 2, "{}: {query}", world.name);
            assert_eq!(notes[0], notes[1], "{}: {query}", world.name);
            seen.insert(notes[0].to_string());
        }
    }
    seen
}
