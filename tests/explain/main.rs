//! Explanations of reads, and the budget that they are held to, over HTTP, from outside: a real
//! server over each kind of database.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests stop the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod budget;
mod callers;
mod changes;
#[path = "../delta/kit.rs"]
mod delta;
mod documents;
mod kit;
