//! Turning the switch, and users to look for.

use serde_json::{Value as Json, json};
use userdex::model::Model;
use userdex::store::{Store, TrigramState};

use crate::support::beside;
use crate::support::world::World;

pub(crate) const USERS: &str = "Systems_Security_Users";

/// Turns the switch of every attribute, as another process would.
pub(crate) fn turn(url: &str, model: &Model, on: bool) {
    let store = Store::open(&url.parse().unwrap(), &crate::support::patient()).unwrap();
    turn_at(&store, model, on);
}

pub(crate) fn turn_at(store: &Store, model: &Model, on: bool) {
    for searched in model.searched() {
        if on {
            let mut last = None;
            store
                .turn_trigrams_on(model, &searched, &mut |step| last = Some(step))
                .unwrap();
            let last = last.unwrap();
            assert_eq!(last.done, last.all, "told to the end");
        } else {
            store.turn_trigrams_off(model, &searched).unwrap();
        }
    }
    let state = if on {
        TrigramState::On
    } else {
        TrigramState::Off
    };
    let states = store.trigrams(model).unwrap();
    assert!(
        !states.is_empty() && states.iter().all(|s| *s == state),
        "{states:?}"
    );
}

pub(crate) fn new_user(number: usize, name: &str) -> Json {
    json!({
        "Id": format!("00000000-0000-7000-8000-{number:012}"),
        "Login": format!("extra{number}"),
        "UserType": "VirtualUserNoLogin",
        "Name": {"EN": name, "BG": "друго име"},
    })
}

pub(crate) fn must(world: &World, method: &str, path: &str, body: &Json) {
    let reply = world.json(method, path, body);
    assert!(
        reply.status < 300,
        "{}: {method} {path}: {}",
        world.name,
        reply.body
    );
}

pub(crate) fn user(number: usize) -> String {
    format!("{USERS}(00000000-0000-7000-8000-{number:012})")
}

/// Sees that the indexes of a database say what its tables say, where it can be asked.
pub(crate) fn check(world: &World) {
    if !world.url.starts_with("sqlite:") {
        return;
    }
    for searched in world.model.searched() {
        let index = searched.index.name.replacen("IX", "FT", 1);
        let check =
            format!("INSERT INTO \"{index}\" (\"{index}\", rank) VALUES ('integrity-check', 1)");
        beside::run(&world.url, &check);
    }
}
