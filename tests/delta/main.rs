//! Delta links and walks through pages while rows change, over HTTP, from outside: a real server
//! over each kind of database.

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

mod answers;
mod exports;
mod kit;
mod others;
mod paths;
mod preferences;
mod random;
mod refusals;
mod rights;
mod walks;
