//! Changes over HTTP, from outside: a real server over each kind of database, and the same tests on
//! both.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests stop the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod attributes;
mod clients;
mod costs;
mod everything;
mod finding;
mod guards;
mod headers;
mod history;
mod objects;
mod references;
mod repeat;
mod rules;
mod secrets;
mod users;
