//! Addresses of parts of values, casts to derived types, and numbers of two kinds, over HTTP: a real
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

mod all;
mod casts;
mod custom;
mod languages;
mod links;
mod numbers;
