//! Writing under difficult circumstances, on SQLite and PostgreSQL: bad input leaves every byte of
//! the database as it was, batches are whole or not at all, and writers do not lose each other's
//! changes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    reason = "helpers of tests stop the test"
)]

mod bad_input;
mod batch_json;
mod batch_multipart;
mod concurrency;
mod deadlines;
mod far_times;
mod long_queries;
mod many_lambdas;
mod mutated;
#[path = "../support/mod.rs"]
mod support;
mod wrong_types;
mod zeros;

use serde_json::{Value as Json, json};
use support::world::{Reply, World, text};
use uuid::Uuid;

const USERS: &str = "Systems_Security_Users";
const USER_GROUPS: &str = "Systems_Security_UserGroups";
const GROUPS: &str = "Systems_Security_Groups";

/// A key that depends on a number only.
fn id(number: u128) -> String {
    Uuid::from_u128(0x7e57_0000_0000_4000_8000_0000_0000_0000 | number).to_string()
}

/// A user who needs no password.
fn user(number: u128, login: &str) -> Json {
    json!({
        "Id": id(number),
        "Login": login,
        "Name": {"EN": login},
        "UserType": "VirtualUserNoLogin",
    })
}

/// Keys of the first objects of a set.
fn ids(world: &World, set: &str, filter: &str) -> Vec<String> {
    let rows = world.get(&format!("{set}?$select=Id&$top=5{filter}"));
    let rows = rows.as_array().unwrap();
    rows.iter().map(|row| text(&row["Id"])).collect()
}

/// Creates what has to be there.
fn create(world: &World, set: &str, body: &Json) -> Reply {
    let reply = world.json("POST", set, body);
    assert_eq!(reply.status, 201, "{}: {}", world.name, reply.body);
    reply
}
