//! Addresses of parts of values, casts to derived types, numbers of two kinds, and the addresses that
//! answers carry and requests bring, over HTTP: a real server over each kind of database.

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
mod contexts;
mod custom;
mod exports;
mod languages;
mod levels;
mod links;
mod methods;
mod numbers;
mod services;
mod tags;
